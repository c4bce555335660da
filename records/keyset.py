"""Paging by the place in an order instead of by counting: as quick on the last page as on the first.

An order is a list of expressions in one direction, the last of them unique. The condition is a row
comparison, which PostgreSQL answers from an index over the same expressions.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import BooleanField, DateTimeField, Expression, F, Func, IntegerField, QuerySet, Value

from records.models import NEVER, Record, by_due


@dataclass(frozen=True)
class Column:
    """One expression of an order, how a row's value of it is read, and its type."""

    expression: Callable[[], Expression | F]
    value: Callable[[Record], Any]
    is_instant: bool


DUE = Column(by_due, lambda r: r.next_due_at or NEVER, is_instant=True)
PRIORITY = Column(lambda: F("priority"), lambda r: r.priority, is_instant=False)
UPDATED = Column(lambda: F("updated_at"), lambda r: r.updated_at, is_instant=True)
OPENED = Column(lambda: F("opened_at"), lambda r: r.opened_at, is_instant=True)
ID = Column(lambda: F("id"), lambda r: r.pk, is_instant=False)

ORDERS: dict[str, tuple[Column, ...]] = {
    "due": (DUE, ID),
    "priority": (PRIORITY, DUE, ID),  # SD-07
    "updated": (UPDATED, ID),
    "opened": (OPENED, ID),
}


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursors of its neighbours ("" where there are none)."""

    rows: list[Record]
    before: str
    after: str


class _Row(Func):
    template = "(%(expressions)s)"


def _beyond(columns: Sequence[Column], values: Sequence[Any], *, is_greater: bool) -> Func:
    """``(a, b, id) > (x, y, z)`` as a condition."""
    fields = [DateTimeField() if c.is_instant else IntegerField() for c in columns]
    mark = _Row(*(Value(v, output_field=f) for v, f in zip(values, fields, strict=True)))
    return Func(
        _Row(*(c.expression() for c in columns)), mark, template="%(expressions)s",
        arg_joiner=" > " if is_greater else " < ", output_field=BooleanField(),
    )  # fmt: skip


def page(records: "QuerySet[Record]", order: str, *, size: int, after: str = "", before: str = "") -> Page:
    """One page in ``order`` ("due", or "-due" for the other way round). A bad cursor gives the first page."""
    columns, is_descending = ORDERS[order.lstrip("-")], order.startswith("-")
    mark = _parse(before or after, columns)
    is_back = bool(before) and mark is not None
    if mark:
        records = records.filter(_beyond(columns, mark, is_greater=is_descending == is_back))
    flip = is_descending != is_back
    keys = [c.expression() for c in columns]
    found = list(records.order_by(*(k.desc() if flip else k.asc() for k in keys))[: size + 1])
    has_more, rows = len(found) > size, found[:size]
    if is_back:
        rows.reverse()
    if not rows:
        return Page([], "", "")
    has_before, has_after = (has_more, True) if is_back else (mark is not None, has_more)
    return Page(
        rows,
        before=_cursor(rows[0], columns) if has_before else "",
        after=_cursor(rows[-1], columns) if has_after else "",
    )


def ordered(records: "QuerySet[Record]", order: str) -> "QuerySet[Record]":
    """All of it in ``order``, as :func:`page` goes through it."""
    keys = [c.expression() for c in ORDERS[order.lstrip("-")]]
    return records.order_by(*(k.desc() if order.startswith("-") else k.asc() for k in keys))


def neighbours(
    records: "QuerySet[Record]", order: str, row: Record
) -> tuple[Record | None, Record | None, "QuerySet[Record]"]:
    """The rows before and after a row's place in ``order``, and all that stand before it; two queries.

    The row itself need not be among them: it may have left the list while its place in the order stays.
    """
    columns, is_descending = ORDERS[order.lstrip("-")], order.startswith("-")
    mark = [c.value(row) for c in columns]
    keys = [c.expression() for c in columns]
    before = records.filter(_beyond(columns, mark, is_greater=is_descending))
    after = records.filter(_beyond(columns, mark, is_greater=not is_descending))
    forwards = [k.desc() if is_descending else k.asc() for k in keys]
    backwards = [k.asc() if is_descending else k.desc() for k in keys]
    return before.order_by(*backwards).first(), after.order_by(*forwards).first(), before.order_by()


def _cursor(row: Record, columns: Sequence[Column]) -> str:
    values = [c.value(row) for c in columns]
    text = json.dumps([v.isoformat() if isinstance(v, datetime) else v for v in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _parse(cursor: str, columns: Sequence[Column]) -> list[Any] | None:
    """The values of a cursor, or None for one that this order did not write."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if not isinstance(raw, list) or len(raw) != len(columns):
            return None
        values = [_typed(v, c) for v, c in zip(raw, columns, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        return None
    return values


def _typed(value: Any, column: Column) -> Any:
    if column.is_instant:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("an instant without zone")
        return at.astimezone(UTC)
    if type(value) is not int or not -(2**31) <= value < 2**63:
        raise ValueError("not a number of this column")
    return value
