"""What a ticket's pages show of complaints about it, of being asked, and of the callback."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from accounts.access import Actor, may
from customers.access import complaints
from customers.models import Callback, Complaint, Invitation
from customers.rows import row_of
from records.kinds import TICKETS
from records.lifecycle import Phase
from records.models import Record
from records.panels import Content, Panel, Side
from records.panels import register as register_panel

MOST = 5


def _complained(record: Record, actor: Actor) -> "QuerySet[Complaint]":
    return complaints(actor).filter(about=record.pk, is_confidential=False)


def probe_desk(record: Record, actor: Actor, *, now: datetime) -> "QuerySet[Complaint] | bool":
    """What is done may be complained about; before that there must be a complaint."""
    return record.phase == Phase.DONE or _complained(record, actor)


def on_desk(record: Record, actor: Actor, *, now: datetime) -> Content | None:
    """Complaints about the ticket, none about people; and the way to record one."""
    found = [row_of(row, now) for row in _complained(record, actor).order_by("-pk")[:MOST]]
    if not found and record.phase != Phase.DONE:
        return None
    return {"rows": found, "new_url": f"{reverse('customers:new')}?about={record.number}"}


def asked_on_desk(record: Record, actor: Actor, *, now: datetime) -> Content | None:
    """That the requester was asked and whether they answered; the score is for leaders."""
    if record.phase != Phase.DONE:
        return None
    invitation = Invitation.objects.filter(ticket=record.pk).select_related("response", "person").first()
    callback = Callback.objects.filter(ticket=record.pk).select_related("claimed_by").first()
    if invitation is None and callback is None:
        return None
    response = getattr(invitation, "response", None)
    return {
        "invitation": invitation,
        "response": response,
        "may_collect": invitation is not None and response is None and invitation.expires_at > now,
        "reads_score": may(actor, "judge_staff", record),
        "callback": callback,
    }


def in_portal(record: Record, actor: Actor, *, now: datetime) -> Content | None:
    """What the customer said about the ticket, the way to complain, and the questions to who is asked."""
    if not may(actor, "portal"):
        return None
    rows = complaints(actor).filter(about=record.pk).order_by("-pk")[:MOST]
    asked = None
    if record.phase == Phase.DONE:
        own = Invitation.objects.filter(ticket=record.pk, person=actor.user_id)
        asked = own.select_related("response").first()
    return {
        "rows": [row_of(row, now) for row in rows],
        "asked": asked,
        "is_answered": asked is not None and hasattr(asked, "response"),
        "may_answer": asked is not None and not hasattr(asked, "response") and asked.expires_at > now,
        "new_url": f"{reverse('customers:new-feedback')}?about={record.number}",
    }


def register() -> None:
    kinds = frozenset(TICKETS)
    register_panel(
        Panel("complaints", 60, "customers/_panel.html", on_desk, Side.DESK, kinds, probe=probe_desk)
    )
    register_panel(Panel("opinion", 61, "customers/_asked.html", asked_on_desk, Side.DESK, kinds))
    register_panel(Panel("feedback", 60, "customers/_portal_panel.html", in_portal, Side.PORTAL, kinds))
