"""Until the user was told that the service works again, it was not to be had by him (INC-13, INC-14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import Actor
from incidents import checks, lifecycle
from incidents.models import UNAVAILABLE, ContactType, Incident
from records import log as records_log
from records.lifecycle import IllegalMove
from records.services import begin, refuse, save


def tell_user(
    incident: Incident,
    *,
    note: str,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Incident:
    """The user was told, ``at`` an instant before now or now itself, that the service works again.

    ``note`` says how, or what was said; the requester reads it.
    """
    checks.happened(incident, at, now)
    with transaction.atomic():
        current = begin(incident, "tell", actor=actor, now=now, expected_version=expected_version)
        if current.state not in lifecycle.OPEN:
            raise IllegalMove("tell", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
        if current.restored_at is None:
            raise refuse("at", _("Record first that the service works again."))
        when = at or now
        if when < current.restored_at:
            raise refuse("at", _("The user cannot have been told before the service worked again."))
        current.user_notified_at = when
        save(current, ["user_notified_at"], now=now)
        records_log.write(current, "incident.tell", actor=actor, at=when, text=note)
    return current


@dataclass(frozen=True)
class Unavailable:
    """When a service was not to be had by the user of an incident; ``until`` None: it still is not."""

    since: datetime
    until: datetime | None

    def lasted(self, now: datetime) -> timedelta:
        return (self.until or now) - self.since


def unavailable(incident: Incident) -> Unavailable | None:
    """The span in which the service was not to be had by the user; None if it was.

    From the failure (or the report, where nobody knows better) until the user was told that it works again,
    which is later than the restoration. An incident counts if its kind of event says so, or, without a kind,
    if it was logged as a fault.
    """
    is_fault = not incident.event_kind and incident.contact_type == ContactType.FAULT
    if incident.state == lifecycle.CANCELLED or not (incident.event_kind in UNAVAILABLE or is_fault):
        return None
    since = min(incident.occurred_at or incident.opened_at, incident.opened_at)
    return Unavailable(since, incident.user_notified_at if incident.restored_at else None)


def unavailable_spans(
    *, service_id: int, customer_id: int | None, start: datetime, end: datetime
) -> Iterable[tuple[Incident, Unavailable]]:
    """The incidents by which a service was not to be had in [start, end), with their spans, for availability.

    Only incidents that name a kind of event count here: a single user's fault is no outage of the service.
    """
    rows = Incident.objects.filter(
        Q(user_notified_at=None) | Q(user_notified_at__gt=start),
        service=service_id, event_kind__in=UNAVAILABLE, opened_at__lt=end, parent=None,
    ).exclude(state=lifecycle.CANCELLED)  # fmt: skip
    if customer_id is not None:
        rows = rows.filter(customer=customer_id)
    for incident in rows.order_by("opened_at", "pk"):
        span = unavailable(incident)
        if span and span.since < end:
            yield incident, span
