"""What an agreed appointment does to its ticket: the target of arriving, and the hold until then (INC-18).

The promise of a ticket is the earliest instant agreed and not given back.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

import fulfilment.services
import incidents.services
from accounts.access import Actor
from accounts.services import system_after
from fieldwork import lifecycle
from fieldwork.models import Appointment
from fulfilment.models import ServiceRequest
from incidents.models import Incident, WaitingFor
from records import appointing
from records.lifecycle import IllegalMove, Phase
from records.models import Record
from records.services import get_record

AGREED = _("the customer agreed to it")
WISHED = _("the customer asked for it")
CALLED_OFF = _("the visit was called off with the customer")

ENDED = (lifecycle.CANCELLED, lifecycle.MISSED)
HOLD = WaitingFor.APPOINTMENT.value


def promised(record_id: int) -> datetime | None:
    """The instant by which somebody was promised to be there.

    What we called off or missed binds us until something is agreed after it, or somebody is there.
    """
    rows = Appointment.objects.filter(ticket=record_id)
    known = list(rows.values_list("state", "promised_at", "agreed_at", "ended_at", "arrived_at"))
    there = [arrived for *_others, arrived in known if arrived]
    ahead = [
        (due, agreed) for state, due, agreed, *_rest in known if due and state in lifecycle.BEFORE_ARRIVAL
    ]
    later = max([agreed for _due, agreed in ahead if agreed] + there, default=None)
    broken = [
        due for state, due, _agreed, ended, _arrived in known
        if due and state in ENDED and not (later and ended and later >= ended)
    ]  # fmt: skip
    return min([due for due, _agreed in ahead] + broken, default=None)


def settle(row: Appointment, *, reason: Any, actor: Actor, now: datetime) -> None:
    """Bring the ticket's target in line with what is agreed now; the caller holds the ticket's lock."""
    appointing.promise(row.ticket, promised(row.ticket_id), reason=reason, actor=actor, now=now)


def hold(row: Appointment, *, is_wanted: bool, actor: Actor, now: datetime) -> None:
    """Let the ticket wait for the agreed appointment, where somebody wants that and it can."""
    ticket = get_record(system_after(actor), row.ticket.number)
    if not is_wanted or ticket.phase == Phase.DONE or ticket.waiting_for == HOLD:
        return
    if isinstance(ticket, Incident):
        incidents.services.hold(ticket, reason=HOLD, actor=actor, now=now)
    elif isinstance(ticket, ServiceRequest):
        fulfilment.services.hold(ticket, reason=HOLD, actor=actor, now=now)


def resume(row: Appointment, *, actor: Actor, now: datetime) -> None:
    """Go on with a ticket that waited for the appointment."""
    by = system_after(actor)
    ticket = get_record(by, row.ticket.number)
    if ticket.waiting_for != HOLD:
        return
    try:
        with transaction.atomic():
            if isinstance(ticket, Incident):
                incidents.services.resume(ticket, actor=by, now=now)
            elif isinstance(ticket, ServiceRequest):
                fulfilment.services.resume(ticket, actor=by, now=now)
    except IllegalMove:
        return  # it stands still behind another ticket; that one goes on


def arrived(row: Appointment, at: datetime, *, actor: Actor, now: datetime) -> None:
    """The ticket's arrival on site, once; and what waited for it goes on."""
    ticket = get_record(system_after(actor), row.ticket.number)
    if ticket.phase == Phase.DONE:
        return
    if isinstance(ticket, Incident):
        if ticket.on_site_at is None:
            incidents.services.arrive(ticket, actor=actor, now=now, at=_within(ticket, at, now))
    elif not _came_before(row):
        appointing.arrive(ticket, at, actor=actor, now=now)
    resume(row, actor=actor, now=now)


def _within(ticket: Record, at: datetime, now: datetime) -> datetime:
    return min(max(at, ticket.opened_at), now)


def _came_before(row: Appointment) -> bool:
    others = Appointment.objects.filter(ticket=row.ticket_id, arrived_at__isnull=False)
    return others.exclude(pk=row.pk).exists()
