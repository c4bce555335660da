from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shifts.occupancy import Hour, Rule, Span, by_hour, gaps, needed_at, span_of, stretches

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 3)  # a Tuesday
DAYTIME, NIGHT = Rule(8, time(8), time(20)), Rule(2, time(20), time(8))


def at(hour: int, minute: int = 0, day: date = DAY, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)


def spans(start: int, end: int, people: range, day: date = DAY) -> list[Span]:
    begin, stop = span_of(day, time(start), time(end), SHANGHAI)
    return [Span(person, begin, stop) for person in people]


def shown(found: Any) -> list[tuple[str, str, int, int]]:
    return [
        (f"{g.start.astimezone(SHANGHAI):%H:%M}", f"{g.end.astimezone(SHANGHAI):%H:%M}", g.present, g.needed)
        for g in gaps(found)
    ]


@pytest.mark.req("PPL-06")
@pytest.mark.parametrize(
    ("start", "end", "hours", "last"),
    [(8, 20, 12, DAY), (9, 21, 12, DAY), (20, 8, 12, date(2026, 3, 4)), (0, 0, 24, date(2026, 3, 4))],
)
def test_a_shift_ends_on_its_day_or_on_the_next(start: int, end: int, hours: int, last: date) -> None:
    begin, stop = span_of(DAY, time(start), time(end), SHANGHAI)
    assert stop - begin == timedelta(hours=hours)
    assert stop.astimezone(SHANGHAI).date() == last


@pytest.mark.req("PPL-07")
@pytest.mark.parametrize(
    ("hour", "minute", "needed"),
    [(7, 59, 2), (8, 0, 8), (19, 59, 8), (20, 0, 2), (23, 59, 2), (0, 0, 2), (3, 0, 2)],
)
def test_eight_are_needed_by_day_and_two_at_night(hour: int, minute: int, needed: int) -> None:
    assert needed_at([DAYTIME, NIGHT], at(hour, minute), SHANGHAI) == needed


def test_a_rule_of_one_weekday_reaches_into_the_next_morning_and_the_strictest_counts() -> None:
    tuesday_night = Rule(4, time(20), time(8), weekday=1)
    wednesday = DAY + timedelta(days=1)
    rules = [NIGHT, tuesday_night]
    assert needed_at(rules, at(3), SHANGHAI) == 2  # still Monday's night
    assert needed_at(rules, at(21), SHANGHAI) == 4
    assert needed_at(rules, at(7, 59, wednesday), SHANGHAI) == 4
    assert needed_at(rules, at(21, 0, wednesday), SHANGHAI) == 2


@pytest.mark.req("PPL-07")
def test_gaps_are_found_to_the_minute_in_overlapping_shifts() -> None:
    people = spans(8, 20, range(6)) + spans(9, 21, range(6, 8)) + spans(20, 8, range(8, 10))
    people += [Span(20, at(0), at(3)), Span(21, at(0), at(8))]
    found = stretches(people, [DAYTIME, NIGHT], first=DAY, days=1, zone=SHANGHAI)
    assert shown(found) == [("03:00", "08:00", 1, 2), ("08:00", "09:00", 6, 8)]


def test_whoever_has_two_spans_at_once_is_one_person() -> None:
    twice = [Span(1, at(20), at(23)), Span(1, at(20), at(23))]
    found = stretches(twice, [Rule(2, time(20), time(23))], first=DAY, days=1, zone=SHANGHAI)
    assert shown(found) == [("20:00", "23:00", 1, 2)]


def test_without_rules_nothing_is_missing() -> None:
    assert gaps(stretches([], [], first=DAY, days=7, zone=SHANGHAI)) == []


def test_an_hour_is_short_when_any_part_of_it_is() -> None:
    people = [Span(1, at(9), at(10)), Span(2, at(9), at(9, 30))]
    found = by_hour(stretches(people, [Rule(2, time(9), time(11))], first=DAY, days=1, zone=SHANGHAI))
    assert len(found) == 24
    assert found[9] == Hour(at(9), 1, 2, True)
    assert found[8] == Hour(at(8), 0, 0, False)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_days_with_a_change_of_clocks_have_their_own_number_of_hours(day: date, hours: int) -> None:
    begin, stop = span_of(day - timedelta(days=1), time(20), time(8), BERLIN)
    rules = [Rule(1, time(20), time(8))]
    people = [Span(1, begin, stop), Span(2, stop + timedelta(hours=12), stop + timedelta(hours=24))]
    found = stretches(people, rules, first=day, days=1, zone=BERLIN)
    assert len(by_hour(found)) == hours
    assert gaps(found) == []


MIDNIGHT, MINUTE = at(0), timedelta(minutes=1)
people_at = st.builds(
    lambda who, start, length: Span(who, MIDNIGHT + start * MINUTE, MIDNIGHT + (start + length) * MINUTE),
    st.integers(1, 4), st.integers(-600, 1400), st.integers(1, 900),
)  # fmt: skip
rules_at = st.builds(
    Rule, st.integers(1, 4), st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15])), st.none() | st.integers(0, 6),
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(people_at, max_size=6), st.lists(rules_at, max_size=4), st.integers(0, 1439))
def test_every_minute_is_judged_as_counting_by_hand_would(
    people: list[Span], rules: list[Rule], minute: int
) -> None:
    found = stretches(people, rules, first=DAY, days=1, zone=SHANGHAI)
    assert found[0].start == at(0)
    assert found[-1].end == at(0) + timedelta(days=1)
    assert all(a.end == b.start for a, b in pairwise(found))
    then = at(0) + timedelta(minutes=minute)
    there = next(s for s in found if s.start <= then < s.end)
    assert there.present == len({s.person for s in people if s.start <= then < s.end})
    assert there.needed == needed_at(rules, then, SHANGHAI)
    assert any(g.start <= then < g.end for g in gaps(found)) == (there.present < there.needed)
