"""Beside a ticket: its visits, for agents with the next step, for customers with their answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.access import Actor, may
from fieldwork import lifecycle, queries, show
from fieldwork.forms import WishForm
from fieldwork.models import Appointment
from records.lifecycle import Phase
from records.models import Record
from records.panels import Panel, Side


def for_agents(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """All visits and the way to make one; on a ticket that is done without any it stays away."""
    if not actor.is_desk_side:
        return None
    rows = [show.line(row, now) for row in queries.of_ticket(record, actor)]
    may_plan = record.phase != Phase.DONE and may(actor, "plan_visit", record) and actor.is_staff_side
    if not rows and not may_plan:
        return None
    return {"rows": rows, "may_plan": may_plan}


def for_customers(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The visits the customer knows of, and what may be answered; None where there are none."""
    rows = queries.of_ticket(record, actor)
    if not rows:
        return None
    may_answer = may(actor, "ask_visit", record)
    lines = [
        {
            **show.line(row, now),
            "may_agree": may_answer and row.state == lifecycle.PROPOSED and row.starts_at > now,
            "wish_form": WishForm(auto_id=f"wish-{row.pk}-%s")
            if may_answer and row.state in lifecycle.AHEAD
            else None,
        }
        for row in rows
    ]
    return {"rows": lines}


def has_visits(record: Record, actor: Actor, *, now: datetime) -> QuerySet[Appointment]:
    """Rows of which one must exist for the customers' panel."""
    return Appointment.objects.filter(ticket=record.pk)


PANELS = (
    Panel("fieldwork", 20, "fieldwork/_panel.html", for_agents),
    Panel(
        "fieldwork-portal", 20, "fieldwork/_portal_panel.html", for_customers, Side.PORTAL, probe=has_visits
    ),
)
