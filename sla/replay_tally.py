"""What many replayed tickets come to: attainment, the tickets that flip, expected credits and rewards. Pure.

Attainment counts clocks, as the reports do (rules M); a ticket flips for a metric as a whole, however many
clocks it had for it. A tally dumps to JSON and goes on from there, so that a run can be interrupted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sla.compliance import Compliance
from sla.replay import Verdict
from sla.terms import METRICS, Terms

OUTCOMES = ("met", "missed", "excluded", "pending")
SIDES = ("before", "after")
NOW_MISSED, NOW_MET = "now_missed", "now_met"
MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Flip(NamedTuple):
    """A ticket that one of the two misses and the other does not, by so many working seconds."""

    key: str
    direction: str
    at: datetime | None
    seconds: int | None


@dataclass(slots=True)
class Tally:
    """Counts by target key and priority, and by month and key: `[met, missed, excluded, pending]`."""

    tickets: int = 0
    flips: dict[str, int] = field(default_factory=lambda: {NOW_MISSED: 0, NOW_MET: 0})
    rows: dict[tuple[str, str, Any], list[int]] = field(default_factory=dict)
    months: dict[tuple[str, str, Any], list[int]] = field(default_factory=dict)

    def add(
        self, *, month: str, priority: int, before: Sequence[Verdict], after: Sequence[Verdict]
    ) -> list[Flip]:
        """Count one ticket. `month` ("2026-03") is the one it belongs to; answers how it flips."""
        self.tickets += 1
        found = []
        then, now = _by_metric(before), _by_metric(after)
        for metric in METRICS:
            old, new = then.get(metric, []), now.get(metric, [])
            if not old and not new:
                continue
            key = (new or old)[-1].key
            for side, verdicts in zip(SIDES, (old, new), strict=True):
                for verdict in verdicts:
                    place = OUTCOMES.index(verdict.outcome)
                    _count(self.rows, (side, key, priority), place)
                    _count(self.months, (side, month, verdict.key), place)
            if flip := _flip(key, old, new):
                self.flips[flip.direction] += 1
                found.append(flip)
        return found

    def dump(self) -> dict[str, Any]:
        """As JSON, for `load`."""
        return {
            "tickets": self.tickets,
            "flips": self.flips,
            "rows": [[*name, counts] for name, counts in self.rows.items()],
            "months": [[*name, counts] for name, counts in self.months.items()],
        }

    @classmethod
    def load(cls, given: Mapping[str, Any]) -> "Tally":
        if not given:
            return cls()
        return cls(
            given["tickets"],
            dict(given["flips"]),
            {(side, key, priority): counts for side, key, priority, counts in given["rows"]},
            {(side, month, key): counts for side, month, key, counts in given["months"]},
        )

    def result(self, terms: Terms, present: Terms | None) -> dict[str, Any]:
        """The outcome as JSON. ``present``: the terms in force, by whose rules "before" is counted."""
        goals = {term.key: term.goal_percent for term in terms.targets}
        names = sorted({(key, priority) for _, key, priority in self.rows}, key=_order)
        return {
            "tickets": self.tickets,
            "flips": self.flips,
            "rows": [
                {
                    "key": key,
                    "priority": priority,
                    "goal_percent": goals.get(key),
                    **{side: _figures(self.rows.get((side, key, priority))) for side in SIDES},
                }
                for key, priority in names
            ],
            "total": {
                side: _figures(_sum(counts for name, counts in self.rows.items() if name[0] == side))
                for side in SIDES
            },
            **{
                name: {
                    "before": self._by_month("before", present, name) if present else None,
                    "after": self._by_month("after", terms, name),
                }
                for name in RULES
            },
        }

    def _by_month(self, side: str, terms: Terms, name: str) -> dict[str, Any] | None:
        """What the rules of one kind come to; None without any."""
        if not getattr(terms, name):
            return None
        by_month: dict[str, dict[str, list[int]]] = defaultdict(dict)
        for (where, month, key), counts in self.months.items():
            if where == side:
                by_month[month][key] = counts
        found = [RULES[name](terms, month, counts) for month, counts in sorted(by_month.items())]
        amounts = [each["amount"] for each in found]
        return {
            "months": found,
            "currency": terms.cost.currency,
            "amount": None if monthly_cost(terms) is None else round(sum(amounts), 2),
        }


def credits_of(
    terms: Terms,
    month: str,
    counts: Mapping[str, Sequence[int]],
    measured: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """What a month's attainment costs by the rules of the terms. ``measured``: percent by measure key.

    Of several rules for one target the dearest that is fulfilled counts; those of different targets add up,
    to the whole charge at most. A target without a decided clock costs nothing.
    """
    due: dict[str, dict[str, Any]] = {}
    for rule in terms.credits:
        percent = _attained(rule.target, counts, measured)
        if percent is not None and percent < rule.below:
            held = due.get(rule.target)
            if held is None or rule.percent > held["credit"]:
                due[rule.target] = {
                    "target": rule.target, "percent": percent, "below": rule.below, "credit": rule.percent
                }  # fmt: skip
    return _of_charge(terms, month, due, "credit")


def rewards_of(
    terms: Terms,
    month: str,
    counts: Mapping[str, Sequence[int]],
    measured: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """What a month's attainment earns the provider by the rules of the terms; as `credits_of`.

    Of several rules for one target the highest mark reached counts; those of different targets add up, to the
    whole charge at most. A target without a decided clock, or a measure without a figure, earns nothing.
    """
    due: dict[str, dict[str, Any]] = {}
    for rule in terms.rewards:
        percent = _attained(rule.target, counts, measured)
        if percent is not None and percent >= rule.above:
            held = due.get(rule.target)
            if held is None or rule.above > held["above"]:
                due[rule.target] = {
                    "target": rule.target, "percent": percent, "above": rule.above, "reward": rule.percent
                }  # fmt: skip
    return _of_charge(terms, month, due, "reward")


RULES: Mapping[str, Callable[..., dict[str, Any]]] = {"credits": credits_of, "rewards": rewards_of}
"""What reckons the rules of one kind, by what the terms call them."""


def _of_charge(terms: Terms, month: str, due: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any]:
    share = min(100.0, sum(each[name] for each in due.values()))
    return {
        "month": month,
        "percent": share,
        "amount": round((monthly_cost(terms) or 0) * share / 100, 2),
        "targets": list(due.values()),
    }


def monthly_cost(terms: Terms) -> float | None:
    """The charge of a month; None if there is none, or not by a span of time."""
    months = MONTHS_OF.get(terms.cost.per)
    return terms.cost.amount / months if months and terms.cost.amount else None


def _attained(
    target: str, counts: Mapping[str, Sequence[int]], measured: Mapping[str, float] | None
) -> float | None:
    """The percentage a rule looks at; None where nothing is known."""
    if measured and target in measured:
        return measured[target]
    found = _sum(counts.values()) if target == "*" else counts.get(target)
    percent: float | None = _figures(found)["percent"]
    return percent


def _by_metric(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    ordered = sorted(verdicts, key=attrgetter("metric", "cycle"))
    return {metric: list(found) for metric, found in groupby(ordered, key=attrgetter("metric"))}


def _count(counts: dict[tuple[str, str, Any], list[int]], name: tuple[str, str, Any], place: int) -> None:
    counts.setdefault(name, [0, 0, 0, 0])[place] += 1


def _flip(key: str, old: Sequence[Verdict], new: Sequence[Verdict]) -> Flip | None:
    was, will = _missed(old), _missed(new)
    if will and not was and _is_judged(old):
        return Flip(key, NOW_MISSED, will.at, will.seconds)
    if was and not will and _is_judged(new):
        return Flip(key, NOW_MET, was.at, was.seconds)
    return None


def _missed(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The miss by which it is latest, None if there is none."""
    missed = [verdict for verdict in verdicts if verdict.outcome == "missed"]
    return max(missed, key=lambda verdict: verdict.seconds or 0, default=None)


def _is_judged(verdicts: Sequence[Verdict]) -> bool:
    return any(verdict.outcome in ("met", "pending") for verdict in verdicts)


def _sum(counts: Iterable[Sequence[int]]) -> list[int]:
    total = [0, 0, 0, 0]
    for each in counts:
        total = [a + b for a, b in zip(total, each, strict=True)]
    return total


def _figures(counts: Sequence[int] | None) -> dict[str, Any]:
    """The counts with their percentage, which is None where nothing is decided (M-1)."""
    met, missed, excluded, pending = counts or (0, 0, 0, 0)
    percent = Compliance(met, missed, excluded, pending).percent
    return {"met": met, "missed": missed, "excluded": excluded, "pending": pending, "percent": percent}


def _order(name: tuple[str, int]) -> tuple[int, str, int]:
    key, priority = name
    return METRICS.index(key.partition("/")[0]), key, priority
