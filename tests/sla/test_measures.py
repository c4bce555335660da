"""Availability and its kin, against the same arithmetic done second by second or minute by minute."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import measures
from sla.calendar import ALWAYS, Calendar, is_open
from sla.measures import Hours, Interval, Slice, availability, combine, is_kept, minus, rounded, union
from sla.terms import MeasureTerm, Text

DAY = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
WORK = Calendar.parse({"timezone": "UTC", "weekly": {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}})
WHOLE = [Hours(ALWAYS, DAY, DAY + timedelta(days=1))]
MINUTES = st.integers(-60, 1500)


def at(minute: int) -> datetime:
    return DAY + timedelta(minutes=minute)


SPANS = st.lists(st.tuples(MINUTES, st.integers(0, 300)).map(lambda s: Interval(at(s[0]), at(s[0] + s[1]))))


def minutes(spans: list[Interval]) -> set[int]:
    return {m for m in range(-60, 1860) for s in spans if s.start <= at(m) < s.end}


@given(SPANS, SPANS)
def test_spans_are_sets_of_minutes(one: list[Interval], other: list[Interval]) -> None:
    joined = union(one)
    assert minutes(joined) == minutes(one)
    assert all(a.end < b.start for a, b in pairwise(joined))
    assert minutes(minus(one, other)) == minutes(one) - minutes(other)


@given(SPANS, SPANS)
@pytest.mark.req("SLM-30", "SLM-32")
def test_availability_is_what_a_walk_through_the_day_counts(
    down: list[Interval], out: list[Interval]
) -> None:
    hours = [Hours(WORK, DAY, at(800)), Hours(ALWAYS, at(800), at(1440))]
    worked = {m for m in range(1440) if m >= 800 or is_open(WORK, at(m))}
    away, felt = minutes(out), minutes(down)
    found = availability(hours, down, out)
    assert found.agreed == 60 * len(worked - away)
    assert found.down == 60 * len((worked & felt) - away)
    assert found.planned == 60 * len(worked & away)
    assert found.failures <= found.outages
    assert found.longest <= found.down
    if found.percent is not None:
        assert 0 <= found.percent <= 100


def test_overlaps_count_once_and_a_failure_before_the_period_is_not_counted_again() -> None:
    found = availability(
        WHOLE, [Interval(at(-30), at(30)), Interval(at(60), at(120)), Interval(at(90), at(150))]
    )
    assert (found.down, found.failures, found.outages, found.longest) == (120 * 60, 1, 2, 90 * 60)
    assert found.mtbf == 86_400 - 7200
    assert found.mttr == 3600
    quiet = availability(WHOLE, [])
    assert quiet.percent == 100
    assert quiet.mtbf is None
    assert quiet.mttr is None
    assert availability([], []).percent is None
    assert availability(WHOLE, [], [Interval(at(-60), at(1500))]).percent is None


@pytest.mark.req("SLM-30")
@pytest.mark.parametrize(
    ("how", "slices", "percent", "result"),
    [
        ("ratio", [(9, 10), (0, 90)], True, 9),
        ("ratio", [(30, 60), (60, 30)], False, 1),
        ("ratio", [(0, 0)], True, None),
        ("average", [2, 4], False, 3),
        ("sum", [1, 2, 3], False, 6),
        ("greatest", [1, 5, 3], False, 5),
        ("percentile", list(range(1, 21)), False, 19),
        ("average", [], False, None),
    ],
)
def test_a_series_becomes_one_figure(how: Any, slices: list[Any], percent: bool, result: Any) -> None:
    rows = [Slice(*map(Fraction, s)) if isinstance(s, tuple) else Slice(value=Fraction(s)) for s in slices]
    assert combine(rows, how=how, percent=percent, rank=Fraction(95)) == result


@given(st.lists(st.integers(0, 1000), min_size=1), st.integers(1, 100))
def test_a_percentile_is_a_value_that_at_least_so_many_do_not_exceed(values: list[int], rank: int) -> None:
    found = combine([Slice(value=Fraction(v)) for v in values], how="percentile", percent=False,
                    rank=Fraction(rank))  # fmt: skip
    assert found in values
    assert 100 * sum(v <= found for v in values) >= rank * len(values)


def test_a_method_names_its_percentile() -> None:
    assert measures.percentile_of(Text(en="The 95th percentile of all transactions")) == 95
    assert measures.percentile_of(Text(en="p99.9 per hour")) == Fraction("99.9")
    assert measures.percentile_of(Text(zh="每日交易时间的第 90 百分位")) == 90
    assert measures.percentile_of(Text(en="Mean of all transactions")) is None


@given(st.fractions(0, 100), st.sampled_from([">=", "<="]))
def test_a_figure_is_never_rounded_to_the_better_side(actual: Fraction, operator: str) -> None:
    term = MeasureTerm("availability", operator, 99.9, "percent")
    shown = Fraction(str(rounded(term, actual)))
    assert shown <= actual if operator == ">=" else shown >= actual
    assert is_kept(term, actual) is (
        actual >= Fraction("99.9") if operator == ">=" else actual <= Fraction("99.9")
    )
    assert is_kept(term, None) is None
