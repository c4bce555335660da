"""Attainment of many clocks in one figure (rules M). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

STATES = ("not_started", "running", "paused", "met", "breached", "cancelled")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What counts of one clock."""

    state: str
    breached: bool
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Compliance:
    """How many clocks fell where; `percent` of the decided ones, rounded down to 0.01, None if none is."""

    met: int
    breached: int
    excluded: int
    pending: int

    @property
    def percent(self) -> float | None:
        decided = self.met + self.breached
        return self.met * 10_000 // decided / 100 if decided else None  # M-1, M-5


def summarise(verdicts: Iterable[Verdict]) -> Compliance:
    """Count clocks: waived ones apart (M-4), breached ones at once (M-2), cancelled ones not (M-3)."""
    counts = {"met": 0, "breached": 0, "excluded": 0, "pending": 0}
    for verdict in verdicts:
        counts[_place(verdict)] += 1
    return Compliance(**counts)


def _place(verdict: Verdict) -> str:
    if verdict.waived:
        return "excluded"
    if verdict.breached or verdict.state == "breached":
        return "breached"
    if verdict.state == "cancelled":
        return "excluded"
    return "met" if verdict.state == "met" else "pending"
