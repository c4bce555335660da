"""What the standing of agreements is made of, read at once for all of them: so many queries, however many.

Nothing is decided here; `levels.standing` makes figures of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from catalog.models import Service
from levels.models import CreditEntry, MeasuredValue, Outage, OutageExclusion, PlannedInterruption, Source
from records.counting import tally
from sla import terms_rows
from sla.budget import MEMORY, Past
from sla.keys import key_of
from sla.measures import Hours
from sla.models import Agreement, AgreementVersion, CalendarVersion, Clock, Exclusion, Target
from sla.terms import Terms

MET, MISSED = Q(breached_at=None), Q(breached_at__isnull=False)
NET = Q(waived_at=None)
MONTH = timedelta(days=31)


class Span(NamedTuple):
    """A version with the part of the period it was the one in force; half open."""

    version: AgreementVersion
    terms: Terms
    start: datetime
    end: datetime


class Counts(NamedTuple):
    """Decided targets: those that count, and those excluded by what they would have counted as."""

    met: int = 0
    missed: int = 0
    excluded_met: int = 0
    excluded_missed: int = 0


class Work(NamedTuple):
    """Tickets measured by an agreement: opened and done in the period, and open at its end (or now)."""

    opened: int = 0
    done: int = 0
    open: int = 0


@dataclass
class Facts:
    """Rows of several agreements in a period, by agreement id where they have one."""

    start: datetime
    end: datetime
    now: datetime
    spans: dict[int, list[Span]] = field(default_factory=dict)
    targets: dict[int, list[Target]] = field(default_factory=dict)  # by version id
    counts: dict[int, Counts] = field(default_factory=dict)  # by target id
    open: dict[int, int] = field(default_factory=dict)  # by target id
    past: dict[tuple[int, str], list[Past]] = field(default_factory=dict)  # agreement, target key
    exclusions: dict[int, list[Exclusion]] = field(default_factory=dict)
    work: dict[int, Work] = field(default_factory=dict)
    opened_for: dict[tuple[int, int | None], int] = field(default_factory=dict)  # agreement, service
    calendars: dict[int, list[CalendarVersion]] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    excluded_outages: dict[int, OutageExclusion] = field(default_factory=dict)
    interruptions: list[PlannedInterruption] = field(default_factory=list)
    values: list[MeasuredValue] = field(default_factory=list)
    monitored: set[int] = field(default_factory=set)  # services that monitoring ever told of
    ledger: dict[int, list[CreditEntry]] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """As far as there can be facts: the period's end, or now."""
        return max(self.start, min(self.end, self.now))

    def hours(self, version: AgreementVersion, start: datetime, end: datetime) -> list[Hours]:
        """The service hours of a version between two instants, by the editions of its calendar."""
        rows = self.calendars.get(version.calendar_id, [])
        begins = [start, *(row.effective_from for row in rows if start < row.effective_from < end)]
        ends = [*begins[1:], end]
        return [
            Hours(_edition_at(rows, begin).hours, begin, stop)
            for begin, stop in zip(begins, ends, strict=True)
            if rows and begin < stop
        ]


def _edition_at(rows: Sequence[CalendarVersion], at: datetime) -> CalendarVersion:
    """The edition in force; the first one before that."""
    return next((row for row in reversed(rows) if row.effective_from <= at), rows[0])


def zone_of(agreement: Agreement) -> ZoneInfo:
    """Where the days of an agreement are counted: by its newest calendar; two queries."""
    version = agreement.versions.select_related("calendar").order_by("-number").first()
    hours = version.calendar.versions.order_by("-number").first() if version else None
    return ZoneInfo(hours.definition["timezone"] if hours else settings.TIME_ZONE)


def load(agreements: Sequence[Agreement], *, start: datetime, end: datetime, now: datetime) -> Facts:
    """Everything about the agreements in [start, end) as known at ``now``; a constant number of queries."""
    found = Facts(start, end, now)
    ids = [agreement.pk for agreement in agreements]
    clocks = _clocks(agreements).filter(agreement_version__agreement__in=ids)
    _count(found, clocks)
    _load_versions(found, ids)
    _load_exclusions(found, ids)
    _load_work(found, clocks)
    _load_services(found)
    for entry in CreditEntry.objects.filter(
        agreement__in=ids, month__gt=start.date() - MONTH, month__lte=end.date()
    ).order_by("month", "pk"):
        # a month belongs to the period in which its middle lies, whatever the zones
        middle = datetime(entry.month.year, entry.month.month, 15, 12, tzinfo=UTC)
        if start <= middle < end:
            found.ledger.setdefault(entry.agreement_id, []).append(entry)
    return found


