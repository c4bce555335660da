"""A supplier's score from what was counted: weighted parts, and runs of bad ones. PURE.

Every part is a value from 0 to 100, or None where nothing was there to be judged; its weight then goes to the
others in proportion.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ATTAINMENT, MISSES, REPORTS, QUALITY = "attainment", "misses", "reports", "quality"
PARTS = (ATTAINMENT, MISSES, REPORTS, QUALITY)
PER_PROBLEM = 25  # points that one quality problem costs


@dataclass(frozen=True)
class Part:
    """One part of a score: its weight of 100, its value, and the counts it comes from."""

    key: str
    weight: int
    value: float | None
    counts: Mapping[str, int] = field(default_factory=dict)


def share(good: int, bad: int) -> float | None:
    """Per cent; None of nothing."""
    return 100 * good / (good + bad) if good + bad else None


def without_misses(missed: int, tickets: int) -> float | None:
    """Customers' targets missed because of the supplier, beside the tickets it had in hand.

    None where it had no ticket and nothing was missed.
    """
    if not tickets and not missed:
        return None
    return max(0.0, 100 * (1 - missed / max(tickets, 1)))


def quality(problems: int, deliveries: int, tickets: int) -> float | None:
    """100 less 25 for each quality problem or rejected delivery; None where it did nothing for us."""
    if not problems and not deliveries and not tickets:
        return None
    return float(max(0, 100 - PER_PROBLEM * problems))


def total(parts: Iterable[Part]) -> int | None:
    """The score of 100, rounded half up; None where no part has a value."""
    known = [(part.weight, part.value) for part in parts if part.value is not None and part.weight]
    weight = sum(w for w, _value in known)
    return int(sum(w * value for w, value in known) / weight + 0.5) if weight else None


def weighted(points: Mapping[int, int], weights: Mapping[int, int]) -> float | None:
    """An offer's score by criteria: points of 100 by criterion; None until every criterion is judged."""
    if not weights or set(points) != set(weights):
        return None
    return sum(points[key] * weights[key] for key in weights) / sum(weights.values())


def run_below(scores: Sequence[int], mark: int) -> int:
    """How many of the latest scores in a row are below the mark; ``scores`` from the oldest to the newest."""
    count = 0
    for score in reversed(scores):
        if score >= mark:
            break
        count += 1
    return count
