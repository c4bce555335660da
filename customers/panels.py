"""What a ticket's pages show of complaints about it."""

from datetime import datetime

from django.urls import reverse

from accounts.access import Actor, may
from customers.access import complaints
from customers.rows import row_of
from records.kinds import TICKETS
from records.lifecycle import Phase
from records.models import Record
from records.panels import Content, Panel, Side
from records.panels import register as register_panel

MOST = 5


def on_desk(record: Record, actor: Actor, *, now: datetime) -> Content | None:
    """Complaints about the ticket, none about people; and the way to record one."""
    rows = complaints(actor).filter(about=record.pk, is_confidential=False).order_by("-pk")[:MOST]
    found = [row_of(row, now) for row in rows]
    if not found and record.phase != Phase.DONE:
        return None
    return {"rows": found, "new_url": f"{reverse('customers:new')}?about={record.number}"}


def in_portal(record: Record, actor: Actor, *, now: datetime) -> Content | None:
    """What the customer said about the ticket, and the way to complain about it."""
    if not may(actor, "portal"):
        return None
    rows = complaints(actor).filter(about=record.pk).order_by("-pk")[:MOST]
    return {
        "rows": [row_of(row, now) for row in rows],
        "new_url": f"{reverse('customers:new-feedback')}?about={record.number}",
    }


def register() -> None:
    kinds = frozenset(TICKETS)
    register_panel(Panel("complaints", 60, "customers/_panel.html", on_desk, Side.DESK, kinds))
    register_panel(Panel("feedback", 60, "customers/_portal_panel.html", in_portal, Side.PORTAL, kinds))