def load_measures(agreements: Sequence[Agreement], *, start: datetime, end: datetime, now: datetime) -> Facts:
    """What measures alone are judged by (`levels.measured`), without the verdicts of clocks."""
    found = Facts(start, end, now)
    ids = [agreement.pk for agreement in agreements]
    _load_versions(found, ids)
    terms = [term for spans in found.spans.values() for span in spans for term in span.terms.measures]
    if any(term.measure == "workload" for term in terms):
        _count_work(found, _clocks(agreements).filter(agreement_version__agreement__in=ids), "opened")
    _load_services(found)
    return found


def _clocks(agreements: Iterable[Agreement]) -> QuerySet[Clock]:
    """Of customers alone where all are SLAs, so that their own indexes are used."""
    only_slas = all(agreement.kind == Agreement.Kind.SLA for agreement in agreements)
    return Clock.objects.all() if only_slas else Clock.every.all()


def _count(found: Facts, clocks: QuerySet[Clock]) -> None:
    """Verdicts of the period (counted as reports.figures does), of those before it, and what is open."""
    decided = clocks.filter(decided_at__gte=found.start, decided_at__lt=found.until)
    rows = decided.order_by().values("target").annotate(
        met=tally(MET & NET), missed=tally(MISSED & NET),
        excluded_met=tally(MET & ~NET), excluded_missed=tally(MISSED & ~NET),
    )  # fmt: skip
    found.counts = {
        row["target"]: Counts(row["met"], row["missed"], row["excluded_met"], row["excluded_missed"])
        for row in rows
    }
    open_rows = clocks.filter(not_judged(found.until)).order_by().values("target").annotate(n=tally())
    found.open = {row["target"]: row["n"] for row in open_rows}
    length = found.end - found.start
    parts = {
        f"{name}_{n}": tally(
            which & Q(decided_at__gte=found.start - n * length)
            & Q(decided_at__lt=found.start - (n - 1) * length)
        )
        for n in range(1, MEMORY + 1) for name, which in (("met", MET), ("missed", MISSED))
    }  # fmt: skip
    before = clocks.filter(NET, decided_at__gte=found.start - MEMORY * length, decided_at__lt=found.start)
    named = before.order_by().values(
        "agreement_version__agreement",
        "target__metric",
        "target__service__code",
        "target__priority",
        "target__ticket_kind",
    )
    earlier: Iterable[Any] = named.annotate(**parts)
    for row in earlier:
        scope = ("metric", "service__code", "priority", "ticket_kind")
        key = key_of(*(row[f"target__{part}"] for part in scope))
        periods = [Past(row[f"met_{n}"], row[f"missed_{n}"]) for n in range(MEMORY, 0, -1)]
        found.past[row["agreement_version__agreement"], key] = periods


def not_judged(at: datetime) -> Q:
    """Clocks that ran at an instant and had no verdict yet. Those cancelled since are left out: they get
    none. Said so that each half has an index of its own.
    """
    still_open = Q(decided_at=None, stopped_at=None)
    return (still_open | Q(decided_at__gte=at)) & Q(started_at__lt=at) & NET


def _load_versions(found: Facts, agreements: Sequence[int]) -> None:
    """All versions that were in force in the period, and the targets of every version that counts."""
    rows = (
        AgreementVersion.objects.filter(agreement__in=agreements, effective_from__lt=found.end)
        .select_related("agreement", "calendar")
        .order_by("agreement", "effective_from", "number")
    )
    by_agreement: dict[int, list[AgreementVersion]] = defaultdict(list)
    for version in rows:
        by_agreement[version.agreement_id].append(version)
    in_force = {
        pk: [each for each in _in_turn(versions) if each[1] < found.end and each[2] > found.start]
        for pk, versions in by_agreement.items()
    }
    wanted = {version.pk for spans in in_force.values() for version, _begin, _end in spans}
    counting = Target.objects.filter(pk__in={*found.counts, *found.open}).values("version")
    targets = Target.objects.filter(Q(version__in=wanted) | Q(version__in=counting))
    for target in targets.select_related("version", "service", "calendar").order_by(
        "metric", "priority", "pk"
    ):
        found.targets.setdefault(target.version_id, []).append(target)
    for pk, spans in in_force.items():
        found.spans[pk] = [
            Span(
                version,
                terms_rows.terms_from(version, found.targets.get(version.pk, ())),
                max(begin, found.start),
                min(end, found.end),
            )
            for version, begin, end in spans
        ]
    calendars = {version.calendar_id for spans in in_force.values() for version, _begin, _end in spans}
    editions = CalendarVersion.objects.filter(calendar__in=calendars)
    for edition in editions.order_by("calendar", "effective_from", "number"):
        found.calendars.setdefault(edition.calendar_id, []).append(edition)


