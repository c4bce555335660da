"""A time agreed with the customer, as the target of arriving on site; kept on the record's log.

Who keeps appointments decides which instant it is. The caller holds the transaction.
"""

from datetime import datetime
from typing import Any

from accounts.access import Actor
from records import log as records_log
from records.models import Record
from records.services import lock
from sla import appointments
from sla.following import next_due
from sla.models import Clock, Metric

APPOINTED, UNAPPOINTED = "sla.appointed", "sla.unappointed"


def promise(record: Record, due: datetime | None, *, reason: Any, actor: Actor, now: datetime) -> None:
    """Make ``due`` what the arrival is measured by; None gives the clock its span back.

    ``reason`` is a lazy text for the log: who wanted it. It is logged whether or not a clock runs now: one
    that starts later goes by it too. What is so already changes nothing.
    """
    current = lock(record)
    due = due.replace(microsecond=0) if due else None
    if due == _noted(current):
        return
    if appointments.appoint(current, due, now=now, by=actor):
        _due_again(current)
    facts: dict[str, Any] = {}
    if due:
        facts = {"agreed": {"instant": due.isoformat()}, "due": due.isoformat()}
    records_log.write(
        current, APPOINTED if due else UNAPPOINTED, actor=actor, at=now,
        reason=records_log.bilingual(reason), **facts,
    )  # fmt: skip


def _noted(record: Record) -> datetime | None:
    """The agreed time as the log has it."""
    last = record.activities.filter(verb__in=[APPOINTED, UNAPPOINTED]).order_by("-id").first()
    due = last.data.get("due") if last else None
    return datetime.fromisoformat(due) if due else None


def arrive(record: Record, at: datetime, *, actor: Actor, now: datetime, note: str = "") -> None:
    """Somebody is on site, on a ticket whose process keeps no such instant: its clock stops."""
    current = lock(record)
    if appointments.arrived(current, at, now=now, by=actor):
        _due_again(current)
    records_log.write(current, f"{record.kind}.arrive", actor=actor, at=now, text=note)


def has_arrival_clock(record: Record) -> bool:
    """Whether an agreed time would move a target."""
    return Clock.objects.filter(record=record.pk, metric=Metric.ON_SITE, stopped_at=None).exists()


def _due_again(record: Record) -> None:
    due = next_due(Clock.objects.filter(record=record.pk, stopped_at=None))
    if due != record.next_due_at:
        Record.objects.filter(pk=record.pk).update(next_due_at=due)
