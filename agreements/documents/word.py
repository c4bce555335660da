"""A document as Word, with real headings, repeated table heads and page fields, from `tree.plain`."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import docx
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from agreements.documents.tree import Document, Said, plain

LATIN, CHINESE = "Arial", "Microsoft YaHei"
"""Fonts that a reader's Word has; where it has not, it takes its own Chinese one."""

ACCENT, MUTED, WARN = RGBColor(0x1B, 0x4F, 0x8F), RGBColor(0x5B, 0x64, 0x72), RGBColor(0x9A, 0x34, 0x12)
TINT, LINE = "F1F4F8", "C9D0DA"
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
TEXT_WIDTH = 168
"""Between the margins of A4, in millimetres."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of each file within the archive, so that the same document gives the same bytes."""


def render_docx(document: Document) -> bytes:
    """The document as .docx; the same document gives the same bytes."""
    given = plain(document)
    word = docx.Document()
    _prepare(word, given)
    _properties(word, document, given)
    _front(word, given)
    for part in given["parts"]:
        _part(word, part)
    _say(word.add_heading("", level=1), given["signatures_title"])
    _signatures(word, given["signatures"])
    if given["annex_title"]:
        heading = word.add_heading("", level=1)
        heading.paragraph_format.page_break_before = True
        _say(heading, given["annex_title"])
        for table in given["annex"]:
            _table(word, table)
    made = io.BytesIO()
    word.save(made)
    return _without_dates(made.getvalue())


