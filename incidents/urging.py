"""The customer urges us to go on (催单): counted, seen by who holds the ticket, and not too often."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from incidents import lifecycle, rules
from incidents.models import Incident
from itsm.templatetags.ui import instant_words
from records import log as records_log
from records.lifecycle import IllegalMove
from records.services import begin, refuse, save


def may_urge_from(incident: Incident) -> datetime | None:
    """The instant from which the customer may urge (again); None: at once."""
    return incident.urged_at and incident.urged_at + rules.of(incident.customer_id).urge


def urge(incident: Incident, *, actor: Actor, now: datetime, note: str = "") -> Incident:
    """Count one more urge and tell who holds the ticket. Refused when the last one was just now."""
    with transaction.atomic():
        current = begin(incident, "urge", actor=actor, now=now, expected_version=None)
        if current.state not in lifecycle.OPEN:
            raise IllegalMove("urge", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
        free = may_urge_from(current)
        if free and now < free:
            at = instant_words(free)
            message = _("We know that it is urgent. You can urge again from %(at)s.")
            raise refuse("urge", message % {"at": at}, "too_soon")
        current.urge_count += 1
        current.urged_at = now
        save(current, ["urge_count", "urged_at"], now=now)
        records_log.write(
            current, "incident.urge", actor=actor, at=now, text=note.strip(), times=current.urge_count
        )
    return current
