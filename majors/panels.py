"""Above an incident's page: the major incident it is led as, or the way to declare one."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.access import Actor, may
from incidents import lifecycle as of_incidents
from incidents.models import Incident
from majors import deadlines, services
from majors.models import Major
from records.models import Record
from records.panels import Panel, register


def probe(record: Record, actor: Actor, *, now: datetime) -> "QuerySet[Major] | bool":
    """The major incident it is led as."""
    return isinstance(record, Incident) and services.led_as(record)


def above(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """The one under way with its next update; else, for what is open and urgent, the way to declare one."""
    if not isinstance(record, Incident):
        return None
    major = services.of_incident(record)
    if major:
        row = deadlines.running(major)
        return {"major": major, "due_at": row and row.due_at, "is_late": bool(row and row.due_at < now)}
    return None


def beside(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """A button for whoever may declare one; only for what is open and high or critical."""
    is_open = isinstance(record, Incident) and record.state in of_incidents.OPEN and record.priority <= URGENT
    if not is_open or not may(actor, "declare", record) or services.of_incident(record):
        return None
    return {"may_declare": True}


URGENT = 2


def register_all() -> None:
    """Called when the app is ready; safe to repeat."""
    register(Panel(name="banner.major", order=1, template="majors/_banner.html", content=above, probe=probe))
    register(Panel(name="majors.declare", order=90, template="majors/_declare.html", content=beside))
