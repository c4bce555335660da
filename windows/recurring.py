"""When a window that comes every week is open, in its own zone. PURE.

A wall time that is skipped when clocks go forward is the end of the gap; one that comes twice begins at the
first and ends at the second. An occurrence that shrinks to nothing is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sla.zone import DAY, EPOCH, weekday, zone


@dataclass(frozen=True, slots=True)
class Weekly:
    """``weekday`` 0 is Monday; ``until`` not after ``begin`` is on the next day."""

    weekday: int
    begin: time
    until: time
    time_zone: str

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The occurrences with a part in [start, end), in order, whole, in UTC."""
        where = zone(self.time_zone)
        length = _seconds(self.until) - _seconds(self.begin)
        length += 0 if length > 0 else DAY
        # a day more on both sides: zones differ from UTC by less, and an occurrence may begin a day before
        day = (_at(start) // DAY) - 2
        last = (_at(end) // DAY) + 1
        day += (self.weekday - weekday(day)) % 7
        while day <= last:
            local = day * DAY + _seconds(self.begin)
            begins, ends = where.instant(local), where.closing(local + length)
            if begins < ends and begins < _ceil(end) and ends > _at(start):
                yield _instant(begins), _instant(ends)
            day += 7


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _at(at: datetime) -> int:
    return (at - EPOCH) // timedelta(seconds=1)


def _ceil(at: datetime) -> int:
    return -((EPOCH - at) // timedelta(seconds=1))


def _instant(seconds: int) -> datetime:
    return (EPOCH + timedelta(seconds=seconds)).astimezone(UTC)
