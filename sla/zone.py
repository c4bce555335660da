"""One IANA time zone as pieces of constant offset, in whole seconds since 1970 (UTC).

Pure. Everything the clocks do with daylight saving time happens here and when a year is built;
afterwards working time is plain integers. A local time is written as the number of seconds the same
wall clock would show since 1970 if it stood at offset zero.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY = 86_400
MEAN_YEAR = 31_556_952
"""Seconds of the mean Gregorian year: 1970 + t // MEAN_YEAR is the year of t, or a neighbour of it."""
FIRST, LAST = -62_135_596_800, 253_402_300_799
"""The instants a datetime can hold: the years 1 to 9999."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Outside these years no zone has dated transitions (the earliest is in 1834, the last in 2087), only
# a fixed offset before and a yearly rule after: there, years of one shape are equal.
RULES_UNTIL, RULES_FROM = 1800, 2100
# No zone ever came back to an offset within less than four days, so probing every third misses nothing.
PROBE = 3 * DAY

Piece = tuple[int, int, int]
"""(from, to, offset): half open, in seconds."""
Shape = tuple[bool, int]
"""(leap year?, weekday of 1 January): years of equal shape have equal dates."""


def year_start(year: int) -> int:
    """The second at which a year begins in UTC."""
    before = year - 1
    return (before * 365 + before // 4 - before // 100 + before // 400 - 719_162) * DAY


def year_of(at: int) -> int:
    """The UTC year of an instant."""
    year = 1970 + at // MEAN_YEAR
    if at < year_start(year):
        return year - 1
    return year + 1 if at >= year_start(year + 1) else year


def shape(year: int) -> Shape:
    """What decides all dates and yearly rules of a year."""
    first = year_start(year)
    return (year_start(year + 1) - first == 366 * DAY, weekday(first // DAY))


def weekday(day: int) -> int:
    """Monday is 0; days are counted from 1970-01-01, a Thursday."""
    return (day + 3) % 7


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The IANA names (C-1); 'localtime' and 'Factory' are files in the database, not zones."""
    return frozenset(available_timezones()) - {"localtime", "Factory"}


@lru_cache(maxsize=1024)
def zone(name: str) -> "Zone":
    """The zone of a known name; built once per process."""
    return Zone(name)


class Zone:
    """Offsets of one zone."""

    def __init__(self, name: str) -> None:
        self._info = ZoneInfo(name)
        self._years: dict[int | Shape, tuple[Piece, ...]] = {}

    def pieces(self, year: int) -> tuple[Piece, ...]:
        """The pieces of a UTC year, relative to its start, gap-free."""
        key: int | Shape = shape(year) if year >= RULES_FROM else max(year, RULES_UNTIL)
        found = self._years.get(key)
        if found is None:
            found = self._years[key] = self._probe(max(year, RULES_UNTIL))
        if year < RULES_UNTIL:
            return ((0, year_start(year + 1) - year_start(year), found[0][2]),)
        return found

    def cover(self, start: int, end: int) -> Iterator[Piece]:
        """The pieces of [start, end), clipped to it."""
        for year in range(year_of(start), year_of(end) + 1):
            base = year_start(year)
            for lo, hi, offset in self.pieces(year):
                begin, finish = max(base + lo, start), min(base + hi, end)
                if begin < finish:
                    yield begin, finish, offset

    def local(self, at: int) -> int:
        """What the wall clock shows at an instant."""
        year = year_of(at)
        pieces = self.pieces(year)
        if len(pieces) == 1:
            return at + pieces[0][2]
        at_most = bisect_right(pieces, at - year_start(year), key=lambda piece: piece[0])
        return at + pieces[at_most - 1][2]

    def instant(self, local: int) -> int:
        """The instant of a wall-clock time: the first of two; the end of the gap if it never exists (D-3)."""
        for begin, finish, offset in self.cover(local - 2 * DAY, local + 2 * DAY):
            if local - offset < finish:
                return max(local - offset, begin)
        raise AssertionError("offsets are less than a day")

    def closing(self, local: int) -> int:
        """The instant at which a window that ends at this wall-clock time ends for the last time."""
        for begin, finish, offset in reversed(list(self.cover(local - 2 * DAY, local + 2 * DAY))):
            if local - offset > begin:
                return min(local - offset, finish)
        raise AssertionError("offsets are less than a day")

    def _offset(self, at: int) -> int:
        # a datetime near the ends of the years 1 to 9999 has no local time in half of the zones
        inside = min(max(at, FIRST + 2 * DAY), LAST - 2 * DAY)
        offset = datetime.fromtimestamp(inside, self._info).utcoffset()
        if offset is None:
            raise ValueError(f"{self._info} has no offset")
        return offset.days * DAY + offset.seconds

    def _probe(self, year: int) -> tuple[Piece, ...]:
        base, end = year_start(year), year_start(year + 1)
        found: list[Piece] = []
        since, at, offset = base, base, self._offset(base)
        while at < end:
            ahead = min(at + PROBE, end)
            following = self._offset(ahead)
            if following != offset:
                change = self._change(at, ahead)
                if change < end:
                    found.append((since - base, change - base, offset))
                    since, offset = change, following
            at = ahead
        found.append((since - base, end - base, offset))
        return tuple(found)

    def _change(self, low: int, high: int) -> int:
        """The first second in (low, high] that has the offset of `high`."""
        offset = self._offset(high)
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle) == offset:
                high = middle
            else:
                low = middle
        return high
