"""What putting an edition of an agreement in force does to tickets that are open. Reads only.

A ticket stays with the version its clocks were started under, so a new one moves none of them by itself.
Only what this module counts can change: see docs/impact.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import Actor
from agreements import replays
from agreements.models import Edition
from records.kinds import process_of
from records.lifecycle import Phase
from records.models import Record
from sla import impact, impact_rows, policy, timing
from sla.calendar import Calendar
from sla.impact import Running, Verdict
from sla.impact_rows import Moved, OpenClock
from sla.models import Agreement, AgreementVersion, CalendarVersion, Clock, Holding, Target
from sla.replay import Rules
from sla.replay_rows import hours_for
from sla.services import NoCalendar
from sla.target import TargetError
from sla.terms import TargetTerm, Terms
from sla.timing import Event

Prices = Mapping[int, tuple[int, int]]
"""Priorities before and after by record."""


@dataclass(frozen=True)
class Impact:
    """``pinned_*``: open clocks, and their tickets, that stay with versions of before.

    ``found``: clocks that would move, the worst first; ``repriced``: the tickets whose next edit of impact or
    urgency gives them another priority; ``begun``: tickets without a clock that get one at their next act.
    ``in_hand``: tickets that the party of an OLA or UC has now, without a clock of it.
    """

    at: datetime
    is_dated_back: bool
    pinned_clocks: int
    pinned_tickets: int
    found: list[Moved] = field(default_factory=list)
    repriced: Prices = field(default_factory=dict)
    begun: int = 0
    in_hand: int = 0

    @property
    def moving(self) -> list[Moved]:
        """Those of which something becomes different."""
        return [each for each in self.found if each.move.verdict != "unchanged"]

    @property
    def counts(self) -> dict[Verdict, int]:
        return impact.tally(each.move for each in self.found)


class _Candidate(NamedTuple):
    """A version, or the edition that would become one, as `policy.choose_version` asks for it."""

    agreement: Agreement
    number: int
    effective_from: datetime
    effective_until: datetime | None
    matrix: Mapping[str, int]


def of(edition: Edition, *, actor: Actor, now: datetime) -> Impact:
    """What would change at ``now`` if the edition were put in force; as far as the actor may see tickets."""
    agreement = edition.agreement
    mine = impact_rows.open_clocks(Q(agreement_version__agreement=agreement), actor)
    pinned = Impact(
        at=max(now, edition.effective_from),
        is_dated_back=edition.effective_from <= now,
        pinned_clocks=mine.count(),
        pinned_tickets=mine.values("record").distinct().count(),
    )
    if agreement.kind != Agreement.Kind.SLA:
        return replace(pinned, in_hand=_in_hand(agreement, actor).count())
    # a layer below another agreement gives no priorities, and its tickets have the clocks of the one above
    if not pinned.is_dated_back or agreement.parent_id is not None:
        return pinned
    rows = replays.tickets(agreement, edition.effective_from, now + impact.SECOND)
    seen = Record.objects.visible_to(actor).values("pk")
    tickets = list(rows.filter(pk__in=seen).exclude(phase=Phase.DONE).order_by("pk"))
    wins = _winner(edition)
    tickets = [ticket for ticket in tickets if wins(ticket)[1]]
    terms = Terms.parse(edition.terms)
    prices = _prices(tickets, terms, lambda ticket: wins(ticket)[0])
    found = _retargeted(prices, actor, now)
    begun = _begun(tickets, terms, now)
    found = sorted([*found, *begun], key=lambda each: (impact.order(each.move), each.clock.pk))
    return replace(pinned, found=found, repriced=prices, begun=len({each.clock.record_id for each in begun}))


# --- tickets opened since the date of an edition that is dated back ---------------------------------


def _winner(edition: Edition) -> Callable[[Record], tuple[Mapping[str, int], bool]]:
    """For a ticket: the matrix that gives its priority now, and whether the edition would."""
    rows = AgreementVersion.objects.filter(agreement__kind=Agreement.Kind.SLA).select_related("agreement")
    known = [_Candidate(v.agreement, v.number, v.effective_from, v.effective_until, v.matrix) for v in rows]
    number = 1 + max((v.number for v in known if v.agreement == edition.agreement), default=0)
    matrix = Terms.parse(edition.terms).matrix
    new = _Candidate(edition.agreement, number, edition.effective_from, edition.effective_until, matrix)

    def wins(ticket: Record) -> tuple[Mapping[str, int], bool]:
        at, customer = ticket.opened_at, ticket.customer_id
        lasting = [v for v in known if v.agreement.ended_at is None or v.agreement.ended_at > at]
        present = policy.choose_version(lasting, customer_id=customer, at=at)
        then = policy.choose_version([*lasting, new], customer_id=customer, at=at)
        return (present.matrix if present else policy.DEFAULT_MATRIX), then is new

    return wins


def _prices(
    tickets: Iterable[Record], terms: Terms, matrix_of: Callable[[Record], Mapping[str, int]]
) -> dict[int, tuple[int, int]]:
    """Tickets whose priority comes from the matrix and would be another one by that of the terms."""
    found = {}
    for ticket in tickets:
        before = policy.priority_of(matrix_of(ticket), impact=ticket.impact, urgency=ticket.urgency)
        after = policy.priority_of(terms.matrix, impact=ticket.impact, urgency=ticket.urgency)
        if ticket.priority == before != after:
            found[ticket.pk] = (before, after)
    return found


def _retargeted(prices: Prices, actor: Actor, now: datetime) -> list[Moved]:
    """The clocks of these tickets under the target that their own version has for the other priority."""
    clocks = impact_rows.load(Q(record__in=list(prices), support=None), actor)
    versions = {clock.version_id for clock in clocks}
    targets: dict[int, list[Target]] = {pk: [] for pk in versions}
    for target in Target.objects.filter(version__in=versions).select_related("version"):
        targets[target.version_id].append(target)
    calendars = {t.calendar_id or t.version.calendar_id for own in targets.values() for t in own}
    hours = _hours_at(calendars, now)
    found = []
    for clock in clocks:
        after = prices[clock.record_id][1]
        chosen = policy.choose_targets(
            targets[clock.version_id], kind=clock.kind, service_id=clock.service_id, priority=after
        ).get(clock.metric)
        held = next((t for t in targets[clock.version_id] if t.pk == clock.target_id), None)
        if chosen is None or held is None or chosen.pk == held.pk:
            continue
        event = Event(now, "retarget", target=timing.Target.parse(chosen.promise))
        if chosen.calendar_id != held.calendar_id:
            moved_to = hours[chosen.calendar_id or chosen.version.calendar_id]
            event = Event(now, "retarget", target=event.target, calendar=moved_to)
        found.append(Moved(clock, impact.move(clock.running, clock.running.with_([event]), at=now)))
    return found


def _hours_at(calendars: Iterable[int], at: datetime) -> dict[int, Calendar]:
    """The edition of each calendar in force at an instant, its first one before that; one query."""
    found: dict[int, CalendarVersion] = {}
    rows = CalendarVersion.objects.filter(calendar__in=list(calendars)).order_by("effective_from", "number")
    for version in rows:
        if version.calendar_id not in found or version.effective_from <= at:
            found[version.calendar_id] = version
    return {pk: version.hours for pk, version in found.items()}


def _begun(tickets: Sequence[Record], terms: Terms, now: datetime) -> list[Moved]:
    """Clocks of tickets that have none so far: they get them at their next act, counted from the opening."""
    own = Clock.objects.filter(record=OuterRef("pk"))
    pks = [ticket.pk for ticket in tickets]
    bare = list(Record.objects.filter(~Exists(own), pk__in=pks).select_related("service"))
    try:
        rules = Rules(terms, hours_for(terms))
    except NoCalendar:
        return []
    done = _reached(bare)
    found = []
    for ticket in bare:
        chosen = rules.chosen(ticket.kind, ticket.service.code if ticket.service else None, ticket.priority)
        for metric, term in chosen.items():
            if term.opens != "first_reply" and metric not in done.get(ticket.pk, ()):
                found += _started(ticket, metric, term, rules, now)
    return found


def _started(ticket: Record, metric: str, term: TargetTerm, rules: Rules, now: datetime) -> list[Moved]:
    running = Running(ticket.opened_at, rules.hours_of(term, ticket.opened_at), term.promise)
    clock = OpenClock(
        0, ticket.pk, ticket.number, ticket.title, ticket.customer_id, ticket.service_id, ticket.priority,
        metric, 1, None, 0, 0, 0, running, ticket.kind,
    )  # fmt: skip
    try:
        return [Moved(clock, impact.promised(running, at=now))]
    except TargetError:
        return []  # the proof of the edition says that its calendar cannot keep it


def _reached(tickets: Sequence[Record]) -> dict[int, Iterable[str]]:
    """Which metrics' events have happened, by record; one query for each kind of ticket."""
    found: dict[int, Iterable[str]] = {}
    for kind in {ticket.kind for ticket in tickets}:
        process = process_of(kind)
        ids = [ticket.pk for ticket in tickets if ticket.kind == kind]
        for row in process.model._default_manager.filter(pk__in=ids):
            found[row.pk] = process.reached(row)
    return found


# --- what teams and suppliers promised us -----------------------------------------------------


def _in_hand(agreement: Agreement, actor: Actor) -> QuerySet[Holding]:
    """Open tickets its party has in hand now, on which no clock of it runs."""
    clocks = Clock.every.filter(record=OuterRef("record"), support=agreement)
    rows = Holding.objects.filter(~Exists(clocks), until=None, record__in=Record.objects.visible_to(actor))
    if agreement.kind == Agreement.Kind.UC:
        return rows.filter(party=Holding.Party.SUPPLIER, supplier=agreement.supplier_id)
    return rows.filter(party=Holding.Party.TEAM, team=agreement.team_id)
