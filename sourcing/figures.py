"""What a supplier did with our tickets: time in his hands, his targets kept, and what we missed by him.

Each figure and the list behind it come from the same rows. Who may read a supplier covers every customer
(``contracts.suppliers``), so all records are visible to him.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest, Least, Trunc

from reports.period import Period
from reviews.inputs import zone_of_agreement
from servicereports import schedule
from sla.compliance import Compliance
from sla.keys import scope_of
from sla.models import Agreement, Breach, Clock, Holding
from sourcing.models import Defect
from suppliers.models import Supplier

STEPS = {"month": 6, "quarter": 8, "year": 4}
"""How far back figures go by default, in months, quarters or years (SUP-10)."""
OUTCOMES = ("decided", "met", "missed")


def zone_of(supplier: Supplier) -> ZoneInfo:
    """Where the months of a supplier are counted: by the calendar of his first contract."""
    contract = Agreement.objects.filter(supplier=supplier, versions__isnull=False).order_by("pk").first()
    return zone_of_agreement(contract) if contract else ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class Figures:
    """Figures of some days; ``held`` are seconds by the clock on the wall, the rest counts."""

    period: Period
    held: int
    tickets: int
    met: int
    missed: int
    breaches: int
    problems: int = 0

    @property
    def decided(self) -> int:
        return self.met + self.missed

    @property
    def percent(self) -> float | None:
        """Attainment of the supplier's own targets, rounded down to 0.01; None where none was decided."""
        return Compliance(self.met, self.missed, 0, 0).percent

    @property
    def query(self) -> dict[str, str]:
        return self.period.query()


def spans(today: date, zone: ZoneInfo, step: str = "month", count: int | None = None) -> list[Period]:
    """The present month, quarter or year and those before it, the newest first."""
    found = [Period(*schedule.span_of(today, step), zone)]
    while len(found) < (count or STEPS[step]):
        found.append(Period(*schedule.span_of(found[-1].first - timedelta(days=1), step), zone))
    return found


def by_step(
    supplier: Supplier, *, now: datetime, step: str = "month", count: int | None = None
) -> list[Figures]:
    """The figures of the last months, quarters or years, the newest first; four queries."""
    zone = zone_of(supplier)
    periods = spans(now.astimezone(zone).date(), zone, step, count)
    start, end = periods[-1].start, periods[0].end
    held = _held(supplier, periods, now)
    clocks = decided(supplier).filter(decided_at__gte=start, decided_at__lt=end)
    kept = _per_step(clocks, "decided_at", zone, step)
    missed = _per_step(breaches(supplier).filter(at__gte=start, at__lt=end), "at", zone, step)
    bad = _per_step(
        problems(supplier).filter(raised_at__gte=start, raised_at__lt=end), "raised_at", zone, step
    )
    return [
        Figures(
            period, *held[n], kept.get(period.first, {}).get("met", 0),
            kept.get(period.first, {}).get("missed", 0), missed.get(period.first, {}).get("n", 0),
            bad.get(period.first, {}).get("n", 0),
        )
        for n, period in enumerate(periods)
    ]  # fmt: skip


def of_period(supplier: Supplier, period: Period, *, now: datetime) -> Figures:
    """The figures of any days; four queries. The same rows as the lists behind them."""
    inside = {"decided_at__gte": period.start, "decided_at__lt": period.end}
    kept = decided(supplier).filter(**inside).aggregate(**OUTCOME_COUNTS)
    at = {"at__gte": period.start, "at__lt": period.end}
    raised = {"raised_at__gte": period.start, "raised_at__lt": period.end}
    return Figures(
        period, *_held(supplier, [period], now)[0], kept["met"], kept["missed"],
        breaches(supplier).filter(**at).count(), problems(supplier).filter(**raised).count(),
    )  # fmt: skip


OUTCOME_COUNTS = {
    "met": Count("pk", filter=Q(breached_at=None)),
    "missed": Count("pk", filter=Q(breached_at__isnull=False)),
}


def _per_step(rows: QuerySet[Any], column: str, zone: ZoneInfo, step: str) -> dict[date, dict[str, int]]:
    counts: dict[str, Any] = {"n": Count("pk")} | (OUTCOME_COUNTS if rows.model is Clock else {})
    grouped = rows.order_by().annotate(begun=Trunc(column, step, tzinfo=zone)).values("begun")
    return {row["begun"].date(): row for row in grouped.annotate(**counts)}


def overlap(start: datetime, end: datetime, now: datetime) -> Any:
    """How long a holding lasted between two instants, as a duration in SQL."""
    until = Least(Coalesce("until", now), min(end, max(now, start)))
    return ExpressionWrapper(until - Greatest("since", start), output_field=DurationField())


