"""The answer to a question: one statement that counts the very rows its lists show.

The rows come from questions.selecting; around them stands fixed text that groups, ranks and totals them, so
that "others" and totals are computed over their rows and never added up from what is shown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from decimal import ROUND_FLOOR, Decimal
from itertools import islice
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, Case, FloatField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from psycopg2.errors import QueryCanceled

from kpis.engine import Asked
from questions import selecting
from questions.content import DAYS, HOURS, Plan
from questions.subjects.base import Dimension, How, Sort
from records import spans

OTHERS: Final = "~"  # in an address: all groups that are not shown
MOST_ROWS, MOST_COLUMNS = 40, 12
MOST_SPANS = {"by": 400, "across": 31}
SECONDS = 15  # so long an answer may take while somebody waits for it

# What is computed of x.hit and x.amount; fixed texts.
AGGREGATES: Final = {
    How.COUNT: "NULL::float8",
    How.SHARE: "count(*) FILTER (WHERE x.hit)::float8",
    How.MEAN: "avg(x.amount)",
    How.MEDIAN: "percentile_cont(0.5) WITHIN GROUP (ORDER BY x.amount)",
    How.NINETIETH: "percentile_cont(0.9) WITHIN GROUP (ORDER BY x.amount)",
    How.SUM: "sum(x.amount)",
}


class TooLong(Exception):
    """The database did not come to an end in the time an answer may take."""

    def __str__(self) -> str:
        return _("This takes too long. Choose a shorter period, or narrow the question by a filter.")


@dataclass(frozen=True)
class Cell:
    """A figure over ``n`` rows. ``number`` is None where there is nothing to tell: no zero."""

    number: Decimal | None
    n: int
    hits: int | None = None


NOTHING = Cell(None, 0)


@dataclass(frozen=True)
class Answer:
    """Figures by the keys of their row and column; None stands for "others", and for the total.

    ``rows`` and ``columns`` are the keys shown, in order; without a grouping the one key "".
    """

    plan: Plan
    asked: Asked
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str | None, str | None], Cell]
    row_totals: dict[str | None, Cell]
    column_totals: dict[str | None, Cell]
    total: Cell

    @property
    def has_other_rows(self) -> bool:
        return None in self.row_totals

    @property
    def has_other_columns(self) -> bool:
        return None in self.column_totals

    def cell(self, row: str | None, column: str | None) -> Cell:
        """A figure; where there are no rows a number of rows is 0, and nothing else is told."""
        return self.cells.get((row, column)) or self.nothing

    @property
    def nothing(self) -> Cell:
        return Cell(Decimal(0), 0) if self.plan.measure.how == How.COUNT else NOTHING


def answer(plan: Plan, asked: Asked, *, seconds: int = SECONDS) -> Answer:
    """Everything the question asks, by one statement. TooLong; ValidationError for too many columns."""
    _check_width(plan, asked)
    found = _fetch(plan, asked, seconds)
    cells: dict[tuple[str | None, str | None], Cell] = {}
    row_totals: dict[str | None, Cell] = {}
    column_totals: dict[str | None, Cell] = {}
    total = NOTHING
    for level, row, column, n, value in found:
        cell = _cell(plan, n, value)
        if level == 0:
            cells[row, column] = cell
        elif level == 1:
            row_totals[row] = cell
        elif level == 2:
            column_totals[column] = cell
        else:
            total = cell
    return Answer(
        plan, asked, _keys(plan.by, plan, row_totals, asked),
        _keys(plan.across, plan, column_totals, asked), cells,
        row_totals, column_totals, total,
    )  # fmt: skip


def _check_width(plan: Plan, asked: Asked) -> None:
    """ValidationError where the period has more spans than can be shown beside each other."""
    for name, dimension in (("by", plan.by), ("across", plan.across)):
        if dimension is None or dimension.sort != Sort.SPAN or dimension.instant != plan.instant:
            continue
        period, most = asked.period, MOST_SPANS[name]
        every = spans.within(dimension.step, period.first, period.last, period.zone)
        if len(list(islice(every, most + 1))) > most:
            message = _("That would be more than %(n)s groups; choose longer ones.") % {"n": most}
            raise ValidationError({name: [message]})


def _keys(
    dimension: Dimension | None, plan: Plan, totals: dict[str | None, Cell], asked: Asked
) -> tuple[str, ...]:
    """The keys shown, in order: time as it passes, words as they are listed, else the most rows first."""
    there = [key for key in totals if key is not None]
    if dimension is None:
        return ("",)
    if dimension.is_time:
        if dimension.sort == Sort.CYCLE:
            whole = HOURS if dimension.step == "hour" else DAYS
            return (*(whole if there else ()), *(key for key in there if key not in whole))
        return tuple(
            sorted({*there, *_gaps(dimension, plan, there, asked)}, key=lambda key: (key == "", key))
        )
    if dimension.sort == Sort.PICK:
        order = {str(value): place for place, (value, _words) in enumerate(dimension.choices())}
        return tuple(sorted(there, key=lambda key: (order.get(key, len(order)), key == "", key)))
    return tuple(sorted(there, key=lambda key: (key == "", -totals[key].n, key)))


def _gaps(dimension: Dimension, plan: Plan, there: list[str], asked: Asked) -> list[str]:
    """The spans without rows between those that have some; of the period's own instant all up to today."""
    days = [date.fromisoformat(key) for key in there if key]
    period = asked.period
    last = min(period.last, asked.now.astimezone(period.zone).date())
    if days and dimension.instant == plan.instant and last >= period.first:
        days += [period.first, last]
    if not days:
        return []
    found = islice(spans.within(dimension.step, min(days), max(days), period.zone), MOST_SPANS["by"] + 1)
    keys = [span.first.isoformat() for span in found]
    return keys if len(keys) <= MOST_SPANS["by"] else []


