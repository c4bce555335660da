"""Is each target of an SLA carried by targets of OLAs and UCs that are no looser (rule 5.1.1)? Pure.

Values in, verdicts out. Durations are compared at every start of a span, exact to the second (`curves`);
rates, counts and limits as figures. Instants are aware datetimes; slack of durations is in seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import prod
from typing import Literal

from sla.calendar import Calendar, from_seconds, to_seconds
from sla.curves import Curve, Duration, Unanswerable, curve, following, latest, openings, together
from sla.reading import Refused
from sla.target import Target
from sla.zone import DAY

State = Literal["proved", "looser", "not_underpinned", "unknown"]
YEAR = 366 * DAY
NOT_LESS = 1e-9
"""Figures closer than this are equal: 0.999 x 0.999 is not looser than itself."""


class Circular(Refused):
    """Targets that rest on each other."""


@dataclass(frozen=True, slots=True)
class Warned:
    """What the proof does not refuse but a person should know. `code`: "hours" (first second of the SLA's
    service hours the agreement does not cover), "validity" (when it ends),
    and what makes a verdict unknown: "agreement", "target", "calendar", "kind", "unit", "period", "opens",
    "never"."""

    code: str
    agreement: str = ""
    target: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A supporting target that promises a duration."""

    agreement: str
    target: str
    stage: int
    promise: Target
    calendar: Calendar

    @property
    def duration(self) -> Duration:
        return Duration(self.promise, self.calendar)


@dataclass(frozen=True, slots=True)
class StageDue:
    """When a supporting target is due in the counter-example."""

    stage: int
    agreement: str
    target: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The start at which the chain is latest against the SLA; of a proof, the one with least slack."""

    start: datetime
    dues: tuple[StageDue, ...]
    sla_due: datetime

    @property
    def chain_due(self) -> datetime:
        return max(each.due for each in self.dues)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one target. `slack` is in `unit` ("seconds" for durations), negative when looser.

    `combined` is what the figures of a chain come to; `zone` is that of the SLA's calendar.
    """

    key: str
    state: State
    slack: float | None = None
    unit: str = "seconds"
    counterexample: Counterexample | None = None
    warnings: tuple[Warned, ...] = ()
    combined: float | None = None
    zone: str = "UTC"


def compare(
    key: str, promised: Duration, chain: Sequence[Link], *, begin: datetime, seconds: int = YEAR
) -> Verdict:
    """Whether a chain is due no later than the SLA for every start in [begin, begin + seconds).

    Links of one stage run side by side and the slowest counts; the next stage starts when it is due.
    """
    if not chain:
        return Verdict(key, "not_underpinned")
    since = to_seconds(begin)
    try:
        promise = curve(promised, since, since + seconds)
        slack, start = _worst(promise, chained(chain, since, since + seconds))
        example = _example(promised, chain, start)
    except Unanswerable:
        return Verdict(key, "unknown", warnings=(Warned("never"),))
    return Verdict(key, "looser" if slack < 0 else "proved", slack, counterexample=example)


def stages(chain: Sequence[Link]) -> list[list[Link]]:
    """The links by stage, in order."""
    ordered = sorted(chain, key=lambda link: link.stage)
    return [list(links) for _, links in groupby(ordered, key=lambda link: link.stage)]


def chained(chain: Sequence[Link], begin: int, end: int) -> Curve:
    """When the last stage of a chain is due, for every start in [begin, end)."""
    found: Curve | None = None
    for links in stages(chain):
        before = found
        side_by_side = [
            curve(link.duration, begin, end) if before is None else following(before, link.duration)
            for link in links
        ]
        found = side_by_side[0]
        for other in side_by_side[1:]:
            found = latest(found, other)
    if found is None:
        raise ValueError("a chain has at least one link")
    return found


def _worst(promise: Curve, chain: Curve) -> tuple[int, int]:
    """The least slack and the first start that has it: at an end of some straight piece."""
    best: tuple[int, int] | None = None
    for begin, finish, due, reached in together(promise, chain):
        for start in (begin, finish - 1):
            slack = due.at(start) - reached.at(start)
            if best is None or slack < best[0]:
                best = (slack, start)
    if best is None:
        raise ValueError("an empty span")
    return best


