"""What the figures of an agreement say, as the tables of its sections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from agreements import layering
from agreements.checks import unproved_name
from agreements.documents import glossary, words
from agreements.documents.tree import NOTHING, Table, same
from agreements.documents.words import both, listed, name_of, say
from agreements.models import Edition
from agreements.terms_words import PERIODS, REPORT_KINDS, SOURCES, WAYS
from catalog.models import Service
from records.kinds import ticket_reasons
from records.models import Level, Priority
from sla.models import Agreement, Calendar, CalendarVersion, MeasuredTarget, Metric, Target, TicketKind
from sla.naming import Names
from sla.services import NoCalendar, calendar_version_at
from sla.terms import Credit, MeasureTerm, Reward, TargetTerm, Terms, Text

SIDES: Mapping[str, Any] = {"sla": _("Customer"), "ola": _("Team"), "uc": _("Supplier")}
"""What the other party is called, by the kind of the agreement."""


@dataclass(frozen=True)
class Source:
    """An edition with the rows its codes name, read once."""

    edition: Edition
    terms: Terms
    services: Mapping[str, Text] = field(default_factory=dict)
    calendars: Mapping[str, Text] = field(default_factory=dict)
    hours: Mapping[str, CalendarVersion] = field(default_factory=dict)

    @classmethod
    def of(cls, edition: Edition) -> "Source":
        terms = layering.of(edition).terms  # what is inherited is part of what is signed
        codes = {*terms.services, *(t.service for t in terms.promises if t.service)}
        wanted = list(dict.fromkeys([terms.calendar, *(t.calendar for t in terms.targets if t.calendar)]))
        found = {row.code: row for row in Calendar.objects.filter(code__in=wanted)}
        hours = {}
        for code in wanted:
            if code in found:
                try:
                    at = calendar_version_at(found[code].pk, edition.effective_from)
                except NoCalendar:
                    continue
                hours[code] = CalendarVersion.objects.get(pk=at)
        services = Service.objects.filter(code__in=codes)
        return cls(
            edition=edition,
            terms=terms,
            services={row.code: name_of(row) for row in services},
            calendars={code: name_of(found[code]) for code in wanted if code in found},
            hours=hours,
        )

    @property
    def agreement(self) -> Agreement:
        return self.edition.agreement

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the agreement's calendar: a document must not read otherwise for another reader."""
        if version := self.hours.get(self.terms.calendar):
            return ZoneInfo(version.hours.timezone)
        return ZoneInfo(timezone.get_default_timezone_name())

    @cached_property
    def provider(self) -> Text:
        row = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk").first()
        return name_of(row) if row else NOTHING

    @property
    def side(self) -> Text:
        """What the other party is called: customer, team or supplier."""
        return say(SIDES[self.agreement.kind])

    @property
    def counterparty(self) -> Text:
        agreement = self.agreement
        row = agreement.customer or agreement.team or agreement.supplier
        return name_of(row) if row else say(_("every customer without an agreement of its own"))

    @cached_property
    def references(self) -> Mapping[str, str]:
        """The number of each target and measure in the document, by its key: T1, T2, M1."""
        found = {term.key: f"T{n}" for n, term in enumerate(self.terms.targets, 1)}
        return found | {term.key: f"M{n}" for n, term in enumerate(self.terms.measures, 1)}

    def service(self, code: str | None) -> Text:
        return self.services.get(code, same(code)) if code else say(_("all services"))

    def calendar(self, code: str | None) -> Text:
        wanted = code or self.terms.calendar
        return self.calendars.get(wanted, same(wanted))

    def reference(self, key: str) -> Text:
        """ "T1 Resolution"; the key itself if the agreement no longer has such a target."""
        for term in self.terms.promises:
            if term.key == key:
                return say("%(number)s %(what)s", number=self.references[key], what=_what(term))
        return both(lambda: unproved_name(key, Names.load()))


def _what(term: TargetTerm | MeasureTerm) -> Text:
    if isinstance(term, TargetTerm):
        return say(Metric(term.metric).label)
    return say(MeasuredTarget.Measure(term.measure).label)


def _priority(number: int | None) -> Text:
    if number is None:
        return say(_("all priorities"))
    return say("%(number)s %(name)s", number=number, name=say(Priority(number).label))


def _scope(term: TargetTerm) -> Text:
    """The priority, and the kind of ticket where it is for one only."""
    if term.ticket_kind is None:
        return _priority(term.priority)
    kind = say(TicketKind(term.ticket_kind).label)
    if term.priority is None:
        return kind
    return say("%(kind)s, %(priority)s", kind=kind, priority=_priority(term.priority))


