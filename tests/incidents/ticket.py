"""What the tests of the ticket page share: taking a step as a browser does, and what was recorded of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

import incidents.services
from incidents.models import Incident
from records.models import Record
from tests.cast import Cast, make_incident

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HTMX = {"HX-Request": "true"}
ClientOf = Callable[[Any], Client]


def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def typed(at: datetime) -> str:
    """As alice's browser sends an instant."""
    return at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")


def again(incident: Incident) -> Incident:
    fresh: Incident = Incident.objects.get(pk=incident.pk)
    return fresh


def url(incident: Record, action: str = "") -> str:
    return f"/incidents/{incident.number}/" + (f"{action}/" if action else "")


def do(client: Client, incident: Incident, action: str, **words: Any) -> Any:
    """Take a step as a browser without scripts does."""
    version = words.pop("version", again(incident).version)
    return client.post(url(incident, action), {"version": version, **words})


def verbs(record: Record) -> list[str]:
    return list(record.activities.order_by("id").values_list("verb", flat=True))


def resolved(cast: Cast, **over: Any) -> Incident:
    words = {"code": "solved", "steps": "Cleared the outbox.", "actor": cast.alice.actor, "now": now()}
    ticket = make_incident(cast, now=now() - 10 * MINUTE)
    return incidents.services.resolve(ticket, **{**words, **over})
