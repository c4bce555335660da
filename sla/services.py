"""The clocks of live records: make them match, claim what is due, compute what was reached.

sla knows time, not tickets: a record is anything with the attributes of :class:`Tracked`. Nothing here
writes a log or a message; that is done by records, in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from accounts.access import Actor
from sla import calendar as working_time
from sla import policy, timing
from sla.models import (
    Agreement,
    AgreementVersion,
    Alarm,
    Calendar,
    CalendarVersion,
    Clock,
    ClockEvent,
    Metric,
    Target,
)
from sla.policy import Tracked

DONE, WAITING = "done", "waiting"
NOTHING: Mapping[str, datetime] = MappingProxyType({})


class NoCalendar(Exception):
    """A calendar without a version in force at the asked instant."""


# --- immutable rows, remembered per process -------------------------------------------------


@lru_cache(maxsize=512)
def hours_of(calendar_version_id: int) -> working_time.Calendar:
    """The working time of a calendar version. Versions never change, so it is parsed once."""
    return CalendarVersion.objects.get(pk=calendar_version_id).hours


@lru_cache(maxsize=512)
def version_of(agreement_version_id: int) -> AgreementVersion:
    return AgreementVersion.objects.select_related("agreement").get(pk=agreement_version_id)


@lru_cache(maxsize=512)
def targets_of(agreement_version_id: int) -> tuple[Target, ...]:
    return tuple(Target.objects.filter(version=agreement_version_id))


def calendar_version_at(calendar: int, at: datetime) -> int:
    """The id of the calendar's edition in force at ``at``; its first one before that."""
    versions = CalendarVersion.objects.filter(calendar=calendar)
    found = (
        versions.filter(effective_from__lte=at).order_by("-effective_from", "-number").first()
        or versions.order_by("effective_from", "number").first()
    )
    if found is None:
        raise NoCalendar(f"calendar {Calendar.objects.get(pk=calendar).code} has no version")
    return found.pk


def version_for(customer_id: int, at: datetime) -> AgreementVersion | None:
    """The agreement version that applies to a customer's new record."""
    candidates = AgreementVersion.objects.select_related("agreement").filter(
        Q(agreement__customer=customer_id) | Q(agreement__customer=None),
        Q(agreement__ended_at=None) | Q(agreement__ended_at__gt=at),
        agreement__kind=Agreement.Kind.SLA,
        effective_from__lte=at,
    )
    return policy.choose_version(candidates, customer_id=customer_id, at=at)


def priority_for(customer_id: int, *, impact: int, urgency: int, at: datetime) -> int:
    """Priority by the matrix of the customer's agreement, or by the default matrix."""
    version = version_for(customer_id, at)
    matrix = version.matrix if version else policy.DEFAULT_MATRIX
    return policy.priority_of(matrix, impact=impact, urgency=urgency)


# --- from rows to values ---------------------------------------------------------------------


def thresholds_of(clock: Clock) -> tuple[int, ...]:
    """The warnings of the clock's agreement, in percent."""
    return tuple(version_of(clock.agreement_version_id).warn_at)


def _event(row: ClockEvent) -> timing.Event:
    target, version = row.data.get("target"), row.data.get("calendar_version")
    return timing.Event(
        at=row.at,
        type=row.type,
        reason=row.reason or None,
        target=timing.Target.parse(target) if target else None,
        calendar=hours_of(version) if version else None,
    )


def state_of(clock: Clock, events: Iterable[ClockEvent]) -> timing.State:
    """The clock as a value, replayed from its events."""
    return timing.run(
        start=clock.started_at,
        calendar=hours_of(clock.calendar_version_id),
        target=timing.Target.parse(clock.promise),
        events=[_event(e) for e in events],
        thresholds=thresholds_of(clock),
    )


def events_of(clocks: Iterable[Clock]) -> dict[int, list[ClockEvent]]:
    """The events of several clocks by clock id, in order; one query."""
    by_clock: dict[int, list[ClockEvent]] = defaultdict(list)
    for event in ClockEvent.objects.filter(clock__in=[c.pk for c in clocks]).order_by("at", "pk"):
        by_clock[event.clock_id].append(event)
    return by_clock


CACHE = (
    "state", "target_seconds", "spent", "running_since", "due_at", "first_due_at", "alarm_at",
    "breached_at", "stopped_at", "decided_at", "target",
)  # fmt: skip


def refresh(clock: Clock, state: timing.State, *, now: datetime) -> None:
    """Fill the clock's cached columns from its replayed state, as of ``now``. Does not save."""
    snap = state.at(now)
    clock.state = snap.phase
    clock.target_seconds = snap.target
    clock.spent = snap.spent
    clock.running_since = snap.running_since
    clock.due_at = snap.due
    clock.first_due_at = clock.first_due_at or snap.due
    clock.breached_at = snap.breached_at
    ended = snap.phase in ("stopped", "cancelled")
    clock.stopped_at = (clock.stopped_at or now) if ended else None
    cancelled = snap.phase == "cancelled"
    clock.decided_at = clock.breached_at or (None if cancelled else clock.stopped_at)
    clock.alarm_at = None if ended else _next_alarm(state, snap, now)


