"""What an edit does to open clocks: which move, and which would be late by it. Pure.

A clock is what its events make of it (`timing`); an edit is further events, or another clock. Both are asked
what they say at the instant the edit takes effect, and the answers compared: no due time is computed here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sla import timing
from sla.calendar import Calendar
from sla.timing import Event, State, Target

Verdict = Literal["breaches", "earlier", "later", "relieved", "unchanged"]
"""`breaches`: in time before, late at once. `relieved`: late before, not any more. What is late before and
after is `unchanged`, whatever its due time: being late is a fact."""

VERDICTS: tuple[Verdict, ...] = ("breaches", "earlier", "later", "relieved", "unchanged")
WORSE: frozenset[Verdict] = frozenset({"breaches", "earlier"})
TIGHT = timedelta(hours=24)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Running:
    """An open clock as a value, with everything that has happened to it."""

    start: datetime
    calendar: Calendar
    target: Target
    events: tuple[Event, ...] = ()

    def with_(self, events: Sequence[Event]) -> "Running":
        """The same clock after further events."""
        return Running(self.start, self.calendar, self.target, (*self.events, *events)) if events else self

    def state(self) -> State:
        """Raises `TargetError` for a target that its calendar cannot keep."""
        return timing.run(start=self.start, calendar=self.calendar, target=self.target, events=self.events)


class Move(NamedTuple):
    """What becomes of one clock.

    `before` and `after` are due times, None beyond the calendar's days; of a paused clock those it would have
    if it went on at the instant of the edit. `is_tight`: moved nearer, and due within a day of the edit.
    """

    before: datetime | None
    after: datetime | None
    verdict: Verdict
    is_paused: bool = False
    is_tight: bool = False

    @property
    def is_worse(self) -> bool:
        return self.verdict in WORSE

    @property
    def shift(self) -> timedelta | None:
        """By how much the due time moves; None where one side has none."""
        return self.after - self.before if self.before and self.after else None


def move(before: Running, after: Running, *, at: datetime) -> Move:
    """Compare a clock with what an edit at `at` makes of it. Raises `TargetError`."""
    states = before.state(), after.state()
    is_paused = states[0].at(at).phase == "paused"
    if is_paused:  # what stands still has no due time; shown is what it would be
        onward = (Event(at, "resume"),)
        states = before.with_(onward).state(), after.with_(onward).state()
    return compare(*states, at=at, is_paused=is_paused)


def compare(before: State, after: State, *, at: datetime, is_paused: bool = False) -> Move:
    """Two clocks, or a clock and what becomes of it, at the instant `at`."""
    # one second on, being late has become a fact (B-1)
    old, new = before.at(at), after.at(at)
    was_late, is_late = before.at(at + SECOND).breached, after.at(at + SECOND).breached
    found = _verdict(old.due, new.due, was_late=was_late, is_late=is_late)
    is_tight = found == "earlier" and new.due is not None and new.due - at <= TIGHT
    return Move(old.due, new.due, found, is_paused, is_tight)


def _verdict(before: datetime | None, after: datetime | None, *, was_late: bool, is_late: bool) -> Verdict:
    if is_late and not was_late:
        return "breaches"
    if was_late and not is_late:
        return "relieved"
    if before == after or is_late:
        return "unchanged"
    if before is None:
        return "earlier"
    if after is None or after > before:
        return "later"
    return "earlier"


def promised(promise: Running, *, at: datetime) -> Move:
    """What a promise does that applies from `at` on but counts from its start, where there was none."""
    state = promise.state()
    is_late = state.at(at + SECOND).breached
    due = state.at(at).due
    near = due is not None and not is_late and due - at <= TIGHT
    return Move(None, due, "breaches" if is_late else "earlier", is_tight=near)


def tally(moves: Iterable[Move]) -> dict[Verdict, int]:
    """How many of each verdict; all verdicts are there."""
    counted = Counter(each.verdict for each in moves)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def order(found: Move) -> tuple[int, float, float]:
    """The worst first: late at once, then by how much nearer; what does not move last."""
    shift = found.shift
    return (
        VERDICTS.index(found.verdict),
        shift.total_seconds() if shift else 0.0,
        found.after.timestamp() if found.after else float("inf"),
    )
