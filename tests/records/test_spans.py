"""Spans of time by the calendar: their days, their names, and the way from one to the next."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import span_words, spans
from records.spans import BadSpan, Span

DAYS = st.dates(date(1990, 1, 8), date(8990, 1, 1))


@given(st.sampled_from(spans.KINDS), DAYS)
def test_a_day_lies_in_its_span_and_spans_follow_without_gap(kind: str, day: date) -> None:
    span = spans.of(kind, day, UTC)
    assert span.first <= day <= span.last
    assert span.next.first == span.last + timedelta(days=1)
    assert span.next.previous == span == span.previous.next
    assert span.up_to(3) == [span.previous.previous, span.previous, span]


@given(st.sampled_from(spans.KINDS), DAYS)
def test_a_span_is_found_by_its_code(kind: str, day: date) -> None:
    span = spans.of(kind, day, UTC)
    assert spans.parse(span.code, UTC) == span


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2026-11-20", date(2026, 11, 20), date(2026, 11, 20)),
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
    ],
)
def test_codes_name_their_days(code: str, first: date, last: date) -> None:
    span = spans.parse(code, ZoneInfo("Asia/Shanghai"))
    assert (span.first, span.last) == (first, last)
    assert span.start.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "code",
    ["", "x", "2026-Q5", "2026-Q0", "2026-H3", "2026-W54", "2026-13", "2026-1", "²", "1200", "9" * 5000,
     "2026-Q", "2026-02-30", "-", "2026-"],
)  # fmt: skip
def test_what_names_no_span_is_refused(code: str) -> None:
    with pytest.raises(BadSpan):
        spans.parse(code, UTC)


def test_the_quarters_that_touch_some_days() -> None:
    found = spans.within("quarter", date(2026, 3, 31), date(2026, 7, 1), UTC)
    assert [span.code for span in found] == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert isinstance(spans.of("year", date(2026, 3, 3), UTC), Span)


def test_every_kind_has_a_word_and_a_span_its_name() -> None:
    assert [kind for kind, _label in span_words.CHOICES] == list(spans.KINDS)
    found = [
        span_words.words(spans.parse(code, UTC)) for code in ("2026-W47", "2026-Q4", "2026-H2", "2026-11")
    ]
    assert found == ["Week 47 of 2026", "Quarter 4 of 2026", "Half-year 2 of 2026", "2026-11"]
