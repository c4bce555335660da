"""A ticket's life under other terms: which clocks they would have started, and how each would stand. Pure.

`lived` takes a ticket's history, as it was written, through the same decisions that `sla.following.follow`
and `answered` take for live clocks, and lets `timing` do all arithmetic. Replayed under the very terms a
ticket was measured by, it gives the events of its live clocks to the second; a property test holds it to
that.

The priority is the recorded one. Where it was what the matrix of then gave for impact and urgency, it is what
the matrix of the terms gives for them; a priority somebody decided on otherwise stays as it was decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sla import policy, timing
from sla.calendar import Calendar
from sla.terms import METRICS, TargetTerm, Terms
from sla.timing import Event

WAITING, DONE = "waiting", "done"
SECOND = timedelta(seconds=1)
Hours = Mapping[str, Sequence[tuple[datetime, Calendar]]]
"""The editions of each calendar by its code, in order of the instant they are in force from."""

Outcome = Literal["met", "missed", "pending", "excluded"]


class Edition(NamedTuple):
    """An edition of a calendar, named by the calendar's code and the instant it is in force from."""

    code: str
    since: datetime
    calendar: Calendar


class Act(NamedTuple):
    """Something that happened to a ticket, with what was true of it then.

    `matched`: a change to which clocks are fitted; `answered`: an agent wrote to the customer; `noticed`: an
    alarm, after which no later act can lie; `retimed`: the clocks on a calendar went over to its `edition`;
    `appointed`: the arrival on site was agreed for an instant, or (None) is so no more.
    `reached` says which metrics' events had happened, and when.
    """

    at: datetime
    kind: Literal["matched", "answered", "noticed", "retimed", "appointed"]
    phase: str
    waiting_for: str
    priority: int
    impact: int
    urgency: int
    service: str | None
    withdrawn: bool = False
    reached: Mapping[str, datetime] = {}
    edition: Edition | None = None
    appointed: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A ticket as a value: its acts in the order they were written, the opening first.

    `matrix` is the one its priorities were given by; `waived` names (metric, cycle) of clocks that were
    excluded by approval. `began_at` is when the fault began, where monitoring saw that before.
    """

    opened_at: datetime
    matrix: Mapping[str, int]
    acts: Sequence[Act]
    waived: frozenset[tuple[str, int]] = frozenset()
    kind: str = "incident"
    began_at: datetime | None = None


class _Row(NamedTuple):
    """A target as `policy.choose_targets` asks for it."""

    metric: str
    service_id: str | None
    priority: int | None
    ticket_kind: str | None
    term: TargetTerm


@dataclass(slots=True)
class Rules:
    """Terms made ready to be asked for many tickets; remembers what was chosen."""

    terms: Terms
    hours: Hours
    pausing: frozenset[str] = frozenset()
    _rows: Sequence[_Row] = ()
    _chosen: dict[tuple[str, str | None, int], dict[str, TargetTerm]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pausing = frozenset(self.terms.pausing_reasons)
        self._rows = [_Row(t.metric, t.service, t.priority, t.ticket_kind, t) for t in self.terms.targets]

    def chosen(self, kind: str, service: str | None, priority: int) -> Mapping[str, TargetTerm]:
        """For each metric the target that fits best."""
        asked = (kind, service, priority)
        found = self._chosen.get(asked)
        if found is None:
            best = policy.choose_targets(self._rows, kind=kind, service_id=service, priority=priority)
            found = self._chosen[asked] = {metric: row.term for metric, row in best.items()}
        return found

    def code_of(self, term: TargetTerm) -> str:
        """The code of the calendar a target goes by."""
        return term.calendar or self.terms.calendar

    def edition_of(self, term: TargetTerm, at: datetime) -> tuple[datetime, Calendar]:
        """The edition of the target's calendar in force at an instant; the first one before that."""
        editions = self.hours[self.code_of(term)]
        held = editions[0]
        for each in editions:
            if each[0] > at:
                break
            held = each
        return held

    def hours_of(self, term: TargetTerm, at: datetime) -> Calendar:
        """The working time of :meth:`edition_of`."""
        return self.edition_of(term, at)[1]

    def priority(self, act: Act, matrix: Mapping[str, int]) -> int:
        """The priority of a ticket then: see above."""
        given = f"{act.impact}{act.urgency}"
        return self.terms.matrix[given] if matrix.get(given) == act.priority else act.priority


