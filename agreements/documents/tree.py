"""What a document consists of, in both languages, and its projection for those who draw it. Pure.

`plain` is the only thing a drawer reads: each piece of text comes as the list of its languages to show,
`[{"lang": "zh", "text": "..."}, ...]`; one entry where both say the same or only one exists.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sla.terms import Text

LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}
"""What a reader may ask for, and the languages it shows, the leading one first."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""What no XML takes or paper shows, and what would let a line be read in another order than it is written."""

NOTHING = Text()
Said = list[dict[str, str]]


def same(words: object) -> Text:
    """Words that read alike in every language: a number, a name, a code."""
    return Text(str(words), str(words))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; ``widths`` are shares of the line. With labels, the first cell of a row is its head."""

    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[int, ...]
    head: tuple[Text, ...] = ()
    title: Text = NOTHING
    has_labels: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One section: its words or why there are none, and what the agreement's figures say about it.

    ``paragraphs`` stand side by side in both languages where they can be told apart; ``note`` says that the
    section does not apply, or is not written yet.
    """

    number: str
    code: str
    title: Text
    paragraphs: tuple[Text, ...] = ()
    note: Text = NOTHING
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """Where one party signs. An empty value is a line to write on."""

    party: Text
    name: Text
    lines: tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """An edition of an agreement, ready to be drawn in ``languages``."""

    languages: tuple[str, ...]
    number: str
    edition: int
    title: Text
    kind: Text
    state: Text
    mark: Text
    watermark: Text
    dated: datetime
    author: Text
    running: Text
    footer: Text
    contents_title: Text
    facts: Table
    parts: tuple[Part, ...]
    signatures_title: Text
    signatures: tuple[SignatureBlock, ...]
    annex_title: Text = NOTHING
    annex: tuple[Table, ...] = ()


def shown(words: Text, languages: Sequence[str]) -> Said:
    """The languages of a text to show, the leading one first; another one where those asked for are empty."""
    order = [*languages, *(each for each in ("en", "zh") if each not in languages)]
    written = [(lang, _printable(getattr(words, lang))) for lang in order]
    found: Said = []
    for lang, text in written:
        is_new = text and all(text != known["text"] for known in found)
        if is_new and (lang in languages or not found):
            found.append({"lang": lang, "text": text})
    return found


def _printable(text: str) -> str:
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n")).replace("\r", "\n").strip()


def plain(document: Document) -> dict[str, Any]:
    """The document as JSON for PDF, Word and the page."""
    languages = document.languages

    def spoken(words: Text) -> Said:
        return shown(words, languages)

    def table(given: Table) -> dict[str, Any]:
        return {
            "title": spoken(given.title),
            "head": [spoken(cell) for cell in given.head],
            "rows": [[spoken(cell) for cell in row] for row in given.rows],
            "widths": list(given.widths),
            "has_labels": given.has_labels,
        }

    def part(given: Part) -> dict[str, Any]:
        return {
            "number": given.number,
            "code": given.code,
            "title": spoken(given.title),
            "paragraphs": [spoken(each) for each in given.paragraphs],
            "note": spoken(given.note),
            "tables": [table(each) for each in given.tables],
        }

    return {
        "languages": list(languages),
        "number": document.number,
        "edition": document.edition,
        "title": spoken(document.title),
        "kind": spoken(document.kind),
        "state": spoken(document.state),
        "mark": spoken(document.mark),
        "watermark": spoken(document.watermark),
        "author": spoken(document.author)[0]["text"] if document.author != NOTHING else "",
        "running": spoken(document.running),
        "footer": spoken(document.footer),
        "contents_title": spoken(document.contents_title),
        "facts": table(document.facts),
        "parts": [part(each) for each in document.parts],
        "signatures_title": spoken(document.signatures_title),
        "signatures": [
            {
                "party": spoken(block.party),
                "name": spoken(block.name),
                "lines": [{"label": spoken(label), "value": spoken(value)} for label, value in block.lines],
            }
            for block in document.signatures
        ],
        "annex_title": spoken(document.annex_title),
        "annex": [table(each) for each in document.annex],
    }
