"""Planned interruptions beside the tickets of their services, for the desk and for the customer.

An interruption holds no ticket by itself: work on a ticket may go on meanwhile, and whether it does is
said by the desk. Where it stands still, an agent holds it with that reason, and its clocks say so (INC-25).
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.access import Actor, may
from levels.models import PlannedInterruption
from records.models import Record
from records.panels import Panel, Side, register

# How long before its beginning an interruption is of interest to whoever reads a ticket.
AHEAD = timedelta(hours=72)
MOST = 3


def probe(record: Record, actor: Actor, *, now: datetime) -> "QuerySet[PlannedInterruption] | bool":
    """The interruptions of the ticket's service that its customer has or will soon have."""
    if record.service_id is None or record.phase == "done":
        return False
    concerned = Q(customers=None) | Q(customers=record.customer_id)
    found = PlannedInterruption.objects.filter(concerned, services=record.service_id, cancelled_at=None)
    return found.filter(starts_at__lt=now + AHEAD, ends_at__gt=now)


def content(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """Those interruptions, the next first."""
    found = probe(record, actor, now=now)
    rows = [] if isinstance(found, bool) else list(found.order_by("starts_at").distinct()[:MOST])
    if not rows:
        return None
    lines = [{"row": row, "is_now": row.starts_at <= now} for row in rows]
    stands = record.phase == "active" and any(line["is_now"] for line in lines)
    return {"lines": lines, "may_hold": stands and may(actor, "hold", record)}


def show() -> None:
    """Register the panel for both sides. Called when the app is ready."""
    template = "levels/_interruption_panel.html"
    register(Panel("planned-interruptions", 15, template, content, probe=probe))
    register(Panel("planned-interruptions-portal", 15, template, content, side=Side.PORTAL, probe=probe))
