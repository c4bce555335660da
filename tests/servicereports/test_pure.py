"""What needs no database: canonical text, differences, the schedule, the drawing of the trend."""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicereports import canonical, chart, schedule
from servicereports.canonical import Change, NotCanonical

JSON = st.recursive(
    st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def test_one_content_has_one_text_whatever_the_order_of_its_keys() -> None:
    assert canonical.text_of({"b": 1, "a": ["ä", None]}) == '{"a":["ä",null],"b":1}'
    assert canonical.digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("value", [{"a": [1.5]}, {"a": Decimal("1.5")}, {1: "a"}, {"a": (1,)}])
def test_what_could_be_written_in_two_ways_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical, match="content"):
        canonical.text_of(value)


@given(JSON, JSON)
def test_two_contents_differ_exactly_where_their_texts_do(one: object, other: object) -> None:
    is_same = canonical.text_of(one) == canonical.text_of(other)
    assert is_same or canonical.differences(one, other)
    assert canonical.differences(one, one) == []


def test_rows_are_told_by_their_id_not_by_their_place() -> None:
    before = {"rows": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}
    after = {"rows": [{"id": "b", "n": 3}, {"id": "a", "n": 1}, {"id": "c", "n": 4}]}
    assert canonical.differences(before, after) == [
        Change(("rows", "b", "n"), 2, 3),
        Change(("rows", "c"), None, {"id": "c", "n": 4}),
    ]


@pytest.mark.parametrize(
    ("day", "period", "first", "last"),
    [
        (date(2026, 3, 15), "month", date(2026, 3, 1), date(2026, 3, 31)),
        (date(2024, 2, 29), "month", date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 12, 31), "quarter", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 7, 1), "half_year", date(2026, 7, 1), date(2026, 12, 31)),
        (date(2026, 7, 1), "year", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods_begin_and_end_with_the_calendar(day: date, period: str, first: date, last: date) -> None:
    assert schedule.span_of(day, period) == (first, last)


@pytest.mark.req("SLM-36")
def test_a_report_is_due_on_its_day_of_the_month_after() -> None:
    assert schedule.last_ended(date(2026, 1, 1), "month") == (date(2025, 12, 1), date(2025, 12, 31))
    assert schedule.due_on(date(2025, 12, 31), 5) == date(2026, 1, 5)


@pytest.mark.req("RPT-01")
def test_after_a_standstill_every_missed_report_is_owed_but_none_from_before_the_first() -> None:
    march, april, may = [(date(2026, m, 1), last) for m, last in (
        (3, date(2026, 3, 31)), (4, date(2026, 4, 30)), (5, date(2026, 5, 31)),
    )]  # fmt: skip
    today, since = date(2026, 6, 2), date(2020, 1, 1)
    february = date(2026, 2, 1)
    assert schedule.owed(today, "month", since=since, made=[]) == [may]
    assert schedule.owed(today, "month", since=since, made=[february]) == [march, april, may]
    assert schedule.owed(today, "month", since=since, made=[february, april[0]]) == [march, may]
    assert schedule.owed(today, "month", since=since, made=[may[0]]) == []
    assert schedule.owed(today, "month", since=date(2026, 6, 1), made=[]) == []
    long_ago = schedule.owed(today, "month", since=since, made=[date(2021, 1, 1)])
    assert (len(long_ago), long_ago[-1]) == (12, may)


def test_the_trend_is_drawn_with_gaps_and_without_markup_from_labels() -> None:
    points = [
        chart.Point("<b>", Decimal(100), Decimal(100)),
        chart.Point("2", Decimal("97.5"), Decimal("90.1")),
        chart.Point("3", None, None),
        chart.Point("4", Decimal(99), Decimal(99)),
    ]
    drawn = ElementTree.fromstring(chart.trend(points, net="N & M", gross="G"))  # noqa: S314 - our own
    lines = [each for each in drawn.iter() if each.tag.endswith("polyline")]
    circles = [each for each in drawn.iter() if each.tag.endswith("circle")]
    assert (len(lines), len(circles)) == (2, 3)
    assert {"<b>", "N & M"} <= {each.text for each in drawn.iter() if each.text}
    assert chart.trend([chart.Point("1", None, None)], net="N", gross="G") == ""