@dataclass(slots=True)
class Lived:
    """One clock that the terms would have started, with its events. `term` is the target in the end."""

    metric: str
    cycle: int
    started_at: datetime
    calendar: Calendar
    promised: TargetTerm
    term: TargetTerm
    edition: tuple[datetime, Calendar]
    events: list[Event] = field(default_factory=list)
    stopped_at: datetime | None = None
    is_cancelled: bool = False
    held: str = ""
    appointed: datetime | None = None

    def state(self) -> timing.State:
        """The clock as a value; TargetError for a promise its calendar cannot keep."""
        return timing.run(
            start=self.started_at, calendar=self.calendar, target=self.promised.promise, events=self.events
        )


class Verdict(NamedTuple):
    """How a clock stands: `at` is the breach, `seconds` the working time by which it is late."""

    key: str
    metric: str
    cycle: int
    outcome: Outcome
    at: datetime | None = None
    seconds: int | None = None


def lived(history: History, rules: Rules) -> list[Lived]:
    """The clocks the terms would have started on a ticket, in the order of their start."""
    life = _Life(history, rules)
    for act in history.acts:
        if act.kind == "matched":
            life.follow(act)
        elif act.kind == "answered":
            life.answered(act)
        elif act.kind == "retimed":
            life.retimed(act)
        elif act.kind == "appointed":
            life.appointed(act)
        else:
            life.floor = max(life.floor, act.at + SECOND)
    return life.clocks


def judge(history: History, rules: Rules, *, now: datetime) -> list[Verdict]:
    """The verdict of each clock the terms would have started, as of `now`."""
    return [_verdict(clock, history.waived, now) for clock in lived(history, rules)]


def _verdict(clock: Lived, waived: frozenset[tuple[str, int]], now: datetime) -> Verdict:
    name = (clock.term.key, clock.metric, clock.cycle)
    if (clock.metric, clock.cycle) in waived:
        return Verdict(*name, "excluded")
    found = clock.state().at(now)
    if found.breached:
        return Verdict(*name, "missed", found.breached_at, found.overdue)
    if found.state == "cancelled":
        return Verdict(*name, "excluded")
    return Verdict(*name, "met" if found.state == "met" else "pending")


