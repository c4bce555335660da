"""Small charts side by side, one for each indicator: SVG that a page shows and the PDF embeds. PURE."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

WIDTH, ROW = 720, 122
GAP = 28
PANEL = (WIDTH - GAP) // 2
TOP, BOTTOM = 40, 22
ACCENT, QUIET, PALE = "#2f7fd1", "#8a94a6", "#a9c8ea"
WIDE, NARROW = 11.0, 5.7  # of a sign at 11 px


@dataclass(frozen=True)
class Small:
    """One chart: its title, a label and a value for each span (None: no data), and the last value in words.

    ``full`` is where the axis ends if it always ends there, such as 100 for a share.
    """

    title: str
    labels: tuple[str, ...]
    values: tuple[Decimal | None, ...]
    last: str
    full: Decimal | None = None


def small_charts(charts: Sequence[Small]) -> str:
    """Two beside each other, as many rows as are needed; "" for none."""
    if not charts:
        return ""
    height = ROW * ((len(charts) + 1) // 2)
    body = "".join(
        f'<g transform="translate({(n % 2) * (PANEL + GAP)} {n // 2 * ROW})">{_panel(chart)}</g>'
        for n, chart in enumerate(charts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="Noto Sans SC, sans-serif" font-size="11" fill="currentColor">{body}</svg>'
    )


def _panel(chart: Small) -> str:
    parts = [
        f'<text x="0" y="{12 + 14 * n}" font-weight="{700 if n < 2 else 400}">{escape(line)}</text>'
        for n, line in enumerate(wrapped(chart.title, PANEL - 6))
    ]
    known = [value for value in chart.values if value is not None]
    base = ROW - BOTTOM
    parts.append(f'<line x1="0" y1="{base}" x2="{PANEL}" y2="{base}" stroke="{QUIET}" stroke-opacity="0.5"/>')
    top = max([chart.full or Decimal(0), *known, Decimal(1) if chart.full is None else Decimal(0)])
    step = PANEL / max(1, len(chart.values))
    for n, value in enumerate(chart.values):
        parts.append(_bar(n, value, top, step, is_last=n == len(chart.values) - 1))
    if chart.labels:
        parts.append(_label(0, chart.labels[0], "start"))
        parts.append(_label(PANEL - 3, chart.labels[-1], "end"))
    if chart.values and chart.values[-1] is not None:
        height = float(chart.values[-1] / top) * (base - TOP - 14) if top else 0
        parts.append(
            f'<text x="{PANEL - 4}" y="{round(base - height - 5, 1)}" text-anchor="end" font-weight="700" '
            f'fill="{ACCENT}">{escape(chart.last)}</text>'
        )
    elif chart.values:
        parts.append(
            f'<text x="{PANEL - 4}" y="{base - 5}" text-anchor="end" fill="{QUIET}">'
            f"{escape(chart.last)}</text>"
        )
    return "".join(parts)


def _bar(n: int, value: Decimal | None, top: Decimal, step: float, *, is_last: bool) -> str:
    base = ROW - BOTTOM
    x = round(step * n + step * 0.18, 1)
    wide = round(step * 0.64, 1)
    if value is None:  # a span without data is no bar of nothing: a dash on the line
        middle = round(step * (n + 0.5), 1)
        return f'<circle cx="{middle}" cy="{base - 4}" r="1.4" fill="{QUIET}"/>'
    height = round(float(max(value, Decimal(0)) / top) * (base - TOP - 14), 1) if top else 0
    height = max(height, 1.2)
    return (
        f'<rect x="{x}" y="{round(base - height, 1)}" width="{wide}" height="{height}" rx="1.5" '
        f'fill="{ACCENT if is_last else PALE}"/>'
    )


def _label(x: float, words: str, anchor: str) -> str:
    return (
        f'<text x="{round(x, 1)}" y="{ROW - 8}" text-anchor="{anchor}" font-size="9.5" '
        f'fill="{QUIET}">{escape(words)}</text>'
    )


def width_of(text: str) -> float:
    """How wide a text is, about, at 11 px."""
    return sum(WIDE if unicodedata.east_asian_width(sign) in "WF" else NARROW for sign in text)


def wrapped(text: str, width: float) -> list[str]:
    """Two lines at most that fit, words kept whole; what is longer ends with an ellipsis."""
    lines, here = [], ""
    for piece in _pieces(text):
        if here and width_of(here + piece.rstrip()) > width:
            lines.append(here.rstrip())
            here = piece.lstrip()
        else:
            here += piece
    lines.append(here.rstrip())
    if len(lines) <= 2:
        return lines
    second = lines[1]
    while second and width_of(second + "…") > width:
        second = second[:-1]
    return [lines[0], second.rstrip() + "…"]


def _pieces(text: str) -> list[str]:
    """Latin words with the blank after them; signs of the East each alone."""
    found: list[str] = []
    word = ""
    for sign in text:
        if unicodedata.east_asian_width(sign) in "WF":
            if word:
                found.append(word)
                word = ""
            found.append(sign)
        else:
            word += sign
            if sign == " ":
                found.append(word)
                word = ""
    return [*found, word] if word else found
