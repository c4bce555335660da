"""Closed tickets for the tests of what comes after them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

import incidents.services
from incidents.models import Incident
from tests.cast import Cast, make_incident

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
