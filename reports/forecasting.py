"""How many tickets will come in the next weeks, how many will be open, and how wrong that has been. PURE.

History is one number per whole day, the earliest first and without gaps; the last one is yesterday's. Each
day to come is told by the same weekday before it, in one of two ways, whichever was less wrong when it was
tried on weeks that are over. With too little history nothing is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

WEEK: Final = 7
WEEKS: Final = 4  # told ahead
FEWEST: Final = 6  # whole weeks of history below which nothing is told
MEMORY: Final = 12  # weeks a forecast looks back
SMOOTHING: Final = 0.3  # what the latest week weighs against all before it
TRIALS: Final = 8  # how often at most it is tried on what is over

Series = Sequence[int]
Method = Callable[[Series], list[float]]


def smoothed(history: Series) -> list[float]:
    """Each weekday's mean in which a week weighs less the longer ago it is (exponential smoothing)."""
    days = []
    for weekday in range(WEEK):
        same = _same_weekday(history, weekday)
        level = float(same[0])
        for value in same[1:]:
            level += SMOOTHING * (value - level)
        days.append(level)
    return days


def as_last_week(history: Series) -> list[float]:
    """Each weekday as it was a week before (the seasonal naive way)."""
    return [float(value) for value in history[-WEEK:]]


def _same_weekday(history: Series, place: int) -> Series:
    """The values of one weekday, the earliest first; place 0 is the day after the history's last."""
    recent = history[-MEMORY * WEEK :]
    recent = recent[len(recent) % WEEK :]
    return recent[place::WEEK]


METHODS: Final[dict[str, Method]] = {"smoothed": smoothed, "as_last_week": as_last_week}


@dataclass(frozen=True)
class Error:
    """How wrong forecasts made in the past were. ``arrivals`` is the mean absolute error of the arrivals of a
    week, ``percent`` the same as a share of what came; ``backlog`` that of what was open after WEEKS weeks.
    """

    trials: int
    arrivals: float
    percent: float | None
    backlog: float


@dataclass(frozen=True)
class Week:
    """One of the weeks to come: tickets that arrive and are done in it, and what is open at its end."""

    arrivals: float
    done: float
    backlog: float


@dataclass(frozen=True)
class Outlook:
    """The weeks to come by one of METHODS; ``error`` is None where it could not be tried yet."""

    method: str
    weeks: tuple[Week, ...]
    error: Error | None


def outlook(arrived: Series, done: Series, *, backlog: int) -> Outlook | None:
    """The next WEEKS weeks after two histories of the same days; ``backlog`` is open at their end.

    None with less than FEWEST weeks. ValueError where the histories differ in length.
    """
    if len(arrived) != len(done):
        raise ValueError("two histories of the same days")
    if len(arrived) < FEWEST * WEEK:
        return None
    errors = {name: _tried(name, arrived, done, backlog) for name in METHODS}
    known = {name: error.arrivals for name, error in errors.items() if error}
    best = min(known, key=lambda name: known[name]) if known else "smoothed"
    return Outlook(best, _weeks(best, arrived, done, backlog), errors[best])


def _weeks(method: str, arrived: Series, done: Series, backlog: float) -> tuple[Week, ...]:
    coming, going = METHODS[method](arrived), METHODS[method](done)
    found, still = [], float(backlog)
    for _n in range(WEEKS):
        for more, less in zip(coming, going, strict=True):
            still = max(0.0, still + more - less)
        found.append(Week(round(sum(coming), 1), round(sum(going), 1), round(still, 1)))
    return tuple(found)


def _tried(method: str, arrived: Series, done: Series, backlog: int) -> Error | None:
    """Forecasts from each of the last TRIALS week ends of which the weeks told are over."""
    off, off_backlog, came = [], [], 0
    for n in range(TRIALS):
        end = len(arrived) - (WEEKS + n) * WEEK
        if end < FEWEST * WEEK:
            break
        open_then = backlog - sum(arrived[end:]) + sum(done[end:])
        told = _weeks(method, arrived[:end], done[:end], open_then)
        for place, week in enumerate(told):
            first = end + place * WEEK
            actual = sum(arrived[first : first + WEEK])
            came += actual
            off.append(abs(week.arrivals - actual))
        until = end + WEEKS * WEEK
        off_backlog.append(
            abs(told[-1].backlog - (open_then + sum(arrived[end:until]) - sum(done[end:until])))
        )
    if not off_backlog:
        return None
    share = round(100 * sum(off) / came, 1) if came else None
    return Error(
        len(off_backlog), round(sum(off) / len(off), 1), share, round(sum(off_backlog) / len(off_backlog), 1)
    )
