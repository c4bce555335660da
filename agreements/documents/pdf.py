"""A document as PDF: a fixed Typst template draws what `tree.plain` says.

The template gets its words as one JSON string and shows them as strings; nothing a person wrote is ever
read as markup. It is compiled within an empty directory, with our own fonts and no packages.
"""

import json
import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Literal

import typst

from agreements.documents.tree import Document, plain
from itsm.assets import FONTS

AT_ONCE = BoundedSemaphore(2)
"""A very long document takes hundreds of megabytes for a second: never many of them in one process."""

TEMPLATE = Path(__file__).with_name("agreement.typ")


class FontsMissing(RuntimeError):
    """The fonts that `make assets` brings are not there."""


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Read once per process: two files of ten megabytes."""
    if not any(FONTS.glob("*.ttf")):
        raise FontsMissing(f"There are no fonts in {FONTS}; run `make assets`.")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def render_pdf(document: Document) -> bytes:
    """The document as tagged A4 PDF; the same document gives the same bytes. `FontsMissing` without fonts."""
    made = _compile(document, "pdf")
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file, whatever its pages
    return made


def render_pages(document: Document, *, dots_per_inch: float = 100) -> list[bytes]:
    """The pages as PNG pictures, to look at."""
    made = _compile(document, "png", dots_per_inch)
    return [made] if isinstance(made, bytes) else list(made or [])


def _compile(
    document: Document, form: Literal["pdf", "png"], dots_per_inch: float | None = None
) -> bytes | list[bytes] | None:
    data = json.dumps(plain(document), ensure_ascii=False)
    return draw(TEMPLATE.read_bytes(), data, form, dated=document.dated, dots_per_inch=dots_per_inch)


def draw(
    template: bytes,
    data: str,
    form: Literal["pdf", "png"],
    *,
    dated: datetime,
    dots_per_inch: float | None = None,
) -> bytes | list[bytes] | None:
    """What a fixed template makes of ``data``, the JSON it reads; the same gives the same bytes."""
    with AT_ONCE, tempfile.TemporaryDirectory() as nowhere:
        compiler = typst.Compiler(
            template,
            root=nowhere,
            font_paths=_fonts(),
            sys_inputs={"data": data},
            package_path=nowhere,
            package_cache_path=nowhere,
        )
        return compiler.compile(format=form, ppi=dots_per_inch, timestamp=dated)
