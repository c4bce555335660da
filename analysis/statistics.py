"""What a row of figures tells: description, trend, relation, difference, and when to be warned. PURE.

Everything is computed in floats: figures are kept with at most four places, and what is said here is rounded
to fewer. Money and what is confirmed are never computed with it. ``None`` in a row is a span without data:
it is left out, never taken for a zero.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

Number = float | None
FEWEST_LINE, FEWEST_FENCES, FEWEST_RELATED, FEWEST_LIMITS = 3, 4, 6, 8
FEWEST_EACH: Final = 3  # before and after
MOST_ARRANGEMENTS: Final = 20_000
# two over the mean moving range of two: three standard deviations of a chart of single values
RANGE_TO_LIMIT: Final = 2.66
FENCE: Final = 1.5


def there(values: Sequence[Number]) -> list[float]:
    """The figures there are."""
    return [value for value in values if value is not None]


# --- description ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Description:
    """``deviation`` and ``variance`` are of a sample (n - 1); None of one value. Quartiles as Excel's
    QUARTILE.INC. ``low`` and ``high`` are Tukey's fences; None under four values."""

    n: int
    mean: float
    median: float
    deviation: float | None
    variance: float | None
    minimum: float
    maximum: float
    q1: float
    q3: float
    low: float | None
    high: float | None


def describe(values: Sequence[Number]) -> Description | None:
    """None where there is no value."""
    found = sorted(there(values))
    if not found:
        return None
    q1, q3 = quantile(found, 0.25), quantile(found, 0.75)
    reach = FENCE * (q3 - q1)
    is_fenced, is_spread = len(found) >= FEWEST_FENCES, len(found) > 1
    return Description(
        n=len(found), mean=statistics.fmean(found), median=statistics.median(found),
        deviation=statistics.stdev(found) if is_spread else None,
        variance=statistics.variance(found) if is_spread else None,
        minimum=found[0], maximum=found[-1], q1=q1, q3=q3,
        low=q1 - reach if is_fenced else None, high=q3 + reach if is_fenced else None,
    )  # fmt: skip


def quantile(ordered: Sequence[float], share: float) -> float:
    """By linear interpolation between the neighbours; ``ordered`` ascends and is not empty."""
    at = share * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def outliers(values: Sequence[Number]) -> list[int]:
    """The places of those beyond Tukey's fences; a value on a fence is within."""
    found = describe(values)
    if found is None or found.low is None or found.high is None:
        return []
    low, high = found.low, found.high
    return [n for n, value in enumerate(values) if value is not None and not low <= value <= high]


# --- trend ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """Least squares over the places 0, 1, 2...; ``r2`` is the share of the variance it explains.

    ``error`` is the standard error of one value about the line; ``p`` says how likely a slope like this is
    where there is none.
    """

    slope: float
    start: float
    n: int
    r2: float
    error: float
    p: float
    mean_place: float
    spread: float  # sum of the squared distances of the places from their mean

    def at(self, place: float) -> float:
        return self.start + self.slope * place

    def reach(self, place: float, share: float = 0.8) -> float:
        """How far a new value may lie from the line: half the width of its prediction interval."""
        if self.n <= 2:
            return math.inf
        width = math.sqrt(1 + 1 / self.n + (place - self.mean_place) ** 2 / self.spread)
        return student_quantile((1 + share) / 2, self.n - 2) * self.error * width


def line(values: Sequence[Number]) -> Line | None:
    """None under three values."""
    points = [(float(place), value) for place, value in enumerate(values) if value is not None]
    if len(points) < FEWEST_LINE:
        return None
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    mean_x, mean_y = statistics.fmean(xs), statistics.fmean(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    start = mean_y - slope * mean_x
    rest = sum((y - start - slope * x) ** 2 for x, y in points)
    whole = sum((y - mean_y) ** 2 for y in ys)
    r2 = 1 - rest / whole if whole else 0.0
    error = math.sqrt(rest / (len(points) - 2))
    return Line(slope, start, len(points), max(0.0, r2), error, _slope_p(slope, error, spread, len(points)),
                mean_x, spread)  # fmt: skip


def _slope_p(slope: float, error: float, spread: float, n: int) -> float:
    if slope == 0:
        return 1.0
    if error == 0:
        return 0.0
    return two_sided(slope * math.sqrt(spread) / error, n - 2)


def moving_mean(values: Sequence[Number], width: int = 3) -> list[Number]:
    """The mean of each value and those before it, ``width`` together; None where one of them is missing."""
    found: list[Number] = []
    for place in range(len(values)):
        window = values[max(0, place + 1 - width) : place + 1]
        numbers = there(window)
        found.append(statistics.fmean(numbers) if len(numbers) == width else None)
    return found


# --- relation -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Relation:
    """Of ``n`` spans in which both have a figure. Coefficients from -1 to 1; None where one never changes.

    ``p`` is the chance of a Pearson coefficient at least as strong where there is no relation.
    """

    n: int
    pearson: float | None
    spearman: float | None
    p: float | None


def relation(xs: Sequence[Number], ys: Sequence[Number]) -> Relation:
    """Coefficients are None under six pairs as well: ``n`` tells which it is."""
    pairs = [(x, y) for x, y in zip(xs, ys, strict=True) if x is not None and y is not None]
    n = len(pairs)
    if n < FEWEST_RELATED:
        return Relation(n, None, None, None)
    one, other = [x for x, _y in pairs], [y for _x, y in pairs]
    pearson = _pearson(one, other)
    spearman = _pearson(ranks(one), ranks(other))
    if pearson is None:
        return Relation(n, None, spearman, None)
    rest = 1 - pearson * pearson
    p = 0.0 if rest <= 0 else two_sided(pearson * math.sqrt((n - 2) / rest), n - 2)
    return Relation(n, pearson, spearman, p)


def _pearson(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    try:
        found = statistics.correlation(xs, ys)
    except statistics.StatisticsError:  # one of them is constant
        return None
    return max(-1.0, min(1.0, found))


def ranks(values: Sequence[float]) -> list[float]:
    """From 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [0.0] * len(values)
    at = 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for place in order[at : end + 1]:
            found[place] = (at + end) / 2 + 1
        at = end + 1
    return found


