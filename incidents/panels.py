"""What an incident's customer is shown beside it: that he may urge us, and until when he may reopen it."""

from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from incidents import checks, lifecycle, urging
from incidents.models import Incident
from records.models import Record
from records.panels import Panel, Side, register


def for_customer(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """A button while it is open; a date once it is solved."""
    if not isinstance(record, Incident):
        return None
    if record.state == lifecycle.RESOLVED and may(actor, "reopen", record):
        return {"reopen_until": checks.reopen_until(record)}
    if record.state not in lifecycle.OPEN or not may(actor, "urge", record):
        return None
    free = urging.may_urge_from(record)
    return {"may_urge": free is None or now >= free, "free_from": free, "times": record.urge_count}


def register_all() -> None:
    """Called when the app is ready; safe to repeat."""
    register(
        Panel(
            name="incidents.urge",
            order=10,
            template="incidents/_portal_urge.html",
            content=for_customer,
            side=Side.PORTAL,
        )
    )
