"""Who else has a ticket open, and who is writing to its customer. Signs of life, never part of the record.

A page sends a sign every BEAT seconds while it is in front; two missed ones and it counts as left. The ticket
page itself asks nothing: what is needed to begin is in its panel, and the rest is loaded by the script.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.access import Actor
from records.kinds import Kind
from records.models import Record
from records.panels import Panel
from workspace.models import Presence

BEAT = 20  # seconds between two signs of life
GONE_AFTER = timedelta(seconds=45)
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_SHOWN = 12

_NOTE = """
INSERT INTO workspace_presence AS p (record_id, user_id, writing, since, seen_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (record_id, user_id) DO UPDATE SET writing = EXCLUDED.writing, seen_at = EXCLUDED.seen_at,
    since = CASE WHEN p.seen_at < %s THEN EXCLUDED.since ELSE p.since END
"""


def note(record_id: int, writing: str, *, actor: Actor, now: datetime) -> list[Presence]:
    """The actor is there, writing or not; answers who else is, those who write first. Two statements."""
    known = writing if writing in Presence.Writing.values else Presence.Writing.NOTHING
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [record_id, actor.user_id, known, now, now, now - GONE_AFTER])
    others = Presence.objects.filter(record=record_id, seen_at__gte=now - GONE_AFTER)
    others = others.exclude(user=actor.user_id).select_related("user")
    return list(others.order_by("-writing", "since", "pk")[:MOST_SHOWN])


def leave(record_id: int, *, actor: Actor) -> None:
    """The page was closed."""
    Presence.objects.filter(record=record_id, user=actor.user_id).delete()


def forget(now: datetime) -> int:
    """Delete signs of life nobody asks for any more; answers how many."""
    deleted, _rows = Presence.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
    return deleted


def _content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """What the script of the page begins with; no query."""
    return {"beat": BEAT} if actor.is_staff_side else None


PANEL = Panel(
    name="banner.workspace",
    order=0,
    template="workspace/_live.html",
    content=_content,
    kinds=frozenset(kind.value for kind in Kind),
)
