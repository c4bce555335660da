"""Error budgets: what a goal bears, and forecasts that are honest about what they do not know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.budget import Mark, Past, allowed, backtest, budget, forecast
from sla.compliance import Compliance

COUNTS = st.integers(0, 2000)
GOALS = st.integers(0, 10_000).map(lambda n: n / 100)
SHARES = st.floats(0, 1)
PASTS = st.lists(st.builds(Past, COUNTS, COUNTS), max_size=4)


@pytest.mark.req("SLM-30")
def test_a_budget_in_the_words_of_a_month() -> None:
    found = budget(goal=95, met=78, missed=2, gone=0.41, past=[Past(190, 10)] * 3)
    assert found.forecast is not None
    assert 196 <= found.forecast.decided <= 200
    assert (found.allowed_so_far, found.left_so_far) == (4, 2)
    assert (found.allowed, found.left) == (9, 7)
    assert found.burn == 0.5
    assert found.forecast.low < found.forecast.percent < found.forecast.high


@given(COUNTS, GOALS)
def test_as_many_misses_as_allowed_keep_the_goal_and_one_more_breaks_it(decided: int, goal: float) -> None:
    bearable = allowed(decided, goal)
    assert 0 <= bearable <= decided
    if decided:
        kept = Compliance(decided - bearable, bearable, 0, 0).percent
        assert kept is not None
        assert kept >= goal
    if bearable < decided:
        broken = Compliance(decided - bearable - 1, bearable + 1, 0, 0).percent
        assert broken is not None
        assert broken < goal


@given(COUNTS, COUNTS, SHARES, GOALS, PASTS)
def test_a_budget_never_contradicts_itself(
    met: int, missed: int, gone: float, goal: float, past: list[Past]
) -> None:
    found = budget(goal=goal, met=met, missed=missed, gone=gone, past=past)
    assert found.left == found.allowed - missed
    assert found.left >= found.left_so_far
    ahead = found.forecast
    if ahead is not None:
        assert 0 <= ahead.low <= ahead.percent <= ahead.high <= 100
        assert ahead.decided >= met + missed - 0.05
        assert missed - 0.05 <= ahead.missed <= ahead.decided + 0.05


@given(COUNTS, COUNTS, PASTS)
def test_a_period_that_is_over_is_told_as_it_was(met: int, missed: int, past: list[Past]) -> None:
    ahead = forecast(met=met, missed=missed, gone=1, past=past)
    if met + missed == 0:
        assert ahead is None
    else:
        assert ahead is not None
        actual = Compliance(met, missed, 0, 0).percent
        assert ahead.low == ahead.percent == ahead.high == pytest.approx(actual, abs=0.011)


def test_nothing_is_forecast_from_nothing() -> None:
    assert forecast(met=0, missed=0, gone=0.5) is None
    assert forecast(met=3, missed=1, gone=0.001) is None
    assert forecast(met=0, missed=0, gone=0.0, past=[Past(0, 0)]) is None
    assert budget(goal=95, met=0, missed=0, gone=0.5).burn is None
    assert budget(goal=100, met=5, missed=1, gone=0.5).burn is None
    before = forecast(met=0, missed=0, gone=0.0, past=[Past(90, 10)])
    assert before is not None
    assert before.percent == pytest.approx(89.6, abs=0.2)


def test_the_range_narrows_as_the_period_passes() -> None:
    widths = []
    for gone in (0.25, 0.5, 0.75):
        ahead = forecast(met=int(95 * gone), missed=int(5 * gone), gone=gone, past=[Past(95, 5)] * 3)
        assert ahead is not None
        widths.append(ahead.high - ahead.low)
    assert widths == sorted(widths, reverse=True)


def test_the_back_test_knows_only_what_was_known_then() -> None:
    steady = [[Mark(n / 20, 19, 1) for n in range(1, 21)] for _month in range(6)]
    scores = backtest(steady)
    assert [score.gone for score in scores] == [0.25, 0.5, 0.75]
    assert all(score.periods == 6 and score.within == 6 for score in scores)
    assert scores[0].mean_error is not None
    assert scores[0].mean_error < 0.5
    turned = [[Mark(0.2, 100, 0), Mark(0.9, 0, 100)]]
    late = backtest(turned)[2]
    assert late.mean_error == pytest.approx(50, abs=2)
    assert late.within == 0
    assert backtest([[], []])[0].mean_error is None
