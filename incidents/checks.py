"""What an incident's verbs refuse whatever is done: words, places and times that cannot be."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import sla.services
from accounts.access import Actor
from accounts.models import Organisation
from cmdb.models import Item
from incidents import rules
from incidents.models import Incident
from itsm.templatetags.ui import instant_words
from records.models import Priority
from records.services import refuse


def title(title: str) -> None:
    # of spaces and invisible characters alone it would be a row nobody can open
    if not any(c.isprintable() and not c.isspace() for c in title):
        raise refuse("title", _("Say in a few words what is wrong."), "required")
    if len(title) > 200:
        raise refuse(
            "title",
            _("At most %(n)s characters; put the rest into the description.") % {"n": 200},
            "too_long",
        )


def item(item: Item | None, customer: Organisation) -> None:
    if item and item.customer_id not in (None, customer.pk):
        raise refuse("item", _("Choose an item of %(customer)s.") % {"customer": customer.name})


def occurred(occurred_at: datetime | None, now: datetime) -> None:
    if occurred_at and occurred_at > now:
        raise refuse("occurred_at", _("This lies in the future; give the time it really happened."))


def priority(
    customer_id: int, impact: int, urgency: int, wanted: int | None, reason: str, *, at: datetime
) -> int:
    computed = sla.services.priority_for(customer_id, impact=impact, urgency=urgency, at=at)
    if wanted is None or wanted == computed:
        return computed
    if not reason.strip():
        words: dict[int, Any] = dict(Priority.choices)
        raise refuse(
            "priority_reason",
            _("Impact and urgency give priority %(computed)s; say why it should be %(wanted)s.")
            % {"computed": words.get(computed, computed), "wanted": words.get(wanted, wanted)},
            "required",
        )
    return wanted


def happened(incident: Incident, at: datetime | None, now: datetime) -> None:
    if at and not min(incident.opened_at, incident.occurred_at or incident.opened_at) <= at <= now:
        raise refuse("at", _("Give an instant after the failure and not in the future."))


def may_still_reopen(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """A customer reopens within the period of the rules; later it is reported anew (INC-26)."""
    last = reopen_until(incident)
    if actor.is_desk_side or last is None or now <= last:
        return
    day = instant_words(last)
    message = _("This could be reopened until %(day)s. Please report it anew; we know the earlier one.")
    raise refuse("reason", message % {"day": day}, "too_late")


def reopen_until(incident: Incident) -> datetime | None:
    """The last instant at which its requester may reopen it; None while it is not solved."""
    return incident.resolved_at and incident.resolved_at + rules.of(incident.customer_id).reopen
