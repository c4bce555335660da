"""Freezing a report: its content for good with the rows behind it, and what a later look finds different."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.access import Actor
from itsm.version import VERSION
from processreports import content
from processreports.content import Built
from processreports.models import ProcessReport, ReportEdition
from servicereports import canonical
from servicereports.attained import instant
from servicereports.canonical import Change, differences


def words_of(report: ProcessReport) -> dict[str, str]:
    """What its writer says."""
    return {
        "comment_en": report.comment_en, "comment_zh": report.comment_zh,
        "outlook_en": report.outlook_en, "outlook_zh": report.outlook_zh,
    }  # fmt: skip


def whole(
    report: ProcessReport, built: Mapping[str, Any], *, number: int, actor: Actor, now: datetime
) -> dict[str, Any]:
    """All that is frozen of a report: what was gathered, what was written, and by whom."""
    return {
        **built,
        "report": report.number,
        "edition": number,
        "due": report.due_on.isoformat(),
        "words": words_of(report),
        "written_by": report.commented_by.display_name if report.commented_by else "",
        "approved_by": report.approved_by.display_name if report.approved_by else "",
        "approved_at": instant(report.approved_at) if report.approved_at else None,
        "frozen": {"by": actor.name, "at": instant(now), "code": VERSION} if number else None,
        "restates": None,
        "changes": [],
        "reason": "",
    }


def freeze(
    report: ProcessReport, found: Mapping[str, Any], rows: Mapping[str, list[int]], *, actor: Actor,
    now: datetime,
) -> ReportEdition:  # fmt: skip
    """Add the edition; the caller holds the report's lock and has checked that it may be added."""
    text = canonical.text_of(found)
    return ReportEdition.objects.create(
        report=report, number=found["edition"], content=text, rows=pack(rows),
        sha256=canonical.digest(text), reason=found["reason"], frozen_by_id=actor.user_id, frozen_at=now,
    )  # fmt: skip


def pack(rows: Mapping[str, list[int]]) -> bytes:
    return zlib.compress(json.dumps(rows, sort_keys=True, separators=(",", ":")).encode())


def unpack(packed: bytes | memoryview) -> dict[str, list[int]]:
    found: dict[str, list[int]] = json.loads(zlib.decompress(bytes(packed)))
    return found


def newest(report: ProcessReport) -> ReportEdition | None:
    return report.editions.defer("rows").order_by("-number").first()


def content_of(row: ReportEdition) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.content)
    return found


def seen_of(figures: Mapping[str, Any], report: ProcessReport) -> str:
    """The hash of what an approver reads: figures and words."""
    return canonical.digest(canonical.text_of([dict(figures), words_of(report)]))


# --- looking again -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verification:
    """What looking at an edition again finds. ``recomputed`` is the hash of the text that is stored."""

    row: ReportEdition
    recomputed: str
    is_intact: bool  # text and rows have their hashes, and it names the edition before it
    changes: list[Change] = field(default_factory=list)  # against figures computed now; newest one only
    built: Built | None = None  # the content as it is now; newest one only

    @property
    def is_current(self) -> bool:
        return not self.changes


def verify(row: ReportEdition, *, now: datetime) -> Verification:
    """Recompute the hashes of an edition and, of the newest one, the figures themselves."""
    found = content_of(row)
    recomputed = canonical.digest(row.content)
    before = row.report.editions.filter(number=row.number - 1).values_list("sha256", flat=True).first()
    is_intact = (
        recomputed == row.sha256
        and canonical.text_of(found) == row.content
        and found["edition"] == row.number
        and found["restates"] == before
        and content.sealed(unpack(row.rows)) == found["rows"]
    )
    last = newest(row.report)
    if last is None or last.pk != row.pk:
        return Verification(row, recomputed, is_intact)
    built = content.of_report(row.report, now=now)
    changes = differences(found["figures"], built.content["figures"])
    return Verification(row, recomputed, is_intact, changes, built)


def changes_of(seen: Verification) -> list[dict[str, Any]]:
    """The changes as a correction keeps them."""
    return [
        {"figure": list(change.figure), "before": change.before, "after": change.after}
        for change in seen.changes
    ]
