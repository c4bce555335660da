"""Indicators through time: counted by the system at night, kept, and read as a series.

Nothing is counted here in a way of its own: each figure is engine's, one query for all customers together
and one, grouped, for every single customer. Each indicator is stored in a transaction of its own; there is
no snapshot over all of them, ``counted_at`` says of each when it was counted.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from accounts.access import Actor
from accounts.services import system_actor
from kpis import engine
from kpis.engine import NOTHING, Asked, Kpi, Part, Unit, Value
from kpis.models import Confirmation, Measurement
from levels.facts import zone_of
from records.spans import Span
from reports.period import Period
from sla.models import Agreement, AgreementVersion

COUNTED = ("number", "numerator", "denominator", "record_count", "counted_at", "is_final")
log = logging.getLogger(__name__)
Key = tuple[str, int, int | None]  # indicator, which of its figures, customer


# --- counting -------------------------------------------------------------------------------------


def house_zone() -> ZoneInfo:
    """Where the days of measurements begin: by the calendar of the agreement that holds for everybody."""
    everybody = Agreement.objects.filter(kind=Agreement.Kind.SLA, customer=None, ended_at=None)
    agreement = everybody.order_by("pk").first()
    return zone_of(agreement) if agreement else ZoneInfo(settings.TIME_ZONE)


def promised(span: Span, *, now: datetime) -> list[int]:
    """The customers (ids) with an agreement in force at the end of a span, or now if it is not over."""
    versions = AgreementVersion.objects.in_force(min(span.end, now))
    rows = versions.filter(agreement__kind=Agreement.Kind.SLA, agreement__customer__isnull=False)
    return sorted(set(rows.values_list("agreement__customer", flat=True)))


def measure(span: Span, *, customer: int | None = None, now: datetime, again: bool = False) -> int:
    """Count all indicators of a span and store them; answers how many figures were stored.

    ``customer`` (id): of that customer alone. What is final stays as it is, unless ``again``. A span that has
    not begun has no figures. Safe to repeat and to race: of two counts the later one stays.
    """
    return _measure(span, [customer], now=now, again=again)


def measure_customers(
    span: Span, customers: Sequence[int], *, now: datetime, again: bool = False
) -> int:  # fmt: skip
    """The same of each of some customers, by one grouped query per figure."""
    return _measure(span, customers, now=now, again=again) if customers else 0


def _measure(span: Span, customers: Sequence[int | None], *, now: datetime, again: bool) -> int:
    if span.start > now:
        return 0
    asked = Asked(system_actor(), Period(span.first, span.last, span.zone), now)
    known = set() if again else _final(span, customers)
    return sum(_measure_one(kpi, span, customers, asked, known) for kpi in engine.all_kpis() if kpi.parts)


def _final(span: Span, customers: Sequence[int | None]) -> set[Key]:
    rows = Measurement.objects.filter(first=span.first, last=span.last, is_final=True)
    rows = rows.filter(customer__in=customers) if customers != [None] else rows.filter(customer=None)
    return set(rows.values_list("kpi", "part", "customer"))


def _measure_one(
    kpi: Kpi, span: Span, customers: Sequence[int | None], asked: Asked, known: set[Key]
) -> int:  # fmt: skip
    """One indicator. One whose query fails is written to the log and costs none of the others."""
    try:
        with transaction.atomic():
            found = [
                _row(kpi, place, span, customer, value, asked)
                for place, part in enumerate(kpi.parts)
                if (wanted := [each for each in customers if (kpi.id, place, each) not in known])
                for customer, value in _values(part, asked, wanted)
            ]
            return _store(found)
    except DatabaseError:
        log.exception("indicator %s of %s was not measured", kpi.id, span.code)
        return 0


def _values(part: Part, asked: Asked, customers: Sequence[int | None]) -> Iterable[tuple[int | None, Value]]:
    """The figure of each customer; what is the provider's own has none but for all together."""
    if None in customers:
        yield None, engine.compute(part, asked)
    some = [each for each in customers if each is not None]
    if not some or not part.customer:
        return
    if len(some) == 1:
        yield some[0], engine.compute(part, replace(asked, customer=some[0]))
        return
    # whose customer's a row is takes the place of whose work it is
    found: Mapping[int | None, Value] = dict(
        engine.by_person(replace(part, person=part.customer), replace(asked, person=None))
    )
    nothing = Value(Decimal(0), 0, None, 0) if part.unit == Unit.COUNT else NOTHING
    for customer in some:
        yield customer, found.get(customer, nothing)


def _row(
    kpi: Kpi, place: int, span: Span, customer: int | None, value: Value, asked: Asked
) -> Measurement:  # fmt: skip
    return Measurement(
        kpi=kpi.id, part=place, span_kind=span.kind, first=span.first, last=span.last, customer_id=customer,
        number=value.number, numerator=value.numerator, denominator=value.denominator,
        record_count=value.record_count, counted_at=asked.now, is_final=span.end <= asked.now,
    )  # fmt: skip


def _key(row: Measurement) -> Key:
    return row.kpi, row.part, row.customer_id