def labelled(rows: "list[tuple[Any, Text]]", *, title: Text = NOTHING) -> Table:
    """Facts: a label and what it says, those without a value left out."""
    shown = tuple((label if isinstance(label, Text) else say(label), value) for label, value in rows)
    return Table(tuple(row for row in shown if row[1] != NOTHING), (3, 7), title=title, has_labels=True)


def scope(source: Source) -> list[Table]:
    codes = source.terms.services
    rows = tuple((same(n), source.service(code)) for n, code in enumerate(codes, 1))
    head = (say(_("No.")), say(_("Service")))
    if not rows:
        rows = ((same("1"), say(_("All services in the catalogue"))),)
    return [Table(rows, (1, 9), head), *_key_services(source)]


def _key_services(source: Source) -> list[Table]:
    """The key systems with what is promised for them alone (SLM-50)."""
    rows = tuple(
        (
            source.service(code),
            listed([source.reference(t.key) for t in source.terms.promises if t.service == code]),
        )
        for code in source.terms.key_services
    )
    head = (say(_("Key service")), say(_("Stronger commitments")))
    return [Table(rows, (4, 6), head, say(_("Key services")))] if rows else []


def service_hours(source: Source) -> list[Table]:
    since = source.edition.effective_from.astimezone(source.zone).date()
    rows = tuple(
        (source.calendar(code), words.hours(version, since)) for code, version in source.hours.items()
    )
    return [Table(rows, (3, 7), (say(_("Calendar")), say(_("Hours"))), has_labels=True)] if rows else []


def interruptions(source: Source) -> list[Table]:
    known = ticket_reasons()
    reasons = [say(known[code]) if code in known else same(code) for code in source.terms.pausing_reasons]
    again = _("its clocks go on where they stood")
    if source.terms.reopen_starts_new_cycle:
        again = _("its clocks begin anew")
    return [
        labelled(
            [
                (_("Time does not count while waiting for"), listed(reasons)),
                (_("When a ticket is reopened"), say(again)),
            ]
        )
    ]


def priority_guide(source: Source) -> list[Table]:
    """The 3 × 3 guide: impact down, urgency across."""
    head = (
        say(_("Impact ↓  Urgency →")),
        *(say(level.label) for level in Level),
    )
    rows = tuple(
        (
            say(impact.label),
            *(_priority(source.terms.matrix[f"{impact.value}{urgency.value}"]) for urgency in Level),
        )
        for impact in Level
    )
    return [Table(rows, (1, 1, 1, 1), head, has_labels=True)]


def escalation(source: Source) -> list[Table]:
    marks = source.terms.warn_at
    warned = same(", ".join(f"{mark}%" for mark in marks)) if marks else NOTHING
    climbing = [source.reference(term.key) for term in source.terms.targets if term.escalates]
    rows: list[tuple[Any, Text]] = [
        (_("Warnings, as a share of the time used"), warned),
        (_("Handed to second line when the time is up"), listed(climbing)),
    ]
    return [labelled(rows)] if warned != NOTHING or climbing else []


def service_targets(source: Source) -> list[Table]:
    terms = source.terms
    tables = []
    if terms.targets:
        head = (
            _("No."), _("Target"), _("Service"), _("Priority"), _("Promise"),
            _("Calendar"), _("Goal"),
        )  # fmt: skip
        rows = tuple(_target_row(source, term) for term in terms.targets)
        tables.append(Table(rows, (7, 17, 17, 15, 23, 17, 11), tuple(map(say, head))))
    measures = tuple(term for term in terms.measures if term.measure != "workload")
    if measures:
        tables.append(_measures(source, measures, say(_("Measured over a period"))))
    return tables


def _target_row(source: Source, term: TargetTerm) -> tuple[Text, ...]:
    return (
        same(source.references[term.key]),
        _what(term),
        source.service(term.service),
        _scope(term),
        words.promise(term.promise),
        source.calendar(term.calendar),
        same(f"≥ {words.percent(term.goal_percent)}"),
    )


def _measures(source: Source, measures: "tuple[MeasureTerm, ...]", title: Text) -> Table:
    head = (_("No."), _("Target"), _("Service"), _("Promise"), _("Period"), _("Goal"))
    rows = tuple(
        (
            same(source.references[term.key]),
            _what(term),
            source.service(term.service),
            words.measured(term),
            say(PERIODS[term.period]),
            same("–" if term.goal_percent is None else f"≥ {words.percent(term.goal_percent)}"),
        )
        for term in measures
    )
    return Table(rows, (7, 24, 22, 24, 12, 11), tuple(map(say, head)), title)


