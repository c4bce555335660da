"""Two pictures of the register side by side: what was added, what is gone, what was altered. PURE."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]  # fact -> value; a value is a text, a number, or a label {"en", "zh"}
Edge = tuple[str, str, str]  # number of the source, code of the relation's type, number of the target


@dataclass(frozen=True)
class Picture:
    """Items by number with their facts, and the relations between them."""

    items: Mapping[str, Facts]
    edges: frozenset[Edge] = frozenset()


@dataclass(frozen=True)
class Altered:
    """One fact of one item that differs. An absent value is an empty text."""

    number: str
    fact: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """What leads from one picture to the other, each part in the order of the numbers."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    altered: tuple[Altered, ...] = ()
    related: tuple[Edge, ...] = ()
    unrelated: tuple[Edge, ...] = ()

    @property
    def is_none(self) -> bool:
        return not (self.added or self.gone or self.altered or self.related or self.unrelated)

    @property
    def altered_items(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.number for each in self.altered))


def compare(before: Picture, after: Picture) -> Difference:
    """The difference between two pictures of the same scope."""
    both = sorted(before.items.keys() & after.items.keys())
    return Difference(
        added=tuple(sorted(after.items.keys() - before.items.keys())),
        gone=tuple(sorted(before.items.keys() - after.items.keys())),
        altered=tuple(
            each
            for number in both
            for each in facts_between(number, before.items[number], after.items[number])
        ),
        related=tuple(sorted(after.edges - before.edges)),
        unrelated=tuple(sorted(before.edges - after.edges)),
    )


def facts_between(number: str, before: Facts, after: Facts) -> list[Altered]:
    """The facts that differ, in the order of their names. Absent and empty are the same."""
    found = []
    for fact in sorted(before.keys() | after.keys()):
        old, new = before.get(fact, ""), after.get(fact, "")
        if identity(old) != identity(new):
            found.append(Altered(number, fact, old, new))
    return found


def identity(value: Any) -> Any:
    """What makes a value the same: of a label its id or code, so that a renaming is no alteration."""
    if isinstance(value, Mapping):
        for name in ("code", "id", "en"):
            if name in value:
                return value[name]
    return "" if value is None else value
