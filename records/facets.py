"""What a process lets the queue be narrowed by and show beyond what every record has.

The queue knows no process. An app that keeps something worth a filter or a column registers it from its
AppConfig.ready(): a path from Record to a field, its words, and how a row's value is written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from records.models import Record


@dataclass(frozen=True)
class Facet:
    """A filter. ``field`` is a path from Record; without ``choices`` it narrows by a part of a text."""

    name: str
    label: Any
    field: str
    choices: Callable[[], Iterable[tuple[Any, Any]]] | None = None


@dataclass(frozen=True)
class Shown:
    """A column. ``joins`` are what select_related must read for ``value``, which asks no query itself.

    Processes may share a column by its key: a row shows what its own process says.
    """

    key: str
    label: Any
    value: "Callable[[Record], str]"
    joins: tuple[str, ...] = ()


_FACETS: dict[str, Facet] = {}
_SHOWN: dict[str, dict[str, Shown]] = {}  # by key and by who registered it


def register(who: str, *, facets: Iterable[Facet] = (), columns: Iterable[Shown] = ()) -> None:
    """Make an app's filters and columns known. Called from AppConfig.ready(); safe to repeat."""
    _FACETS.update({facet.name: facet for facet in facets})
    for column in columns:
        _SHOWN.setdefault(column.key, {})[who] = column


def filters() -> list[Facet]:
    return list(_FACETS.values())


def columns() -> list[Shown]:
    return [_together(list(same.values())) for same in _SHOWN.values()]


def _together(same: "list[Shown]") -> Shown:
    """One column of several processes: the first that has something to say about a row says it."""
    if len(same) == 1:
        return same[0]
    joins = tuple(dict.fromkeys(join for column in same for join in column.joins))
    return replace(
        same[0], joins=joins, value=lambda record: next(filter(None, (c.value(record) for c in same)), "")
    )
