"""Quarters and years."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.periods import Period


@pytest.mark.parametrize(
    ("code", "first", "after", "before"),
    [
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1), "2025-Q4"),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1), "2026-Q3"),
        ("2026", date(2026, 1, 1), date(2027, 1, 1), "2025"),
    ],
)
def test_a_period_has_its_days_and_its_neighbours(code: str, first: date, after: date, before: str) -> None:
    period = Period.parse(code)
    assert period is not None
    assert (period.code, period.first, period.after, period.previous.code) == (code, first, after, before)
    assert period.previous.following == period


@pytest.mark.parametrize("code", ["", "2026-Q5", "2026-Q0", "26", "1999", "2026-q1", "2026-Q11"])
def test_what_is_no_period_is_none(code: str) -> None:
    assert Period.parse(code) is None


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.booleans())
def test_every_day_lies_in_the_period_that_holds_it(day: date, is_year: bool) -> None:
    period = Period.holding(day, is_year=is_year)
    assert period.first <= day < period.after


def test_a_period_begins_at_midnight_of_the_zone() -> None:
    start, end = Period(2026, 1).span(ZoneInfo("Asia/Shanghai"))
    assert start.utcoffset() == timedelta(hours=8)
    assert (start.hour, end.date()) == (0, date(2026, 4, 1))
