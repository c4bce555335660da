"""A report as an Excel workbook: a sheet of facts, then one for each section, with all rows.

No text is ever a formula: what begins like one is stored as text, and quoted, so that it stays text when
somebody edits the cell.
"""

import io
import re
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as Square
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from servicereports.tree import Cell, Document, Section, Table, clean

FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
LONGEST = 32_767  # characters in a cell
HEAD = PatternFill("solid", fgColor="F1F4F8")
WRAPPED = Alignment(wrap_text=True, vertical="top")
WIDTH = 110  # characters of a sheet's whole width


def render_xlsx(document: Document) -> bytes:
    """The workbook as a file."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    _front(sheet, document)
    taken = {sheet.title.lower()}
    for section in document.sections:
        if section.tables:
            _section(book.create_sheet(_name(section.title, taken)), section)
    book.properties.creator = document.author
    book.properties.title = f"{document.number} {document.title} {document.period}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _name(title: str, taken: set[str]) -> str:
    """What a sheet may be called: 31 characters, each name once."""
    base = FORBIDDEN.sub(" ", clean(title)).strip(" '")[:31] or "–"
    name, n = base, 2
    while name.lower() in taken:
        name = f"{base[:28]} {n}"
        n += 1
    taken.add(name.lower())
    return name


def _front(sheet: Worksheet, document: Document) -> None:
    sheet.title = _name(document.number, set())
    _put(sheet, 1, 1, f"{document.kind} · {document.title} · {document.period}").font = Font(
        bold=True, size=14
    )
    row = 2
    if document.mark:
        _put(sheet, row, 1, document.mark).font = Font(bold=True, color="9A3412")
        row += 1
    pairs = [*document.facts, *((h.label, f"{h.value} {h.note}".strip()) for h in document.headlines)]
    for label, value in pairs:
        row += 1
        _put(sheet, row, 1, label).font = Font(bold=True)
        _put(sheet, row, 2, value)
    for section in document.sections:
        if section.paragraphs or section.note:
            row += 2
            _put(sheet, row, 1, section.title).font = Font(bold=True)
            for words in (*section.paragraphs, section.note):
                if words:
                    row += 1
                    _put(sheet, row, 1, words)
                    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
    _widths(sheet, (35, 75))


def _section(sheet: Worksheet, section: Section) -> None:
    row = 0
    for table in section.tables:
        row = _table(sheet, table, row + 1) + 1
    _widths(sheet, section.tables[-1].widths)


def _table(sheet: Worksheet, table: Table, row: int) -> int:
    """Draw a table from a row on; answers the last row used."""
    for column, words in enumerate(table.head, 1):
        head = _put(sheet, row, column, words)
        head.font, head.fill = Font(bold=True), HEAD
    for line in table.rows:
        row += 1
        for column, cell in enumerate(line, 1):
            _cell(sheet, row, column, cell)
    return row


def _cell(sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
    if cell.number is None:
        _put(sheet, row, column, f"{cell.text}\n{cell.sub}" if cell.sub else cell.text)
        return
    number = Decimal(cell.number)
    square = sheet.cell(row, column, int(number) if number == number.to_integral_value() else float(number))
    if cell.text.endswith("%"):
        square.number_format = '0.00" %"'


def _put(sheet: Worksheet, row: int, column: int, words: str) -> Square:
    """A text, and nothing but a text."""
    square = sheet.cell(row, column)
    assert isinstance(square, Square)  # noqa: S101 - merged cells come after their text
    square.value = clean(words)[:LONGEST]
    square.data_type = "s"  # after the value, from which a formula would be guessed
    square.quotePrefix = words[:1] in ("=", "+", "-", "@", "\t", "\r")
    square.alignment = WRAPPED
    return square


def _widths(sheet: Worksheet, shares: Sequence[int]) -> None:
    for column, share in enumerate(shares, 1):
        sheet.column_dimensions[get_column_letter(column)].width = max(8, WIDTH * share // sum(shares))
