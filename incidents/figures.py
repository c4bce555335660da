"""Figures of the incident process over periods: response and solution compared, and the desk's month.

Times are working seconds as the clocks measured them, so they can be compared whatever the calendar.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, Avg, Count, F, FloatField, Q, QuerySet

from accounts.access import Actor
from accounts.models import Organisation
from incidents import checklists, lifecycle
from incidents.models import Incident
from records.models import Activity, Record
from sla.models import Clock, Metric


class Median(Aggregate):
    """The middle value of an expression, by PostgreSQL."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Speed:
    """One period: how many clocks stopped in it, and their middle and mean working seconds."""

    label: str
    count: int
    median: float | None
    mean: float | None
    change: float | None  # of the median against the period before, in percent


def clocks_of(
    actor: Actor, metric: str, *, start: datetime, end: datetime, customer: Organisation | None
) -> QuerySet[Clock]:
    """The clocks of a metric that stopped in [start, end) on incidents the actor may see."""
    seen = Record.objects.visible_to(actor).filter(kind="incident")
    if customer:
        seen = seen.filter(customer=customer.pk)
    return Clock.objects.filter(
        metric=metric, state=Clock.State.STOPPED, stopped_at__gte=start, stopped_at__lt=end, cycle=1,
        decided_at__gte=start, record__in=seen.values("pk"),
    )  # fmt: skip


def speeds(
    actor: Actor,
    metric: Metric,
    periods: Sequence[tuple[str, datetime, datetime]],
    *,
    customer: Organisation | None = None,
) -> list[Speed]:
    """Response or solution times period by period, the earliest first (INC-23)."""
    found: list[Speed] = []
    for label, start, end in periods:
        rows = clocks_of(actor, metric, start=start, end=end, customer=customer)
        facts = rows.aggregate(
            count=Count("pk"), median=Median(F("spent")), mean=Avg("spent", output_field=FloatField())
        )
        before = found[-1].median if found else None
        median = facts["median"]
        change = (median - before) * 100 / before if before and median is not None else None
        found.append(Speed(label, facts["count"], median, facts["mean"], change))
    return found


def month(actor: Actor, *, start: datetime, end: datetime, now: datetime) -> dict[str, Any]:
    """The desk's work summary of [start, end), from the records alone (SD-20)."""
    seen = Incident.objects.visible_to(actor)
    opened = seen.filter(opened_at__gte=start, opened_at__lt=end)
    solved = seen.filter(resolved_at__gte=start, resolved_at__lt=end)
    return {
        "opened": opened.count(),
        "solved": solved.count(),
        "closed": seen.filter(closed_at__gte=start, closed_at__lt=end).count(),
        "cancelled": opened.filter(state=lifecycle.CANCELLED).count(),
        "open_now": seen.filter(state__in=lifecycle.OPEN).count(),
        "reopened": _acts(actor, "incident.reopen", start, end),
        "escalated": _acts(actor, "record.escalated", start, end),
        "missed": Clock.objects.filter(
            record__in=Record.objects.visible_to(actor).filter(kind="incident").values("pk"),
            breached_at__gte=start, breached_at__lt=end, decided_at__gte=start,
        ).count(),
        "by_channel": _split(opened, "channel"),
        "by_type": _split(opened, "contact_type"),
        "by_priority": _split(opened, "priority"),
        "by_tier": _split(solved, "resolved_tier"),
        "checks": checklists.counts(actor, start=start, end=end, now=now),
    }  # fmt: skip


def _acts(actor: Actor, verb: str, start: datetime, end: datetime) -> int:
    seen = Record.objects.visible_to(actor).filter(kind="incident")
    return Activity.objects.filter(verb=verb, at__gte=start, at__lt=end, record__in=seen.values("pk")).count()


def _split(rows: QuerySet[Incident], column: str) -> list[dict[str, Any]]:
    """How many rows have each value of a column with choices, the most first."""
    field = Incident._meta.get_field(column)
    words = dict(getattr(field, "flatchoices", ()))
    found = rows.filter(~Q(**{column: ""}) if isinstance(next(iter(words)), str) else Q()).values_list(column)
    counted = found.annotate(n=Count("pk")).order_by("-n", column)
    return [{"label": words.get(value, value), "count": n} for value, n in counted]