def _store(rows: Sequence[Measurement]) -> int:
    """Insert what is new, replace what is older; locked in one order, so that two never wait in a ring."""
    if not rows:
        return 0
    one = rows[0]
    Measurement.objects.bulk_create(
        sorted(rows, key=lambda row: (row.part, row.customer_id or 0)), ignore_conflicts=True
    )
    kept = Measurement.objects.filter(
        kpi=one.kpi, first=one.first, last=one.last, part__in={row.part for row in rows},
        counted_at__lte=one.counted_at,
    )  # fmt: skip
    fresh = {_key(row): row for row in rows}
    there = [row for row in kept.select_for_update().order_by("pk") if _key(row) in fresh]
    older = [row for row in there if row.counted_at < one.counted_at]
    for row in older:
        for name in COUNTED:
            setattr(row, name, getattr(fresh[_key(row)], name))
    Measurement.objects.bulk_update(older, COUNTED, batch_size=500)
    return len(there)


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A figure of one span. ``counted_at`` None: not measured; else ``number`` None: no data (KPI-05).

    ``n`` rows are behind it. ``is_final``: counted after the span was over, or confirmed.
    """

    span: Span
    number: Decimal | None = None
    numerator: int | None = None
    denominator: int | None = None
    n: int = 0
    is_final: bool = False
    is_confirmed: bool = False
    counted_at: datetime | None = None

    @property
    def is_measured(self) -> bool:
        return self.counted_at is not None


def series(
    kpi_id: str, *, part: int = 0, customer: int | None = None, last: Span, count: int = 12, actor: Actor
) -> list[Point]:
    """A figure in ``count`` spans up to ``last``, the earliest first; every span has its point.

    ``customer`` is an id. Who covers some customers is answered for one of those; else with no points.
    """
    return series_of([kpi_id], part=part, customer=customer, last=last, count=count, actor=actor).get(
        kpi_id, []
    )


def series_of(
    kpi_ids: Iterable[str],
    *,
    part: int = 0,
    customer: int | None = None,
    last: Span,
    count: int = 12,
    actor: Actor,
) -> dict[str, list[Point]]:
    """The series of several indicators: one query for all measurements, one for all confirmations."""
    if not covers(actor, customer) or not (ids := list(dict.fromkeys(kpi_ids))):
        return {}
    spans = last.up_to(count)
    days = {span.first: span for span in spans}
    measured = Measurement.objects.filter(
        kpi__in=ids, part=part, customer=customer, span_kind=last.kind, first__in=days
    )
    points = {(row.kpi, row.first): _point(row, days[row.first]) for row in measured}
    points |= _confirmed(ids, part, customer, days)
    return {kpi: [points.get((kpi, span.first), Point(span)) for span in spans] for kpi in ids}


def covers(actor: Actor, customer: int | None) -> bool:
    """Whether somebody may read figures of a customer (None: of all together)."""
    return actor.scope is None or (customer is not None and customer in actor.scope)


def _point(row: Measurement, span: Span) -> Point:
    return Point(
        span, row.number, row.numerator, row.denominator, row.record_count, is_final=row.is_final,
        counted_at=row.counted_at,
    )  # fmt: skip


def _confirmed(
    ids: Sequence[str], part: int, customer: int | None, days: Mapping[date, Span]
) -> dict[tuple[str, date], Point]:
    """What its checker confirmed for exactly such a span: the newest, whatever was counted since."""
    rows = Confirmation.objects.filter(kpi__in=ids, customer=customer, period_from__in=days).defer("rows")
    found = {}
    for row in rows.order_by("number"):
        span = days[row.period_from]
        if row.period_until == span.last and part < len(row.figures):
            found[row.kpi, span.first] = _kept_point(row.figures[part], span, row.confirmed_at)
    return found


def _kept_point(figure: Mapping[str, Any], span: Span, at: datetime) -> Point:
    number = None if figure["value"] is None else Decimal(figure["value"])
    return Point(
        span, number, figure["numerator"], figure["denominator"], figure["record_count"], is_final=True,
        is_confirmed=True, counted_at=at,
    )  # fmt: skip


def confirmed(rows: Sequence[Measurement]) -> dict[int, Point]:
    """Of measurements (by id) those whose span was confirmed, as it was confirmed; one query."""
    kept = Confirmation.objects.filter(
        kpi__in={row.kpi for row in rows}, period_from__in={row.first for row in rows}
    ).defer("rows")
    newest = {
        (row.kpi, row.period_from, row.period_until, row.customer_id): row for row in kept.order_by("number")
    }
    zone = house_zone() if newest else ZoneInfo(settings.TIME_ZONE)
    return {
        row.pk: _kept_point(found.figures[row.part], Span(row.span_kind, row.first, zone), found.confirmed_at)
        for row in rows
        if (found := newest.get((row.kpi, row.first, row.last, row.customer_id)))
        and row.part < len(found.figures)
    }


def visible_to(actor: Actor) -> QuerySet[Measurement]:
    """The measurements somebody may read."""
    rows = Measurement.objects.all()
    return rows if actor.scope is None else rows.filter(customer__in=actor.scope)