# --- difference -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """After less before, by Welch's test; ``low`` to ``high`` holds the true difference in 95 of 100 cases.

    ``p`` by rearranging where neither side varies at all. ``is_told``: a difference can be told.
    """

    n_before: int
    n_after: int
    mean_before: float
    mean_after: float
    difference: float
    low: float
    high: float
    p: float

    @property
    def is_told(self) -> bool:
        return self.p < 0.05


def difference(before: Sequence[Number], after: Sequence[Number]) -> Difference | None:
    """None where one side has fewer than three figures."""
    one, two = there(before), there(after)
    if min(len(one), len(two)) < FEWEST_EACH:
        return None
    mean_one, mean_two = statistics.fmean(one), statistics.fmean(two)
    gap = mean_two - mean_one
    parts = [statistics.variance(each) / len(each) for each in (one, two)]
    error = math.sqrt(sum(parts))
    if error <= 1e-12 * max(1.0, abs(mean_one), abs(mean_two)):
        return Difference(len(one), len(two), mean_one, mean_two, gap, gap, gap, rearranged(one, two))
    degrees = sum(parts) ** 2 / sum(
        part**2 / (len(each) - 1) for part, each in zip(parts, (one, two), strict=True)
    )
    reach = student_quantile(0.975, degrees) * error
    return Difference(
        len(one), len(two), mean_one, mean_two, gap, gap - reach, gap + reach,
        two_sided(gap / error, degrees),
    )  # fmt: skip


def rearranged(before: Sequence[float], after: Sequence[float]) -> float:
    """The share of all ways to divide the figures in which the means differ at least so much; exact.

    1.0 where there are too many ways to go through.
    """
    everything = [*before, *after]
    if math.comb(len(everything), len(before)) > MOST_ARRANGEMENTS:
        return 1.0
    total, n = math.fsum(everything), len(before)
    rest = len(everything) - n

    def gap(chosen: float) -> float:
        return abs((total - chosen) / rest - chosen / n)

    seen = gap(math.fsum(before)) * (1 - 1e-9)
    sums = [math.fsum(chosen) for chosen in combinations(everything, n)]
    return sum(gap(chosen) >= seen for chosen in sums) / len(sums)


# --- warnings -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Of a chart of single values: the mean and three standard deviations about it, from ``n`` values."""

    mean: float
    low: float
    high: float
    n: int


def limits(values: Sequence[Number]) -> Limits | None:
    """None under eight values. The deviation is taken from how much neighbours differ."""
    found = there(values)
    if len(found) < FEWEST_LIMITS:
        return None
    mean = statistics.fmean(found)
    moved = statistics.fmean(abs(b - a) for a, b in pairwise(found))
    return Limits(mean, mean - RANGE_TO_LIMIT * moved, mean + RANGE_TO_LIMIT * moved, len(found))


def worsening(values: Sequence[Number], better: int) -> int:
    """How many of the last figures are each worse than the one before; a gap ends the row.

    ``better`` is 1 where more is better, -1 where less is.
    """
    count = 0
    for before, after in zip(reversed(values[:-1]), reversed(values[1:]), strict=False):
        if before is None or after is None or (after - before) * better >= 0:
            break
        count += 1
    return count


# --- Student's distribution -----------------------------------------------------------------------


def two_sided(t: float, degrees: float) -> float:
    """The chance of a value at least so far from 0, on either side."""
    return _beta_share(degrees / (degrees + t * t), degrees / 2, 0.5)


def student_quantile(share: float, degrees: float) -> float:
    """The value that a share (0.5 to under 1) of the distribution lies below; by bisection."""
    low, high = 0.0, 1.0
    while 1 - two_sided(high, degrees) / 2 < share:
        high *= 2
    for _turn in range(80):
        middle = (low + high) / 2
        if 1 - two_sided(middle, degrees) / 2 < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1), tiny)
    found = d
    for m in range(1, 500):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _off_zero(1 + term * d, tiny)
            c = _off_zero(1 + term / c, tiny)
            found *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return found


def _off_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny


# --- histogram ------------------------------------------------------------------------------------


def edges(low: float, high: float, *, most: int = 12) -> list[float]:
    """Round numbers, equally far apart, from at or below ``low`` to above ``high``; at most ``most`` bins."""
    step = round_step((high - low) / most)
    first = math.floor(low / step)
    bins = math.floor(high / step) - first + 1
    if bins > most:
        step = round_step(step * 1.01)
        first = math.floor(low / step)
        bins = math.floor(high / step) - first + 1
    return [(first + n) * step for n in range(bins + 1)]


def round_step(least: float, steps: Sequence[float] = (1, 2, 2.5, 5, 10)) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not smaller; 1 for nothing at all."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next((each * power for each in steps if each * power >= least * (1 - 1e-9)), 10 * power)