def _example(promised: Duration, chain: Sequence[Link], start: int) -> Counterexample:
    at = start
    dues: list[StageDue] = []
    for links in stages(chain):
        reached = [(link, link.duration.due(at)) for link in links]
        dues.extend(
            StageDue(link.stage, link.agreement, link.target, from_seconds(due)) for link, due in reached
        )
        at = max(due for _, due in reached)
    return Counterexample(from_seconds(start), tuple(dues), from_seconds(promised.due(start)))


def first_gap(wanted: Calendar, given: Calendar, *, begin: datetime, seconds: int = YEAR) -> datetime | None:
    """The first second in a span that `wanted` works and `given` does not; None if there is none (rule 4)."""
    since = to_seconds(begin)
    until = since + seconds
    covers = openings(given, since, until)
    n = 0
    for start, close in openings(wanted, since, until):
        at, stop = max(start, since), min(close, until)
        while at < stop:
            while n < len(covers) and covers[n][1] <= at:
                n += 1
            if n == len(covers) or covers[n][0] > at:
                return from_seconds(at)
            at = covers[n][1]
    return None


IN_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": DAY}
A_DAY = {"per_minute": 1_440, "per_hour": 24, "per_day": 1}
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Figure:
    """A promise of a value over a period."""

    measure: str
    operator: str
    value: float
    unit: str
    period: str = "month"
    agreement: str = ""
    target: str = ""

    def inexpressible(self, wanted: "Figure") -> str:
        """Why the figure cannot be compared with the one of the SLA; "" if it can."""
        if (self.measure, self.operator) != (wanted.measure, wanted.operator):
            return "kind"
        alike = self.unit == wanted.unit or any(
            {self.unit, wanted.unit} <= units.keys() for units in (IN_SECONDS, A_DAY)
        )
        if not alike:
            return "unit"
        # a rate over a year says nothing of each month of it
        longer = MONTHS.get(self.period, 1) > MONTHS.get(wanted.period, 1)
        return "period" if longer and self.unit == "percent" else ""

    def expressed(self, wanted: "Figure") -> float:
        """The value in the unit, and counts for the period, of the SLA."""
        value = self.value
        for units in (IN_SECONDS, A_DAY):
            if self.unit in units:
                value = value * units[self.unit] / units[wanted.unit]
        if self.operator == "<=" and self.unit == "count":
            value *= max(1, MONTHS.get(wanted.period, 1) // MONTHS.get(self.period, 1))
        return value


def compare_figures(key: str, wanted: Figure, chain: Sequence[Figure]) -> Verdict:
    """Rules 3 and 5: percentages multiply, failures and times add up; of limits and throughput the least."""
    if not chain:
        return Verdict(key, "not_underpinned")
    if odd := [(each, why) for each in chain if (why := each.inexpressible(wanted))]:
        warned = tuple(Warned(why, each.agreement, each.target) for each, why in odd)
        return Verdict(key, "unknown", warnings=warned)
    values = [each.expressed(wanted) for each in chain]
    at_most = wanted.operator == "<=" and wanted.measure != "workload"
    reached = sum(values) if at_most else _at_least(wanted, values)
    slack = wanted.value - reached if at_most else reached - wanted.value
    state: State = "proved" if slack >= -NOT_LESS else "looser"
    return Verdict(key, state, round(slack, 9), wanted.unit, combined=round(reached, 9))


def _at_least(wanted: Figure, values: Sequence[float]) -> float:
    if wanted.unit == "percent":
        return 100 * prod(value / 100 for value in values)
    if wanted.measure == "mtbf":  # failure rates add up
        return 1 / sum(1 / value for value in values) if all(values) else 0
    return min(values)


Node = tuple[str, str]
"""An agreement's code and a target's key."""


def refuse_circles(links: Mapping[Node, Sequence[Node]]) -> None:
    """`Circular`, naming the circle, if a target rests on itself through others."""
    finished: set[Node] = set()
    for begin in links:
        path: list[Node] = []
        todo: list[tuple[Node, bool]] = [(begin, False)]
        while todo:
            node, is_left = todo.pop()
            if is_left:
                finished.add(path.pop())
            elif node in path:
                raise Circular("circular", "underpinned_by", _around(path[path.index(node) :]))
            elif node not in finished:
                path.append(node)
                todo.append((node, True))
                todo.extend((each, False) for each in links.get(node, ()))


def _around(circle: list[Node]) -> str:
    """The circle in words, from its first name on: the same whatever was looked at first."""
    start = circle.index(min(circle))
    names = [f"{code} {key}" for code, key in [*circle[start:], *circle[: start + 1]]]
    return f"rests on itself: {' -> '.join(names)}"
