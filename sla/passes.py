"""One promise on one record: which events its clocks need so that they match it.

The same for what a customer was promised and for what a team or a supplier promised us.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.access import Actor
from sla import appointments, policy
from sla.holdings import SUPPLIER
from sla.models import Agreement, AgreementVersion, Clock, ClockEvent, Metric, Target
from sla.policy import Tracked
from sla.services import WAITING, calendar_version_at, refresh, state_of, targets_of

# why a clock of an OLA or UC pauses while its party does not have the record
ELSEWHERE = "elsewhere"

CACHE = (
    "state", "target_seconds", "spent", "running_since", "due_at", "first_due_at", "alarm_at",
    "breached_at", "stopped_at", "decided_at", "target", "appointed_at",
)  # fmt: skip


@dataclass
class Pass:
    """One pass over the clocks of one promise on a record: which events they need so that they match it.

    ``begins_at`` is where the promise begins to count: the opening, or the hand-over to who promised it;
    ``began_at``: when the fault began, where monitoring saw that earlier. ``is_held``: that party has the
    record in hand, which the customer's own promise takes as given.
    """

    record: Tracked
    now: datetime
    by: Actor
    version: AgreementVersion
    clocks: list[Clock]
    events: dict[int, list[ClockEvent]]
    begins_at: datetime
    support: Agreement | None = None
    is_held: bool = True
    began_at: datetime | None = None
    editions: dict[tuple[int, datetime], int] = field(default_factory=dict)

    def chosen(self) -> dict[str, Target]:
        """The target of each metric that applies to the record as it is."""
        record = self.record
        return policy.choose_targets(
            targets_of(self.version.pk),
            kind=record.kind,
            service_id=record.service_id,
            priority=record.priority,
        )

    def latest(self, metric: str) -> Clock | None:
        own = [c for c in self.clocks if c.metric == metric and c.state != Clock.State.CANCELLED]
        return max(own, key=lambda c: c.cycle, default=None)

    def add(
        self, clock: Clock, kind: str, reason: str = "", *, at: datetime | None = None, **data: Any
    ) -> None:
        event = ClockEvent(
            clock=clock, at=at or self.now, type=kind, reason=reason, data=data, by_id=self.by.user_id
        )
        event.save()
        self.events[clock.pk].append(event)

    def start(self, metric: str, target: Target, at: datetime) -> None:
        cycle = max((c.cycle for c in self.clocks if c.metric == metric), default=0) + 1
        calendar = target.calendar_id or self.version.calendar_id
        clock = Clock(
            record_id=self.record.pk,
            support=self.support,
            metric=metric,
            cycle=cycle,
            agreement_version=self.version,
            calendar_version_id=self._edition(calendar, at),
            target=target,
            promise=target.promise,
            started_at=at,
        )
        refresh(clock, state_of(clock, []), now=at)
        if at != self.now:  # a promise that applies only now, counted from the opening
            state = state_of(clock, [])
            refresh(clock, state, now=self.now)
            if clock.breached_at or state.at(self.now).fired:
                clock.alarm_at = self.now  # what it has reached already is raised by the next sweep
        clock.save()
        self.clocks.append(clock)
        if metric == Metric.ON_SITE and self.now != self.record.opened_at:
            self._appoint(clock)

    def _appoint(self, clock: Clock) -> None:
        """A clock that starts when a time has been agreed already is due then (G-1)."""
        if due := appointments.agreed(self.record.pk):
            self.add(clock, ClockEvent.Type.APPOINT, due=due.replace(microsecond=0).isoformat())
            self.save(clock)

    def _edition(self, calendar: int, at: datetime) -> int:
        # a new record starts several clocks by the same calendar at the same instant
        if (calendar, at) not in self.editions:
            self.editions[calendar, at] = calendar_version_at(calendar, at)
        return self.editions[calendar, at]

    def save(self, clock: Clock) -> None:
        refresh(clock, state_of(clock, self.events[clock.pk]), now=self.now)
        clock.save(update_fields=[*CACHE])


def answer(pass_: Pass) -> None:
    """The customer, or we, heard from who promised it: the response is given, the next update due anew."""
    for clock in [c for c in pass_.clocks if c.is_open]:
        if clock.metric in (Metric.FIRST_RESPONSE, Metric.NEXT_UPDATE):
            pass_.add(clock, ClockEvent.Type.STOP)
            pass_.save(clock)
    if target := pass_.chosen().get(Metric.NEXT_UPDATE):
        pass_.start(Metric.NEXT_UPDATE, target, pass_.now)
        if _pause_or_resume(pass_, pass_.clocks[-1]):
            pass_.save(pass_.clocks[-1])


def stop_all(pass_: Pass, *, withdrawn: bool, reached: Mapping[str, datetime]) -> None:
    """The record is done: its clocks stop, or are cancelled and not judged; closure may still run on."""
    for clock in pass_.clocks:
        if not clock.is_open:
            continue
        if withdrawn:
            pass_.add(clock, ClockEvent.Type.CANCEL)
            pass_.save(clock)
        elif clock.metric != Metric.CLOSURE or clock.metric in reached:
            stop(pass_, clock.metric, reached.get(clock.metric, pass_.now))
        elif _pause_or_resume(pass_, clock):
            pass_.save(clock)


def stop(pass_: Pass, metric: str, at: datetime) -> None:
    """Stop an open clock at the instant its event happened, or after the last fact written about it."""
    clock = pass_.latest(metric)
    if clock is None or not clock.is_open:
        return
    facts = [clock.started_at, *(event.at for event in pass_.events[clock.pk])]
    if clock.breached_at:  # raised already, and a breach stays a fact
        facts.append(clock.breached_at + timedelta(seconds=1))
    at = min(max(at.replace(microsecond=0), *facts), pass_.now)
    pass_.add(clock, ClockEvent.Type.STOP, at=at)
    clock.stopped_at = at
    pass_.save(clock)


def match(pass_: Pass, metric: str, target: Target | None) -> None:
    """Start, retarget, pause, resume or cancel the clock of a metric so that it matches the record."""
    clock = pass_.latest(metric)
    if target is None:
        if clock and clock.is_open:
            pass_.add(clock, ClockEvent.Type.CANCEL)
            pass_.save(clock)
        return
    if not pass_.is_held and not (clock and clock.is_open):
        return
    if clock is None:
        if target.opens == Target.Opens.FIRST_REPLY:
            return
        began_at = pass_.began_at if target.opens == Target.Opens.OCCURRENCE else None
        pass_.start(metric, target, began_at or pass_.begins_at)
        clock = pass_.clocks[-1]
    elif not clock.is_open:
        if not _reopen(pass_, clock, target):
            return
        clock = pass_.latest(metric) or clock
    changed = _retarget(pass_, clock, target)
    changed |= _pause_or_resume(pass_, clock)
    if changed:
        pass_.save(clock)


def _reopen(pass_: Pass, clock: Clock, target: Target) -> bool:
    """Start the ended metric again where reopening the record does that. True if a clock is open now."""
    if clock.metric in (Metric.FIRST_RESPONSE, Metric.ON_SITE):
        return False
    if clock.metric == Metric.NEXT_UPDATE or pass_.version.reopen_starts_new_cycle:
        pass_.start(clock.metric, target, pass_.now)
        return True
    pass_.add(clock, ClockEvent.Type.REOPEN)
    clock.stopped_at = None
    pass_.save(clock)
    return True


def _retarget(pass_: Pass, clock: Clock, target: Target) -> bool:
    if clock.target_id == target.pk:
        return False
    data: dict[str, Any] = {"target": target.promise, "target_id": target.pk}
    old = next(t for t in targets_of(clock.agreement_version_id) if t.pk == clock.target_id)
    if old.calendar_id != target.calendar_id:
        data["calendar_version"] = calendar_version_at(
            target.calendar_id or pass_.version.calendar_id, pass_.now
        )
    pass_.add(clock, ClockEvent.Type.RETARGET, **data)
    clock.target = target
    return True


def _reason_to_wait(pass_: Pass) -> str:
    if not pass_.is_held:
        return ELSEWHERE
    reason = pass_.record.waiting_for if pass_.record.phase == WAITING else ""
    if reason == SUPPLIER and pass_.support and pass_.support.kind == Agreement.Kind.UC:
        return ""  # that is what it is his turn for
    return reason if reason in pass_.version.pausing_reasons else ""


def _pause_or_resume(pass_: Pass, clock: Clock) -> bool:
    wanted = _reason_to_wait(pass_)
    held = _paused_for(pass_.events[clock.pk])
    if wanted == held:
        return False
    if wanted:
        pass_.add(clock, ClockEvent.Type.PAUSE, wanted)
    if held:
        pass_.add(clock, ClockEvent.Type.RESUME, held)
    return True


def _paused_for(events: Sequence[ClockEvent]) -> str:
    """The reason of the pause that is on, or "": this module keeps one reason at a time."""
    held = ""
    for event in events:
        if event.type == ClockEvent.Type.PAUSE:
            held = event.reason
        elif event.type == ClockEvent.Type.REOPEN or event.reason == held:
            held = ""
    return held
