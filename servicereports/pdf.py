"""A report as PDF: a fixed Typst template draws what `tree.plain` says, with the fonts of the documents."""

import json
from datetime import datetime
from pathlib import Path

from agreements.documents.pdf import draw
from servicereports.tree import Document, plain

TEMPLATE = Path(__file__).with_name("report.typ")


def render_pdf(document: Document, *, dated: datetime) -> bytes:
    """Tagged A4 PDF; the same document of the same instant gives the same bytes."""
    made = draw(TEMPLATE.read_bytes(), _data(document), "pdf", dated=dated)
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file, whatever its pages
    return made


def render_pages(document: Document, *, dated: datetime, dots_per_inch: float = 100) -> list[bytes]:
    """The pages as PNG pictures, to look at."""
    made = draw(TEMPLATE.read_bytes(), _data(document), "png", dated=dated, dots_per_inch=dots_per_inch)
    return [made] if isinstance(made, bytes) else list(made or [])


def _data(document: Document) -> str:
    return json.dumps(plain(document), ensure_ascii=False)