def _without_dates(packed: bytes) -> bytes:
    """The same archive, with the times of packing taken out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return made.getvalue()


# --- the whole ---------------------------------------------------------------------------------


def _properties(word: Word, document: Document, given: Mapping[str, Any]) -> None:
    facts = word.core_properties
    facts.title = f"{given['number']} {given['title'][0]['text']}"[:255]
    facts.author = facts.last_modified_by = given["author"][:255]
    facts.created = facts.modified = document.dated.replace(tzinfo=None)
    facts.language = LOCALES[given["languages"][0]]
    facts.comments = ""


def _prepare(word: Word, given: Mapping[str, Any]) -> None:
    """Paper, fonts of every style, what stands at the top and the foot of each page."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm((210 - TEXT_WIDTH) / 2)
    section.top_margin, section.bottom_margin = Mm(26), Mm(22)
    section.different_first_page_header_footer = False
    _font(word, "Normal", 10)
    _font(word, "Title", 24, bold=True)
    _font(word, "Heading 1", 13, bold=True, colour=ACCENT)
    _font(word, "Heading 2", 10, bold=True)
    _font(word, "Header", 8, colour=MUTED)
    _font(word, "Footer", 8, colour=MUTED)
    styles: Any = word.styles
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for border in list(styles["Title"].element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    for name in ("Header", "Footer"):
        styles[name].paragraph_format.tab_stops.clear_all()
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    _ends(head, given["running"][:1], given["title"])
    _ends(foot, given["footer"], [])
    _field(foot, "PAGE")
    foot.add_run(" / ")
    _field(foot, "NUMPAGES")


def _font(word: Word, name: str, size: float, *, bold: bool = False, colour: RGBColor | None = None) -> None:
    """A style in both scripts: without eastAsia, Word sets Chinese in whatever its theme says."""
    style: Any = word.styles[name]
    font = style.font
    font.name, font.size, font.bold = LATIN, Pt(size), bold
    if colour is not None:
        font.color.rgb = colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script, face in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", CHINESE)):
        fonts.set(qn(f"w:{script}"), face)


def _ends(paragraph: Paragraph, left: Said, right: Said) -> None:
    """Words at both ends of a line."""
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    paragraph.text = ""
    _say(paragraph, left, between=" · ")
    paragraph.add_run("\t")
    _say(paragraph, right, between=" · ")


def _field(paragraph: Paragraph, code: str) -> None:
    """A number that Word counts itself: PAGE, NUMPAGES."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    shown = OxmlElement("w:r")
    words = OxmlElement("w:t")
    words.text = "1"
    shown.append(words)
    field.append(shown)
    paragraph._p.append(field)


def _front(word: Word, given: Mapping[str, Any]) -> None:
    kind = word.add_paragraph()
    kind.paragraph_format.space_before = Pt(36)
    for run in _say(kind, given["kind"]):
        run.bold, run.font.color.rgb = True, ACCENT
    title = word.add_paragraph(style="Title")
    _say(title, given["title"][:1])
    for entry in given["title"][1:]:
        second = word.add_paragraph()
        for run in _say(second, [entry]):
            run.font.size, run.font.color.rgb = Pt(14), MUTED
    if given["mark"]:
        mark = word.add_paragraph()
        for run in _say(mark, given["mark"], between="　"):
            run.bold, run.font.color.rgb = True, WARN
    _table(word, given["facts"])


def _part(word: Word, part: Mapping[str, Any]) -> None:
    heading = word.add_heading(f"{part['number']}　", level=1)
    heading.paragraph_format.page_break_before = part["number"] == "1"
    _say(heading, part["title"])
    for is_beside, group in groupby(part["paragraphs"], key=lambda entries: len(entries) > 1):
        if is_beside:
            _columns(word, group)
        else:
            for entries in group:
                _say(word.add_paragraph(), entries)
    if part["note"]:
        for run in _say(word.add_paragraph(), part["note"], between="\n"):
            run.font.color.rgb = MUTED
    for table in part["tables"]:
        _table(word, table)


# --- words and tables --------------------------------------------------------------------------


def _say(paragraph: Paragraph, entries: Said, *, between: str = "  ") -> list[Run]:
    """One run for each language, marked as such; line breaks are kept."""
    made = []
    for n, entry in enumerate(entries):
        if n:
            paragraph.add_run(between)
        run = paragraph.add_run(entry["text"])
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), LOCALES["en"])
        language.set(qn("w:eastAsia"), LOCALES["zh"])
        run._r.get_or_add_rPr().append(language)
        made.append(run)
    return made


def _columns(word: Word, rows: Iterable[Said]) -> None:
    """Both languages side by side: a table without lines."""
    listed = list(rows)
    table = word.add_table(rows=len(listed), cols=2)
    table.autofit = False
    for row, entries in zip(table.rows, listed, strict=True):
        for cell, entry in zip(row.cells, entries, strict=True):
            cell.width = Mm(TEXT_WIDTH / 2)
            _say(cell.paragraphs[0], [entry])
    _gap(word)


def _gap(word: Word) -> None:
    """A little room: Word takes two tables without a paragraph between them for one."""
    gap = word.add_paragraph()
    gap.paragraph_format.space_after = Pt(0)
    mark = gap._p.get_or_add_pPr()
    properties, size = OxmlElement("w:rPr"), OxmlElement("w:sz")
    size.set(qn("w:val"), "8")
    properties.append(size)
    mark.append(properties)


def _table(word: Word, given: Mapping[str, Any]) -> None:
    if given["title"]:
        heading = word.add_heading("", level=2)
        _say(heading, given["title"])
    rows = [given["head"], *given["rows"]] if given["head"] else given["rows"]
    table = word.add_table(rows=len(rows), cols=len(given["widths"]))
    table.autofit = False
    _lines(table._tbl.tblPr)
    widths = [Mm(TEXT_WIDTH * width / sum(given["widths"])) for width in given["widths"]]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for n, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
        is_head = bool(given["head"]) and n == 0
        _keep_whole(row._tr, repeats=is_head)
        for m, (cell, entries) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = widths[m]
            is_label = is_head or (given["has_labels"] and m == 0)
            _fill(cell, entries, is_label=is_label)
    _gap(word)


def _fill(cell: _Cell, entries: Said, *, is_label: bool) -> None:
    """The leading language, and the second one below it, smaller."""
    for n, entry in enumerate(entries):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(1)
        for run in _say(paragraph, [entry]):
            run.font.size, run.bold = Pt(9 if n == 0 else 8), is_label
            if n:
                run.font.color.rgb = MUTED
    if is_label:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", TINT)):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)


def _lines(properties: Any) -> None:
    """Thin lines between rows, none between columns."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    # the schema wants them before these
    later = [qn(f"w:{name}") for name in ("shd", "tblLayout", "tblCellMar", "tblLook")]
    following = next((each for each in properties if each.tag in later), None)
    if following is None:
        properties.append(borders)
    else:
        following.addprevious(borders)


def _keep_whole(row: Any, *, repeats: bool) -> None:
    """A row is not torn by a page; the head of a table is shown again on the next one."""
    facts = row.get_or_add_trPr()
    facts.append(OxmlElement("w:cantSplit"))
    if repeats:
        facts.append(OxmlElement("w:tblHeader"))


def _signatures(word: Word, blocks: list[dict[str, Any]]) -> None:
    """The parties side by side; an empty value is a line to sign on."""
    table = word.add_table(rows=1, cols=len(blocks))
    table.autofit = False
    _keep_whole(table.rows[0]._tr, repeats=False)
    for cell, block in zip(table.rows[0].cells, blocks, strict=True):
        cell.width = Mm(TEXT_WIDTH / len(blocks))
        for run in _say(cell.paragraphs[0], block["party"]):
            run.font.color.rgb = MUTED
        for run in _say(cell.add_paragraph(), block["name"], between="\n"):
            run.bold = True
        for line in block["lines"]:
            row = cell.add_paragraph()
            row.alignment = WD_ALIGN_PARAGRAPH.LEFT
            row.paragraph_format.space_before = Pt(10)
            for run in _say(row, line["label"], between=" "):
                run.font.color.rgb = MUTED
            row.add_run("　")
            if line["value"]:
                _say(row, line["value"], between=" · ")
            else:
                row.add_run("_" * 24)
