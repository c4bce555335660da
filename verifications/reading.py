"""A file of configuration items as lines of text: CSV in the encodings people have, and Excel. PURE.

What cannot be read at all raises Unreadable; what is wrong in one cell is a Fault of its line. Both carry a
code and what its sentence names; the words are in verifications.words.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

MAX_SIZE = 10 * 1024 * 1024
MAX_LINES = 10_000
MAX_COLUMNS = 100
MAX_CELL = 2_000
MAX_UNPACKED = 200 * 1024 * 1024  # an Excel file is an archive; more than this is no list of items
BLANK_LINES = 1_000  # so many in a row, and a sheet is over, whatever size it claims
ENCODINGS = ("utf-8", "gb18030", "big5hkscs")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ARCHIVE = b"PK\x03\x04"
_AS_TEXT = re.compile(r'="([^"]*)"')  # how spreadsheets are told to keep the noughts before a number


class Unreadable(Exception):
    """The file as a whole is refused. ``params`` are what its sentence names."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell; ``column`` is its place from 0, None: the line as a whole."""

    code: str
    column: int | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A line with as many cells as there are columns; ``number`` is where it stands in the file, from 1."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """``encoding`` is what a CSV was read as, ``name`` the sheet of a workbook; either is empty."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    encoding: str = ""
    name: str = ""


def read(raw: bytes, *, encoding: str = "") -> Sheet:
    """The first sheet of the file. ``encoding`` is one of ENCODINGS, or empty: by the look of it."""
    if not raw.strip():
        raise Unreadable("empty")
    if len(raw) > MAX_SIZE:
        raise Unreadable("too_large", most=MAX_SIZE // 2**20)
    if raw.startswith(_OLD_EXCEL):
        raise Unreadable("old_excel")
    if raw.startswith(_ARCHIVE):
        return _workbook(raw)
    text, found = decode(raw, encoding)
    columns, lines = _table(_csv_rows(text))
    return Sheet(columns, lines, encoding=found)


# --- CSV ---------------------------------------------------------------------------------------


def decode(raw: bytes, encoding: str = "") -> tuple[str, str]:
    """The text and the encoding it was read as. A byte order mark beats what was asked for."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return _strictly(raw.removeprefix(mark) if codec == "utf-8" else raw, codec), codec
    if b"\0" in raw:
        raise Unreadable("binary")
    if encoding:
        return _strictly(raw, encoding), encoding
    for codec in ENCODINGS[:2]:
        try:
            return raw.decode(codec), codec
        except UnicodeDecodeError:
            continue
    raise Unreadable("encoding", line=_line_of_fault(raw))


def _strictly(raw: bytes, codec: str) -> str:
    try:
        text = raw.decode(codec)
    except (UnicodeDecodeError, LookupError) as wrong:
        at = raw[: wrong.start].count(b"\n") + 1 if isinstance(wrong, UnicodeDecodeError) else 1
        raise Unreadable("not_this_encoding", encoding=codec, line=at) from wrong
    if "\0" in text:
        raise Unreadable("binary")
    return text


def _line_of_fault(raw: bytes) -> int:
    """The line at which the bytes are no UTF-8 any more."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return raw[: wrong.start].count(b"\n") + 1
    return 1


def _csv_rows(text: str) -> Iterator[tuple[int, list[Any]]]:
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            raise Unreadable("broken_line", line=max(reader.line_num, 1)) from wrong
        yield before + 1, list(cells)
        before = reader.line_num


def _delimiter(text: str) -> str:
    """The sign that cuts the first line with words into most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    found = {sign: len(next(csv.reader([first], delimiter=sign), [])) for sign in ",;\t|"}
    return max(found, key=lambda sign: found[sign])


# --- Excel -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Bad:
    """A cell that has no value of its own: a formula, or what went wrong in one."""

    code: str


def _workbook(raw: bytes) -> Sheet:
    _check_archive(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
        shown = [each for each in book.worksheets if each.sheet_state == "visible"]
        if not shown:
            raise Unreadable("empty")
        sheet: Any = shown[0]
        sheet.reset_dimensions()  # what a file claims of its size is not always so
        columns, lines = _table(_excel_rows(sheet))
    except Unreadable:
        raise
    except Exception as wrong:  # the library raises whatever a broken file makes it stumble over
        raise Unreadable("broken_excel") from wrong
    return Sheet(columns, lines, name=str(sheet.title))


def _check_archive(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            sizes = [entry.file_size for entry in archive.infolist()]
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as wrong:
        raise Unreadable("broken_excel") from wrong
    if sum(sizes) > MAX_UNPACKED or len(sizes) > 2_000:
        raise Unreadable("too_large", most=MAX_SIZE // 2**20)
    if "xl/workbook.xml" not in names:
        raise Unreadable("not_a_table")


def _excel_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    blank = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_excel_value(cell) for cell in row]
        blank = 0 if any(cells) else blank + 1
        if blank > BLANK_LINES:
            return
        yield number, cells


def _excel_value(cell: Any) -> "str | _Bad":
    """A cell as people would have typed it."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return _Bad("formula")
    if cell.data_type == "e":
        return _Bad("error_value")
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


# --- both --------------------------------------------------------------------------------------


def _table(rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """The first line with words names the columns; lines without any are passed over."""
    columns: tuple[str, ...] = ()
    lines: list[Line] = []
    for number, cells in rows:
        if not any(_has_words(cell) for cell in cells):
            continue
        if not columns:
            columns = _heading(cells)
            continue
        if len(lines) >= MAX_LINES:
            raise Unreadable("too_many_lines", most=MAX_LINES)
        lines.append(line_of(number, cells, len(columns)))
    if not columns:
        raise Unreadable("empty")
    if not lines:
        raise Unreadable("only_heading")
    return columns, tuple(lines)


def _has_words(cell: Any) -> bool:
    return isinstance(cell, _Bad) or bool(str(cell).strip())


def _heading(cells: Sequence[Any]) -> tuple[str, ...]:
    names = [" ".join(str(c).split())[:100] if not isinstance(c, _Bad) else "" for c in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise Unreadable("too_many_columns", most=MAX_COLUMNS)
    named = [name or get_column_letter(place) for place, name in enumerate(names, 1)]
    seen: set[str] = set()
    for name in named:
        if name.casefold() in seen:
            raise Unreadable("column_twice", column=name)
        seen.add(name.casefold())
    return tuple(named)


def line_of(number: int, cells: Sequence[Any], width: int) -> Line:
    faults: list[Fault] = []
    texts: list[str] = []
    for place, cell in enumerate(cells[:width]):
        text, code = _text(cell)
        texts.append(text)
        if code:
            faults.append(Fault(code, place, {"most": MAX_CELL} if code == "cell_too_long" else {}))
    if any(_has_words(cell) for cell in cells[width:]):
        faults.append(Fault("more_cells", None, {"columns": width}))
    texts += [""] * (width - len(texts))
    return Line(number, tuple(texts), tuple(faults))


def _text(cell: Any) -> tuple[str, str]:
    """A cell's text, and what is wrong with it, if anything."""
    if isinstance(cell, _Bad):
        return "", cell.code
    text = str(cell).strip()
    if as_text := _AS_TEXT.fullmatch(text):
        return as_text[1].strip(), ""
    if text.startswith("="):
        return text[:100], "formula"
    if len(text) > MAX_CELL:
        return text[:100], "cell_too_long"
    if any((ord(c) < 32 and c not in "\t\n\r") or "\ud800" <= c <= "\udfff" for c in text):
        return "".join(c for c in text if c.isprintable())[:100], "control_characters"
    return text, ""
