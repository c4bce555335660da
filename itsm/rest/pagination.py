"""Pages by the last row seen, not by counting: a deep page costs what the first one costs.

A cursor holds the sort key and id of a row. It says nothing secret: what may be seen is decided anew by the
query it narrows.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from itsm.rest.problems import Problem, refuse

PAGE_SIZE = 50
LARGEST_PAGE = 200


@dataclass(frozen=True)
class SortKey:
    """What a list can be ordered by: a field, or an expression that is never null."""

    field: str
    expression: Coalesce | None = None

    @property
    def name(self) -> str:
        return "sort_key" if self.expression else self.field


@dataclass(frozen=True)
class Cursor:
    """A row's place in an order; ``back`` reads towards the beginning."""

    ordering: str
    value: Any
    pk: int
    back: bool

    @property
    def text(self) -> str:
        value = {"at": self.value.isoformat()} if isinstance(self.value, datetime) else self.value
        packed = json.dumps([self.ordering, value, self.pk, self.back], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Raises ValueError for what was not made by :attr:`text`."""
        packed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        ordering, value, pk, back = json.loads(packed)
        if isinstance(value, dict):
            value = parse_datetime(value["at"])
            if value is None or value.tzinfo is None:
                raise ValueError("not an instant")
            value = value.astimezone(UTC)  # the database knows fewer offsets than can be written
        fits = (
            isinstance(ordering, str) and isinstance(value, str | int | datetime) and "\0" not in str(value)
        )
        if not fits or type(pk) is not int or not 0 <= pk < 2**63 or type(back) is not bool:
            raise ValueError("not a cursor")
        return cls(ordering, value, pk, back)


class KeysetPagination(BasePagination):
    """``{"next", "previous", "results"}``, ordered by an allow-listed key and then by id.

    A view lists its orders in ``orderings`` (name -> SortKey) and its usual one in ``ordering``.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.ordering = request.query_params.get("ordering", view.ordering)
        orderings: Mapping[str, SortKey] = view.orderings
        key = orderings.get(self.ordering.removeprefix("-"))
        if key is None:
            raise refuse(
                "ordering", _("Not an order of this list."), "invalid_choice",
                _("One of: %(names)s; a leading “-” turns it around.") % {"names": ", ".join(orderings)},
            )  # fmt: skip
        self.key = key
        size = _page_size(request)
        cursor = self._cursor()
        try:
            rows = self._rows(queryset, cursor, size)
        except (ValueError, TypeError, OverflowError, ValidationError):
            raise _not_a_cursor() from None
        more = len(rows) > size
        rows = rows[:size]
        if cursor and cursor.back:
            rows.reverse()
        self._mark(rows, cursor, more=more)
        return rows

    def _rows(self, queryset: QuerySet[Any], cursor: Cursor | None, size: int) -> list[Any]:
        if self.key.expression is not None:
            queryset = queryset.annotate(sort_key=self.key.expression)
        descending = self.ordering.startswith("-") != bool(cursor and cursor.back)
        if cursor:
            side = "lt" if descending else "gt"
            name = self.key.name
            # the first condition is implied by the second; it is what the index can use
            queryset = queryset.filter(
                Q(**{f"{name}__{side}e": cursor.value}),
                Q(**{f"{name}__{side}": cursor.value}) | Q(**{name: cursor.value, f"id__{side}": cursor.pk}),
            )
        order: list[Any] = [self.key.expression or F(self.key.field), F("id")]
        ordered = queryset.order_by(*(o.desc() if descending else o.asc() for o in order))
        return list(ordered[: size + 1])

    def _cursor(self) -> Cursor | None:
        text = self.request.query_params.get("cursor", "")
        if not text:
            return None
        try:
            cursor = Cursor.read(text)
        except (ValueError, TypeError, KeyError, OverflowError):
            cursor = None
        if cursor is None or cursor.ordering != self.ordering:
            raise _not_a_cursor()
        return cursor

    def _mark(self, rows: list[Any], cursor: Cursor | None, *, more: bool) -> None:
        back = bool(cursor and cursor.back)
        has_next, has_previous = (bool(cursor), more) if back else (more, bool(cursor))
        self.next_link = self._link(rows[-1], back=False) if rows and has_next else None
        self.previous_link = self._link(rows[0], back=True) if rows and has_previous else None

    def _link(self, row: Any, *, back: bool) -> str:
        cursor = Cursor(self.ordering, getattr(row, self.key.name), row.pk, back)
        url = remove_query_param(self.request.build_absolute_uri(), "cursor")
        return str(replace_query_param(url, "cursor", cursor.text))

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_link, "previous": self.previous_link, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": [*properties], "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        orders = [sign + name for name in view.orderings for sign in ("", "-")]
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
        return [
            _parameter("cursor", "A place in the list, from “next” or “previous”.", {"type": "string"}),
            _parameter("page_size", f"Rows of a page, at most {LARGEST_PAGE}.", size),
            _parameter("ordering", "", {"type": "string", "enum": orders, "default": view.ordering}),
        ]


def _not_a_cursor() -> Problem:
    hint = _("Follow “next” or “previous” of an answer as they are.")
    return refuse("cursor", _("Not a cursor of this list."), "invalid", hint)


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _page_size(request: Request) -> int:
    text = request.query_params.get("page_size", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) < 1:
        raise refuse("page_size", _("A whole number from 1 to %(n)s.") % {"n": LARGEST_PAGE})
    return min(int(text), LARGEST_PAGE)
