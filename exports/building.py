"""Columns of the usual kinds, made from the path of an attribute: ``clock.record.customer.name``.

A path that ends on the way (nobody is assigned) is an empty cell.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.utils.translation import get_language

from exports.columns import Column, Kind


def at(path: str) -> Callable[[Any], Any]:
    """What stands at a path of attributes; None where one of them is None."""
    names = path.split(".")

    def value(row: Any) -> Any:
        for name in names:
            row = getattr(row, name, None)
            if row is None:
                return None
        return row

    return value


def column(name: str, label: Any, path: str = "", *, kind: Kind = "text") -> Column:
    return Column(name, label, at(path or name), kind)


def text(name: str, label: Any, path: str = "") -> Column:
    return column(name, label, path)


def number(name: str, label: Any, path: str = "") -> Column:
    return column(name, label, path, kind="number")


def moment(name: str, label: Any, path: str = "") -> Column:
    return column(name, label, path, kind="moment")


def day(name: str, label: Any, path: str = "") -> Column:
    return column(name, label, path, kind="date")


def duration(name: str, label: Any, path: str = "") -> Column:
    return column(name, label, path, kind="duration")


def flag(name: str, label: Any, path: str = "") -> Column:
    return column(name, label, path, kind="flag")


def named(name: str, label: Any, path: str = "") -> Column:
    """Whoever or whatever has a name."""
    return text(name, label, f"{path or name}.name")


def choice(name: str, label: Any, path: str = "") -> Column:
    """A field with choices, in words; ``path`` leads to the row that has it."""
    row_at = at(path) if path else (lambda row: row)

    def value(row: Any) -> Any:
        found = row_at(row)
        code = getattr(found, name, None)
        model: Any = type(found)
        return _words(model, name, code, get_language()) if code else None

    return Column(name, label, value)


@lru_cache(maxsize=4096)
def _words(model: type[Model], name: str, code: Any, language: str | None) -> str:
    """A choice in the active language; translating it anew for each of a million rows would take minutes."""
    choices: Any = model._meta.get_field(name).flatchoices  # type: ignore[union-attr]
    return str(dict(choices).get(code, code))


def coded(name: str, label: Any, choices: Any, path: str = "") -> Column:
    """A code whose words stand in TextChoices of their own, not in the field."""
    words = {str(code): label for code, label in choices.choices}
    code_at = at(path or name)
    return Column(name, label, lambda row: words.get(str(code_at(row)), code_at(row)))


def listed(name: str, label: Any, values: Callable[[Any], Iterable[Any]]) -> Column:
    """Several words in one cell."""
    return Column(name, label, lambda row: "; ".join(str(each) for each in values(row)))