def _next_alarm(state: timing.State, snap: timing.Snapshot, now: datetime) -> datetime | None:
    # What this very event made true (a shorter target, a resumption) is raised by the next sweep.
    second = now.replace(microsecond=0)
    if snap.breached_at == second or any(fired.at == second for fired in snap.fired):
        return second
    return state.next_alarm(now)


# --- follow ----------------------------------------------------------------------------------


def not_before(record: int, now: datetime) -> datetime:
    """When an act on a record counts: ``now``, or the latest fact of its clocks if that is later.

    Who waited for a lock, or whose machine is slow, comes with an instant before what others have written
    meanwhile. Facts stay as they are: events keep the order they were written in, and an alarm that was
    raised lies before the act.
    """
    last = Clock.objects.filter(record=record).aggregate(
        start=Max("started_at"), event=Max("events__at"), alarm=Max("alarms__at")
    )
    alarm = last["alarm"] and last["alarm"] + timedelta(seconds=1)
    facts: list[datetime] = [at for at in (last["start"], last["event"], alarm) if at]
    return max([now.replace(microsecond=0), *facts])


@dataclass
class _Follow:
    """One pass over the clocks of a record: which events they need so that they match it."""

    record: Tracked
    now: datetime
    by: Actor
    version: AgreementVersion
    clocks: list[Clock]
    events: dict[int, list[ClockEvent]]
    editions: dict[tuple[int, datetime], int] = field(default_factory=dict)

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

    def _edition(self, calendar: int, at: datetime) -> int:
        # a new record starts several clocks by the same calendar at the same instant
        if (calendar, at) not in self.editions:
            self.editions[calendar, at] = calendar_version_at(calendar, at)
        return self.editions[calendar, at]

    def save(self, clock: Clock) -> None:
        refresh(clock, state_of(clock, self.events[clock.pk]), now=self.now)
        clock.save(update_fields=[*CACHE])


def follow(
    record: Tracked,
    *,
    now: datetime,
    by: Actor,
    withdrawn: bool = False,
    reached: Mapping[str, datetime] = NOTHING,
) -> datetime | None:
    """Make the clocks match the record's phase, priority and service. Idempotent.

    The caller holds the record's lock; the clocks are locked here. ``withdrawn``: the record was
    given up, so its clocks are cancelled and not judged. ``reached``: metrics whose event has happened, and
    when; closure is reached by nothing else, so it runs on after the solution.

    Answers the next due time, None if there is none.
    """
    clocks = list(Clock.objects.select_for_update().filter(record=record.pk).order_by("pk"))
    now = not_before(record.pk, now) if clocks else now
    version = (
        version_of(clocks[0].agreement_version_id)
        if clocks
        else version_for(record.customer_id, record.opened_at)
    )
    if version is None:
        return None
    live = [c for c in clocks if c.is_open or c.metric in (Metric.RESTORATION, Metric.RESOLUTION)]
    pass_ = _Follow(record, now, by, version, clocks, events_of(live))
    if record.phase == DONE:
        _stop_all(pass_, withdrawn=withdrawn, reached=reached)
    else:
        chosen = policy.choose_targets(
            targets_of(version.pk), service_id=record.service_id, priority=record.priority
        )
        for metric in Metric.values:
            if metric in reached:
                _stop(pass_, metric, reached[metric])
            else:
                _match(pass_, metric, chosen.get(metric))
    return next_due(pass_.clocks)


def _stop_all(pass_: _Follow, *, withdrawn: bool, reached: Mapping[str, datetime]) -> None:
    for clock in pass_.clocks:
        if not clock.is_open:
            continue
        if withdrawn:
            pass_.add(clock, ClockEvent.Type.CANCEL)
            pass_.save(clock)
        elif clock.metric != Metric.CLOSURE or clock.metric in reached:
            _stop(pass_, clock.metric, reached.get(clock.metric, pass_.now))
        elif _pause_or_resume(pass_, clock):
            pass_.save(clock)


def _stop(pass_: _Follow, metric: str, at: datetime) -> None:
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


def _match(pass_: _Follow, metric: str, target: Target | None) -> None:
    clock = pass_.latest(metric)
    if target is None:
        if clock and clock.is_open:
            pass_.add(clock, ClockEvent.Type.CANCEL)
            pass_.save(clock)
        return
    if clock is None:
        if target.opens == Target.Opens.CREATION:
            pass_.start(metric, target, pass_.record.opened_at)
            clock = pass_.clocks[-1]
        else:
            return
    elif not clock.is_open:
        if not _reopen(pass_, clock, target):
            return
        clock = pass_.latest(metric) or clock
    changed = _retarget(pass_, clock, target)
    changed |= _pause_or_resume(pass_, clock)
    if changed:
        pass_.save(clock)


def _reopen(pass_: _Follow, clock: Clock, target: Target) -> bool:
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


def _retarget(pass_: _Follow, clock: Clock, target: Target) -> bool:
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


