"""Pages of a list by its last row's place, so that a deep page costs what the first one costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

SIZE = 50


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the word in the address that leads to the next one ("" on the last)."""

    rows: Sequence[Any]
    following: str


def page(rows: QuerySet[Any], *, after: str, size: int = SIZE) -> Page:
    """The page that follows ``after`` of rows ordered by ``place`` (an instant) and pk.

    A word that no page of ours ever wrote leads to the first page.
    """
    found = list(_following(rows, after)[: size + 1])
    more = len(found) > size
    found = found[:size]
    last = found[-1] if more else None
    return Page(found, f"{last.place.isoformat()}~{last.pk}" if last else "")


def _following(rows: QuerySet[Any], after: str) -> QuerySet[Any]:
    place, _, pk = after.partition("~")
    try:
        at, number = datetime.fromisoformat(place), int(pk)
    except ValueError:
        return rows
    if at.tzinfo is None or not 0 <= number < 2**63:
        return rows
    # The first condition alone bounds the index scan; the second picks the exact row.
    return rows.filter(place__gte=at).filter(Q(place__gt=at) | Q(pk__gt=number))
