"""What a self-assessment or relationship report said when it went out: kept as one text with its hash."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor
from itsm.version import VERSION
from records.models import Record
from servicereports import canonical
from servicereports.attained import instant
from servicereports.models import KeptContent


def keep(record: Record, content: Mapping[str, Any], *, actor: Actor, now: datetime) -> KeptContent:
    """Add an edition of what the record says; the caller holds the record's lock."""
    last = newest(record)
    number = last.number + 1 if last else 1
    whole = {
        **content,
        "number": record.number,
        "edition": number,
        "before": last.sha256 if last else None,
        "frozen": {"by": actor.name, "at": instant(now), "code": VERSION},
    }
    text = canonical.text_of(whole)
    return KeptContent.objects.create(
        record_id=record.pk, number=number, content=text, sha256=canonical.digest(text),
        kept_by_id=actor.user_id, kept_at=now,
    )  # fmt: skip


def newest(record: Record) -> KeptContent | None:
    return KeptContent.objects.filter(record=record.pk).order_by("-number").first()


def content_of(row: KeptContent) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.content)
    return found


def is_intact(row: KeptContent) -> bool:
    """Whether the text still has its hash and is written in the one way it may be."""
    return canonical.digest(row.content) == row.sha256 and canonical.text_of(content_of(row)) == row.content