class _Life:
    """One ticket under the rules: the decisions of `sla.services`, on clocks in memory.

    `floor` is the latest fact written about the clocks: an act stamped earlier counts from there
    (`sla.services.not_before`).
    """

    def __init__(self, history: History, rules: Rules) -> None:
        self.history, self.rules = history, rules
        self.clocks: list[Lived] = []
        self.latest: dict[str, Lived] = {}
        self.floor = history.opened_at.replace(microsecond=0)
        self.act = history.acts[0]
        self.now = self.floor
        self.agreed: datetime | None = None

    def follow(self, act: Act) -> None:
        self._begin(act)
        if act.phase == DONE:
            self._stop_all()
            return
        chosen = self._chosen()
        for metric in METRICS:
            if metric in act.reached:
                self._stop(metric, act.reached[metric])
            elif metric in chosen or metric in self.latest:
                self._match(metric, chosen.get(metric))

    def answered(self, act: Act) -> None:
        if not self.clocks or act.phase == DONE:
            return
        self._begin(act)
        for clock in self.clocks:
            if clock.stopped_at is None and clock.metric in ("first_response", "next_update"):
                self._end(clock, "stop", self.now)
        if term := self._chosen().get("next_update"):
            self._pause_or_resume(self._start("next_update", term, self.now))

    def retimed(self, act: Act) -> None:
        """The open clocks on a calendar go over to a newer edition of it (records.retiming)."""
        if act.edition is None:
            return
        self._begin(act)
        code, newer = act.edition.code, (act.edition.since, act.edition.calendar)
        for clock in self.clocks:
            is_on = clock.stopped_at is None and self.rules.code_of(clock.term) == code
            is_older = clock.edition[0] <= newer[0] and clock.edition != newer
            if is_on and is_older:
                self._add(clock, Event(self.now, "calendar", calendar=newer[1]))
                clock.edition = newer

    def appointed(self, act: Act) -> None:
        """A time was agreed, moved or given back (sla.appointments.appoint)."""
        self.agreed = act.appointed
        clock = self.latest.get("on_site")
        if clock is None or clock.stopped_at is not None:
            return
        self._begin(act)
        self._appoint(clock)

    def _appoint(self, clock: Lived) -> None:
        if clock.appointed == self.agreed:
            return
        clock.appointed = self.agreed
        if self.agreed is None:
            self._add(clock, Event(self.now, "release"))
        else:
            self._add(clock, Event(self.now, "appoint", due=self.agreed))

    def _begin(self, act: Act) -> None:
        self.act = act
        self.now = max(act.at.replace(microsecond=0), self.floor) if self.clocks else act.at

    def _chosen(self) -> Mapping[str, TargetTerm]:
        priority = self.rules.priority(self.act, self.history.matrix)
        return self.rules.chosen(self.history.kind, self.act.service, priority)

    def _add(self, clock: Lived, event: Event) -> None:
        clock.events.append(event)
        self.floor = max(self.floor, event.at)

    def _start(self, metric: str, term: TargetTerm, at: datetime) -> Lived:
        cycle = 1 + sum(clock.metric == metric for clock in self.clocks)
        edition = self.rules.edition_of(term, at)
        clock = Lived(metric, cycle, at, edition[1], term, term, edition)
        self.clocks.append(clock)
        self.latest[metric] = clock
        self.floor = max(self.floor, at)
        if metric == "on_site" and self.agreed and self.now != self.history.opened_at:
            self._appoint(clock)
        return clock

    def _end(self, clock: Lived, kind: str, at: datetime) -> None:
        self._add(clock, Event(at, kind))
        clock.stopped_at = at
        if kind == "cancel":
            clock.is_cancelled = True
            before = [c for c in self.clocks if c.metric == clock.metric and not c.is_cancelled]
            if before:
                self.latest[clock.metric] = before[-1]
            else:
                self.latest.pop(clock.metric, None)

    def _stop_all(self) -> None:
        for clock in self.clocks:
            if clock.stopped_at is not None:
                continue
            if self.act.withdrawn:
                self._end(clock, "cancel", self.now)
            elif clock.metric != "closure" or clock.metric in self.act.reached:
                self._stop(clock.metric, self.act.reached.get(clock.metric, self.now))
            else:
                self._pause_or_resume(clock)

    def _stop(self, metric: str, at: datetime) -> None:
        """Stop an open clock at the instant its event happened, or after the last fact written about it."""
        clock = self.latest.get(metric)
        if clock is None or clock.stopped_at is not None:
            return
        at = at.replace(microsecond=0)
        if at < self.now:
            facts = [clock.started_at, *(event.at for event in clock.events)]
            breached_at = clock.state().at(self.now).breached_at
            if breached_at:  # it would have been raised before this act, and a breach stays a fact
                facts.append(breached_at + SECOND)
            at = max(at, *facts)
        self._end(clock, "stop", min(at, self.now))

    def _match(self, metric: str, term: TargetTerm | None) -> None:
        clock = self.latest.get(metric)
        if term is None:
            if clock and clock.stopped_at is None:
                self._end(clock, "cancel", self.now)
            return
        if clock is None:
            if term.opens == "first_reply":
                return
            began_at = self.history.began_at if term.opens == "occurrence" else None
            clock = self._start(metric, term, began_at or self.history.opened_at)
        elif clock.stopped_at is not None:
            reopened = self._reopen(clock, term)
            if reopened is None:
                return
            clock = reopened
        if clock.term is not term:
            self._retarget(clock, term)
        self._pause_or_resume(clock)

    def _reopen(self, clock: Lived, term: TargetTerm) -> Lived | None:
        if clock.metric in ("first_response", "on_site"):
            return None
        if clock.metric == "next_update" or self.rules.terms.reopen_starts_new_cycle:
            return self._start(clock.metric, term, self.now)
        self._add(clock, Event(self.now, "reopen"))
        clock.stopped_at, clock.held = None, ""
        return clock

    def _retarget(self, clock: Lived, term: TargetTerm) -> None:
        calendar = None
        if clock.term.calendar != term.calendar:
            clock.edition = self.rules.edition_of(term, self.now)
            calendar = clock.edition[1]
        self._add(clock, Event(self.now, "retarget", target=term.promise, calendar=calendar))
        clock.term = term

    def _pause_or_resume(self, clock: Lived) -> None:
        reason = self.act.waiting_for if self.act.phase == WAITING else ""
        wanted = reason if reason in self.rules.pausing else ""
        if wanted == clock.held:
            return
        if wanted:
            self._add(clock, Event(self.now, "pause", wanted))
        if clock.held:
            self._add(clock, Event(self.now, "resume", clock.held))
        clock.held = wanted
