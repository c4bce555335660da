"""The span of time a figure is about: half open, in the reader's time zone, written in the address. PURE."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

Step = Literal["day", "week", "month"]
FIRST_YEAR = 1990


class BadPeriod(ValueError):
    """A period that cannot be read; ``field`` says which word of the address."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field}: {value!r} is not a date such as 2016-03-01")
        self.field = field


@dataclass(frozen=True)
class Period:
    """All days from ``first`` to ``last``, both included, in ``zone``."""

    first: date
    last: date
    zone: tzinfo

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after the period."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> Step:
        """How finely a trend over this period is drawn."""
        if self.days <= 31:
            return "day"
        return "week" if self.days <= 183 else "month"

    def previous(self) -> "Period":
        """The period of the same length before this one; before a whole month the month before."""
        if self.is_whole_month:
            last = self.first - timedelta(days=1)
            return Period(last.replace(day=1), last, self.zone)
        last = self.first - timedelta(days=1)
        return Period(last - timedelta(days=self.days - 1), last, self.zone)

    @property
    def is_whole_month(self) -> bool:
        following = self.last + timedelta(days=1)
        return self.first.day == 1 and following.day == 1 and self.days <= 31

    def buckets(self) -> Iterator[date]:
        """The first day of every step that touches the period."""
        day = self.first
        if self.step == "week":
            day -= timedelta(days=day.weekday())
        elif self.step == "month":
            day = day.replace(day=1)
        while day <= self.last:
            yield day
            if self.step == "month":
                day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            else:
                day += timedelta(days=7 if self.step == "week" else 1)

    def bucket_end(self, first: date) -> date:
        """The last day of the step that begins with ``first``, within the period."""
        if self.step == "day":
            end = first
        elif self.step == "week":
            end = first + timedelta(days=6)
        else:
            end = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return min(end, self.last)

    def query(self) -> dict[str, str]:
        """As the address writes it."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def _day(words: Mapping[str, str], field: str) -> date | None:
    value = words.get(field, "").strip()
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise BadPeriod(field, value[:20]) from None
    if not FIRST_YEAR <= day.year <= 9000:
        raise BadPeriod(field, value[:20])
    return day


def read(words: Mapping[str, str], *, today: date, zone: tzinfo) -> Period:
    """The period of an address (``from`` and ``to``, both included); by default the last 30 days.

    Raises BadPeriod for a date that is none or an end before its beginning.
    """
    first, last = _day(words, "from"), _day(words, "to")
    if last is None:
        last = max(today, first) if first else today
    if first is None:
        first = last - timedelta(days=29)
    if last < first:
        raise BadPeriod("to", last.isoformat())
    return Period(first, last, zone)


def presets(*, today: date, zone: tzinfo) -> dict[str, Period]:
    """Periods people ask for most, by a short name."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    return {
        "last_7_days": Period(today - timedelta(days=6), today, zone),
        "last_30_days": Period(today - timedelta(days=29), today, zone),
        "this_month": Period(month, today, zone),
        "last_month": Period(before.replace(day=1), before, zone),
        "this_year": Period(today.replace(month=1, day=1), today, zone),
        "last_year": Period(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31), zone),
    }
