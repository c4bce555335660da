"""An indicator is one queryset: its figure is counted over the rows that its list shows.

A part says which rows are looked at in a period (``rows``), which of them count (``hit``), or what is
averaged over them (``amount``). Who asks sees the rows of the customers he covers and no others; both that
and the narrowing to one customer go by the part's one path to the customer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Avg, DateField, DateTimeField, F, Field, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from kpis.catalogue import Entry, entries
from records.counting import tally
from reports.figures import percent
from reports.period import Period


class Unit(TextChoices):
    COUNT = "count", _("number")
    PERCENT = "percent", _("percent")
    SECONDS = "seconds", _("seconds")
    SCORE = "score", _("mean score")


@dataclass(frozen=True)
class Asked:
    """Who asks, about which period, narrowed to which customer or person (ids)."""

    actor: Actor
    period: Period
    now: datetime
    customer: int | None = None
    person: int | None = None

    def within(self, column: str) -> Q:
        """That an instant lies in the period, which is half open."""
        return Q(**{f"{column}__gte": self.period.start, f"{column}__lt": self.period.end})

    def days(self, column: str) -> Q:
        """The same of a date."""
        return Q(**{f"{column}__gte": self.period.first, f"{column}__lte": self.period.last})


Rows = Callable[[Asked], QuerySet[Any]]


@dataclass(frozen=True)
class Part:
    """One figure. ``unit`` says how it is made: COUNT of the rows, PERCENT of them that ``hit``, or the mean
    of ``amount`` (a duration for SECONDS; a percentage for PERCENT without ``hit``) over them.

    ``customer`` is the path from a row to the organisation it concerns; empty for what is the provider's own,
    which is for those who cover all customers. ``person`` is the path to whose work a row is (KPI-07).
    """

    rows: Rows
    unit: Unit = Unit.COUNT
    hit: Q | None = None
    amount: Any = None
    customer: str = "customer"
    person: str = ""
    name: Any = ""
    at: str = "pk"  # the column by which the list is ordered: none of the rows lacks it


@dataclass(frozen=True)
class Kpi:
    """An indicator: what it is called, how it is made, or which record it waits for.

    ``beside`` are the ids of those that tell the quality of what this one counts (KPI-07).
    """

    entry: Entry
    parts: tuple[Part, ...] = ()
    waits_for: Any = ""
    beside: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.entry.id


@dataclass(frozen=True)
class Value:
    """A figure. ``number`` is None where there is nothing to tell: a share of nothing is no zero (KPI-05)."""

    number: Decimal | None
    numerator: int | None
    denominator: int | None
    record_count: int

    @property
    def is_no_data(self) -> bool:
        return self.number is None


NOTHING = Value(None, None, None, 0)


def is_hidden(part: Part, asked: Asked) -> bool:
    """What belongs to no customer is not told to who covers some, nor of one customer: no zero, no data."""
    return not part.customer and bool(asked.customer or asked.actor.scope is not None)


def selected(part: Part, asked: Asked) -> QuerySet[Any]:
    """The rows behind a figure: what its list shows, and nothing else is counted."""
    rows = part.rows(asked)
    if is_hidden(part, asked):
        return rows.none()
    if asked.actor.scope is not None:
        rows = rows.filter(**{f"{part.customer}__in": asked.actor.scope})
    if asked.customer:
        rows = rows.filter(**{part.customer: asked.customer})
    if asked.person:
        rows = rows.filter(**{part.person: asked.person}) if part.person else rows.none()
    return rows


def selected_of(part: Part, asked: Asked, keys: Sequence[int]) -> QuerySet[Any]:
    """Rows that were kept by their ids, as far as who asks may see them."""
    rows = part.rows(asked).model._default_manager.filter(pk__in=keys)
    if asked.actor.scope is not None:
        rows = rows.filter(**{f"{part.customer}__in": asked.actor.scope}) if part.customer else rows.none()
    found: QuerySet[Any] = rows
    return found


def page(part: Part, asked: Asked, *, after: str, size: int) -> tuple[QuerySet[Any], str]:
    """A page of the rows behind a figure, the earliest first, and the word that leads to the next ("": none).

    Pages go by the last row's instant and id, so that a deep one costs what the first one costs.
    """
    rows = selected(part, asked)
    place: Any = F(part.at)
    following = _following(rows.annotate(place=place), after).order_by("place", "pk")
    found = list(following.values_list("place", "pk")[: size + 1])
    here = rows.filter(pk__in=[pk for _place, pk in found[:size]]).order_by(part.at, "pk")
    last = found[size - 1] if len(found) > size else None
    return here, f"{last[0] if isinstance(last[0], int) else last[0].isoformat()}~{last[1]}" if last else ""


def _following(rows: QuerySet[Any], after: str) -> QuerySet[Any]:
    """The rows past the last one of a page; all of them for a word that no page of ours ever wrote."""
    words, _tilde, key = after.partition("~")
    try:
        place = _place(words, rows.query.annotations["place"].output_field)
        last = int(key)
    except ValueError:
        return rows
    if not 0 <= last < 2**63:
        return rows
    # the first condition alone bounds the index scan; the second picks the exact row
    return rows.filter(place__gte=place).filter(Q(place__gt=place) | Q(pk__gt=last))


def _place(words: str, field: Field[Any, Any]) -> int | date | datetime:
    """What a page wrote of its last row. ValueError for anything else."""
    if isinstance(field, DateTimeField):
        at = datetime.fromisoformat(words)
        if at.tzinfo is None:
            raise ValueError(words)
        return at
    if isinstance(field, DateField):
        return date.fromisoformat(words)
    number = int(words)
    if not 0 <= number < 2**63:
        raise ValueError(words)
    return number


def compute(part: Part, asked: Asked) -> Value:
    """The figure of a part; one query."""
    if is_hidden(part, asked):
        return NOTHING
    return _value(part, selected(part, asked).order_by().aggregate(**_aggregates(part)))


def taken(part: Part, asked: Asked) -> tuple[Value, list[int]]:
    """The figure with the ids of all its rows, of one instant; one query."""
    if is_hidden(part, asked):
        return NOTHING, []
    found = (
        selected(part, asked).order_by().aggregate(keys=ArrayAgg("pk", order_by="pk"), **_aggregates(part))
    )
    return _value(part, found), list(found["keys"] or ())


def by_person(part: Part, asked: Asked) -> list[tuple[int | None, Value]]:
    """The figure of each person (user id; None: nobody's), the most rows first; one query."""
    rows = selected(part, asked).order_by().values(part.person).annotate(**_aggregates(part))
    found = [(row[part.person], _value(part, row)) for row in rows]
    return sorted(found, key=lambda each: (-each[1].record_count, each[0] or 0))


def _aggregates(part: Part) -> dict[str, Any]:
    asked: dict[str, Any] = {"n": tally()}
    if part.hit is not None:
        asked["hits"] = tally(part.hit)
    if part.amount is not None:
        asked["mean"] = Avg(part.amount)
    return asked


def _value(part: Part, found: dict[str, Any]) -> Value:
    n = found["n"]
    if part.unit == Unit.COUNT:
        return Value(Decimal(n), n, None, n)
    if not n:
        return NOTHING
    if part.unit == Unit.PERCENT and part.hit is not None:
        return Value(percent(found["hits"], n - found["hits"]), found["hits"], n, n)
    mean = found["mean"]
    if mean is None:
        return Value(None, None, n, n)
    seconds = mean.total_seconds() if isinstance(mean, timedelta) else mean
    return Value(Decimal(str(seconds)).quantize(Decimal("0.01")), None, n, n)


# --- what there is --------------------------------------------------------------------------------

_DECLARED: dict[str, Kpi] = {}


def declare(kpi: str, *parts: Part, beside: tuple[str, ...] = ()) -> None:
    """Say how an indicator of the catalogue is made. ValueError for an unknown id, and a second time."""
    if kpi in _DECLARED:
        raise ValueError(f"{kpi} is declared twice")
    if kpi not in entries():
        raise ValueError(f"{kpi} is not in the catalogue")
    _DECLARED[kpi] = Kpi(entries()[kpi], parts, beside=beside)


def waits(record: Any, *kpis: str) -> None:
    """Say of indicators which record they wait for."""
    for kpi in kpis:
        if kpi in _DECLARED:
            raise ValueError(f"{kpi} is declared twice")
        _DECLARED[kpi] = Kpi(entries()[kpi], waits_for=record)


def all_kpis() -> list[Kpi]:
    """Every one of the catalogue, in its order."""
    import kpis.measures  # noqa: F401 - declares them

    return [_DECLARED[entry.id] for entry in entries().values()]


def get(kpi: str) -> Kpi | None:
    """One by its id."""
    return next((each for each in all_kpis() if each.id == kpi), None)
