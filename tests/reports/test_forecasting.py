"""The forecast of arrivals and backlog, on histories of which the right answer is known."""

import pytest

from reports import forecasting

WEEK = [10, 12, 9, 11, 8, 1, 0]


def history(weeks: int) -> list[int]:
    return WEEK * weeks


@pytest.mark.req("RPT-14")
def test_a_history_that_repeats_itself_is_told_exactly_and_its_error_is_nought() -> None:
    found = forecasting.outlook(history(16), history(16), backlog=40)
    assert found is not None
    assert [week.arrivals for week in found.weeks] == [51.0] * 4
    assert [week.backlog for week in found.weeks] == [40.0] * 4
    assert found.error == forecasting.Error(trials=7, arrivals=0.0, percent=0.0, backlog=0.0)


def test_under_six_weeks_nothing_is_told() -> None:
    assert forecasting.outlook(history(6)[1:], history(6)[1:], backlog=0) is None
    assert forecasting.outlook(history(6), history(6), backlog=0) is not None


def test_a_forecast_that_could_not_be_tried_says_so() -> None:
    found = forecasting.outlook(history(9), history(9), backlog=3)
    assert found is not None
    assert found.error is None


def test_what_arrives_and_is_not_done_piles_up_and_what_is_open_is_never_below_nought() -> None:
    more = forecasting.outlook(history(12), [0] * 84, backlog=0)
    less = forecasting.outlook([0] * 84, history(12), backlog=60)
    assert more is not None
    assert less is not None
    assert [week.backlog for week in more.weeks] == [51.0, 102.0, 153.0, 204.0]
    assert [week.backlog for week in less.weeks] == [9.0, 0.0, 0.0, 0.0]


def test_the_error_is_that_of_weeks_that_are_over() -> None:
    # twice as much in the last four weeks: forecasts made before them were wrong by one usual week
    arrived = history(12) + [2 * n for n in WEEK] * 4
    found = forecasting.outlook(arrived, arrived, backlog=10)
    assert found is not None
    assert found.error is not None
    assert found.error.trials == 7
    assert 0 < found.error.arrivals < 51
    assert found.error.backlog == 0.0


def test_each_weekday_is_told_by_its_own_kind() -> None:
    tail = history(8) + WEEK[:3]
    assert forecasting.smoothed(tail) == pytest.approx([11, 8, 1, 0, 10, 12, 9])
    assert forecasting.as_last_week(tail) == [11, 8, 1, 0, 10, 12, 9]


def test_histories_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="same days"):
        forecasting.outlook(history(8), history(7), backlog=0)
