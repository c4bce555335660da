"""Beside a ticket: who of its team is on duty and on call now, with their telephone numbers (INC-22)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from records.lifecycle import Phase
from records.models import Record
from records.panels import Panel
from shifts import queries
from shifts.models import Duty

SHOWN = 8


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """One question; a ticket without a team, or one that is done, needs nobody."""
    if record.team is None or record.phase == Phase.DONE or not may(actor, "directory"):
        return None
    duties = queries.now_on_duty(record.team, now)
    calls = [duty for duty in duties if duty.kind == Duty.Kind.ON_CALL]
    seats = [duty for duty in duties if duty.kind == Duty.Kind.SEAT]
    return {"calls": calls, "seats": seats[:SHOWN], "more": max(len(seats) - SHOWN, 0), "team": record.team}


PANEL = Panel("shifts", 40, "shifts/_panel.html", content)
