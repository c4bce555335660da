"""A complaint as a row of a table, the same on every page that lists some."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from customers import lifecycle
from customers.models import Complaint, State

TONES = {
    lifecycle.RECEIVED: "warn",
    lifecycle.ACKNOWLEDGED: "accent",
    lifecycle.ANSWERED: "accent",
    lifecycle.HANDLED: "good",
    lifecycle.CLOSED: "quiet",
    lifecycle.RETRACTED: "quiet",
}


def row_of(complaint: Complaint, now: datetime) -> dict[str, Any]:
    """A complaint as templates/customers/_complaints.html shows it."""
    return {
        "complaint": complaint,
        "state": State(complaint.state).label,
        "tone": TONES[complaint.state],
        "is_overdue": complaint.is_overdue(now),
        "is_open": complaint.state in lifecycle.OPEN,
        "validity": validity(complaint),
    }


def validity(complaint: Complaint) -> str:
    """Whether it was judged valid, in words; empty for what is not judged."""
    if complaint.nature != Complaint.Nature.COMPLAINT:
        return ""
    if complaint.is_valid is None:
        return _("Not judged yet")
    return _("Valid") if complaint.is_valid else _("Not valid")
