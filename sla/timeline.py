"""The working time of one calendar as sorted numbers: a year at a time, built when first asked for. Pure.

A year holds the beginnings and ends of its working intervals in UTC seconds and the sum of seconds
before each, so that a question is one or two binary searches. Years of one shape outside all dated
exceptions share their lists, and whole years are summed from the sums of a week without building them:
a span of ten thousand years costs milliseconds.
Changes of clocks are dealt with at building: a window is open while the wall clock lies in it (T-3).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from sla.definition import SHUT, WEEKDAYS, Definition, Windows, clock
from sla.zone import (
    DAY,
    LAST,
    MEAN_YEAR,
    RULES_FROM,
    RULES_UNTIL,
    Piece,
    Zone,
    shape,
    weekday,
    year_of,
    year_start,
    zone,
)

LAST_YEAR = 9999
FAR_YEARS = 30
"""So far ahead a working day is looked for; a target beyond it is one that cannot be resolved (D-6)."""
KEPT_YEARS = 1200
WEEK = 7 * DAY
CYCLE = 400
"""Years after which dates and weekdays come again: 20,871 weeks."""
FAR = 100 * 366 * DAY

Intervals = tuple[tuple[int, int], ...]


class Roster(NamedTuple):
    """What is worked by the windows that open on one date (C-7), in seconds after its local midnight."""

    label: str
    windows: Intervals
    worked: Intervals
    is_holiday: bool = False


class Piecewise(NamedTuple):
    """Lists shared by years of one shape; seconds relative to the year's start."""

    opens: list[int]
    closes: list[int]
    before: list[int]


class Year:
    """The working intervals of one UTC year."""

    __slots__ = ("before", "closes", "end", "opens", "start", "total")

    def __init__(self, year: int, lists: Piecewise) -> None:
        self.start, self.end = year_start(year), year_start(year + 1)
        self.opens, self.closes, self.before = lists
        self.total = lists.before[-1]

    def upto(self, at: int) -> int:
        """Working seconds from the year's start to an instant within it."""
        since = at - self.start
        n = bisect_right(self.opens, since) - 1
        if n < 0:
            return 0
        return self.before[n] + min(self.closes[n], since) - self.opens[n]


class Week:
    """The ordinary week as it repeats on the wall clock."""

    def __init__(self, rosters: tuple[Roster, ...]) -> None:
        parts = [(day * DAY + b, day * DAY + e) for day in range(7) for b, e in rosters[day].worked]
        wrapped = [(0, end - WEEK) for _, end in parts if end > WEEK]
        parts = sorted(wrapped + [(begin, min(end, WEEK)) for begin, end in parts if begin < WEEK])
        self._opens = [begin for begin, _ in parts]
        self._closes = [end for _, end in parts]
        self._before = [0, *accumulate(end - begin for begin, end in parts)]

    def upto(self, local: int) -> int:
        """Working seconds of the wall clock from a fixed Monday to a local time."""
        weeks, since = divmod(local + 3 * DAY, WEEK)
        worked = weeks * self._before[-1]
        n = bisect_right(self._opens, since) - 1
        return worked if n < 0 else worked + self._before[n] + min(self._closes[n], since) - self._opens[n]


