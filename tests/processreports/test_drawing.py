"""Small charts: their titles fit, and a span without data is no bar of nothing."""

from decimal import Decimal

import pytest

from processreports.drawing import PANEL, Small, small_charts, width_of, wrapped


@pytest.mark.parametrize(
    "title",
    [
        "Short",
        "A very long name of an indicator that goes on and on " * 3,
        "是否及时关闭事件并确保调查结果" * 6,
    ],
)
def test_a_title_takes_two_lines_at_most_that_fit(title: str) -> None:
    lines = wrapped(title, PANEL)
    assert 1 <= len(lines) <= 2
    assert all(width_of(line) <= PANEL for line in lines)


def test_no_data_is_a_dot_and_zero_is_a_bar() -> None:
    chart = Small("Name", ("2026-01", "2026-02"), (None, Decimal(0)), "0")
    drawn = small_charts([chart])
    assert (drawn.count("<circle"), drawn.count("<rect")) == (1, 1)
    assert small_charts([]) == ""


def test_words_are_escaped() -> None:
    assert "<script>" not in small_charts([Small("<script>", ("a",), (Decimal(1),), "1 < 2")])
