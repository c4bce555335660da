"""An agreed time as the target of arriving on site: the promise is that instant and not a span (rules G).

The events of an open arrival clock say when it was agreed, replaced or given back; `machine` does the rest.
Who keeps appointments registers how to find the one in force, for clocks that start afterwards.
"""

from collections.abc import Callable
from datetime import datetime

from accounts.access import Actor
from sla.models import Clock, ClockEvent, Metric
from sla.policy import Tracked
from sla.services import events_of, not_before, refresh, state_of

Finder = Callable[[int], datetime | None]
_finders: list[Finder] = []

CACHE = (
    "state", "target_seconds", "spent", "running_since", "due_at", "first_due_at", "alarm_at",
    "breached_at", "stopped_at", "decided_at", "appointed_at",
)  # fmt: skip


def register(finder: Finder) -> None:
    """Make known who keeps appointments: record id -> the agreed instant in force, or None."""
    if finder not in _finders:
        _finders.append(finder)


def agreed(record_id: int) -> datetime | None:
    """The earliest agreed instant by which somebody has to be there."""
    return min((at for finder in _finders if (at := finder(record_id))), default=None)


def appoint(record: Tracked, due: datetime | None, *, now: datetime, by: Actor) -> bool:
    """Make ``due`` the target of the open arrival clocks; None gives them back their span. Idempotent.

    The caller holds the record's lock; the clocks are locked here. True if a clock was changed.
    """
    due = due.replace(microsecond=0) if due else None
    clocks = [clock for clock in _open(record) if clock.appointed_at != due]
    if not clocks:
        return False
    at = not_before(record.pk, now)
    for clock in clocks:
        _append(clock, _event(clock, due, at=at, by=by), now=at)
    return True


def arrived(record: Tracked, at: datetime, *, now: datetime, by: Actor) -> bool:
    """Somebody is there since ``at``: the open arrival clocks stop. For processes that keep no such instant.

    As everywhere a clock stops not before what is known about it; the caller holds the record's lock.
    """
    clocks = _open(record)
    floor = not_before(record.pk, now) if clocks else now
    for clock in clocks:
        facts = [clock.started_at, *(e.at for e in events_of([clock])[clock.pk])]
        facts += [clock.breached_at] if clock.breached_at else []
        stop = min(max(at.replace(microsecond=0), *facts), floor)
        clock.stopped_at = stop
        _append(
            clock, ClockEvent(clock=clock, at=stop, type=ClockEvent.Type.STOP, by_id=by.user_id), now=floor
        )
    return bool(clocks)


def _open(record: Tracked) -> list[Clock]:
    rows = Clock.every.select_for_update(no_key=True, of=("self",))
    return list(rows.filter(record=record.pk, metric=Metric.ON_SITE, stopped_at=None).order_by("pk"))


def _event(clock: Clock, due: datetime | None, *, at: datetime, by: Actor) -> ClockEvent:
    if due is None:
        return ClockEvent(clock=clock, at=at, type=ClockEvent.Type.RELEASE, by_id=by.user_id)
    data = {"due": due.isoformat()}
    return ClockEvent(clock=clock, at=at, type=ClockEvent.Type.APPOINT, data=data, by_id=by.user_id)


def _append(clock: Clock, event: ClockEvent, *, now: datetime) -> None:
    event.save()
    refresh(clock, state_of(clock, events_of([clock])[clock.pk]), now=now)
    clock.save(update_fields=[*CACHE])