def _cell(plan: Plan, n: int, value: float | None) -> Cell:
    how = plan.measure.how
    if how == How.COUNT:
        return Cell(Decimal(n), n)
    if not n:
        return NOTHING
    if how == How.SHARE:
        hits = int(value or 0)
        return Cell((Decimal(100 * hits) / n).quantize(Decimal("0.01"), ROUND_FLOOR), n, hits)
    return Cell(None if value is None else Decimal(str(value)).quantize(Decimal("0.01")), n)


# --- the statement --------------------------------------------------------------------------------


def _fetch(plan: Plan, asked: Asked, seconds: int) -> list[tuple[int, Any, Any, int, float | None]]:
    """(level, row, column, rows counted, value); level 0 is a cell, 1 a row's total, 2 a column's, 3 all."""
    inner, values = _inner(plan, asked).query.sql_with_params()
    places = [
        MOST_SPANS["by"] + 1 if plan.by and plan.by.is_time else MOST_ROWS,
        MOST_SPANS["across"] + 1 if plan.across and plan.across.is_time else MOST_COLUMNS,
    ]
    # only fixed text and what the ORM compiled is put together here; every value travels as a parameter
    statement = f"""
        WITH q AS MATERIALIZED ({inner}),
        a AS (SELECT q_row, row_number() OVER (ORDER BY count(*) DESC, q_row) AS place
              FROM q GROUP BY q_row),
        b AS (SELECT q_column, row_number() OVER (ORDER BY count(*) DESC, q_column) AS place
              FROM q GROUP BY q_column)
        SELECT 2 * GROUPING(x.a) + GROUPING(x.b), x.a, x.b, count(*), {AGGREGATES[plan.measure.how]}
        FROM (
            SELECT CASE WHEN a.place <= %s THEN q.q_row END AS a,
                   CASE WHEN b.place <= %s THEN q.q_column END AS b,
                   q.q_hit AS hit, q.q_amount AS amount
            FROM q JOIN a ON a.q_row = q.q_row JOIN b ON b.q_column = q.q_column
        ) x
        GROUP BY CUBE (x.a, x.b)
    """  # noqa: S608
    with limited(seconds), connection.cursor() as cursor:
        cursor.execute(statement, [*values, *places])
        return list(cursor.fetchall())


def _inner(plan: Plan, asked: Asked) -> QuerySet[Any]:
    """One line of keys, hit and amount for each row the question looks at."""
    zone, measure = asked.period.zone, plan.measure
    hit = (
        Case(When(measure.hit, then=Value(True)), default=Value(False), output_field=BooleanField())
        if measure.hit is not None
        else Value(None, output_field=BooleanField())
    )
    amount = measure.amount if measure.amount is not None else Value(None, output_field=FloatField())
    nothing = Cast(Value(""), TextField())
    found: QuerySet[Any] = (
        selecting.rows_of(plan, asked)
        .order_by()
        .annotate(
            q_row=selecting.key_of(plan.by, zone) if plan.by else nothing,
            q_column=selecting.key_of(plan.across, zone) if plan.across else nothing,
            q_hit=hit,
            q_amount=Cast(amount, FloatField()),
        )
        .values("q_row", "q_column", "q_hit", "q_amount")
    )
    return found


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Statements within may take so long and no longer: TooLong. What held before holds afterwards."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            before = cursor.fetchone()[0]
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds * 1000}"])
            yield
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise


# --- the rows behind a figure ---------------------------------------------------------------------


def behind(plan: Plan, asked: Asked, row: str | None, column: str | None) -> QuerySet[Any]:
    """The rows of a cell by the keys of its address: OTHERS for the rest, None for all.

    Which groups are not among "others" is counted anew, with what TooLong says of it.
    """
    shown: dict[str, tuple[str, ...]] = {}
    if OTHERS in (row, column):
        found = answer(plan, asked)
        shown = {
            "by": tuple(key for key in found.row_totals if key is not None),
            "across": tuple(key for key in found.column_totals if key is not None),
        }
    rows = selecting.rows_of(plan, asked)
    for name, dimension, key in (("by", plan.by, row), ("across", plan.across, column)):
        if dimension is None or key is None:
            continue
        if key == OTHERS:
            rows = selecting.but(rows, dimension, shown[name], asked)
        else:
            rows = selecting.narrowed(rows, dimension, [key], asked)
    return rows


def is_key(dimension: Dimension | None, key: str) -> bool:
    """Whether an address may name a group so."""
    if dimension is None:
        return False
    if key in ("", OTHERS):
        return True
    match dimension.sort:
        case Sort.SPAN:
            return _is_first_day(dimension.step, key)
        case Sort.CYCLE:
            return key.isascii() and key.isdigit() and len(key) < 3
        case Sort.ROW:
            return key.isascii() and key.isdigit() and len(key) < 18
        case Sort.FLAG:
            return key in ("yes", "no")
        case _:
            return len(key) <= 200 and "\0" not in key


def _is_first_day(step: str, key: str) -> bool:
    try:
        day = date.fromisoformat(key)
    except ValueError:
        return False
    return spans.EARLIEST <= day.year <= spans.LATEST and spans.of(step, day, UTC).first == day