def within(start: datetime, end: datetime) -> Q:
    """Holdings that touch the time between two instants."""
    return Q(Q(until=None) | Q(until__gt=start), since__lt=end)


def _held(supplier: Supplier, spans: Sequence[Period], now: datetime) -> list[tuple[int, int]]:
    """Seconds and tickets of each span in one query."""
    figures: dict[str, Any] = {}
    for n, span in enumerate(spans):
        inside = within(span.start, span.end)
        figures[f"time{n}"] = Sum(overlap(span.start, span.end, now), filter=inside)
        figures[f"tickets{n}"] = Count("record", filter=inside, distinct=True)
    row = Holding.objects.filter(supplier=supplier, party=Holding.Party.SUPPLIER).aggregate(**figures)
    return [
        (int(row[f"time{n}"].total_seconds()) if row[f"time{n}"] else 0, row[f"tickets{n}"])
        for n in range(len(spans))
    ]


# --- the lists --------------------------------------------------------------------------------


def held(supplier: Supplier, period: Period, *, now: datetime) -> Any:
    """{record, time} of each ticket the supplier had in hand in the period, the longest first."""
    rows = Holding.objects.filter(
        within(period.start, period.end), supplier=supplier, party=Holding.Party.SUPPLIER
    )
    return (
        rows.values("record")
        .annotate(time=Sum(overlap(period.start, period.end, now)))
        .order_by("-time", "record")
    )


def decided(supplier: Supplier) -> QuerySet[Clock]:
    """Clocks of the supplier's contracts with a verdict that counts, excluded ones apart (SLM-32)."""
    return Clock.every.filter(support__supplier=supplier, decided_at__isnull=False, waived_at=None)


def clocks(
    supplier: Supplier, period: Period, *, outcome: str, contract: str = "", key: str = ""
) -> QuerySet[Clock]:
    """The clocks decided in the period, of one contract and target where named; oldest first."""
    rows = decided(supplier).filter(decided_at__gte=period.start, decided_at__lt=period.end)
    if outcome != "decided":
        rows = rows.filter(breached_at__isnull=outcome == "met")
    if contract:
        rows = rows.filter(support__code=contract)
    if key:
        rows = rows.filter(**_of_key(key))
    return rows.order_by("decided_at", "pk")


def _of_key(key: str) -> dict[str, Any]:
    """The condition that a clock's target is the one of a key such as "resolution/email/1"."""
    metric, service, priority, kind = scope_of(key)
    is_number = priority.isascii() and priority.isdigit() and len(priority) < 3
    found: dict[str, Any] = {"target__metric": metric, "target__ticket_kind": kind}
    found |= {"target__service__code": service} if service else {"target__service": None}
    return found | {"target__priority": int(priority) if is_number else None}


def breaches(supplier: Supplier) -> QuerySet[Breach]:
    """Missed targets of customers for which a contract of the supplier answers (SUP-09)."""
    return Breach.objects.filter(agreement__supplier=supplier, clock__support=None)


def problems(supplier: Supplier) -> QuerySet[Defect]:
    """Quality problems of what the supplier delivered (SUP-08)."""
    return Defect.objects.filter(supplier=supplier)


# --- by target ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """How a target of a contract was kept: counts of clocks."""

    met: int
    missed: int

    @property
    def decided(self) -> int:
        return self.met + self.missed

    @property
    def percent(self) -> float | None:
        return Compliance(self.met, self.missed, 0, 0).percent


def by_target(contract: Agreement, start: datetime, end: datetime) -> Mapping[str, Kept]:
    """What was decided of each target of a contract between two instants, by the target's key; one query."""
    rows = (
        Clock.every.filter(
            support=contract, waived_at=None, decided_at__gte=start, decided_at__lt=end
        )
        .order_by()
        .values("target__metric", "target__service__code", "target__priority")
        .annotate(met=Count("pk", Q(breached_at=None)), missed=Count("pk", Q(breached_at__isnull=False)))
    )  # fmt: skip
    return {
        f"{r['target__metric']}/{r['target__service__code'] or ''}/{r['target__priority'] or ''}": Kept(
            r["met"], r["missed"]
        )
        for r in rows
    }


def span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants of whole days in a zone, half open, in UTC."""
    begin = datetime.combine(first, time.min, zone)
    return begin.astimezone(UTC), datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)


def ordered(rows: QuerySet[Breach]) -> QuerySet[Breach]:
    """Missed targets with what their list shows, the latest first."""
    related = ("clock__record__customer", "clock__agreement_version__agreement", "agreement", "explained_by")
    return rows.select_related(*related).order_by(F("at").desc(), "-pk")
