"""The amounts behind a figure: how they are spread, counted in the database over the rows of its list."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DurationField,
    F,
    FloatField,
    Func,
    IntegerField,
    Max,
    Min,
    QuerySet,
    StdDev,
    Value,
)
from django.db.models.functions import Cast, Extract

from analysis.asking import Choice, Figure
from analysis.statistics import edges
from kpis import engine
from kpis.engine import Asked
from reports.period import Period

SHARES = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Bin:
    """``n`` rows from ``low`` to under ``high``."""

    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Spread:
    """Seconds for durations, points for scores. ``percentiles`` in the order of SHARES.

    ``n`` rows have an amount; ``bins`` hold those up to the 99th percentile's bin, ``beyond`` the rest.
    """

    n: int
    mean: float
    deviation: float | None
    minimum: float
    maximum: float
    percentiles: list[float]
    bins: list[Bin]


class _Percentiles(Aggregate):
    function = "PERCENTILE_CONT"
    template = "PERCENTILE_CONT(ARRAY[{}]) WITHIN GROUP (ORDER BY %(expressions)s)".format(
        ",".join(map(str, SHARES))
    )
    output_field = ArrayField(FloatField())


class _Bucket(Func):
    function = "WIDTH_BUCKET"
    output_field = IntegerField()


def rows_of(figure: Figure, choice: Choice) -> QuerySet[Any]:
    """The rows that the figure averages over all spans asked for, each with its ``amount_behind``."""
    first, last = choice.spans[0], choice.last
    asked = Asked(
        choice.actor, Period(first.first, last.last, last.zone), choice.now, customer=choice.customer
    )
    part = figure.part
    amount = F(part.amount) if isinstance(part.amount, str) else part.amount
    rows = engine.selected(part, asked).order_by().annotate(amount_given=amount)
    if isinstance(rows.query.annotations["amount_given"].output_field, DurationField):
        amount = Extract(F("amount_given"), "epoch")
    else:
        amount = Cast(F("amount_given"), FloatField())
    found: QuerySet[Any] = rows.annotate(amount_behind=Cast(amount, FloatField()))
    return found.filter(amount_behind__isnull=False)


def within(rows: QuerySet[Any], low: float, high: float | None) -> QuerySet[Any]:
    """The rows of one bin; ``high`` None: the last one, which has no end."""
    found = rows.filter(amount_behind__gte=low)
    return found if high is None else found.filter(amount_behind__lt=high)


def page(rows: QuerySet[Any], *, after: int, size: int) -> tuple[QuerySet[Any], int | None]:
    """So many rows by id after one, and the id after which the next ones come (None: there are no more)."""
    keys = list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[: size + 1])
    return rows.filter(pk__in=keys[:size]).order_by("pk"), keys[size - 1] if len(keys) > size else None


def spread(figure: Figure, choice: Choice) -> Spread | None:
    """None where there is no amount; two queries."""
    rows = rows_of(figure, choice)
    found = rows.aggregate(
        n=Count("amount_behind"), mean=Avg("amount_behind"), deviation=StdDev("amount_behind", sample=True),
        minimum=Min("amount_behind"), maximum=Max("amount_behind"), percentiles=_Percentiles("amount_behind"),
    )  # fmt: skip
    if not found["n"]:
        return None
    # so that a few that lasted for ever do not press all others into one bar
    reach = min(found["maximum"], found["percentiles"][-2] * 1.25)
    unit = _unit(reach) if figure.part.unit == engine.Unit.SECONDS else 1.0
    borders = [each * unit for each in edges(found["minimum"] / unit, max(reach, found["minimum"]) / unit)]
    return Spread(bins=_bins(rows, borders, found["maximum"]), **found)


def _unit(seconds: float) -> float:
    """Bars begin at whole days, hours, minutes or seconds, as there are enough of them."""
    return next((unit for unit in (86_400.0, 3_600.0, 60.0) if seconds >= 4 * unit), 1.0)


def _bins(rows: QuerySet[Any], borders: list[float], maximum: float) -> list[Bin]:
    bucket = _Bucket(
        F("amount_behind"), Value(borders, output_field=ArrayField(FloatField()))
    )  # fmt: skip
    counted = dict(
        rows.annotate(bucket=bucket)
        .values("bucket")
        .annotate(found=Count("pk"))
        .values_list("bucket", "found")
    )
    bins = [
        Bin(low, high, counted.get(place, 0)) for place, (low, high) in enumerate(pairwise(borders), start=1)
    ]
    if counted.get(len(borders)):
        bins.append(Bin(borders[-1], maximum, counted[len(borders)]))
    return bins
