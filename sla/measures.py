"""What is measured of a service over a period: availability, failures, and figures from series. Pure.

An outage counts as its users felt it: until they were told that the service is back, where that is known.
Only service hours count; planned interruptions that were agreed, and outages excluded by approval, are taken
out of both sides. Spans that overlap count once. Instants are aware datetimes, amounts whole seconds.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Literal, NamedTuple

from sla.calendar import Calendar, between
from sla.terms import MeasureTerm, Text


class Interval(NamedTuple):
    """A span of time, half open."""

    start: datetime
    end: datetime


class Hours(NamedTuple):
    """The service hours of a part of the period; parts follow each other and do not overlap."""

    calendar: Calendar
    start: datetime
    end: datetime


# --- spans --------------------------------------------------------------------------------------


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time in order, without overlap; what touches is joined, what is empty left out."""
    joined: list[Interval] = []
    for each in sorted(each for each in intervals if each.start < each.end):
        if joined and each.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined


def minus(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """The time of ``intervals`` that is not in ``taken``."""
    left, away = [], union(taken)
    for start, end in union(intervals):
        at = start
        for gap in away:
            if gap.end <= at or gap.start >= end:
                continue
            if gap.start > at:
                left.append(Interval(at, gap.start))
            at = min(end, gap.end)
        if at < end:
            left.append(Interval(at, end))
    return left


def seconds(hours: Sequence[Hours], intervals: Iterable[Interval]) -> int:
    """Service seconds in ``intervals``, which do not overlap."""
    return sum(
        between(part.calendar, max(part.start, span.start), min(part.end, span.end))
        for span in intervals
        for part in hours
        if part.start < span.end and span.start < part.end
    )


# --- outages ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Availability:
    """A service over a period, in service seconds.

    ``agreed``: those it was to be available; ``down``: those of them it was not; ``planned``: those taken
    out as agreed. ``failures``: outages that began in the period; ``outages``: those that reach into it.
    """

    agreed: int
    down: int
    planned: int
    failures: int
    outages: int
    longest: int

    @property
    def percent(self) -> Fraction | None:
        """None where no second was agreed."""
        return Fraction(100 * (self.agreed - self.down), self.agreed) if self.agreed else None

    @property
    def mtbf(self) -> Fraction | None:
        """Mean seconds of service between failures; None without a failure."""
        return Fraction(self.agreed - self.down, self.failures) if self.failures else None

    @property
    def mttr(self) -> Fraction | None:
        """Mean service seconds until users had the service back; None without an outage."""
        return Fraction(self.down, self.outages) if self.outages else None

    def allowed_down(self, goal: Fraction) -> int:
        """Seconds the service may be away for a goal in percent."""
        return int(self.agreed * (100 - goal) / 100)


def availability(
    hours: Sequence[Hours], outages: Iterable[Interval], taken_out: Iterable[Interval] = ()
) -> Availability:
    """What outages come to in the given hours. ``taken_out``: agreed interruptions and excluded outages.

    Outages that overlap or touch are one; one that has no counted second is none.
    """
    if not hours:
        return Availability(0, 0, 0, 0, 0, 0)
    begin, end = hours[0].start, hours[-1].end
    away = union(taken_out)
    whole = seconds(hours, [Interval(begin, end)])
    planned = seconds(hours, away)
    felt = [(span, seconds(hours, minus([span], away))) for span in union(outages)]
    counted = [(span, amount) for span, amount in felt if amount]
    return Availability(
        agreed=whole - planned,
        down=sum(amount for _span, amount in counted),
        planned=planned,
        failures=sum(begin <= span.start < end for span, _amount in counted),
        outages=len(counted),
        longest=max((amount for _span, amount in counted), default=0),
    )


# --- series -------------------------------------------------------------------------------------

How = Literal["ratio", "average", "sum", "greatest", "percentile"]
HOW: dict[str, How] = {
    "availability": "ratio",
    "answer_rate": "ratio",
    "reply_rate": "ratio",
    "callback_rate": "ratio",
    "throughput": "ratio",
    "transaction_time": "average",
    "mtbf": "average",
    "failures": "sum",
    "repeat_faults": "sum",
    "workload": "sum",
    "outage_duration": "greatest",
    "publication": "greatest",
}
PERCENTILE = re.compile(
    r"\bp(\d{1,2}(?:\.\d+)?)\b"
    r"|(\d{1,2}(?:\.\d+)?)(?:st|nd|rd|th)?[ -]percentile"
    r"|(\d{1,2}(?:\.\d+)?)\s*百分位",
    re.IGNORECASE,
)


class Slice(NamedTuple):
    """One measured value: a numerator over a denominator, or a value by itself."""

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    value: Fraction | None = None


def percentile_of(method: Text) -> Fraction | None:
    """The percentile a method names, as in "95th percentile", "p95" or "95 百分位"; None if it names none."""
    found = PERCENTILE.search(f"{method.en} {method.zh}")
    return Fraction(next(filter(None, found.groups()))) if found else None


def combine(
    slices: Sequence[Slice], *, how: How, percent: bool, rank: Fraction | None = None
) -> Fraction | None:
    """One figure from the slices of a period; None where they hold none.

    A ratio is the sum of numerators over that of denominators, never a mean of ratios; only where no slice
    has both is it the mean of the values. ``percent``: ratios are given times 100. ``rank``: the percentile,
    which is a value that occurred (nearest rank).
    """
    pairs = [
        (s.numerator, s.denominator) for s in slices if s.numerator is not None and s.denominator is not None
    ]
    factor = 100 if percent else 1
    if pairs and how in ("ratio", "average"):
        below = sum(denominator for _numerator, denominator in pairs)
        return factor * sum(numerator for numerator, _denominator in pairs) / below if below else None
    values = sorted(value for each in slices if (value := _single(each, factor)) is not None)
    if not values:
        return None
    if how == "percentile" and rank is not None:
        return values[max(0, ceil(rank * len(values) / 100) - 1)]
    if how == "sum":
        return Fraction(sum(values))
    if how == "greatest":
        return values[-1]
    return Fraction(sum(values)) / len(values)


def _single(each: Slice, factor: int) -> Fraction | None:
    if each.value is not None:
        return each.value
    if each.numerator is not None and each.denominator:
        return factor * each.numerator / each.denominator
    return each.numerator


# --- verdicts -----------------------------------------------------------------------------------

SECONDS_IN = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "months": 30 * 86_400}


def from_seconds(amount: Fraction | int | None, unit: str) -> Fraction | None:
    """Seconds in a unit of time; a month is 30 days. KeyError for a unit that is none of time."""
    return None if amount is None else Fraction(amount) / SECONDS_IN[unit]


def is_kept(term: MeasureTerm, actual: Fraction | None) -> bool | None:
    """Whether the promise holds, judged exactly, before anything is rounded; None without a figure."""
    if actual is None:
        return None
    promised = Fraction(str(term.value))
    return actual >= promised if term.operator == ">=" else actual <= promised


def rounded(term: MeasureTerm, actual: Fraction) -> float:
    """For people, to 0.0001 and never to the better side: 99.99999 % is not 100 %."""
    scaled = actual * 10_000
    whole = scaled.__floor__() if term.operator == ">=" else scaled.__ceil__()
    return whole / 10_000
