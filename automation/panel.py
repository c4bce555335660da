"""Beside a ticket: the way to macros and reply templates. What there is, is asked for when it is opened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from records.models import Record
from records.panels import Panel


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """No question at all."""
    return {} if may(actor, "use_automation") and may(actor, "note", record) else None


PANEL = Panel("automation", 12, "automation/_panel.html", content)
