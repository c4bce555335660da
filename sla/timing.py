"""One clock as a value: from its start, target and events to what was true at any instant. Pure.

    state = timing.run(start=..., calendar=..., target=..., events=[...], thresholds=[50, 75, 90])
    state.at(now)            what the clock says
    state.next_alarm(now)    when the next threshold or the breach is due to be noticed
    state.segments(now)      every stretch of time with the reason it counted or not

The rules are those of docs/sla-clock.md; how a clock goes on from event to event is in `machine`.
Instants are aware datetimes, cut to whole seconds.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sla.calendar import FARTHEST, Calendar, from_seconds, spans, to_seconds
from sla.machine import Event, Machine, Mark, Offset, Phase, Threshold
from sla.target import Kind, Target, TargetError, Until, resolve

__all__ = [
    "Event",
    "Fired",
    "Kind",
    "Offset",
    "Phase",
    "Promise",
    "Segment",
    "Snapshot",
    "State",
    "Target",
    "TargetError",
    "Threshold",
    "Until",
    "resolve",
    "run",
    "run_record",
]

Word = Literal["not_started", "running", "paused", "met", "breached", "cancelled"]


class Fired(NamedTuple):
    """A threshold, as it was given, and the instant it fired."""

    threshold: Threshold
    at: datetime


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a clock says at an instant. Amounts are working seconds; `remaining` may be negative.

    `spent` is what had been used up at `running_since`, or in all if it is not running. `appointed` is the
    agreed instant by which it is due, if there is one; amounts are then real seconds. Before the start
    `target` and `remaining` are None (X-4).
    """

    state: Word
    phase: Phase
    breached: bool
    breached_at: datetime | None
    elapsed: int
    target: int | None
    remaining: int | None
    overdue: int
    due: datetime | None
    fired: tuple[Fired, ...]
    cycle: int
    previous_cycles: tuple[str, ...]
    running_since: datetime | None
    spent: int
    appointed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time, half open, and why it counted or not."""

    start: datetime
    end: datetime
    counted: bool
    reason: Literal["open", "closed", "break", "holiday", "paused", "stopped", "appointed"]
    detail: str


@dataclass(frozen=True, slots=True)
class State:
    """A clock with its events applied. Immutable; asked about any instant, it knows no later event."""

    start: datetime
    thresholds: tuple[Threshold, ...]
    _marks: tuple[Mark, ...]
    _instants: tuple[int, ...]
    _verdicts: tuple[str, ...]

    @property
    def resolved_seconds(self) -> int:
        """The target in force after all events, in working seconds (D-1)."""
        return self._marks[-1].target

    @property
    def cycle_start(self) -> datetime:
        """When the cycle in force after all events began."""
        return from_seconds(self._marks[-1].cycle.start)

    def _mark(self, now: int) -> Mark | None:
        place = bisect_right(self._instants, now)
        return self._marks[place - 1] if place else None

    def at(self, now: datetime) -> Snapshot:
        """What the clock says at an instant, after all events of that instant."""
        second = to_seconds(now)
        mark = self._mark(second)
        if mark is None:
            return Snapshot(
                "not_started", "not_started", False, None, 0, None, None, 0, None, (), 1, (), None, 0
            )  # fmt: skip
        running = mark.phase == "running"
        elapsed = mark.spent + (mark.calendar.timeline.between(mark.at, second) if running else 0)
        due, breached_at = mark.due_at(), mark.breached_at
        if breached_at is None and running and due is not None and second > max(due, mark.at):
            breached_at = max(due, mark.at)
        word = _word(mark.phase, is_breached=breached_at is not None)
        return Snapshot(
            state=word,
            phase=mark.phase,
            breached=breached_at is not None,
            breached_at=None if breached_at is None else from_seconds(breached_at),
            elapsed=elapsed,
            target=mark.target,
            remaining=mark.target - elapsed,
            overdue=max(0, elapsed - mark.target),
            due=None if due is None or due - second > FARTHEST else from_seconds(due),
            fired=self._fired(mark, second),
            cycle=mark.cycle.number,
            previous_cycles=self._verdicts[: mark.verdicts],
            running_since=from_seconds(mark.at) if running else None,
            spent=mark.spent,
            appointed=None if mark.appointed is None else from_seconds(mark.appointed),
        )

    def _fired(self, mark: Mark, second: int) -> tuple[Fired, ...]:
        fired = mark.cycle.fired[: mark.fired] + [pair for pair in mark.firing(second) if pair[0] <= second]
        return tuple(Fired(self.thresholds[index], from_seconds(at)) for at, index in fired)

    def next_alarm(self, now: datetime) -> datetime | None:
        """The first instant after `now` at which, if nothing else happens, `at` shows something new.

        That is the firing of a threshold, or the second after due, when being late becomes a fact (B-1);
        `breached_at` stays the due time. None if nothing is to come. What became true at `now` itself is
        in `at(now)`.
        """
        second = to_seconds(now)
        mark = self._mark(max(second, self._instants[0]))
        if mark is None or mark.phase != "running":
            return None
        coming = [at for at, _ in mark.firing(None) if at > second]
        if mark.breached_at is None:
            breach = mark.breach_at()
            if breach is not None and breach + 1 > second:
                coming.append(breach + 1)
        return from_seconds(min(coming)) if coming else None

    def segments(self, until: datetime) -> list[Segment]:
        """All time from the start to an instant, without gap or overlap, with the reason of each part."""
        end = to_seconds(until)
        found: list[Segment] = []
        last = self._mark(end)
        for place, mark in enumerate(self._marks):
            following = self._instants[place + 1] if place + 1 < len(self._marks) else end
            since, to = mark.at, min(following, end)
            if since >= to:
                continue
            begin, finish = from_seconds(since), from_seconds(to)
            if mark.phase == "running" and mark.appointed is not None:
                # what passed under an agreement that was released is not used up (G-3)
                counts = last is not None and last.cycle is mark.cycle and last.appointed is not None
                agreed = from_seconds(mark.appointed).isoformat()
                parts = [Segment(begin, finish, counts, "appointed", agreed)]
            elif mark.phase == "running":
                parts = [
                    Segment(span.start, span.end, span.counted, span.reason, span.detail)
                    for span in spans(mark.calendar, begin, finish)
                ]
            elif mark.phase == "paused":
                parts = [Segment(begin, finish, False, "paused", mark.detail)]
            else:
                parts = [Segment(begin, finish, False, "stopped", mark.detail)]
            for part in parts:
                _append(found, part)
        return found


def _append(found: list[Segment], part: Segment) -> None:
    """Add a part, joined to the one before if nothing but time tells them apart."""
    last = found[-1] if found else None
    if last and (last.reason, last.detail) == (part.reason, part.detail):
        found[-1] = Segment(last.start, part.end, part.counted, part.reason, part.detail)
    else:
        found.append(part)


def _word(phase: Phase, *, is_breached: bool) -> Word:
    if is_breached:
        return "breached"
    return "met" if phase == "stopped" else phase


def run(
    *,
    start: datetime,
    calendar: Calendar,
    target: Target,
    events: Iterable[Event] = (),
    thresholds: Sequence[Threshold] = (),
) -> State:
    """The clock that began at `start`, after `events` in any order (X-2, X-3).

    Raises `TargetError` if the target, or one given by an event (field `events[n].target`), cannot be
    resolved (D-6).
    """
    return _replay(Promise(target, calendar, tuple(thresholds)), to_seconds(start), enumerate(events))


def _replay(promise: "Promise", start: int, events: Iterable[tuple[int, Event]]) -> State:
    machine = Machine(start, promise.calendar, promise.target, promise.thresholds)
    listed = [(max(to_seconds(event.at), start), n, event) for n, event in events]
    listed.sort(key=lambda each: each[:2])
    for at, n, event in listed:
        try:
            machine.apply(at, event)
        except TargetError as refused:
            raise refused.under(f"events[{n}].target") from None
    marks = tuple(machine.marks)
    instants = tuple(mark.at for mark in marks)
    return State(from_seconds(start), promise.thresholds, marks, instants, tuple(machine.verdicts))


@dataclass(frozen=True, slots=True)
class Promise:
    """One of several clocks of a record: its target, calendar and thresholds."""

    target: Target
    calendar: Calendar
    thresholds: tuple[Threshold, ...] = ()


def run_record(
    *, start: datetime, promises: Mapping[str, Promise], events: Sequence[Event] = ()
) -> dict[str, State]:
    """Independent clocks of one record by name; an event concerns all unless it names them (K-1).

    `TargetError` as in `run`, its field beginning with `clocks.<name>` where the promise itself is at fault.
    """
    found = {}
    for name, promise in promises.items():
        concerning = (
            (n, event) for n, event in enumerate(events) if event.clocks is None or name in event.clocks
        )
        try:
            found[name] = _replay(promise, to_seconds(start), concerning)
        except TargetError as refused:
            at_fault = refused.field.startswith("events[")
            raise (refused if at_fault else refused.under(f"clocks.{name}.target")) from None
    return found
