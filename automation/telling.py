"""What steps did or would do, kept in both languages, and read in the reader's."""

from collections.abc import Iterable, Mapping
from typing import Any

from automation.steps import Line
from records.verbs import readable

WORDS = ("label", "words", "before", "after", "refused")
LONGEST = 500


def kept(en: Line, zh: Line) -> dict[str, Any]:
    """A line as JSON. What was refused in one language only is said as in that one."""
    pairs = {name: {"en": getattr(en, name)[:LONGEST], "zh": getattr(zh, name)[:LONGEST]} for name in WORDS}
    if en.refused and not zh.refused:
        pairs["refused"]["zh"] = en.refused[:LONGEST]
    return {"change": en.change, "is_so": en.is_so, **pairs}


def read(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines as kept, in the reader's language."""
    return [{**line, **{name: readable(line.get(name, "")) for name in WORDS}} for line in lines]
