"""What a report consists of for its reader, in one language; page, PDF and workbook draw the same. PURE."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
NONE = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """``number``: the same as a figure, for the workbook. ``sub``: a smaller line below.

    ``record``: the number of a record it is about; ``is_internal``: only the provider's people can open it.
    """

    text: str
    number: str | None = None
    tone: str = ""
    sub: str = ""
    record: str = ""
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``widths`` are shares of the line; columns of ``right`` hold figures; ``more``: what is left out."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]
    right: tuple[int, ...] = ()
    title: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing as SVG, what it shows in words, and what stands above it."""

    svg: str
    words: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """``note`` says why there is nothing to show; ``chart`` is a drawing as SVG, ``chart_words`` tells it.

    ``charts`` are further drawings, which stand below the tables.
    """

    code: str
    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    note: str = ""
    chart: str = ""
    chart_words: str = ""
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Headline:
    """One answer of the first page."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A report ready to be drawn. ``language`` is "zh" or "en"; ``mark`` warns of what is not final."""

    language: str
    number: str
    kind: str
    title: str
    period: str
    mark: str
    facts: tuple[tuple[str, str], ...]
    headlines: tuple[Headline, ...]
    sections: tuple[Section, ...]
    author: str
    footer: str


def plain(document: Document) -> dict[str, Any]:
    """The document as JSON, with what no paper shows taken out."""
    found: dict[str, Any] = _printable(asdict(document))
    return found


def _printable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return clean(value) if isinstance(value, str) else value


def clean(text: str) -> str:
    """Text without control signs and without those that turn the direction of reading."""
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n")).replace("\r", "\n")


def cells(*texts: "str | Cell") -> tuple[Cell, ...]:
    return tuple(text if isinstance(text, Cell) else Cell(text) for text in texts)


def cut(rows: Sequence[tuple[Cell, ...]], most: int | None) -> tuple[tuple[tuple[Cell, ...], ...], int]:
    """The first rows, and how many are left out."""
    kept = tuple(rows if most is None else rows[:most])
    return kept, len(rows) - len(kept)
