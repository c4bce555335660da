"""What is said of a row of figures is what textbooks say of the same rows."""

import itertools
import math
import statistics as stdlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import statistics as stats

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)
# Anscombe's first set: mean of y 7.50, y = 3.00 + 0.500 x, r = 0.816, p = 0.00217
X = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0]
Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]


@pytest.mark.req("RPT-07")
def test_a_row_is_described_by_its_mean_variance_and_quartiles() -> None:
    found = stats.describe([2, None, 4, 4, 4, 5, 5, 7, 9])
    assert found
    assert (found.n, found.mean, found.median, found.minimum, found.maximum) == (8, 5, 4.5, 2, 9)
    assert found.variance == pytest.approx(32 / 7)
    assert found.deviation == pytest.approx(math.sqrt(32 / 7))
    assert (found.q1, found.q3) == (4, 5.5)
    assert (found.low, found.high) == (1.75, 7.75)


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_is_not_described(values: list[None]) -> None:
    assert stats.describe(values) is None


def test_one_value_varies_by_nothing_one_can_tell() -> None:
    found = stats.describe([3])
    assert found
    assert (found.mean, found.variance, found.deviation, found.low) == (3, None, None, None)


@given(VALUES)
def test_a_description_lies_within_its_values(values: list[float]) -> None:
    found = stats.describe(values)
    assert found
    slack = 1e-6 * max(1.0, *(abs(value) for value in values))
    assert found.minimum - slack <= found.mean <= found.maximum + slack
    assert found.minimum <= found.q1 <= found.median + slack
    assert found.median <= found.q3 + slack <= found.maximum + 2 * slack
    assert len(stats.outliers(values)) < len(values)


@pytest.mark.req("RPT-07")
def test_outliers_are_named_by_tukeys_rule_and_not_dropped() -> None:
    values = [10, 12, None, 11, 13, 12, 40]
    assert stats.outliers(values) == [6]
    found = stats.describe(values)
    assert found
    assert (found.n, found.maximum) == (6, 40)
    assert stats.outliers([1, 1, 100]) == []  # too few to say


@pytest.mark.req("RPT-07")
def test_a_line_is_fitted_by_least_squares() -> None:
    ordered = [y for _x, y in sorted(zip(X, Y, strict=True))]
    found = stats.line(ordered)
    assert found
    assert found.slope == pytest.approx(0.5001, abs=1e-4)
    assert found.at(-4) == pytest.approx(3.0001, abs=1e-3)
    assert found.r2 == pytest.approx(0.6665, abs=1e-4)
    assert found.error == pytest.approx(1.2366, abs=1e-4)
    assert found.p == pytest.approx(0.00217, abs=1e-5)


def test_gaps_keep_their_place_in_a_line() -> None:
    found = stats.line([0, None, 4, 6, None, 10])
    assert found
    assert (found.slope, found.start, found.n, found.r2, found.p) == (2, 0, 4, 1, 0)
    assert found.reach(6) == 0
    assert stats.line([1, None, 2]) is None


@given(st.floats(-100, 100), st.floats(-1e4, 1e4), st.integers(3, 30))
def test_a_straight_row_is_its_own_line(slope: float, start: float, n: int) -> None:
    found = stats.line([start + slope * place for place in range(n)])
    assert found
    assert found.at(n) == pytest.approx(start + slope * n, abs=1e-6 * (1 + abs(start) + abs(slope)) * n)


def test_a_moving_mean_needs_all_its_values() -> None:
    assert stats.moving_mean([3, 6, 9, None, 3, 6, 9]) == [None, None, 6, None, None, None, 6]


@pytest.mark.req("RPT-07")
def test_two_rows_are_related_as_their_coefficients_say() -> None:
    found = stats.relation(X, Y)
    assert found.n == 11
    assert found.pearson == pytest.approx(0.8164, abs=1e-4)
    assert found.spearman == pytest.approx(0.8182, abs=1e-4)
    assert found.p == pytest.approx(0.00217, abs=1e-5)


def test_a_relation_of_fewer_than_six_pairs_is_not_told() -> None:
    found = stats.relation([*X[:5], None, 3], [*Y[:5], 4, None])
    assert (found.n, found.pearson, found.spearman) == (5, None, None)


def test_what_never_changes_is_related_to_nothing() -> None:
    found = stats.relation([1] * 8, list(range(8)))
    assert (found.n, found.pearson, found.spearman, found.p) == (8, None, None, None)


