"""A table as CSV: UTF-8 with a byte order mark, RFC 4180, every text quoted, no text a formula.

Every text is quoted, also where RFC 4180 would not ask for it: a program that parts at semicolons must not
find the beginning of a formula behind one.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from exports import cells
from exports.columns import Column

ENDING = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
MARK = b"\xef\xbb\xbf"


def quoted(text: Any) -> str:
    """A text as a field: what looks like a formula begins with an apostrophe."""
    plain = cells.words(text)
    safe = f"'{plain}" if cells.is_dangerous(plain) else plain
    return f'"{safe.replace(chr(34), chr(34) * 2)}"'


def head(columns: Sequence[Column], labels: Sequence[str]) -> bytes:
    """The first line, after the mark by which Excel knows that this is UTF-8."""
    return MARK + f"{','.join(quoted(label) for label in labels)}\r\n".encode()


def lines(columns: Sequence[Column], rows: Iterable[Any], zone: tzinfo, first: int) -> bytes:
    """Rows as lines; ``first``, the number of the first of them, matters to other kinds of files."""
    writers = [(column.value, _writer(column, zone)) for column in columns]
    found = [",".join([write(value(row)) for value, write in writers]) for row in rows]
    return "".join([f"{line}\r\n" for line in found]).encode()


def close(part: Path, out: Path, *, count: int, width: int, name: str) -> None:
    """All is written; the lines are the file."""
    part.replace(out)


def _writer(column: Column, zone: tzinfo) -> Callable[[Any], str]:
    yes, no = quoted(_("yes")), quoted(_("no"))

    def moment(value: datetime) -> str:
        return cells.instant(value, zone)

    def day(value: date) -> str:
        return value.isoformat()

    def duration(value: timedelta | float) -> str:
        return cells.clock(value)

    def flag(value: Any) -> str:
        return yes if value else no

    known: dict[str, Callable[[Any], str]] = {
        "text": quoted, "number": cells.number, "moment": moment, "date": day, "duration": duration,
        "flag": flag,
    }  # fmt: skip
    write = known[column.kind]
    return lambda value: "" if value is None or value == "" else write(value)
