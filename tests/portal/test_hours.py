from datetime import UTC, datetime
from typing import Any

import pytest

from portal import hours
from sla.calendar import Calendar

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def in_words(**definition: Any) -> hours.OpeningHours:
    return hours.in_words(Calendar.parse({"timezone": "Asia/Shanghai", **definition}), now=NOW)


def test_days_of_equal_hours_share_a_line() -> None:
    day = [["09:00", "18:00"]]
    found = in_words(weekly={"mon": day, "tue": day, "wed": [["09:00", "12:00"]], "thu": day, "fri": day})
    assert found.week == [
        ("Monday to Tuesday", "09:00–18:00"),
        ("Wednesday", "09:00–12:00"),
        ("Thursday to Friday", "09:00–18:00"),
        ("Saturday to Sunday", "closed all day"),
    ]
    assert not found.is_always_open


def test_a_break_is_cut_out() -> None:
    found = in_words(weekly={"mon": [["08:00", "17:00"]]}, breaks={"mon": [["12:00", "13:00"]]})
    assert found.week[0] == ("Monday", "08:00–12:00, 13:00–17:00")


def test_a_night_shift_says_that_it_ends_the_next_day() -> None:
    assert in_words(weekly={"mon": [["22:00", "06:00"]]}).week[0] == ("Monday", "22:00–06:00 (next day)")


def test_around_the_clock_is_said_so() -> None:
    found = in_words(always_open=True)
    assert found.is_always_open
    assert found.week == [("Monday to Sunday", "around the clock")]


def test_coming_holidays_in_a_row_are_one_stretch_and_past_ones_are_left_out() -> None:
    found = in_words(
        weekly={"mon": [["09:00", "18:00"]]},
        holidays=["2026-01-01", "2026-05-01", "2026-05-02", "2026-05-03", "2026-10-01"],
    )
    assert found.closed == ["2026-05-01 to 2026-05-03", "2026-10-01"]


@pytest.mark.req("PLT-06")
def test_make_up_days_and_special_days_are_named() -> None:
    found = in_words(
        weekly={"mon": [["09:00", "18:00"]]},
        makeup=[{"date": "2026-05-09", "as": "mon"}],
        special={"2026-12-24": [["09:00", "12:00"]]},
    )
    assert found.extra == ["2026-05-09: as on a Monday", "2026-12-24: 09:00–12:00"]
