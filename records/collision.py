"""Two people write to one customer at once: whoever sends second is told first, and then decides.

A message adds and replaces nothing, so it is never refused for good: :class:`Unseen` says what the writer has
not read, and the same message sent with the version he was told of is taken.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import Actor, Origin
from records import services, timeline
from records.files import Upload
from records.models import Activity, Record


class Unseen(Exception):
    """Others wrote or changed something that the writer has not seen; ``entries`` says what, oldest first."""

    def __init__(self, record: Record, entries: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(entries)} new entries on {record.number}")
        self.record = record
        self.entries = entries


def comment(
    record: Record,
    *,
    seen: int | None,
    text: str,
    is_public: bool,
    actor: Actor,
    now: datetime,
    attachments: Sequence[Upload] = (),
) -> Activity:
    """As records.services.comment; raises Unseen where others did something after version ``seen``.

    None asks for no check. What is asked and what is written happen under one lock: of two messages sent
    at the same instant, one is told of the other.
    """
    with transaction.atomic():
        if seen is not None:
            current = services.lock(record)
            if current.version > seen and (new := _of_others(current, seen, actor)):
                raise Unseen(current, new)
        return services.comment(
            record, text=text, is_public=is_public, actor=actor, now=now, attachments=attachments
        )


def _of_others(record: Record, seen: int, actor: Actor) -> list[dict[str, Any]]:
    """What other people did since, in words; what the system did of itself is no reason to wait."""
    rows = record.activities.readable_by(actor).filter(record_version__gt=seen)
    rows = rows.exclude(actor=actor.user_id).exclude(origin=Origin.SYSTEM)
    ids = set(rows.values_list("pk", flat=True))
    if not ids:
        return []
    entries = timeline.entries(record, actor, fold=False).entries
    return [{"actor": e.actor, "words": e.words, "at": e.at} for e in entries if e.id in ids]


def seen_in(text: str) -> int | None:
    """A record's version as an address or a form says it; None where it says none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def seen_by(data: Mapping[str, Any]) -> int | None:
    """The version the writer of a composer has seen, or has been told of and sends it anyway."""
    return seen_in(str(data.get("anyway") or data.get("version", "")))
