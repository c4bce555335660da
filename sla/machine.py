"""What a clock goes through, event by event: the inside of `timing`. Pure.

A cycle is a sequence of *runs* [from, to) on a calendar, between which it is paused or stopped. What a
run used up is never measured again (R-1, V-1); an instant at which so much was used up is looked up in
the runs. All instants here are whole seconds since 1970.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import islice
from typing import Literal, NamedTuple

from sla.calendar import ALWAYS, Calendar, to_seconds
from sla.target import Target, resolve_at

Phase = Literal["not_started", "running", "paused", "stopped", "cancelled"]
NO_REASON = "no reason given"


@dataclass(frozen=True, slots=True)
class Offset:
    """A threshold in working seconds from the target; negative: before it."""

    seconds: int

    def __str__(self) -> str:
        return f"{self.seconds:+d}s"


Threshold = int | float | Offset
"""Per cent of the target, or an offset from it (W-1)."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a clock. Fields beyond `at` and `type` concern the types named beside them."""

    at: datetime
    type: str
    reason: str | None = (
        None  # pause, resume; None is a reason of its own for pause, and all for resume (P-3)
    )
    mode: Literal["continue", "new_cycle"] = "continue"  # reopen
    target: Target | None = None  # retarget, amend
    calendar: Calendar | None = None  # retarget, amend, calendar
    apply_to_open: bool = False  # amend
    due: datetime | None = None  # appoint: the agreed instant (G-1)
    clocks: frozenset[str] | None = None  # in a record: the clocks concerned, None for all (K-1)


class Run(NamedTuple):
    start: int
    calendar: Calendar
    before: int


@dataclass(slots=True)
class Cycle:
    """What one cycle used up: its finished runs, and what was used up by the end of each."""

    number: int
    start: int
    runs: list[Run] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    fired: list[tuple[int, int]] = field(default_factory=list)
    last_ran: int | None = None

    def used_up(self, seconds: int) -> int | None:
        """The earliest instant at which so much had been used up in the finished runs."""
        if seconds <= 0:
            return self.start
        run_ = self.runs[bisect_left(self.after, seconds)]
        return run_.calendar.timeline.reach(run_.start, seconds - run_.before)


class Mark(NamedTuple):
    """Everything that holds from an instant until the next event."""

    at: int
    phase: Phase
    cycle: Cycle
    target: int
    calendar: Calendar
    spent: int
    breached_at: int | None
    pending: tuple[tuple[int, int], ...]
    fired: int
    verdicts: int
    due: int | None
    detail: str
    appointed: int | None = None

    def due_at(self) -> int | None:
        """The due time in force (O-1, P-2, R-2)."""
        if self.phase in ("stopped", "cancelled"):
            return self.due
        if self.appointed is not None:
            return self.appointed
        if self.spent >= self.target:
            return self.cycle.used_up(self.target)
        if self.phase == "paused":
            return None
        return self.calendar.timeline.reach(self.at, self.target - self.spent)

    def breach_at(self) -> int | None:
        """The instant after which a running clock is breached, unless it is already (B-2)."""
        due = self.due_at()
        return None if due is None else max(due, self.at)

    def firing(self, until: int | None) -> list[tuple[int, int]]:
        """(instant, index) of what fires from the mark on, in order; if running, up to `until` (W-2, W-3)."""
        if self.phase != "running" or not self.pending:
            return []
        line, found = self.calendar.timeline, []
        reached = None if until is None else self.spent + line.between(self.at, until)
        for level, index in self.pending:
            if reached is not None and level > reached:
                break
            at = self.at if level <= self.spent else line.reach(self.at, level - self.spent)
            if at is not None:
                found.append((at, index))
        return sorted(found)


