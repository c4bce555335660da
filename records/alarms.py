"""Raising what clocks have reached: warnings, breaches, and the escalation that follows a breach.

Any number of beats, workers and ticker loops may run :func:`sweep`; each step of each clock becomes one
row, once. Cost follows what is due, never what is open.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

import sla.services
from accounts.access import Actor
from accounts.models import Team
from accounts.services import system_actor, system_after
from records import log as records_log
from records.kinds import process_of
from records.models import Record
from sla import sweeping
from sla.models import Alarm, Breach, Clock, Metric
from sla.sweeping import Reached

log = logging.getLogger(__name__)

BATCH = 200
# An act takes its instant before it waits for the record's lock. The sweeps of the running service leave the
# last moments alone, so that nobody's act stands in the log before an alarm that it would have prevented.
SETTLE = timedelta(seconds=3)
# A step that was noticed this much later than it came true is marked late.
LATE_SECONDS = 60


def database_now() -> datetime:
    """The database's time: the only clock that decides what is due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('second', clock_timestamp())")
        now: datetime = cursor.fetchone()[0]
    return now


def sweep(limit: int = BATCH, *, settle: timedelta = timedelta()) -> int:
    """Raise what is due in one batch and answer how many clocks were handled.

    ``settle``: leave alone what fell due within this span before now.

    One transaction holds alarms, log, messages and the clocks' next alarm. A clock that cannot be computed
    is pushed back in a transaction of its own and its error raised after everybody else was served.
    """
    with transaction.atomic():
        now = database_now() - settle
        clocks = sweeping.claim(now, limit)
        failed = raise_reached(clocks, now=now, actor=system_actor()) if clocks else {}
    for clock_id in failed:
        with transaction.atomic():
            sweeping.postpone(clock_id, now=now)
    if failed:
        clock_id, error = next(iter(failed.items()))
        log.error("%s clocks could not be computed; the first is %s", len(failed), clock_id)
        raise error
    return len(clocks)


def raise_due_of(record: Record, *, now: datetime, actor: Actor) -> bool:
    """Before an act on a record: log what its clocks reached before ``now``, with who held it then.

    The caller holds the record's lock and reads it anew if the answer is True: something was raised.
    What an import raises is silent like the import.
    """
    now = sla.services.not_before(record.pk, now)
    clocks = list(
        Clock.every.select_for_update(no_key=True, of=("self",))
        .select_related("target", "support")
        .filter(record=record.pk, alarm_at__lte=now)
    )
    if not clocks:
        return False
    for clock in clocks:
        clock.record = record
    failed = raise_reached(clocks, now=now, actor=system_after(actor), before_act=True)
    for clock_id in failed:
        sweeping.postpone(clock_id, now=now)
    return True


def raise_reached(
    clocks: Sequence[Clock], *, now: datetime, actor: Actor, before_act: bool = False
) -> dict[int, Exception]:
    """Write alarms, breaches, log and messages for locked clocks with their records. Answers failures."""
    if not clocks:
        return {}
    found, failed = sweeping.reached(clocks, now, before_act=before_act)
    Alarm.objects.bulk_create(Alarm(clock=r.clock, step=r.step, at=r.at, noticed_at=now) for r in found)
    breaches = [r for r in found if r.is_breach]
    Breach.objects.bulk_create([_breach(r) for r in breaches], ignore_conflicts=True)
    records_log.write_all([_fact(r, now) for r in found], actor=actor)
    sweeping.save_swept([c for c in clocks if c.pk not in failed])
    for r in breaches:
        if r.clock.target.escalates and r.clock.is_open and r.clock.support_id is None:
            _act_on_breach(r, actor=actor, now=now)
    return failed


def _act_on_breach(reached: Reached, *, actor: Actor, now: datetime) -> None:
    """Let the process act on a breach, in a savepoint: what goes wrong there must not undo the alarms."""
    record = reached.clock.record
    on_breach = process_of(record.kind).on_breach
    if on_breach is None:
        return
    try:
        with transaction.atomic():
            on_breach(record, metric=reached.clock.metric, actor=actor, now=now)
    except Exception:
        log.exception("the act on the breach of %s failed", record.number)


def _breach(reached: Reached) -> Breach:
    record: Record = reached.clock.record
    return Breach(
        clock=reached.clock,
        at=reached.at,
        team_id=record.team_id,
        tier=_tier_of(record),
        assignee_id=record.assignee_id,
    )


def _tier_of(record: Record) -> str:
    return record.team.tier if record.team else ""


def _fact(reached: Reached, now: datetime) -> records_log.Fact:
    clock, record = reached.clock, reached.clock.record
    data: dict[str, Any] = {
        "metric": promised(clock),
        "metric_code": clock.metric,
        "clock": clock.pk,
        "late": (now - reached.at).total_seconds() > LATE_SECONDS,
    }
    if not reached.is_breach:
        return records_log.Fact(record, "sla.warned", reached.at, data=data | {"share": reached.step})
    held = {"tier": _tier_of(record), "team": record.team_id, "assignee": record.assignee_id}
    return records_log.Fact(record, "sla.breached", reached.at, data=data | held)


def promised(clock: Clock) -> dict[str, str]:
    """What was promised in both languages; and by which OLA or UC, if it is not the customer's promise."""
    label = metric_label(clock.metric)
    if clock.support is None:
        return label
    by = clock.support.label
    return {"en": f"{label['en']} ({by['en']})", "zh": f"{label['zh']}（{by['zh']}）"}


def metric_label(metric: str) -> dict[str, str]:
    """The metric's name in both languages, for the log."""
    return records_log.bilingual(Metric(metric).label)


def second_line_of(record: Record) -> Team | None:
    """Where a record goes that its team cannot solve in time; None if it is there already."""
    if record.team and record.team.tier in (Team.Tier.SECOND, Team.Tier.THIRD):
        return None
    return record.service.second_line_team if record.service else None
