"""Complaints, and closed tickets for the tests of what comes after them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

import incidents.services
from customers import complaints
from customers.models import Complaint
from incidents.models import Incident
from records.models import Channel
from tests.cast import MONDAY, Cast, make_incident

DAY = timedelta(days=1)


def instant() -> datetime:
    return timezone.now().replace(microsecond=0)


def closed(cast: Cast, **over: Any) -> Incident:
    """A ticket alice logged, bob solved and rita confirmed, so that it is closed."""
    now = instant()
    made = incidents.services.resolve(
        make_incident(cast, now=now - DAY, **over), code="solved", steps="Restarted.", actor=cast.bob.actor,
        now=now - timedelta(hours=1),
    )  # fmt: skip
    requester = over.get("requester", cast.rita)
    return incidents.services.confirm(made, actor=requester.actor, now=now, close_too=True)


def receive(cast: Cast, **over: Any) -> Complaint:
    facts: dict[str, Any] = {
        "title": "Nobody called back", "words": "I was promised a call and waited all day.",
        "customer": cast.acme, "requester": cast.rita, "channel": Channel.PHONE,
        "actor": cast.alice.actor, "now": MONDAY,
    }  # fmt: skip
    return complaints.receive(**{**facts, **over})
