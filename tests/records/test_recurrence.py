"""When recurring work falls due: days in order, open days, wall time through daylight saving."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import recurrence
from records.recurrence import Closed, Every, IsOpen, Occurrence, Pattern, due, following, occurrences

PATTERNS = st.builds(
    Pattern,
    every=st.sampled_from(list(Every)),
    starts=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    at=st.times().map(lambda t: t.replace(microsecond=0, tzinfo=None)),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    day=st.integers(0, 31),
    closed=st.sampled_from(list(Closed)),
)  # fmt: skip


def first(
    pattern: Pattern, after: date, count: int, is_open: IsOpen = recurrence.always_open
) -> list[Occurrence]:
    """The first runs, of those within some years."""
    last = max(after, pattern.starts) + timedelta(days=366 * 14)
    return list(islice(occurrences(pattern, after, last, is_open), count))


def weekdays_open(day: date) -> bool:
    return day.weekday() < 5


def make(**over: Any) -> Pattern:
    facts = {"every": Every.DAILY, "starts": date(2026, 1, 1), "at": time(9), "zone": "Asia/Shanghai", **over}
    return Pattern(**facts)


def days(pattern: Pattern, count: int, after: date = date(2025, 12, 31)) -> list[str]:
    return [one.day.isoformat() for one in first(pattern, after, count)]


@given(PATTERNS, st.dates(date(2019, 1, 1), date(2031, 1, 1)))
def test_days_come_in_order_after_the_one_given_and_never_before_the_first(
    pattern: Pattern, after: date
) -> None:
    found = first(pattern, after, 12, weekdays_open)
    assert len(found) == 12 or pattern.closed is Closed.SKIP
    assert all(one.day > after and one.day >= pattern.starts for one in found)
    assert all(a.day < b.day and a.at <= b.at for a, b in pairwise(found))


@given(PATTERNS, st.dates(date(2019, 1, 1), date(2031, 1, 1)), st.integers(1, 6))
def test_going_on_from_any_run_gives_the_same_runs(pattern: Pattern, after: date, count: int) -> None:
    whole = first(pattern, after, 10, weekdays_open)
    if len(whole) < 10:
        assert pattern.closed is Closed.SKIP
        return
    rest = first(pattern, whole[count - 1].day, 10 - count, weekdays_open)
    assert rest == whole[count:]
    if whole[count].day - whole[count - 1].day < recurrence.AHEAD:
        assert following(pattern, whole[count - 1].day, weekdays_open) == whole[count]


@given(PATTERNS)
def test_what_is_due_is_what_has_come_by_then(pattern: Pattern) -> None:
    whole = first(pattern, pattern.starts, 8, weekdays_open)
    until = whole[len(whole) // 2].at if whole else datetime(2031, 1, 1, tzinfo=UTC)
    found = due(pattern, pattern.starts, until, weekdays_open)
    assert found == [one for one in whole if one.at <= until]


@given(PATTERNS)
def test_moved_runs_fall_on_open_days(pattern: Pattern) -> None:
    for one in first(pattern, pattern.starts, 8, weekdays_open):
        local = one.at.astimezone(ZoneInfo(pattern.zone)).date()
        if pattern.closed is not Closed.RUN:
            assert weekdays_open(local)


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, ["2026-01-01", "2026-01-02", "2026-01-03"]),
        ({"every": Every.ALTERNATE}, ["2026-01-01", "2026-01-03", "2026-01-05"]),
        ({"every": Every.WEEKLY, "weekdays": (0, 3)}, ["2026-01-01", "2026-01-05", "2026-01-08"]),
        ({"every": Every.MONTHLY, "day": 31}, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ({"every": Every.HALF_YEARLY, "day": 15}, ["2026-01-15", "2026-07-15", "2027-01-15"]),
        (
            {"every": Every.YEARLY, "day": 29, "starts": date(2024, 2, 1)},
            ["2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        ({"ends": date(2026, 1, 2)}, ["2026-01-01", "2026-01-02"]),
        ({"every": Every.WEEKLY, "weekdays": ()}, []),
    ],
)
def test_every_rhythm(over: dict[str, Any], expected: list[str]) -> None:
    assert days(make(**over), 3) == expected


def test_the_last_working_day_is_before_a_weekend_at_the_end_of_a_month() -> None:
    pattern = make(every=Every.MONTHLY, day=recurrence.LAST_WORKING_DAY)
    found = first(pattern, date(2025, 12, 31), 2, weekdays_open)
    assert [one.at.astimezone(ZoneInfo("Asia/Shanghai")).day for one in found] == [30, 27]
    assert [one.day.isoformat() for one in found] == ["2026-01-31", "2026-02-28"]


@pytest.mark.parametrize(
    ("closed", "expected"), [(Closed.RUN, 3), (Closed.SKIP, None), (Closed.NEXT, 5), (Closed.PREVIOUS, 2)]
)
def test_a_closed_day(closed: Closed, expected: int | None) -> None:
    found = recurrence.placed(make(closed=closed), date(2026, 1, 3), weekdays_open)
    assert (found and found.day) == expected


def test_where_no_run_ever_comes_the_question_ends() -> None:
    never = make(every=Every.WEEKLY, weekdays=(5,), closed=Closed.SKIP)
    assert following(never, date(2026, 1, 1), weekdays_open) is None
    assert due(never, date(2026, 1, 1), datetime(2027, 1, 1, tzinfo=UTC), weekdays_open) == []


def test_where_no_day_is_open_it_stays_where_it_is() -> None:
    assert recurrence.placed(make(closed=Closed.NEXT), date(2026, 1, 3), lambda day: False) == date(
        2026, 1, 3
    )


def test_nine_oclock_stays_nine_oclock_through_daylight_saving() -> None:
    pattern = make(zone="Europe/Berlin", starts=date(2026, 3, 28))
    before, after = first(pattern, date(2026, 3, 27), 2)
    assert after.at - before.at == timedelta(hours=23)


def test_a_time_that_is_skipped_comes_an_hour_later_and_one_that_comes_twice_is_the_first() -> None:
    skipped = recurrence.instant(date(2026, 3, 29), time(2, 30), "Europe/Berlin")
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = recurrence.instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "days", "months", "expected"),
    [
        (date(2026, 1, 31), 0, 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 0, 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 0, 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 0, 12, date(2027, 12, 15)),
        (date(2026, 12, 15), 90, 0, date(2027, 3, 15)),
    ],
)
def test_an_interval_later_keeps_the_day_where_the_month_has_it(
    start: date, days: int, months: int, expected: date
) -> None:
    assert recurrence.later(start, days=days, months=months) == expected