class Timeline:
    """Working time of a calendar; all arguments and answers are whole seconds since 1970."""

    def __init__(self, definition: Definition) -> None:
        self.zone: Zone = zone(definition.timezone)
        self._week = tuple(_regular(definition, day) for day in range(7))
        self._dated = _dated(definition)
        # a night shift and the zone's offset may carry a date's windows into a neighbouring UTC year
        self._uneven = {
            year_of((day + near) * DAY) for day, roster in self._dated.items() for near in (-2, 3)
        }
        self._uneven_sorted = sorted(self._uneven)
        opens_weekly = any(roster.worked for roster in self._week)
        worked = [day for day, roster in self._dated.items() if roster.worked]
        self._last_year = LAST_YEAR if opens_weekly else year_of((max(worked) + 3) * DAY) if worked else 0
        self._rhythm = Week(self._week)
        self._years: dict[int, Year] = {}
        self._totals: dict[tuple[object, ...], int] = {}
        self._shared: dict[tuple[object, ...], Piecewise] = {}
        self._working: dict[int, list[int]] = {}
        self._working_shapes: dict[tuple[object, ...], list[int]] = {}

    def roster(self, day: int) -> Roster:
        """The roster of a date, counted in days since 1970."""
        return self._dated.get(day) or self._week[weekday(day)]

    def between(self, start: int, end: int) -> int:
        """Working seconds in [start, end) (T-3, T-4); 0 if it ends before it begins (X-1)."""
        if end <= start:
            return 0
        first, last = self._around(start), self._around(end)
        worked = last.upto(end) - first.upto(start)
        if first is last:
            return worked
        year, until = year_of(start), year_of(end)
        while year < until:
            if year + CYCLE <= until and self._repeats(year):
                worked += self._cycle(year)
                year += CYCLE
            else:
                worked += self._total(year)
                year += 1
        return worked

    def reach(self, start: int, seconds: int) -> int | None:
        """The earliest instant by which so many seconds were worked since start (T-5), or None for never."""
        if seconds <= 0:
            return start
        year = self._around(start)
        need = year.upto(start) + seconds
        if need > year.total:
            found = self._later(year_of(start), need - year.total)
            if found is None:
                return None
            year, need = found
        n = bisect_left(year.before, need) - 1
        at = year.start + year.opens[n] + need - year.before[n]
        return at if at <= LAST else None

    def next_opening(self, at: int) -> int | None:
        """`at` itself if open then, else the next opening, or None for never (C-10)."""
        soon = self.reach(at, 1)
        return None if soon is None else max(at, soon - 1)

    def is_open(self, at: int) -> bool:
        """Whether the second beginning at an instant is worked."""
        return self.between(at, at + 1) == 1

    def is_working_day(self, day: int) -> bool:
        """C-8; a window that a change of clocks skips whole does not make one."""
        worked = self.roster(day).worked
        return bool(worked) and self.closing(day) > self.zone.instant(day * DAY + worked[0][0])

    def closing(self, day: int) -> int:
        """The last closing of a working day; a night shift closes on the following date."""
        return self.zone.closing(day * DAY + self.roster(day).worked[-1][1])

    def working_day(self, day: int, count: int) -> int | None:
        """The count-th working day after a date (D-2), or None if it is never or decades off."""
        year = year_of(day * DAY)
        skip = bisect_right(self._working_days(year), day) + count - 1
        for later in range(year, min(year + FAR_YEARS, self._last_year + 1)):
            days = self._working_days(later)
            if skip < len(days):
                return days[skip]
            skip -= len(days)
        return None

    def _working_days(self, year: int) -> list[int]:
        found = self._working.get(year)
        if found is None:
            first = year_start(year) // DAY
            pieces = self.zone.pieces(year)
            key: tuple[object, ...] = (year,) if year in self._uneven else (shape(year), pieces)
            shared = self._working_shapes.get(key)
            if shared is None:
                shared = self._working_shapes[key] = self._find_working_days(year, pieces)
            found = self._working[year] = [first + day for day in shared]
        return found

    def _find_working_days(self, year: int, pieces: tuple[Piece, ...]) -> list[int]:
        """The working days of a year, counted from its first."""
        first, after = year_start(year) // DAY, year_start(year + 1) // DAY
        edges = {edge // DAY for lo, hi, _ in pieces for edge in (lo, hi)}
        near = {edge + days for edge in edges for days in range(-2, 3)}
        # only beside a change of clocks may a window be skipped whole
        return [
            day
            for day in range(after - first)
            if (self.is_working_day(first + day) if day in near else self.roster(first + day).worked)
        ]

    def _around(self, at: int) -> Year:
        near = 1970 + at // MEAN_YEAR
        year = self._years.get(near) or self._year(near)
        if at < year.start:
            return self._years.get(near - 1) or self._year(near - 1)
        if at >= year.end:
            return self._years.get(near + 1) or self._year(near + 1)
        return year

    def _year(self, year: int) -> Year:
        if len(self._years) >= KEPT_YEARS:
            self._years.clear()
        found = self._years[year] = Year(year, self._lists(year))
        return found

    def _later(self, year: int, need: int) -> tuple[Year, int] | None:
        """The first year after `year` whose working time covers what is still needed, and the rest of it."""
        if need > (self._last_year - year) * 366 * DAY:
            return None
        later = year + 1
        while later <= self._last_year:
            if need > FAR and self._repeats(later) and need > (cycle := self._cycle(later)):
                need -= cycle
                later += CYCLE
                continue
            total = self._total(later)
            if need <= total:
                return self._years.get(later) or self._year(later), need
            need -= total
            later += 1
        return None

    def _total(self, year: int) -> int:
        """Working seconds of a year; one without dated exceptions is not built for it."""
        if year in self._uneven:
            return self._lists(year).before[-1]
        pieces = self.zone.pieces(year)
        key = (shape(year), pieces)
        found = self._totals.get(key)
        if found is None:
            base, upto = year_start(year), self._rhythm.upto
            found = sum(upto(base + hi + offset) - upto(base + lo + offset) for lo, hi, offset in pieces)
            self._totals[key] = found
        return found

    def _repeats(self, year: int) -> bool:
        """Whether the 400 years from `year` on are like any other 400: dates and weekdays then come again."""
        if year < RULES_FROM and year + CYCLE > RULES_UNTIL:
            return False
        ahead = bisect_left(self._uneven_sorted, year)
        return ahead == len(self._uneven) or self._uneven_sorted[ahead] >= year + CYCLE

    def _cycle(self, year: int) -> int:
        key = (year >= RULES_FROM,)
        found = self._totals.get(key)
        if found is None:
            found = self._totals[key] = sum(map(self._total, range(year, year + CYCLE)))
        return found

    def _lists(self, year: int) -> Piecewise:
        pieces = self.zone.pieces(year)
        key: tuple[object, ...] = (year,) if year in self._uneven else (shape(year), pieces)
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = self._build(year, pieces)
        return found

    def _build(self, year: int, pieces: tuple[Piece, ...]) -> Piecewise:
        base = year_start(year)
        opens: list[int] = []
        closes: list[int] = []
        for since, until, offset in pieces:
            local, shift = base + since + offset, offset + base
            for day in range(local // DAY - 1, (base + until + offset - 1) // DAY + 1):
                midnight = day * DAY - shift
                for begin, end in self.roster(day).worked:
                    start, stop = max(midnight + begin, since), min(midnight + end, until)
                    if start >= stop:
                        continue
                    if closes and start <= closes[-1]:
                        closes[-1] = max(stop, closes[-1])
                    else:
                        opens.append(start)
                        closes.append(stop)
        lengths = (close - begin for begin, close in zip(opens, closes, strict=True))
        return Piecewise(opens, closes, [0, *accumulate(lengths)])

    def explain(self, start: int, end: int) -> Iterator[tuple[int, int, str, str]]:
        """Gap-free (from, to, reason, detail) of a span; neighbours may have the same reason."""
        for since, until, offset in self.zone.cover(start, end):
            for day in range((since + offset) // DAY, (until + offset - 1) // DAY + 1):
                midnight = day * DAY - offset
                for begin, finish, reason, detail in self._civil_day(day):
                    lo, hi = max(midnight + begin, since), min(midnight + finish, until)
                    if lo < hi:
                        yield lo, hi, reason, detail

    def _civil_day(self, day: int) -> Iterator[tuple[int, int, str, str]]:
        """The 24 hours of a civil date with the reason of each part."""
        today, at = self.roster(day), 0
        date_text = date.fromordinal(day + 719_163).isoformat() if today.is_holiday else ""
        idle = ("holiday", date_text) if today.is_holiday else ("closed", "outside working hours")
        for roster, shift in ((self.roster(day - 1), DAY), (today, 0)):
            for begin, end in roster.windows:
                lo, hi = max(begin - shift, at), min(end - shift, DAY)
                if lo >= hi:
                    continue
                if at < lo:
                    yield at, lo, *idle
                detail = f"{roster.label} {clock(begin // 60)}-{clock(end // 60)}"
                yield from _window(lo, hi, tuple((b - shift, e - shift) for b, e in roster.worked), detail)
                at = hi
        if at < DAY:
            yield at, DAY, *idle


def _window(lo: int, hi: int, worked: Intervals, detail: str) -> Iterator[tuple[int, int, str, str]]:
    """A window cut into its worked parts and its breaks."""
    for begin, end in worked:
        begin, end = max(begin, lo), min(end, hi)
        if begin >= end:
            continue
        if lo < begin:
            yield lo, begin, "break", f"{clock(lo // 60)}-{clock(begin // 60)}"
        yield begin, end, "open", detail
        lo = end
    if lo < hi:
        yield lo, hi, "break", f"{clock(lo // 60)}-{clock(hi // 60)}"


def _seconds(windows: Windows, shift: int = 0) -> Intervals:
    return tuple((begin * 60 + shift, end * 60 + shift) for begin, end in windows)


def _worked(windows: Intervals, breaks: Intervals) -> Intervals:
    """Windows without their breaks (C-5)."""
    found = list(windows)
    for pause, resume in breaks:
        parts = (
            part for begin, end in found for part in ((begin, min(end, pause)), (max(begin, resume), end))
        )
        found = [(begin, end) for begin, end in parts if begin < end]
    return tuple(found)


def _regular(definition: Definition, day: int) -> Roster:
    windows = _seconds(definition.weekly[day])
    breaks = _seconds(definition.breaks[day]) + _seconds(definition.breaks[(day + 1) % 7], DAY)
    return Roster(WEEKDAYS[day], windows, _worked(windows, breaks))


def _dated(definition: Definition) -> dict[int, Roster]:
    """The dates that do not follow their weekday, in order of precedence (C-9)."""
    found = {number(day): Roster("", SHUT, SHUT, is_holiday=True) for day in definition.holidays}
    for day, worked_as in definition.makeup:
        windows = _seconds(definition.weekly[worked_as])
        # past midnight the breaks are those of the civil weekday that follows (C-5)
        following = definition.breaks[(day.weekday() + 1) % 7]
        breaks = _seconds(definition.breaks[worked_as]) + _seconds(following, DAY)
        found[number(day)] = Roster(f"{day} as {WEEKDAYS[worked_as]}", windows, _worked(windows, breaks))
    for day, hours in definition.special:
        windows = _seconds(hours)
        found[number(day)] = Roster(f"{day} special", windows, windows)
    return found


def number(day: date) -> int:
    """A date as days since 1970."""
    return day.toordinal() - 719_163
