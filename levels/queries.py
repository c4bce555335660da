"""What an actor may ask about: which agreements, and the clocks behind a number."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.access import Actor
from levels.facts import MET, MISSED, NET, not_judged
from records.counting import tally
from records.models import Record
from sla import queries
from sla.budget import Mark, Score, backtest
from sla.models import Agreement, Clock

OUTCOMES = {
    "met": MET & NET,
    "missed": MISSED & NET,
    "excluded": ~NET,
    "decided": Q(),
}
LOOKED_BACK = 9  # months of forecasts that are tried; the first ones only serve the later as their past


def agreements(actor: Actor) -> QuerySet[Agreement]:
    """SLAs whose figures the actor may see. The default commitment measures tickets of many customers, so
    it is only for those who cover all of them.
    """
    rows = queries.agreements(actor).filter(kind=Agreement.Kind.SLA)
    if actor.scope is not None:
        rows = rows.filter(customer__in=actor.scope)
    return rows.select_related("customer").order_by("code")


def clocks(
    actor: Actor, agreement: Agreement, targets: Sequence[int], outcome: str, start: datetime, end: datetime
) -> QuerySet[Clock]:
    """The clocks a number of a standing counts; ``targets`` empty: of all. ``outcome``: of OUTCOMES, open."""
    rows = Clock.objects.filter(agreement_version__agreement=agreement)
    if actor.scope is not None:
        rows = rows.filter(record__in=Record.objects.visible_to(actor))
    if targets:
        rows = rows.filter(target__in=targets)
    if outcome == "open":
        return rows.filter(not_judged(end)).annotate(place=F("started_at")).order_by("place", "pk")
    rows = rows.filter(OUTCOMES[outcome], decided_at__gte=start, decided_at__lt=end)
    return rows.annotate(place=F("decided_at")).order_by("place", "pk")


def track_record(agreement: Agreement, months: Sequence[tuple[datetime, datetime]]) -> list[Score]:
    """How good forecasts of the agreement's attainment would have been over past months; one query."""
    if not months:
        return []
    rows = (
        Clock.objects.filter(
            NET,
            agreement_version__agreement=agreement,
            decided_at__gte=months[0][0],
            decided_at__lt=months[-1][1],
        )
        .order_by()
        .values(day=TruncDate("decided_at"))
        .annotate(met=tally(MET), missed=tally(MISSED))
    )
    by_day: dict[date, tuple[int, int]] = {row["day"]: (row["met"], row["missed"]) for row in rows}
    return backtest([_marks(by_day, begin, end) for begin, end in months])


def _marks(by_day: dict[date, tuple[int, int]], begin: datetime, end: datetime) -> list[Mark]:
    """The verdicts of a month by the share of it that had passed at the end of their day."""
    first, days = begin.date(), (end.date() - begin.date()).days
    return [
        Mark(((day - first).days + 1) / days, met, missed)
        for day, (met, missed) in by_day.items()
        if begin.date() <= day < end.date()
    ]
