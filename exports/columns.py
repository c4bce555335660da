"""A column of a table that is written to a file. PURE."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "moment", "date", "duration", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: its name in programs, its label for people, and what a row says in it.

    ``value`` gives what the kind is made of, or None for an empty cell: text anything that has words; number
    an int, Decimal or float; moment a datetime with its zone; date a date; duration a timedelta or seconds;
    flag a bool. A text is always a text: no spreadsheet takes it for a formula. ``label`` may be lazy.
    """

    name: str
    label: Any
    value: Callable[[Any], Any]
    kind: Kind = "text"
