"""When a review is due and proposed."""

from datetime import date

import pytest

from reviews import schedule


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 5), 3, date(2027, 2, 5)),
        (date(2026, 3, 10), -12, date(2025, 3, 10)),
    ],
)
def test_months_are_added_within_the_month(day: date, months: int, expected: date) -> None:
    assert schedule.add_months(day, months) == expected


@pytest.mark.req("SLM-38")
def test_a_review_is_due_a_year_after_the_last_one_and_planned_a_month_ahead() -> None:
    due = schedule.due_on(date(2026, 3, 10), date(2020, 1, 1), 12)
    assert due == date(2027, 3, 10)
    assert not schedule.should_plan(due, date(2027, 2, 7), 12)
    assert schedule.should_plan(due, date(2027, 2, 8), 12)
    assert schedule.due_on(None, date(2020, 1, 1), 12) == date(2021, 1, 1)


def test_the_proposed_day_is_a_working_day_with_time_to_prepare() -> None:
    assert schedule.proposed_day(date(2026, 3, 8), date(2026, 2, 10)) == date(2026, 3, 6)
    assert schedule.proposed_day(date(2021, 1, 1), date(2026, 3, 2)) == date(2026, 3, 9)
