"""Courses an incident may take, played through the real clock engine once and used for many incidents.

A plot is one course with its log, its clocks and what they reached. Finished plots begin in a reference week
and are moved back by whole weeks, which changes no working time: the calendars here have no holidays and
their zone no summer time. Open plots began at their own age before now and are used as they are.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sla.models import AgreementVersion, Alarm, Clock, ClockEvent, Metric, Target
from sla.services import calendar_version_at, refresh, state_of, targets_of

WEEKS = 50
FINISHED_WITHIN = timedelta(days=10)
PAUSING = ("customer", "appointment")
TEAM, ELSEWHERE = "team", ("customer", "supplier")  # whose hands it is in
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REQUESTER, ASSIGNEE, OWNER, SYSTEM = "requester", "assignee", "owner", "system"


@dataclass(frozen=True)
class Scene:
    """One entry of the log. ``by`` is a part; ``text`` the kind of text it has, "" for none."""

    at: datetime
    verb: str
    by: str
    is_public: bool
    version: int
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Run:
    """One clock with its events and the steps it reached."""

    clock: Clock
    events: list[ClockEvent] = field(default_factory=list)
    reached: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass
class Hand:
    """A span in which one party had it; ``until`` None while it still has."""

    party: str
    since: datetime
    until: datetime | None = None


@dataclass
class Plot:
    """A course. Times are absolute; see the module on how they are moved."""

    version: AgreementVersion
    priority: int
    opened_at: datetime
    state: str = "new"
    phase: str = "active"
    waiting_for: str = ""
    steps: int = 1
    done_at: datetime | None = None
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None
    has_assignee: bool = False
    scenes: list[Scene] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    hands: list[Hand] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.phase != "done"

    @property
    def updated_at(self) -> datetime:
        return max(s.at for s in self.scenes if not s.verb.startswith("sla."))

    @property
    def next_due_at(self) -> datetime | None:
        return min((r.clock.due_at for r in self.runs if r.clock.is_open and r.clock.due_at), default=None)


class Play:
    """Plays one plot: the acts of people as records.services and sla.services write them."""

    def __init__(self, version: AgreementVersion, priority: int, opened_at: datetime) -> None:
        self.plot = Plot(version, priority, opened_at)
        chosen = {t.metric: t for t in targets_of(version.pk) if t.priority in (None, priority)}
        self.targets: dict[str, Target] = chosen
        self._log(opened_at, "incident.open", REQUESTER, text="description", channel="phone")
        for metric in self.targets:
            self._start(metric, opened_at)
        self._hand_over(TEAM, opened_at)

    def _hand_over(self, party: str, at: datetime) -> None:
        """As sla.holdings.note writes it; "" for nobody any more."""
        hands = self.plot.hands
        if hands and hands[-1].party == party:
            return
        if hands:
            hands[-1].until = at
        if party:
            hands.append(Hand(party, at))

    def _log(self, at: datetime, verb: str, by: str, *, text: str = "", **data: Any) -> None:
        is_public = verb.startswith("incident.") or verb == "record.replied"
        self.plot.scenes.append(Scene(at, verb, by, is_public, self.plot.steps, text, data))

    def _start(self, metric: str, at: datetime) -> None:
        target, version = self.targets[metric], self.plot.version
        cycle = 1 + sum(r.clock.metric == metric for r in self.plot.runs)
        clock = Clock(
            metric=metric, cycle=cycle, agreement_version=version, target=target, promise=target.promise,
            calendar_version_id=calendar_version_at(version.calendar_id, at), started_at=at,
        )  # fmt: skip
        self.plot.runs.append(Run(clock))
        refresh(clock, state_of(clock, []), now=at)

    def _event(self, run: Run, at: datetime, kind: str, reason: str = "") -> None:
        run.events.append(ClockEvent(at=at, type=kind, reason=reason, data={}))
        refresh(run.clock, state_of(run.clock, run.events), now=at)

    def _open_runs(self, *metrics: str) -> list[Run]:
        return [r for r in self.plot.runs if r.clock.is_open and (not metrics or r.clock.metric in metrics)]

    def assign(self, at: datetime) -> None:
        self.plot.steps += 1
        self.plot.has_assignee = True
        self._log(at, "record.assigned", OWNER, to="assignee")

    def start(self, at: datetime) -> None:
        self.plot.steps += 1
        self.plot.state = "in_progress"
        self._log(at, "incident.start", ASSIGNEE, **{"from": "new", "into": "in_progress"})

    def reply(self, at: datetime) -> None:
        self.plot.steps += 1
        for run in self._open_runs(Metric.FIRST_RESPONSE, Metric.NEXT_UPDATE):
            self._event(run, at, ClockEvent.Type.STOP)
        self._start(Metric.NEXT_UPDATE, at)
        self._log(at, "record.replied", ASSIGNEE, text="reply", names="")

    def note(self, at: datetime) -> None:
        self.plot.steps += 1
        self._log(at, "record.noted", ASSIGNEE, text="note", names="")

    def hold(self, at: datetime, reason: str) -> None:
        plot = self.plot
        plot.steps += 1
        before, plot.state, plot.phase, plot.waiting_for = plot.state, "on_hold", "waiting", reason
        self._hand_over(reason if reason in ELSEWHERE else TEAM, at)
        if reason in PAUSING:
            for run in self._open_runs():
                self._event(run, at, ClockEvent.Type.PAUSE, reason)
        data: dict[str, Any] = {"from": before, "into": "on_hold"}
        data["reason"] = {"en": reason, "zh": reason, "code": reason}
        self._log(at, "incident.hold", ASSIGNEE, **data)

    def resume(self, at: datetime) -> None:
        plot = self.plot
        plot.steps += 1
        if plot.waiting_for in PAUSING:
            for run in self._open_runs():
                self._event(run, at, ClockEvent.Type.RESUME, plot.waiting_for)
        plot.state, plot.phase, plot.waiting_for = "in_progress", "active", ""
        self._hand_over(TEAM, at)
        self._log(at, "incident.resume", ASSIGNEE, **{"from": "on_hold", "into": "in_progress"})

    def resolve(self, at: datetime) -> None:
        plot = self.plot
        plot.steps += 1
        for run in self._open_runs():
            self._event(run, at, ClockEvent.Type.STOP)
        before, plot.state, plot.phase, plot.waiting_for = plot.state, "resolved", "done", ""
        self._hand_over("", at)
        plot.done_at = at
        code = {"en": "Solved", "zh": "已解决", "code": "solved"}
        self._log(
            at, "incident.resolve", ASSIGNEE, text="resolution",
            **{"from": before, "into": "resolved", "code": code, "tier": "first"},
        )  # fmt: skip

    def close(self, at: datetime) -> None:
        plot = self.plot
        plot.steps += 1
        plot.confirmed_at = at
        self._log(at, "record.confirmed", REQUESTER)
        plot.steps += 1
        plot.state, plot.closed_at = "closed", at
        self._log(at, "incident.close", SYSTEM, **{"from": "resolved", "into": "closed"})

    def end(self, now: datetime) -> Plot:
        """Raise what every clock reached by ``now`` and answer the plot."""
        for run in self.plot.runs:
            clock = run.clock
            until = clock.stopped_at or now
            state = state_of(clock, run.events)
            snap = state.at(until)
            run.reached = [(str(f.threshold), f.at) for f in snap.fired]
            if snap.breached_at:
                run.reached.append((Alarm.BREACH, snap.breached_at))
            if clock.is_open:
                clock.breached_at = snap.breached_at
                clock.decided_at = clock.decided_at or snap.breached_at
                clock.alarm_at = state.next_alarm(now)
            for step, at in run.reached:
                self._log_reached(clock, step, at)
        self.plot.scenes.sort(key=lambda s: s.at)
        return self.plot

    def _log_reached(self, clock: Clock, step: str, at: datetime) -> None:
        label = str(Metric(clock.metric).label)
        data: dict[str, Any] = {
            "metric": {"en": label, "zh": label},
            "metric_code": clock.metric,
            "late": False,
        }
        if step == Alarm.BREACH:
            self._log(at, "sla.breached", SYSTEM, **data)
        else:
            self._log(at, "sla.warned", SYSTEM, **data, share=step)


def play(chance: random.Random, version: AgreementVersion, opened_at: datetime, now: datetime) -> Plot:
    """One course from ``opened_at``, as far as it has come by ``now``."""
    priority = chance.choices((1, 2, 3, 4), weights=(1, 3, 10, 6))[0]
    opened_at = opened_at.replace(microsecond=0)
    course = Play(version, priority, opened_at)
    for wait, act in _script(chance):
        at = opened_at + wait
        if at > now:
            break
        act(course, at)
    return course.end(now)


def _script(chance: random.Random) -> Sequence[tuple[timedelta, Any]]:
    """What people do and when, as offsets from the opening."""
    acts: list[tuple[timedelta, Any]] = []

    def then(earliest: float, latest: float, act: Any) -> None:
        before = acts[-1][0] if acts else timedelta()
        wait = timedelta(seconds=round(3600 * chance.uniform(earliest, latest)))
        acts.append((before + wait, act))

    then(0.02, 0.3, Play.assign)
    if chance.random() < 0.6:
        then(0.02, 0.3, Play.start)
    if chance.random() < 0.9:
        then(0.1, 1, Play.reply)
    if chance.random() < 0.4:
        then(0.1, 4, Play.note)
    if chance.random() < 0.3:
        reason = chance.choice(("customer", "appointment", "supplier", "parts"))
        then(0.2, 5, lambda course, at: course.hold(at, reason))
        then(1, 20, Play.resume)
    if chance.random() < 0.3:
        then(1, 8, Play.reply)
    then(0.3, 16, Play.resolve)
    if chance.random() < 0.8:
        then(1, 60, Play.close)
    return acts


def finished(chance: random.Random, versions: Sequence[AgreementVersion], now: datetime) -> Plot:
    """A course that began in the reference week and is over; move it back by 0 to WEEKS weeks."""
    monday = (now - FINISHED_WITHIN - timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    day = chance.choices(range(7), weights=(5, 5, 5, 5, 5, 1, 1))[0]
    moment = chance.triangular(0, 14, 4)  # from 8 in the morning in Shanghai
    return play(chance, chance.choice(versions), monday + timedelta(days=day, hours=moment), now)


def running(chance: random.Random, versions: Sequence[AgreementVersion], now: datetime) -> Plot:
    """A course that is not over, begun a moment or up to some weeks ago."""
    while True:
        age = timedelta(hours=min(chance.expovariate(1 / 36), 24 * 40))
        plot = play(chance, chance.choice(versions), now.astimezone(UTC) - age, now)
        if plot.is_open:
            return plot
