"""The next times at which a change could be done."""

from datetime import datetime, timedelta

from changes import scheduling
from changes.models import Change
from changes.scheduling import Work
from windows import booking

USUAL = timedelta(hours=2)
STEP = timedelta(minutes=30)
AHEAD = timedelta(hours=1)


def length_of(change: Change) -> timedelta:
    """As long as it is planned, or two hours."""
    start, end = change.planned_start_at, change.planned_end_at
    return end - start if start and end else USUAL


def next_times(
    change: Change,
    *,
    now: datetime,
    length: timedelta | None = None,
    after: datetime | None = None,
    count: int = 3,
    work: Work | None = None,
) -> list[tuple[datetime, datetime]]:
    """The first free time from ``after`` on (never in the past), and the next ones each some way later."""
    reach = (work or scheduling.work_of(change)).reach
    size = length or length_of(change)
    begin = max(after or now, now)
    found: list[tuple[datetime, datetime]] = []
    until = begin + booking.HORIZON
    while len(found) < count:
        start = booking.next_free(size, after=begin, before=until, reach=reach, record=change)
        if start is None:
            break
        found.append((start, start + size))
        begin = start + max(size, timedelta(days=1))
    return found
