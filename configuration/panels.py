"""Beside an incident: what goes on around its configuration item (CMDB-11)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor
from records.kinds import Kind
from records.models import Record
from records.panels import Panel, register


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """Only which item; what goes on is asked for by the panel itself, after the page is there."""
    item = getattr(record, "item_id", None)
    return {"item": item} if item else None


def probe(record: Record, actor: Actor, *, now: datetime) -> bool:
    return bool(getattr(record, "item_id", None))


def register_all() -> None:
    """Safe to repeat."""
    kinds = frozenset({Kind.INCIDENT.value})
    register(Panel("item", 12, "configuration/_panel.html", content, kinds=kinds, probe=probe))
