"""When recurring work falls due: days by a pattern, put on open days, at a wall time of a zone. PURE.

Schedules of tickets (automation) and the upkeep of assets (assets) count by it.

A run has a nominal day, by which it is known for good, and an instant. Where the nominal day is closed the
run is made all the same, left out, or put on the next or previous open day. A wall time that daylight saving
skips is taken an hour later; one that comes twice is the first of the two.
"""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
LAST_WORKING_DAY = 0
FARTHEST = 31  # days a run is put off or forward at most; beyond it stays where it is
LAST_YEAR = 9000
AHEAD = timedelta(days=366 * 3)


class Every(StrEnum):
    DAILY = "daily"
    ALTERNATE = "alternate"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


class Closed(StrEnum):
    """What becomes of a run whose day is closed."""

    RUN = "run"
    SKIP = "skip"
    NEXT = "next"
    PREVIOUS = "previous"


MONTHS = {Every.MONTHLY: 1, Every.HALF_YEARLY: 6, Every.YEARLY: 12}
IsOpen = Callable[[date], bool]


@dataclass(frozen=True)
class Pattern:
    """``starts`` is the first day there may be a run; half years and alternate days are counted from it.

    ``weekdays`` (Monday is 0) are for weekly runs, ``day`` for those by months: 1 to 31, the last day of a
    month that is shorter, or LAST_WORKING_DAY.
    """

    every: Every
    starts: date
    at: time
    zone: str
    weekdays: tuple[int, ...] = ()
    day: int = 1
    ends: date | None = None
    closed: Closed = Closed.RUN


@dataclass(frozen=True)
class Occurrence:
    """``day`` is the nominal one; ``at`` the instant, in UTC."""

    day: date
    at: datetime


def always_open(day: date) -> bool:
    return True


def nominal_days(pattern: Pattern, after: date) -> Iterator[date]:
    """The nominal days after ``after``, in order, up to the pattern's end."""
    first = max(pattern.starts, after + DAY)
    days = _by_months(pattern, first) if pattern.every in MONTHS else _by_days(pattern, first)
    for day in days:
        if day.year >= LAST_YEAR or (pattern.ends and day > pattern.ends):
            return
        yield day


def _by_days(pattern: Pattern, first: date) -> Iterator[date]:
    day, step = first, DAY
    if pattern.every is Every.ALTERNATE:
        day, step = first + DAY * ((first - pattern.starts).days % 2), 2 * DAY
    while True:
        if pattern.every is not Every.WEEKLY or day.weekday() in pattern.weekdays:
            yield day
        elif not pattern.weekdays:
            return
        day += step


def _by_months(pattern: Pattern, first: date) -> Iterator[date]:
    step = MONTHS[pattern.every]
    origin = pattern.starts.year * 12 + pattern.starts.month - 1
    here = first.year * 12 + first.month - 1
    place = origin + max(0, (here - origin) // step) * step
    while True:
        year, month = divmod(place, 12)
        if year >= LAST_YEAR:
            return
        day = in_month(year, month + 1, pattern.day)
        if day >= first:
            yield day
        place += step


def in_month(year: int, month: int, day: int) -> date:
    """A day of a month; its last one where the month is shorter, or where ``day`` is LAST_WORKING_DAY."""
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day or last, last))


def later(day: date, *, days: int = 0, months: int = 0) -> date:
    """The day an interval after a day: months first (31 January and a month is the end of February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return in_month(year, month + 1, day.day) + DAY * days


def placed(pattern: Pattern, day: date, is_open: IsOpen) -> date | None:
    """The day on which the run of a nominal day is made; None where it is left out."""
    if pattern.day == LAST_WORKING_DAY and pattern.every in MONTHS:
        return _moved(day, -DAY, is_open)
    if is_open(day) or pattern.closed is Closed.RUN:
        return day
    if pattern.closed is Closed.SKIP:
        return None
    return _moved(day, DAY if pattern.closed is Closed.NEXT else -DAY, is_open)


def _moved(day: date, step: timedelta, is_open: IsOpen) -> date:
    for count in range(FARTHEST):
        if is_open(day + step * count):
            return day + step * count
    return day


def instant(day: date, at: time, zone: str) -> datetime:
    """A wall time as an instant in UTC."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def occurrences(
    pattern: Pattern, after: date, last: date, is_open: IsOpen = always_open
) -> Iterator[Occurrence]:
    """The runs whose nominal day is after ``after`` and at most ``last``, in the order of their days."""
    for day in nominal_days(pattern, after):
        if day > last:
            return
        on = placed(pattern, day, is_open)
        if on is not None:
            yield Occurrence(day, instant(on, pattern.at, pattern.zone))


def due(
    pattern: Pattern, after: date, until: datetime, is_open: IsOpen = always_open, most: int = 1_000
) -> list[Occurrence]:
    """The runs after a nominal day whose instant has come by ``until``."""
    found: list[Occurrence] = []
    for one in occurrences(pattern, after, until.date() + DAY * (FARTHEST + 2), is_open):
        if one.at > until or len(found) >= most:
            break
        found.append(one)
    return found


def following(pattern: Pattern, after: date, is_open: IsOpen = always_open) -> Occurrence | None:
    """The first run after a nominal day; None where none comes within some years."""
    last = max(after, pattern.starts) + AHEAD
    return next(occurrences(pattern, after, last, is_open), None)
