"""The clock of updates: warned of at three quarters, missed at its end, each written exactly once.

Round the clock: a major incident knows no office hours. Whoever comes first, the sweep or an act of a person,
writes what became true, under the major incident's lock.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, Case, Q, Value, When

from accounts.access import Actor
from accounts.services import system_actor, system_after
from majors.models import Deadline, Major
from records import log as records_log
from records.services import lock

WARN_AT = 0.75
BATCH = 100


def start(major: Major, *, now: datetime) -> Deadline:
    """From now on the next update is due after the interval."""
    span = timedelta(minutes=major.update_minutes)
    last = major.deadlines.order_by("-cycle").values_list("cycle", flat=True).first()
    return Deadline.objects.create(
        major=major, cycle=(last or 0) + 1, starts_at=now, warn_at=now + span * WARN_AT, due_at=now + span
    )


def running(major: Major) -> Deadline | None:
    return major.deadlines.filter(ended_at=None).first()


def met(major: Major, *, now: datetime) -> None:
    """An update came; in time unless it is missed already."""
    in_time = Case(When(missed_at=None, then=Value(True)), default=Value(False), output_field=BooleanField())
    major.deadlines.filter(ended_at=None).update(ended_at=now, was_met=in_time)


def cancel(major: Major, *, now: datetime) -> None:
    """No update is due any more; what was missed stays missed, the rest is not judged."""
    open_row = running(major)
    if open_row:
        open_row.ended_at = now
        open_row.was_met = False if open_row.missed_at else None
        open_row.save(update_fields=["ended_at", "was_met"])


def raise_due(major: Major, *, now: datetime, actor: Actor) -> int:
    """Write what the open deadline reached before ``now``; the caller holds the major incident's lock."""
    row = running(major)
    if row is None:
        return 0
    minutes = round((row.due_at - row.starts_at).total_seconds() / 60)
    left = round((row.due_at - row.warn_at).total_seconds() / 60)
    system, raised = system_after(actor), 0
    if row.warned_at is None and row.warn_at < now:
        row.warned_at = row.warn_at
        raised += 1
        if row.due_at >= now:  # too late for a warning: the miss says it all
            records_log.write(major, "major.update_due", actor=system, at=row.warn_at, left=left)
    if row.missed_at is None and row.due_at < now:
        row.missed_at = row.due_at
        raised += 1
        records_log.write(major, "major.update_missed", actor=system, at=row.due_at, minutes=minutes)
    if raised:
        row.save(update_fields=["warned_at", "missed_at"])
    return raised


def sweep(*, now: datetime) -> int:
    """Write everything that fell due; answers how much. Any number of workers may run it."""
    reached = Q(warned_at=None, warn_at__lt=now) | Q(due_at__lt=now)
    due = Deadline.objects.filter(reached, ended_at=None, missed_at=None)
    raised = 0
    for pk in list(due.order_by("warn_at").values_list("major", flat=True)[:BATCH]):
        with transaction.atomic():
            raised += raise_due(lock(Major.objects.get(pk=pk)), now=now, actor=system_actor())
    return raised


def kept(major: Major) -> tuple[int, int]:
    """How many updates came in time, and of how many that were judged."""
    judged = major.deadlines.filter(was_met__isnull=False)
    return judged.filter(was_met=True).count(), judged.count()
