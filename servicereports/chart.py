"""The trend as a drawing: SVG that a page shows as it is and the PDF embeds. PURE."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 34, 34
ACCENT, QUIET = "#2f7fd1", "#8a94a6"


@dataclass(frozen=True)
class Point:
    """A month: its label, and attainment in percent, None where nothing was decided."""

    label: str
    net: Decimal | None
    gross: Decimal | None


def trend(points: Sequence[Point], *, net: str, gross: str) -> str:
    """Net as a line with its figures, gross dashed where it differs; "" where nothing was decided."""
    known = [value for point in points for value in (point.net, point.gross) if value is not None]
    if not known:
        return ""
    floor = _floor(min(known))
    parts = [*_grid(floor), *_months(points)]
    if any(point.net != point.gross for point in points):
        parts += _line([p.gross for p in points], floor, QUIET, dashed=True)
    parts += _line([p.net for p in points], floor, ACCENT, dashed=False)
    parts += _figures(points, floor)
    parts += _legend(net, gross if any(p.net != p.gross for p in points) else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="Noto Sans SC, sans-serif" font-size="11" fill="currentColor">{"".join(parts)}</svg>'
    )


def _floor(least: Decimal) -> int:
    """Where the axis begins: a ten below the least figure, so that small differences can be seen."""
    return max(0, min(90, int(least // 10) * 10 - (10 if least % 10 < 3 else 0)))


def _x(n: int, count: int) -> float:
    step = (WIDTH - LEFT - RIGHT) / max(1, count)
    return round(LEFT + step * (n + 0.5), 1)


def _y(value: Decimal | int, floor: int) -> float:
    share = (float(value) - floor) / (100 - floor)
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _grid(floor: int) -> list[str]:
    found = []
    for n in range(5):
        value = Decimal(floor) + Decimal(100 - floor) * n / 4
        y = _y(value, floor) if value > floor else HEIGHT - BOTTOM
        words = f"{value.normalize():f}%"
        found.append(
            f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="{QUIET}" '
            f'stroke-opacity="0.3"/>'
            f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill-opacity="0.75">{words}</text>'
        )
    return found


def _months(points: Sequence[Point]) -> list[str]:
    return [
        f'<text x="{_x(n, len(points))}" y="{HEIGHT - 12}" text-anchor="middle" fill-opacity="0.75">'
        f"{escape(point.label)}</text>"
        for n, point in enumerate(points)
    ]


def _line(values: Sequence[Decimal | None], floor: int, colour: str, *, dashed: bool) -> list[str]:
    """Stretches of neighbouring months; a month without a figure is a gap."""
    found: list[str] = []
    stretch: list[str] = []
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    for n, value in enumerate([*values, None]):
        if value is not None:
            stretch.append(f"{_x(n, len(values))},{_y(value, floor)}")
            continue
        if len(stretch) > 1:
            points = " ".join(stretch)
            found.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
            )
        stretch = []
    return found


def _figures(points: Sequence[Point], floor: int) -> list[str]:
    found = []
    for n, point in enumerate(points):
        if point.net is None:
            continue
        x, y = _x(n, len(points)), _y(point.net, floor)
        before = points[n - 1].net if n else None
        after = points[n + 1].net if n + 1 < len(points) else None
        dx, dy, anchor = _beside(point.net, before, after, room_below=y < HEIGHT - BOTTOM - 20)
        found.append(
            f'<circle cx="{x}" cy="{y}" r="3.5" fill="{ACCENT}"/>'
            f'<text x="{x + dx}" y="{y + dy}" text-anchor="{anchor}">{point.net.normalize():f}</text>'
        )
    return found


def _beside(
    value: Decimal, before: Decimal | None, after: Decimal | None, *, room_below: bool
) -> tuple[int, int, str]:
    """Where a figure stands so that the line does not run through it: by how much, and its anchor."""
    comes_down, goes_up = before is not None and before > value, after is not None and after > value
    if comes_down and after is not None and after < value:
        return 6, -7, "start"
    if goes_up and before is not None and before < value:
        return -6, -7, "end"
    if comes_down and after is None:
        return 8, 4, "start"
    if (comes_down or goes_up) and room_below:
        return 0, 16, "middle"
    return 0, -9, "middle"


def _legend(net: str, gross: str) -> list[str]:
    first = f'<line x1="{LEFT}" y1="10" x2="{LEFT + 22}" y2="10" stroke="{ACCENT}" stroke-width="2"/>'
    found = [first, f'<text x="{LEFT + 28}" y="14">{escape(net)}</text>']
    if gross:
        x = LEFT + 190
        found.append(
            f'<line x1="{x}" y1="10" x2="{x + 22}" y2="10" stroke="{QUIET}" stroke-width="2" '
            f'stroke-dasharray="5 4"/><text x="{x + 28}" y="14">{escape(gross)}</text>'
        )
    return found