def _in_turn(
    versions: Sequence[AgreementVersion],
) -> list[tuple[AgreementVersion, datetime, datetime]]:
    """Each version with the time it was the one that counts: until its own end, the next one, or the end of
    the agreement. One that never counted is left out.
    """
    found = []
    for version, following in zip(versions, [*versions[1:], None], strict=True):
        ends = [
            at
            for at in (
                version.effective_until,
                following.effective_from if following else None,
                version.agreement.ended_at,
            )
            if at
        ]
        end = min(ends, default=datetime.max.replace(tzinfo=version.effective_from.tzinfo))
        if version.effective_from < end:
            found.append((version, version.effective_from, end))
    return found


def _load_exclusions(found: Facts, agreements: Sequence[int]) -> None:
    rows = Exclusion.objects.filter(
        decision=Exclusion.Decision.APPROVED,
        clock__agreement_version__agreement__in=agreements,
        clock__decided_at__gte=found.start,
        clock__decided_at__lt=found.until,
    ).select_related(
        "clock__record", "clock__target__service", "clock__agreement_version", "asked_by", "decided_by"
    )
    for row in rows.order_by("clock__decided_at", "pk"):
        found.exclusions.setdefault(row.clock.agreement_version.agreement_id, []).append(row)


def _load_work(found: Facts, clocks: QuerySet[Clock]) -> None:
    _count_work(found, clocks, "opened", "done", "open")


def _count_work(found: Facts, clocks: QuerySet[Clock], *names: str) -> None:
    """Tickets by agreement and service; one that two agreements measure counts for each. A query each."""
    at = found.until
    kinds = {
        "opened": Q(record__opened_at__gte=found.start, record__opened_at__lt=at),
        "done": Q(record__done_at__gte=found.start, record__done_at__lt=at),
        "open": Q(record__opened_at__lt=at) & (Q(record__done_at=None) | Q(record__done_at__gte=at)),
    }
    for name in names:
        rows = clocks.filter(kinds[name]).order_by().values("agreement_version__agreement", "record__service")
        for row in rows.annotate(n=Count("record", distinct=True)):
            agreement, n = row["agreement_version__agreement"], row["n"]
            so_far = found.work.get(agreement, Work())
            found.work[agreement] = so_far._replace(**{name: getattr(so_far, name) + n})
            if name == "opened":
                found.opened_for[agreement, row["record__service"]] = n


def _load_services(found: Facts) -> None:
    """What happened to services; whom of the customers it concerns is for the reader."""
    start, until = found.start, found.until
    found.services = {row.code: row for row in Service.objects.all()}
    outages = Outage.objects.filter(withdrawn_at=None).overlapping(start, until)
    # an outage that was over before the period for the service may be felt into it
    felt = Outage.objects.filter(withdrawn_at=None, told_at__gt=start, ended_at__lte=start)
    found.outages = list(
        (outages | felt).select_related("service", "customer", "record").order_by("started_at", "pk")
    )
    excluded = OutageExclusion.objects.filter(
        decision=Exclusion.Decision.APPROVED, outage__in=[row.pk for row in found.outages]
    )
    found.excluded_outages = {row.outage_id: row for row in excluded.select_related("decided_by")}
    found.interruptions = list(
        PlannedInterruption.objects.overlapping(start, found.end)
        .select_related("announced_by")
        .prefetch_related("services", "customers")
        .order_by("starts_at", "pk")
    )
    rows = MeasuredValue.objects.filter(started_at__gte=start, started_at__lt=until)
    newest = {
        (row.service_id, row.customer_id, row.measure, row.source, row.started_at, row.ended_at): row
        for row in rows.select_related("service").order_by("started_at", "revision")
    }
    found.values = list(newest.values())
    found.monitored = set(
        Outage.objects.filter(source=Source.MONITORING, started_at__lt=until)
        .order_by()
        .values_list("service", flat=True)
        .distinct()
    )
