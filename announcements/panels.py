"""Beside a ticket: the announcement it was raised because of, or one it may be attached to."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.access import Actor, may
from announcements import queries
from announcements.models import Announcement
from records.lifecycle import Phase
from records.models import Record
from records.panels import Panel, register


def probe(record: Record, actor: Actor, *, now: datetime) -> "list[QuerySet[Announcement]]":
    """Those it is attached to; while it is open, those that may be its reason as well."""
    is_over = record.phase == Phase.DONE or not may(actor, "link", record)
    return [queries.linked_to(record), *([] if is_over else [queries.may_be_about(record, now=now)])]


def for_desk(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """What it is attached to; else, while it is open, what it may be about."""
    attached = queries.announced_for(record)
    if attached:
        return {"attached": attached, "fitting": []}
    if record.phase == Phase.DONE or not may(actor, "link", record):
        return None
    found = queries.fitting(record, now=now)
    return {"attached": [], "fitting": found} if found else None


def register_all() -> None:
    """Called when the app is ready; safe to repeat."""
    register(
        Panel(
            name="announcements.desk",
            order=20,
            template="announcements/_panel.html",
            content=for_desk,
            probe=probe,
        )
    )
