"""A mean of scores with how sure it is. What was not answered is not in it. PURE."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

FEWEST = 5  # below this many scores a spread says nothing
SATISFIED = 4  # a score from which on somebody counts as satisfied


@dataclass(frozen=True)
class Mean:
    """``asked`` people, ``answered`` of them, ``scored`` of these; None where there is nothing to divide."""

    asked: int
    answered: int
    scored: int
    value: float | None
    margin: float | None
    satisfied: float | None

    @property
    def rate(self) -> float | None:
        """Percent of the people asked who answered."""
        return 100 * self.answered / self.asked if self.asked else None


def mean_of(scores: Sequence[int], *, asked: int, answered: int) -> Mean:
    """The mean of scores of 1 to 5, half the width of its 95 % interval, and the percent of 4 and 5."""
    n = len(scores)
    if not n:
        return Mean(asked, answered, 0, None, None, None)
    value = sum(scores) / n
    margin = None
    if n >= FEWEST:
        variance = sum((score - value) ** 2 for score in scores) / (n - 1)
        margin = 1.96 * sqrt(variance / n)
    satisfied = 100 * sum(score >= SATISFIED for score in scores) / n
    return Mean(asked, answered, n, value, margin, satisfied)