def metrics(source: Source) -> list[Table]:
    """How each promise is measured, from what, and when its time starts."""
    rows = []
    for term in source.terms.promises:
        starts = say(Target.Opens(term.opens).label) if isinstance(term, TargetTerm) else same("–")
        rows.append(
            (
                source.reference(term.key),
                term.method if term.method != NOTHING else say(_("not said yet")),
                starts,
                say(SOURCES[term.source]),
                say(PERIODS[term.period]),
            )
        )
    head = (_("Target"), _("Method"), _("Starts"), _("Data source"), _("Period"))
    return [Table(tuple(rows), (22, 34, 18, 14, 12), tuple(map(say, head)))] if rows else []


def workload_limits(source: Source) -> list[Table]:
    limits = tuple(term for term in source.terms.measures if term.measure == "workload")
    return [_measures(source, limits, NOTHING)] if limits else []


def charges(source: Source) -> list[Table]:
    cost = source.terms.cost
    if not cost.amount:
        return []
    per = say(PERIODS[cost.per]) if cost.per in PERIODS else same(cost.per)
    amount = f"{cost.currency} {cost.amount:,.2f}"
    return [labelled([(_("Expected cost"), say(_("%(amount)s per %(period)s"), amount=amount, period=per))])]


def reporting_review(source: Source) -> list[Table]:
    reports = tuple(
        (
            say(REPORT_KINDS.get(row.kind, row.kind)),
            say(PERIODS[row.period]),
            say(_("day %(day)s of the next period"), day=row.due_day),
            same(row.submitter or "–"),
            say(WAYS[row.way]),
        )
        for row in source.terms.reports
    )
    head = (_("Report"), _("Period"), _("Due by"), _("Submitted by"), _("How"))
    months = source.terms.review_months
    every = say(_("at least every month"))
    if months > 1:
        every = say(_("at least every %(count)s months"), count=months)
    tables = [Table(reports, (26, 14, 24, 20, 16), tuple(map(say, head)))] if reports else []
    return [*tables, labelled([(_("Review of this agreement"), every)])]


def incentives_penalties(source: Source) -> list[Table]:
    """What is given back, and what is earned; each with its own table."""
    terms = source.terms
    given: dict[Any, list[tuple[Credit | Reward, str]]] = {
        _("Credit"): [(row, f"< {words.percent(row.below)}") for row in terms.credits],
        _("Reward"): [(row, f"≥ {words.percent(row.above)}") for row in terms.rewards],
    }
    return [
        Table(
            tuple(
                (
                    say(_("All targets")) if row.target == "*" else source.reference(row.target),
                    same(mark),
                    say(_("%(percent)s of the charge"), percent=words.percent(row.percent)),
                )
                for row, mark in rows
            ),
            (5, 2, 3),
            (say(_("Target")), say(_("Attainment")), say(label)),
        )
        for label, rows in given.items()
        if rows
    ]


def terms_used(source: Source) -> list[Table]:
    rows = glossary.entries(source.terms, source.agreement.kind)
    return [Table(rows, (3, 7), (say(_("Term")), say(_("Meaning"))), has_labels=True)]


def underpinning(source: Source) -> list[Table]:
    """What stands behind the targets: for the provider's own eyes."""
    codes = {s.agreement for term in source.terms.promises for s in term.underpinned_by}
    names = {row.code: name_of(row) for row in Agreement.objects.filter(code__in=codes)}
    rows = tuple(
        (
            source.reference(term.key),
            listed([names.get(s.agreement, same(s.agreement)) for s in term.underpinned_by]),
        )
        for term in source.terms.promises
        if term.underpinned_by
    )
    head = (say(_("Target")), say(_("Rests on")))
    return [Table(rows, (4, 6), head, say(_("Underpinning")))] if rows else []


def exceptions(source: Source) -> list[Table]:
    """Decisions to sign although a target is carried by a looser one."""
    rows = tuple(
        (
            source.reference(row.target_key),
            same(row.reason),
            same(row.decided_by.name),
            words.date_of(row.decided_at, source.zone),
        )
        for row in source.edition.exceptions.select_related("decided_by").order_by("pk")
    )
    head = (_("Target"), _("Reason"), _("Decided by"), _("Date"))
    title = say(_("Accepted exceptions from underpinning"))
    return [Table(rows, (22, 42, 18, 18), tuple(map(say, head)), title)] if rows else []
