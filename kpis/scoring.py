"""From figures to points: what a figure is worth, and what a role or a process comes to. PURE."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

FULL = Decimal(100)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Scale:
    """How a figure is scored. From ``floor`` (0 points) to ``goal`` (100 points) in a straight line; the goal
    may be the smaller of the two, where less is better. ``points`` are taken off for each counted deduction.
    """

    weight: Decimal = Decimal(1)
    goal: Decimal | None = None
    floor: Decimal | None = None
    points: Decimal = Decimal(1)


def score(value: Decimal | None, scale: Scale | None, *, is_deduction: bool) -> Decimal | None:
    """Points of a figure: 0 to 100, or what a deduction takes off (0 or less). None: nothing to score."""
    if value is None or scale is None:
        return None
    if is_deduction:
        return -min(FULL, value * scale.points).quantize(CENT)
    if scale.goal is None or scale.floor is None or scale.goal == scale.floor:
        return None
    share = (value - scale.floor) / (scale.goal - scale.floor)
    return (FULL * min(Decimal(1), max(Decimal(0), share))).quantize(CENT)


@dataclass(frozen=True)
class Scored:
    """The points of one indicator in a role or process."""

    points: Decimal | None
    weight: Decimal
    is_deduction: bool


def total(rows: Iterable[Scored]) -> Decimal | None:
    """The weighted mean of what was scored, less the deductions, 0 to 100. None where nothing was scored.

    Where there are deductions only, they are taken off the full number of points.
    """
    known = [row for row in rows if row.points is not None]
    gained = [row for row in known if not row.is_deduction and row.weight]
    taken = sum((row.points or Decimal(0) for row in known if row.is_deduction), Decimal(0))
    if not known:
        return None
    weights = sum((row.weight for row in gained), Decimal(0))
    mean = sum(((row.points or Decimal(0)) * row.weight for row in gained), Decimal(0))
    if not weights and not any(row.is_deduction for row in known):
        return None
    base = mean / weights if weights else FULL
    return max(Decimal(0), base + taken).quantize(CENT)
