"""A table as an Excel workbook of one sheet: real dates and numbers, frozen head, filters, no text a formula.

The sheet is written line by line to a file of its own, which a second worker can go on with where the first
was stopped, and packed at the end: memory does not grow with the rows. Texts stand in the cells themselves
("inline"), where no program takes them for a formula; what looks like one is marked as quoted, so that it
stays text when somebody edits the cell.
"""

import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

from exports import cells
from exports.columns import Column, Kind
from exports.sheet_package import DAY, DURATION, HEAD, MAIN, MOMENT, PACKAGE, QUOTED, XML, book

ENDING = "xlsx"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # of a sheet, below its head
WIDTHS: dict[Kind, int] = {"text": 24, "number": 12, "moment": 19, "date": 12, "duration": 12, "flag": 8}
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel would read _x0041_ as the letter A
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")


def letters(place: int) -> str:
    """The name of a column by its place: A, B, ... Z, AA."""
    found = ""
    while place >= 0:
        place, rest = divmod(place, 26)
        found = chr(65 + rest) + found
        place -= 1
    return found


def sheet_name(name: str) -> str:
    """What a sheet may be called: 31 characters, none of them with a meaning of its own."""
    return " ".join(_NOT_IN_NAMES.sub(" ", cells.words(name)).split())[:31].strip() or "1"


def _inline(text: str) -> str:
    kept = _ESCAPED.sub("_x005F_", cells.shortened(cells.words(text).replace("\r", "\n")))
    return f'<is><t xml:space="preserve">{escape(kept)}</t></is>'


def _wide(label: str) -> int:
    """About how wide a label is, in digits: a Chinese character takes two."""
    return sum(2 if letter > "\u2e7f" else 1 for letter in label)


def head(columns: Sequence[Column], labels: Sequence[str]) -> bytes:
    """The sheet up to and with its first row."""
    wide = "".join(
        f'<col min="{n}" max="{n}" width="{max(WIDTHS[column.kind], min(_wide(label) + 4, 40))}" '
        'customWidth="1"/>'
        for n, (column, label) in enumerate(zip(columns, labels, strict=True), 1)
    )
    row = "".join(
        f'<c r="{letters(n)}1" s="{HEAD}" t="inlineStr">{_inline(label)}</c>'
        for n, label in enumerate(labels)
    )
    frame = (
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
        'state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{wide}</cols>'
    )
    text = f'{XML}<worksheet xmlns="{MAIN}">{frame}<sheetData><row r="1">{row}</row>'
    return text.encode()


def lines(columns: Sequence[Column], rows: Iterable[Any], zone: tzinfo, first: int) -> bytes:
    """Rows as the sheet's rows; ``first`` is the number of the first of them, counted from 0."""
    writers = [(letters(n), column.value, _writer(column, zone)) for n, column in enumerate(columns)]
    found = []
    for n, row in enumerate(rows, first + 2):
        found.append(f'<row r="{n}">')
        for letter, value, write in writers:
            given = value(row)
            if given is not None and given != "":
                found.append(f'<c r="{letter}{n}"{write(given)}</c>')
        found.append("</row>")
    return "".join(found).encode()


def close(part: Path, out: Path, *, count: int, width: int, name: str) -> None:
    """Pack the sheet of ``count`` rows as a workbook; ``part`` stays, so that it can be done again."""
    tail = f'</sheetData><autoFilter ref="A1:{letters(width - 1)}{count + 1}"/></worksheet>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for path, content in {**PACKAGE, "xl/workbook.xml": book(escape(sheet_name(name)))}.items():
            package.writestr(path, content)
        with (
            part.open("rb") as sheet,
            package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as packed,
        ):
            shutil.copyfileobj(sheet, packed, 1 << 20)
            packed.write(tail.encode())


def _text(value: Any) -> str:
    plain = cells.words(value)
    style = f' s="{QUOTED}"' if cells.is_dangerous(plain) else ""
    return f'{style} t="inlineStr">{_inline(plain)}'


def _number(value: Any) -> str:
    return f"><v>{cells.number(value)}</v>" if abs(value) < cells.EXACT else _text(cells.number(value))


def _day(value: date) -> str:
    return (
        f' s="{DAY}"><v>{cells.days(value):.0f}</v>' if cells.is_datable(value) else _text(value.isoformat())
    )


def _duration(value: timedelta | float) -> str:
    seconds = cells.seconds_of(value)
    # Excel has no time before zero
    return f' s="{DURATION}"><v>{seconds / 86400:.9f}</v>' if seconds >= 0 else _text(cells.clock(seconds))


def _writer(column: Column, zone: tzinfo) -> Callable[[Any], str]:
    yes, no = _text(_("yes")), _text(_("no"))

    def moment(value: datetime) -> str:
        shown = cells.local(value, zone)
        return (
            f' s="{MOMENT}"><v>{cells.days(shown):.9f}</v>'
            if cells.is_datable(shown)
            else _text(shown.isoformat(" "))
        )

    def flag(value: Any) -> str:
        return yes if value else no

    known: dict[str, Callable[[Any], str]] = {
        "text": _text, "number": _number, "moment": moment, "date": _day, "duration": _duration, "flag": flag,
    }  # fmt: skip
    return known[column.kind]