def test_equal_values_share_their_ranks() -> None:
    assert stats.ranks([10, 20, 10, 30, 20, 20]) == [1.5, 4, 1.5, 6, 4, 4]


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=6, max_size=30))
def test_a_relation_is_the_same_in_both_directions(pairs: list[tuple[int, int]]) -> None:
    xs, ys = [float(x) for x, _y in pairs], [float(y) for _x, y in pairs]
    one, other = stats.relation(xs, ys), stats.relation(ys, xs)
    assert one.pearson == pytest.approx(other.pearson) if one.pearson is not None else other.pearson is None
    assert one.pearson is None or -1 <= one.pearson <= 1
    turned = stats.relation(xs, [-y for y in ys]).pearson
    assert one.pearson is None or turned == pytest.approx(-one.pearson)


@pytest.mark.req("RPT-07")
def test_before_and_after_are_told_apart_by_welchs_test() -> None:
    # a published example of the test, with p = 0.021378
    before = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
    after = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4]
    found = stats.difference(before, after)
    assert found
    assert found.difference == pytest.approx(2.1667, abs=1e-4)
    assert found.p == pytest.approx(0.021378, abs=1e-6)
    assert found.is_told
    for bound in (found.low, found.high):  # a difference at the bound of the interval is just not told
        moved = stats.difference(before, [value - bound for value in after])
        assert moved
        assert moved.p == pytest.approx(0.05, abs=1e-6)


def test_a_difference_within_the_usual_scatter_is_not_told() -> None:
    found = stats.difference([10, 14, 9, 12], [11, 13, None, 10, 15])
    assert found
    assert found.low < 0 < found.high
    assert not found.is_told
    assert stats.difference([1, 2], [3, 4, 5]) is None


def test_sides_that_do_not_vary_are_told_apart_by_rearranging() -> None:
    few, more = stats.difference([5] * 3, [7] * 3), stats.difference([5] * 4, [7] * 4)
    assert few
    assert more
    assert (few.p, few.is_told) == (2 / 20, False)  # 3 of 6 can be drawn in 20 ways
    assert (more.p, more.is_told) == (2 / 70, True)
    same = stats.difference([5] * 4, [5] * 4)
    assert same
    assert (same.p, same.is_told) == (1, False)
    assert stats.rearranged([1.0] * 30, [2.0] * 30) == 1.0


@pytest.mark.parametrize(
    ("share", "degrees", "value"),
    [(0.975, 1, 12.7062), (0.975, 4, 2.77645), (0.975, 10, 2.22814), (0.95, 30, 1.69726), (0.9, 8, 1.39682)],
)
def test_students_distribution_is_that_of_the_tables(share: float, degrees: float, value: float) -> None:
    assert stats.student_quantile(share, degrees) == pytest.approx(value, abs=1e-4)
    assert stats.two_sided(value, degrees) == pytest.approx(2 * (1 - share), abs=1e-5)


@pytest.mark.req("RPT-08")
def test_limits_come_from_how_much_neighbours_differ() -> None:
    found = stats.limits([10, 12, 10, 12, None, 10, 12, 10, 12])
    assert found
    assert (found.mean, found.n) == (11, 8)
    assert [found.low, found.high] == pytest.approx([11 - 2.66 * 2, 11 + 2.66 * 2])
    assert stats.limits([1] * 7) is None


@pytest.mark.req("RPT-08")
def test_figures_that_worsen_one_after_another_are_counted() -> None:
    assert stats.worsening([99, 98, 97, 96, 95], 1) == 4
    assert stats.worsening([99, 98, 97, 98, 95], 1) == 1
    assert stats.worsening([1, 2, 3, 4], -1) == 3
    assert stats.worsening([4, None, 3, 2], 1) == 1
    assert stats.worsening([2, 2], 1) == 0
    assert stats.worsening([], 1) == 0


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_bins_hold_everything_and_are_not_many(one: float, other: float) -> None:
    low, high = sorted((one, other))
    found = stats.edges(low, high)
    assert found[0] <= low
    assert found[-1] > high
    assert 2 <= len(found) <= 13
    assert all(b > a for a, b in itertools.pairwise(found))


def test_the_median_is_the_middle_quantile() -> None:
    assert stats.quantile(sorted(Y), 0.5) == stdlib.median(Y)