class Machine:
    """Applies events in order and leaves a mark after each."""

    def __init__(
        self, start: int, calendar: Calendar, target: Target, thresholds: tuple[Threshold, ...]
    ) -> None:
        self.thresholds = thresholds
        self.verdicts: list[str] = []
        self.marks: list[Mark] = []
        self.calendar, self.target = calendar, target
        self.waiting: Target | None = None  # a target given while stopped (O-5)
        self.reasons: dict[str | None, None] = {}
        # the agreed instant, while there is one, and what the span had used up and come to when it was agreed
        self.appointed: int | None = None
        self.kept, self.span = 0, 0
        self._begin(start, number=1)

    def apply(self, at: int, event: Event) -> None:  # noqa: C901 - one case for each type of event
        """Change the clock by one event; events come in order of time."""
        if self.phase == "cancelled" or event.type == "note":
            return
        match event.type:
            case "pause" if self.phase != "stopped":
                self._pause(at, event.reason)
            case "resume" if self.phase == "paused" or self.appointed is not None:
                self._resume(at, event.reason)
            case "stop" if self.phase != "stopped":
                self._end(at, "stopped")
            case "cancel":
                self._end(at, "cancelled")
            case "reopen" if self.phase == "stopped":
                self._reopen(at, event.mode)
            case "appoint" if self.phase != "stopped" and event.due is not None:
                self._appoint(at, to_seconds(event.due))
            case "release" if self.appointed is not None:
                self._release(at)
            case "retarget" | "calendar":
                self._change(at, event)
            case "amend" if event.apply_to_open:
                self._change(at, event)

    def _begin(self, at: int, *, number: int) -> None:
        self.cycle = Cycle(number, at)
        self.phase: Phase = "running"
        self.since, self.spent = at, 0
        self.breached_at: int | None = None
        self.due: int | None = None
        self.seconds = resolve_at(self.target, self.calendar, at)
        self.pending = self._levels(range(len(self.thresholds)))
        self._mark(at)

    def _mark(self, at: int) -> None:
        if self.phase == "running":
            self.since = at
        shown = [NO_REASON if reason is None else reason for reason in islice(self.reasons, 5)]
        detail = ", ".join(shown) if self.phase == "paused" else self.phase
        self.marks.append(
            Mark(
                at,
                self.phase,
                self.cycle,
                self.seconds,
                ALWAYS if self.appointed is not None else self.target.runs_on(self.calendar),
                self.spent,
                self.breached_at,
                self.pending,
                len(self.cycle.fired),
                len(self.verdicts),
                self.due,
                detail,
                self.appointed,
            )
        )

    def _settle(self, at: int) -> None:
        """Close the run that lasted until now, with what it used up, fired and breached."""
        if self.phase != "running" or at == self.since:
            return
        mark = self.marks[-1]
        fired = [(when, index) for when, index in mark.firing(at) if when < at]
        if fired:
            self.cycle.fired += fired
            done = {index for _, index in fired}
            self.pending = tuple(each for each in self.pending if each[1] not in done)
        if self.breached_at is None:
            breach = mark.breach_at()
            if breach is not None and breach < at:
                self.breached_at = breach
        spent = mark.spent + mark.calendar.timeline.between(mark.at, at)
        if mark.appointed is not None:  # nothing of the span is used up meanwhile (G-3)
            self.spent = spent
            return
        self.cycle.runs.append(Run(mark.at, mark.calendar, mark.spent))
        self.cycle.after.append(spent)
        self.cycle.last_ran = at
        self.spent = spent

    def _pause(self, at: int, reason: str | None) -> None:
        self._settle(at)
        if self.appointed is None:  # an agreed instant stands, whatever is waited for (G-2)
            self.phase = "paused"
        self.reasons[reason] = None
        self._mark(at)

    def _resume(self, at: int, reason: str | None) -> None:
        self._settle(at)
        if reason is None:
            self.reasons.clear()
        self.reasons.pop(reason, None)
        if not self.reasons:
            self.phase = "running"
        self._mark(at)

    def _end(self, at: int, phase: Phase) -> None:
        self._settle(at)
        if phase == "cancelled":
            self.due = None
        elif self.appointed is not None:
            self.due = self.appointed
        elif self.phase == "running" and self.spent < self.seconds:
            self.due = self.target.runs_on(self.calendar).timeline.reach(at, self.seconds - self.spent)
        else:
            self.due = self.cycle.used_up(self.seconds) if self.spent >= self.seconds else None
        self.phase = phase
        self._mark(at)

    def _reopen(self, at: int, mode: str) -> None:
        self.reasons.clear()
        target, self.waiting = self.waiting, None
        if self.appointed is not None:  # it was kept or missed; what was left of the span goes on (G-4)
            self._to_span()
        if mode == "new_cycle":
            self.verdicts.append("met" if self.breached_at is None else "breached")
            self.target = target or self.target
            self._begin(at, number=self.cycle.number + 1)
            return
        self.phase, self.due = "running", None
        if target:
            self._retarget(at, target)
        self._mark(at)

    def _change(self, at: int, event: Event) -> None:
        self._settle(at)
        self.calendar = event.calendar or self.calendar
        if self.phase == "stopped":
            self.waiting = event.target or self.waiting
            return
        if event.target:
            self._retarget(at, event.target)
        self._mark(at)

    def _appoint(self, at: int, due: int) -> None:
        """From now on the promise is an agreed instant (G-1); an earlier agreement is replaced."""
        self._settle(at)
        if self.appointed is None:
            self.kept, self.span = self.spent, self.seconds
        self.appointed, self.phase = due, "running"
        self.seconds = self.spent + max(0, due - at)
        self._arm()
        self._mark(at)

    def _release(self, at: int) -> None:
        """There is no agreed instant any more: the span goes on from where it stood (G-3)."""
        self._settle(at)
        self._to_span()
        self.phase = "paused" if self.reasons else "running"
        self._mark(at)

    def _to_span(self) -> None:
        self.appointed, self.spent, self.seconds = None, self.kept, self.span
        self._arm()

    def _arm(self) -> None:
        unfired = {index for _, index in self.pending}
        self.pending = tuple(
            (level, index)
            for level, index in self._levels(range(len(self.thresholds)))
            if index in unfired or level > self.spent  # armed again only if it lies ahead again (W-4)
        )

    def _retarget(self, at: int, target: Target) -> None:
        """Replace the target, counted from the cycle's start (R-1, R-4); what is settled stays."""
        seconds = resolve_at(target, self.calendar, self.cycle.start)
        self.target = target
        if self.appointed is not None:  # it waits for the release (G-3)
            self.span = seconds
            return
        self.seconds = seconds
        self._arm()
        if self.breached_at is None and self.cycle.last_ran is not None and self.spent >= self.seconds:
            due = self.cycle.used_up(self.seconds)
            if due is not None and due < self.cycle.last_ran:
                self.breached_at = at

    def _levels(self, indexes: Iterable[int]) -> tuple[tuple[int, int], ...]:
        return tuple(sorted((level(self.thresholds[index], self.seconds), index) for index in indexes))


def level(threshold: Threshold, target: int) -> int:
    """The used-up seconds at which a threshold is reached: rounded up, not below zero (W-1)."""
    if isinstance(threshold, Offset):
        return max(0, target + threshold.seconds)
    if isinstance(threshold, int):
        return max(0, -(-target * threshold // 100))
    share = Fraction(repr(threshold)) * target / 100  # 0.1 means a tenth, not the binary fraction beside it
    return max(0, -(-share.numerator // share.denominator))
