"""The sweep's half of the clocks: claim what is due, and compute what was reached.

Nothing here writes a log or a message; that is done by records, in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from sla.models import Alarm, Clock
from sla.services import events_of, state_of


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
        Clock.every.select_for_update(skip_locked=True, no_key=True, of=("record", "self"))
        .select_related("record__team", "record__service__second_line_team", "target", "support")
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
    clock = Clock.every.select_for_update().get(pk=clock_id)
    clock.failures = min(clock.failures + 1, 60)
    clock.alarm_at = now + timedelta(seconds=min(10 * 2 ** (clock.failures - 1), 3600))
    clock.save(update_fields=["failures", "alarm_at"])
