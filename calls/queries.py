"""What pages show of calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.access import Actor
from calls.models import CallRecord
from records.models import Record
from records.panels import Panel

SHOWN = 10
NAMED = ("hotline", "branch", "agent", "person", "customer", "ticket")
TONES = {"answered": "good", "abandoned": "bad", "open": "warn"}


def shown(rows: QuerySet[CallRecord]) -> QuerySet[CallRecord]:
    """With all a line of a list names, the newest first."""
    return rows.select_related(*NAMED).order_by("-offered_at", "-pk")


def line(call: CallRecord) -> dict[str, Any]:
    """A call as lists show it; ``lasted`` is a timedelta, or None where it is not known."""
    talked = call.ended_at - call.answered_at if call.answered_at and call.ended_at else None
    return {"call": call, "tone": TONES[call.outcome], "lasted": talked}


def of_ticket(record: Record, actor: Actor, *, now: datetime) -> QuerySet[CallRecord]:
    return CallRecord.objects.filter(ticket=record.pk)


def beside(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The calls of a ticket, for its page; None where there are none."""
    if not actor.is_desk_side:
        return None
    found = list(shown(of_ticket(record, actor, now=now))[: SHOWN + 1])
    if not found:
        return None
    return {"rows": [line(call) for call in found[:SHOWN]], "more": len(found) > SHOWN}


PANEL = Panel("calls", 45, "calls/_panel.html", beside, probe=of_ticket)
