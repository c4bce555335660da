"""How many misses a goal still bears in a period, how fast they are used, and how it will end. Pure.

A goal of 95 % over 200 decided targets bears 10 misses. Counting is as in the rules M: met and missed are
the decided ones that count, a percentage is rounded down to 0.01. ``gone`` is the share of the period that
has passed, 0 to 1. No figure is made up: where there is nothing to go by there is None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor, sqrt
from typing import NamedTuple

POINTS = (0.25, 0.5, 0.75)
"""Shares of a period at which forecasts are tried against what came of them."""

MEMORY = 3  # periods a forecast looks back
WEIGHT = 30  # decided targets that the share of misses of the past counts for at most
SPREAD = 1.28  # standard deviations on either side: four periods of five end in the range
LEAST_GONE = 0.02  # before so much has passed, one period alone says nothing about itself


class Past(NamedTuple):
    """What a whole earlier period of the same length came to."""

    met: int
    missed: int


class Mark(NamedTuple):
    """Verdicts of a past period that had fallen by a share of it."""

    gone: float
    met: int
    missed: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The period's end as expected: decided and missed targets, their percentage, and a range for it.

    In four periods of five the end lies from ``low`` to ``high``.
    """

    decided: float
    missed: float
    percent: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Budget:
    """The misses a goal bears. ``allowed`` and ``left`` are by the expected end of the period, ``left``
    negative when more were missed; the ``so_far`` ones by what is decided now. ``burn`` is how fast misses
    are used: 1 uses up the budget exactly, 2 twice of it; None where nothing is decided or none is allowed.
    """

    goal: float
    decided: int
    missed: int
    gone: float
    allowed_so_far: int
    left_so_far: int
    allowed: int
    left: int
    burn: float | None
    forecast: Forecast | None

    @property
    def is_spent(self) -> bool:
        """More was missed than the whole period is expected to bear."""
        return self.left < 0


@dataclass(frozen=True, slots=True)
class Score:
    """How good forecasts at one point of the period were, in percentage points, over ``periods`` of them.

    ``within``: how many ended in the range they were given.
    """

    gone: float
    periods: int
    mean_error: float | None
    greatest_error: float | None
    within: int


def allowed(decided: int, goal: Decimal | float) -> int:
    """How many of ``decided`` may be missed for the goal to hold."""
    return floor(decided * (100 - _exact(goal)) / 100)


def budget(*, goal: Decimal | float, met: int, missed: int, gone: float, past: Sequence[Past] = ()) -> Budget:
    """The budget of a target in a period. ``past``: the periods before it, of the same length."""
    decided = met + missed
    ahead = forecast(met=met, missed=missed, gone=gone, past=past)
    by_now = allowed(decided, goal)
    by_end = max(by_now, allowed(floor(ahead.decided), goal)) if ahead else by_now
    bearable = 1 - _exact(goal) / 100
    burn = float(Fraction(missed, decided) / bearable) if decided and bearable else None
    return Budget(
        goal=float(goal),
        decided=decided,
        missed=missed,
        gone=_share(gone),
        allowed_so_far=by_now,
        left_so_far=by_now - missed,
        allowed=by_end,
        left=by_end - missed,
        burn=None if burn is None else round(burn, 2),
        forecast=ahead,
    )


def forecast(*, met: int, missed: int, gone: float, past: Sequence[Past] = ()) -> Forecast | None:
    """The end of a period of which ``gone`` has passed; None where nothing points to it.

    What is still to come: as many as the rate so far and the periods before suggest, the rate weighing the
    more the more has passed; of them so many missed as of those decided here, held towards the past.
    """
    gone, decided = _share(gone), met + missed
    if gone >= 1:
        return _ends(decided, missed, 0.0, 0.0, 0.0) if decided else None
    usual = [each for each in past if each.met + each.missed]
    if not usual and (not decided or gone < LEAST_GONE):
        return None
    rest = _still_to_come(decided, gone, usual)
    if not decided + rest:
        return None
    before, before_missed = sum(sum(each) for each in usual), sum(each.missed for each in usual)
    weight = min(before, WEIGHT) if before else 1
    usual_share = (before_missed + 0.5) / (before + 1) if before else (missed + 0.5) / (decided + 1)
    share = (missed + weight * usual_share) / (decided + weight)
    deviation = sqrt(rest * share * (1 - share) * (1 + rest / (decided + weight)))
    return _ends(decided, missed, rest, rest * share, SPREAD * deviation)


def _still_to_come(decided: int, gone: float, usual: Sequence[Past]) -> float:
    own = decided / gone if gone >= LEAST_GONE else None
    if not usual:
        return (1 - gone) * (own or 0)
    mean = sum(sum(each) for each in usual) / len(usual)
    whole = mean if own is None else gone * own + (1 - gone) * mean
    return (1 - gone) * whole


def _ends(decided: int, missed: int, rest: float, more: float, spread: float) -> Forecast:
    total = decided + rest

    def percent(misses: float) -> float:
        return min(100.0, max(0.0, 100 * (1 - (missed + misses) / total)))

    worst, best = min(rest, more + spread), max(0.0, more - spread)
    return Forecast(
        decided=round(total, 1),
        missed=round(missed + more, 1),
        percent=_down(percent(more)),
        low=_down(percent(worst)),
        high=_down(percent(best)),
    )


def backtest(
    periods: Sequence[Sequence[Mark]], *, points: Sequence[float] = POINTS, memory: int = MEMORY
) -> list[Score]:
    """How far forecasts made at ``points`` of past periods were from what came of them.

    ``periods`` are in order; each forecast knows only what had fallen by its point, and earlier periods.
    Periods without a decided target are left out.
    """
    whole = [_until(marks, 1.0) for marks in periods]
    found: dict[float, list[tuple[float, bool]]] = {point: [] for point in points}
    for n, marks in enumerate(periods):
        if not sum(whole[n]):
            continue
        actual = _down(100 * whole[n].met / sum(whole[n]))
        for point in points:
            here = _until(marks, point)
            earlier = whole[max(0, n - memory) : n]
            made = forecast(met=here.met, missed=here.missed, gone=point, past=earlier)
            if made is not None:
                found[point].append((abs(made.percent - actual), made.low <= actual <= made.high))
    return [_score(point, found[point]) for point in points]


def _until(marks: Sequence[Mark], point: float) -> Past:
    fallen = [mark for mark in marks if mark.gone <= point]
    return Past(sum(mark.met for mark in fallen), sum(mark.missed for mark in fallen))


def _score(point: float, found: Sequence[tuple[float, bool]]) -> Score:
    errors = [error for error, _within in found]
    return Score(
        gone=point,
        periods=len(errors),
        mean_error=round(sum(errors) / len(errors), 2) if errors else None,
        greatest_error=round(max(errors), 2) if errors else None,
        within=sum(within for _error, within in found),
    )


def _exact(goal: Decimal | float) -> Fraction:
    return Fraction(str(goal))


def _share(gone: float) -> float:
    return min(1.0, max(0.0, gone))


def _down(percent: float) -> float:
    """Rounded down to 0.01 (M-5); what floating point has taken away is given back first."""
    return floor(round(percent * 100, 6)) / 100
