"""Periods as questions keep them: relative to the day they are asked, or fixed. PURE."""

from collections.abc import Mapping
from datetime import date, timedelta, tzinfo
from typing import Final, NamedTuple

from records import spans
from records.spans import Span

FIXED, ALWAYS = "fixed", "always"


class Back(NamedTuple):
    """The spans of a kind that end ``until`` before the present one (0: with it), ``many`` of them."""

    kind: str
    many: int
    until: int


RELATIVE: Final[Mapping[str, Back]] = {
    "today": Back("day", 1, 0),
    "yesterday": Back("day", 1, 1),
    "last_7_days": Back("day", 7, 0),
    "last_30_days": Back("day", 30, 0),
    "last_90_days": Back("day", 90, 0),
    "this_week": Back("week", 1, 0),
    "last_week": Back("week", 1, 1),
    "last_4_weeks": Back("week", 4, 1),
    "last_12_weeks": Back("week", 12, 1),
    "this_month": Back("month", 1, 0),
    "last_month": Back("month", 1, 1),
    "last_3_months": Back("month", 3, 1),
    "last_6_months": Back("month", 6, 1),
    "last_12_months": Back("month", 12, 1),
    "this_quarter": Back("quarter", 1, 0),
    "last_quarter": Back("quarter", 1, 1),
    "this_year": Back("year", 1, 0),
    "last_year": Back("year", 1, 1),
}
FIRST, LAST = date(spans.EARLIEST, 1, 1), date(spans.LATEST, 12, 31)
LONGEST = timedelta(days=3660)


def days_of(code: str, today: date, zone: tzinfo) -> tuple[date, date]:
    """The first and last day of a relative period. KeyError for a code that is none."""
    kind, many, until = RELATIVE[code]
    last: Span = spans.of(kind, today, zone).moved(-until)
    return last.moved(1 - many).first, last.last
