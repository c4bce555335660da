"""The month a page is about, read from its address, and the months before it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.utils import timezone
from django.utils.formats import date_format

EARLIEST, LATEST = 1990, 9000


@dataclass(frozen=True)
class Month:
    """A calendar month in the reader's zone: [start, end)."""

    first: date
    zone: tzinfo

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def next(self) -> "Month":
        return Month((self.first.replace(day=28) + timedelta(days=4)).replace(day=1), self.zone)

    @property
    def previous(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1), self.zone)

    @property
    def code(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def label(self) -> str:
        return date_format(self.first, "YEAR_MONTH_FORMAT")


def asked(text: str, *, now: datetime) -> Month:
    """The month written as 2026-11; anything else is the present one."""
    zone = timezone.get_current_timezone()
    year, _dash, month = text.partition("-")
    is_numbers = year.isdecimal() and month.isdecimal() and len(text) <= 7
    if is_numbers and EARLIEST < int(year) < LATEST and 1 <= int(month) <= 12:
        return Month(date(int(year), int(month), 1), zone)
    return Month(timezone.localdate(now).replace(day=1), zone)


def before(last: Month, count: int) -> list[Month]:
    """``count`` months up to ``last``, the earliest first."""
    found = [last]
    while len(found) < count:
        found.append(found[-1].previous)
    return found[::-1]
