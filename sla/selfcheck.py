"""The nightly proof that the clocks' stored columns are what replaying their events gives.

Clocks are read in batches; whatever differs is looked at again under the clock's lock, so that a verb at
work in the same moment is no difference. The last report lies in the cache, where the dashboard reads it.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction

from sla import timing
from sla.models import Clock, ClockEvent
from sla.services import events_of, state_of

log = logging.getLogger(__name__)

BATCH = 500
KEY, UNFINISHED = "sla.selfcheck", "sla.selfcheck.unfinished"
SHOWN = 100  # differences kept in a report; all are counted
OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)


@dataclass
class Report:
    """What one check found. Instants are ISO texts: the report is stored as JSON."""

    started_at: str
    checked: int = 0
    different: int = 0
    differences: list[str] = field(default_factory=list)
    clocks: list[int] = field(default_factory=list)  # of each of the differences its clock
    last: int = 0
    is_complete: bool = False
    finished_at: str = ""


def check(report: Report, *, now: datetime, seconds: float | None = None) -> Report:
    """Go on with a report until all clocks are checked, or for about so many seconds.

    Call again with the answer until it ``is_complete``.
    """
    stop = time.monotonic() + seconds if seconds is not None else None
    while stop is None or time.monotonic() < stop:
        clocks = list(Clock.every.filter(pk__gt=report.last).order_by("pk")[:BATCH])
        if not clocks:
            report.is_complete, report.finished_at = True, now.isoformat()
            break
        for clock, found in _differences(clocks, now):
            report.different += 1
            if len(report.differences) < SHOWN:
                report.differences.append(found)
                report.clocks.append(clock)
        report.checked += len(clocks)
        report.last = clocks[-1].pk
    return report


def _differences(clocks: Sequence[Clock], now: datetime) -> list[tuple[int, str]]:
    events = events_of(clocks)
    suspects = [clock for clock in clocks if compare(clock, events[clock.pk], now)]
    found = []
    for suspect in suspects:
        with transaction.atomic():
            clock = Clock.every.select_for_update(no_key=True).get(pk=suspect.pk)
            found += [
                (clock.pk, f"clock {clock.pk} ({clock.metric} of record {clock.record_id}): {words}")
                for words in compare(clock, events_of([clock])[clock.pk], now)
            ]
    return found


def compare(clock: Clock, events: Sequence[ClockEvent], now: datetime) -> list[str]:
    """Each column that replay does not give, in words; [] if all agree."""
    try:
        state = state_of(clock, events)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding and not the end of the check
        return [f"cannot be replayed: {type(error).__name__}: {error}"]
    if now < clock.started_at:
        return []
    snap = state.at(now)
    expected: dict[str, Any] = {
        "state": snap.phase,
        "target_seconds": snap.target,
        "due_at": snap.due,
        "spent": state.at(clock.running_since).elapsed if clock.running_since else snap.elapsed,
    }
    found = [
        f"{column} is {getattr(clock, column)}, replay gives {value}"
        for column, value in expected.items()
        if getattr(clock, column) != value
    ]
    return found + _facts(clock, state, snap, now)


def _facts(clock: Clock, state: timing.State, snap: timing.Snapshot, now: datetime) -> list[str]:
    """Breach and next alarm: what the sweep has still to notice is not a difference."""
    found = []
    is_waiting = clock.alarm_at is not None and clock.alarm_at <= now
    if clock.breached_at != snap.breached_at and not (clock.breached_at is None and is_waiting):
        found.append(f"breached_at is {clock.breached_at}, replay gives {snap.breached_at}")
    ahead = state.next_alarm(now) if clock.state in OPEN else None
    is_late = ahead is not None and (clock.alarm_at is None or clock.alarm_at > ahead)
    if is_late:
        found.append(f"alarm_at is {clock.alarm_at}, the next step is at {ahead}")
    ended = clock.state not in OPEN
    if ended != (clock.stopped_at is not None):
        found.append(f"stopped_at is {clock.stopped_at} in state {clock.state}")
    return found


# --- who is told -----------------------------------------------------------------------------

Told = Callable[[Report, datetime], None]
_told: dict[str, Told] = {}


def tell(name: str, what: Told) -> None:
    """Have ``what`` called with each finished report that found a difference. Safe to repeat."""
    _told[name] = what


def finish(report: Report, now: datetime) -> None:
    """Tell everybody who asked of a finished report with differences; each for itself."""
    for name, what in _told.items():
        try:
            what(report, now)
        except Exception:
            log.exception("%s could not take the report of the self-check", name)


# --- the stored report -----------------------------------------------------------------------


def store(report: Report) -> None:
    """Keep a report for the dashboard; an unfinished one apart from the last whole one."""
    cache.set(KEY if report.is_complete else UNFINISHED, asdict(report), timeout=None)


def last_report() -> Report | None:
    """The last complete report, None if there was none; for the dashboard."""
    return _load(KEY)


def unfinished_report() -> Report | None:
    return _load(UNFINISHED)


def _load(key: str) -> Report | None:
    stored = cache.get(key)
    return Report(**stored) if stored else None