def _pause_or_resume(pass_: _Follow, clock: Clock) -> bool:
    reason = pass_.record.waiting_for if pass_.record.phase == WAITING else ""
    wanted = reason if reason in pass_.version.pausing_reasons else ""
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


def answered(record: Tracked, *, now: datetime, by: Actor) -> datetime | None:
    """An agent wrote to the customer: the first response is given, the next update is due anew (K-2, K-4)."""
    clocks = list(Clock.objects.select_for_update().filter(record=record.pk).order_by("pk"))
    if not clocks or record.phase == DONE:
        return next_due(clocks)
    now = not_before(record.pk, now)
    version = version_of(clocks[0].agreement_version_id)
    open_clocks = [c for c in clocks if c.is_open]
    pass_ = _Follow(record, now, by, version, clocks, events_of(open_clocks))
    for clock in open_clocks:
        if clock.metric in (Metric.FIRST_RESPONSE, Metric.NEXT_UPDATE):
            pass_.add(clock, ClockEvent.Type.STOP)
            pass_.save(clock)
    chosen = policy.choose_targets(
        targets_of(version.pk), service_id=record.service_id, priority=record.priority
    )
    if target := chosen.get(Metric.NEXT_UPDATE):
        pass_.start(Metric.NEXT_UPDATE, target, now)
        if _pause_or_resume(pass_, pass_.clocks[-1]):
            pass_.save(pass_.clocks[-1])
    return next_due(pass_.clocks)


def next_due(clocks: Iterable[Clock]) -> datetime | None:
    """The earliest due time among open clocks."""
    return min((c.due_at for c in clocks if c.is_open and c.due_at), default=None)


# --- alarms ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reached:
    """A step a clock has reached: a warning in percent, or the breach."""

    clock: Clock
    step: str
    at: datetime

    @property
    def is_breach(self) -> bool:
        return self.step == Alarm.BREACH


def claim(now: datetime, limit: int) -> list[Clock]:
    """Lock up to ``limit`` clocks whose next alarm is due, oldest first, with their records.

    Rows locked by somebody else are skipped, so this never waits and cannot deadlock with a person who
    holds the record and wants its clocks.
    """
    # The record first: PostgreSQL locks in this order, and where it skips a row because of the second
    # table it keeps the first one's lock. A clock locked without its record could deadlock two sweeps.
    return list(
        Clock.objects.select_for_update(skip_locked=True, no_key=True, of=("record", "self"))
        .select_related("record__team", "record__service__second_line_team", "target")
        .filter(alarm_at__lte=now)
        .order_by("alarm_at", "pk")[:limit]
    )


def reached(
    clocks: Sequence[Clock], now: datetime, *, before_act: bool = False
) -> tuple[list[Reached], dict[int, Exception]]:
    """Steps reached by ``now`` and not raised yet, in order of time; and the clocks that failed.

    Recomputes each clock from its events (alarm_at is a hint only) and refreshes its cache in memory.
    ``before_act``: an act at ``now`` follows, so a warning of that very second is left to what the act
    makes of it: a pause holds it back, a stop drops it (W-2).
    """
    events = events_of(clocks)
    raised = set(Alarm.objects.filter(clock__in=[c.pk for c in clocks]).values_list("clock", "step", "at"))
    found: list[Reached] = []
    failed: dict[int, Exception] = {}
    for clock in clocks:
        try:
            state = state_of(clock, events[clock.pk])
            snap = state.at(now)
            steps = [(str(f.threshold), f.at) for f in snap.fired if not (before_act and f.at >= now)]
            is_left = len(steps) < len(snap.fired)
            if snap.breached_at:
                steps.append((Alarm.BREACH, snap.breached_at))
            found += [Reached(clock, s, at) for s, at in steps if (clock.pk, s, at) not in raised]
            clock.breached_at = snap.breached_at
            clock.decided_at = snap.breached_at or clock.decided_at
            ahead = now if is_left else state.next_alarm(now)
            clock.alarm_at = None if clock.stopped_at else ahead
            clock.failures = 0
        except Exception as error:  # noqa: BLE001 - one bad clock must not stop the others
            failed[clock.pk] = error
    return sorted(found, key=lambda r: r.at), failed


def save_swept(clocks: Sequence[Clock]) -> None:
    """Store what :func:`reached` refreshed, in one statement."""
    columns = [(c.pk, c.alarm_at, c.breached_at, c.decided_at) for c in clocks]
    if not columns:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE sla_clock c
               SET alarm_at = s.alarm_at, breached_at = s.breached_at, decided_at = s.decided_at, failures = 0
               FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
                   AS s (id, alarm_at, breached_at, decided_at)
               WHERE c.id = s.id""",
            [list(column) for column in zip(*columns, strict=True)],
        )


def postpone(clock_id: int, *, now: datetime) -> None:
    """Push a clock that cannot be computed back, doubling up to an hour, so that others get their turn."""
    clock = Clock.objects.select_for_update().get(pk=clock_id)
    clock.failures = min(clock.failures + 1, 60)
    clock.alarm_at = now + timedelta(seconds=min(10 * 2 ** (clock.failures - 1), 3600))
    clock.save(update_fields=["failures", "alarm_at"])
