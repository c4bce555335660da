"""A month as an address names it, "2026-11": one for every page that goes from month to month. PURE."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

EARLIEST, LATEST = 1990, 8999


class BadMonth(ValueError):
    """What names no month."""


@dataclass(frozen=True)
class Month:
    """A calendar month in a zone; ``start`` and ``end`` are its instants, half open."""

    first: date
    zone: tzinfo

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Month":
        return Month((self.first.replace(day=28) + timedelta(days=4)).replace(day=1), self.zone)

    @property
    def previous(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1), self.zone)

    @property
    def code(self) -> str:
        return str(self)

    def before(self, n: int) -> "list[Month]":
        """The ``n`` months before it, the oldest first."""
        found = [self.previous] if n else []
        while len(found) < n:
            found.insert(0, found[0].previous)
        return found

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


def up_to(last: Month, count: int) -> list[Month]:
    """``count`` months ending with ``last``, the earliest first."""
    return [*last.before(count - 1), last]


def read_or_present(words: str, *, today: date, zone: tzinfo) -> Month:
    """The month of an address; for anything that is none the present one."""
    try:
        return read(words, today=today, zone=zone)
    except BadMonth:
        return Month(today.replace(day=1), zone)


def read(words: str, *, today: date, zone: tzinfo) -> Month:
    """The month of an address; empty: the present one. BadMonth for what is none."""
    if not words.strip():
        return Month(today.replace(day=1), zone)
    try:
        first = date.fromisoformat(f"{words.strip()}-01")
    except ValueError:
        raise BadMonth(words[:20]) from None
    if not EARLIEST <= first.year <= LATEST:
        raise BadMonth(words[:20])
    return Month(first, zone)
