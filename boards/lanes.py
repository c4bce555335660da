"""Where bars lie in a lane, in percent of its width. PURE."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

LABEL = 11.0  # so much of the width the words beside a short bar take


def place(begin: datetime, until: datetime, start: datetime, end: datetime) -> dict[str, str | float]:
    """Left edge and width of [begin, until) within [start, end), cut off at its ends."""
    whole = (end - start).total_seconds()
    left = max(0.0, (begin - start).total_seconds() / whole * 100)
    right = min(100.0, (until - start).total_seconds() / whole * 100)
    width = max(0.4, right - left)
    # as CSS writes numbers, whatever the language of the page
    return {"left": f"{left:.3f}", "width": f"{width:.3f}", "from": left, "until": left + width}


def stacked(bars: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Bars in as few rows as hold them, with their words, without covering each other.

    ``label`` of a bar, where given, is how much of the width its words take.
    """
    rows: list[list[dict[str, Any]]] = []
    ends: list[float] = []
    for bar in sorted(bars, key=lambda each: each["from"]):
        label = bar.get("label", LABEL)
        # near the right edge the words stand to the left of the bar's end
        bar["is_late"] = bar["from"] > 100 - label
        begin = bar["until"] - label if bar["is_late"] else bar["from"]
        needed = max(bar["until"], min(100.0, bar["from"] + label))
        row = next((n for n, taken in enumerate(ends) if taken <= begin), None)
        if row is None:
            rows.append([])
            ends.append(0.0)
            row = len(rows) - 1
        rows[row].append(bar)
        ends[row] = needed
    return rows


def words_width(words: str) -> float:
    """How much of the width some words take, roughly; Chinese characters take twice as much."""
    return min(60.0, 1.5 + sum(1.4 if ord(char) > 0x2E7F else 0.75 for char in words))
