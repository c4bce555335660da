"""What a change's planned outage would take from what was promised: per agreement, service and month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.utils import timezone

from accounts.access import Actor
from accounts.models import Organisation
from catalog.models import Service
from changes.models import Change
from levels import facts as facts_of
from levels import queries
from levels.change_models import AgreedNotice
from levels.facts import Facts
from levels.models import PlannedInterruption
from levels.parts import Part, interruptions_of, parts_of
from levels.standing import of_facts
from records import spans
from records.spans import Span
from sla import measures
from sla.measures import Interval
from sla.models import Agreement

MOST = 50  # agreements looked at beside one change


@dataclass(frozen=True)
class Stake:
    """One promise of availability in one month, in whole service seconds.

    ``allowed``: what may fail in the month; ``used``: what did; ``uses``: what the outage would take, none of
    it where it was agreed and announced. ``left`` is negative where the promise would be missed.
    """

    service: Service
    month: Span
    goal: Fraction
    allowed: int
    used: int
    uses: int
    is_agreed: bool

    @property
    def left(self) -> int:
        return self.allowed - self.used - (0 if self.is_agreed else self.uses)

    @property
    def is_missed(self) -> bool:
        return self.left < 0


@dataclass(frozen=True)
class Affected:
    """An agreement whose services go away: what is at stake, and whether its customer is told in time."""

    agreement: Agreement
    stakes: tuple[Stake, ...]
    notice: timedelta | None  # as agreed; None: none is recorded
    is_in_time: bool | None  # None: not known
    misses_left: int | None  # of the tightest target of tickets, where no availability is promised


def affected(
    change: Change, *, actor: Actor, now: datetime, told: PlannedInterruption | None
) -> list[Affected]:
    """What the planned outage does to each agreement the actor may see; nothing without an outage."""
    if not (change.outage_from and change.outage_until):
        return []
    services = list(Service.objects.filter(pk__in=change.change_services.values("service")))
    if not services:
        return []
    rows = list(concerned(change, actor)[:MOST])
    notices = dict(AgreedNotice.objects.filter(agreement__in=rows).values_list("agreement", "hours"))
    months = _months(change.outage_from, change.outage_until)
    loaded = [(month, facts_of.load(rows, start=month.start, end=month.end, now=now)) for month in months]
    outage = Interval(change.outage_from, change.outage_until)
    stakes = {
        agreement: tuple(
            stake
            for month, facts in loaded
            for stake in _stakes(facts, month, agreement, services, outage, told)
        )
        for agreement in rows
        if any(speaks(facts, agreement, services) for _month, facts in loaded)
    }
    misses = _misses_left([row for row, found in stakes.items() if not found], services, dict(loaded), now)
    said_at = told.announced_at if told else now
    return [
        _affected(agreement, found, notices.get(agreement.pk), outage.start - said_at, misses)
        for agreement, found in stakes.items()
    ]


def concerned(change: Change, actor: Actor) -> Any:
    """Agreements of the customers the change is for: of one customer its own, of the provider all."""
    rows = queries.agreements(actor)
    if change.customer.kind == Organisation.Kind.CUSTOMER:
        rows = rows.filter(customer=change.customer_id)
    return rows


def _months(start: datetime, end: datetime) -> list[Span]:
    zone = timezone.get_current_timezone()
    month = spans.of("month", start.astimezone(zone).date(), zone)
    found = [month]
    while found[-1].end < end:
        found.append(found[-1].next)
    return found


def speaks(facts: Facts, agreement: Agreement, services: Sequence[Service]) -> bool:
    """Some version in force then is about one of the services."""
    return any(
        not span.terms.services or service.code in span.terms.services
        for span in facts.spans.get(agreement.pk, [])
        for service in services
    )


def _affected(
    agreement: Agreement,
    stakes: tuple[Stake, ...],
    hours: int | None,
    ahead: timedelta,
    misses: Mapping[Agreement, int | None],
) -> Affected:
    notice = timedelta(hours=hours) if hours else None
    return Affected(
        agreement=agreement,
        stakes=stakes,
        notice=notice,
        is_in_time=None if notice is None else ahead >= notice,
        misses_left=misses.get(agreement),
    )


def _stakes(
    facts: Facts,
    month: Span,
    agreement: Agreement,
    services: Sequence[Service],
    outage: Interval,
    told: PlannedInterruption | None,
) -> Iterator[Stake]:
    spans = facts.spans.get(agreement.pk, [])
    for part in parts_of(facts, agreement, spans):
        term = part.term
        if (term.measure, term.unit, term.operator) != ("availability", "percent", ">="):
            continue
        for service in services:
            is_meant = term.service == service.code if term.service else _covers(part, service)
            if is_meant and outage.start < part.end and part.start < outage.end:
                yield _stake(part, month, service, outage, told)


def _covers(part: Part, service: Service) -> bool:
    return any(not span.terms.services or service.code in span.terms.services for span in part.spans)


def _stake(
    part: Part, month: Span, service: Service, outage: Interval, told: PlannedInterruption | None
) -> Stake:
    goal = Fraction(str(part.term.value))
    whole = part.hours(part.end)
    others = [
        Interval(row.starts_at, row.ends_at)
        for row in interruptions_of(part.facts, part.agreement, part.spans)
        if row.is_taken_out and service in row.services.all() and (told is None or row.pk != told.pk)
    ]
    has_begun = part.start < part.facts.until
    return Stake(
        service=service,
        month=month,
        goal=goal,
        allowed=measures.availability(whole, []).allowed_down(goal),
        used=part.availability(service).down if has_begun else 0,
        uses=measures.seconds(whole, measures.minus([outage], others)),
        is_agreed=bool(told and told.is_taken_out),
    )


def _misses_left(
    agreements: Sequence[Agreement],
    services: Sequence[Service],
    loaded: Mapping[Span, Facts],
    now: datetime,
) -> dict[Agreement, int | None]:
    """How many misses the tightest target of this month still bears, for these services or all.

    This month's facts are those of ``loaded`` where the outage lies in it, else they are asked for once.
    """
    if not agreements:
        return {}
    month = spans.of("month", timezone.localdate(now), timezone.get_current_timezone())
    facts = loaded.get(month) or facts_of.load(agreements, start=month.start, end=month.end, now=now)
    ids = {service.pk for service in services}
    found = {}
    for agreement in agreements:
        left = [
            row.budget.left
            for row in of_facts(facts, agreement).targets
            if row.budget is not None and (row.service is None or row.service.pk in ids)
        ]
        found[agreement] = min(left, default=None)
    return found
