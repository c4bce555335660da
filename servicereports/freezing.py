"""Closing a period: the content that is kept for good, its hash, and what a later look finds different."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.access import Actor
from accounts.models import Organisation
from itsm.version import VERSION
from reports.period import Period
from reviews.inputs import zone_of_agreement
from servicereports import canonical
from servicereports.attained import OUTCOMES, instant
from servicereports.canonical import Change, differences
from servicereports.figures import Computed, compute
from servicereports.models import FrozenReport, ServiceReport
from sla.models import Agreement


def content_of(
    report: ServiceReport, computed: Computed, *, number: int, actor: Actor, now: datetime
) -> dict[str, Any]:
    """What is frozen of a report: who, which period, the figures with all behind them, and the comments."""
    return {
        "report": report.number,
        "kind": report.report_kind,
        "row": number,
        "agreement": _named(report.agreement),
        "customer": _named(report.customer),
        "period": {"from": report.period_from.isoformat(), "until": report.period_until.isoformat()},
        "comments": {
            "en": report.comment_en,
            "zh": report.comment_zh,
            "next_en": report.next_steps_en,
            "next_zh": report.next_steps_zh,
        },
        "written_by": report.commented_by.display_name if report.commented_by else "",
        "frozen": {"by": actor.name, "at": instant(now), "code": VERSION},
        "restates": None,
        "changes": [],
        **computed.dump(),
    }  # fmt: skip


def _named(row: Agreement | Organisation) -> dict[str, str]:
    return {"code": row.code, "en": row.name_en, "zh": row.name_zh or row.name_en}


def freeze(
    report: ServiceReport, content: Mapping[str, Any], *, reason: str, actor: Actor, now: datetime
) -> FrozenReport:
    """Add the row; the caller holds the report's lock and has checked that it may be added."""
    text = canonical.text_of(content)
    return FrozenReport.objects.create(
        report=report, number=content["row"], content=text, sha256=canonical.digest(text), reason=reason,
        frozen_by_id=actor.user_id, frozen_at=now,
    )  # fmt: skip


def newest(report: ServiceReport) -> FrozenReport | None:
    return report.frozen.order_by("-number").first()


def content(row: FrozenReport) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.content)
    return found


# --- looking again -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verification:
    """What looking at a frozen row again finds. ``recomputed`` is the hash of the text that is stored."""

    row: FrozenReport
    recomputed: str
    is_intact: bool  # the text has the hash, is canonical, and names the row before it
    changes: list[Change] = field(default_factory=list)  # against figures computed now; newest row only
    records: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    computed: Computed | None = None  # the figures as they are now; newest row only

    @property
    def is_current(self) -> bool:
        return not self.changes


def verify(row: FrozenReport, *, now: datetime) -> Verification:
    """Recompute the hash of a row and, of the newest one, the figures themselves."""
    found = content(row)
    recomputed = canonical.digest(row.content)
    before = row.report.frozen.filter(number=row.number - 1).first()
    is_intact = (
        recomputed == row.sha256
        and canonical.text_of(found) == row.content
        and found["row"] == row.number
        and found["restates"] == (before.sha256 if before else None)
    )
    last = newest(row.report)
    if last is None or last.pk != row.pk:
        return Verification(row, recomputed, is_intact)
    computed = computed_now(row.report, now=now)
    changes = differences(found["figures"], computed.figures)
    records = {change.figure: behind(change, found["sources"], computed.sources) for change in changes}
    return Verification(row, recomputed, is_intact, changes, records, computed)


def seen_of(figures: Mapping[str, Any], report: ServiceReport) -> str:
    """The hash of what an approver reads: figures and comments."""
    words = [report.comment_en, report.comment_zh, report.next_steps_en, report.next_steps_zh]
    return canonical.digest(canonical.text_of([figures, words]))


def end_of(report: ServiceReport) -> datetime:
    """The first instant after the period, by the agreement's calendar."""
    return Period(report.period_from, report.period_until, zone_of_agreement(report.agreement)).end


def computed_now(report: ServiceReport, *, now: datetime) -> Computed:
    return compute(report.agreement, report.period_from, report.period_until, now=now)


def behind(change: Change, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The numbers of the records because of which a figure changed."""
    part = change.figure[0]
    if part in ("misses", "exclusions"):
        rows = [row for row in (change.before, change.after) if isinstance(row, Mapping)]
        numbers = [row["number"] for row in rows if "number" in row]
        known = {**before["clocks"], **after["clocks"]}
        return sorted({*numbers, *([known[change.figure[1]]] if change.figure[1] in known else [])})
    if part == "workload":
        old, new = (set(side["workload"].get(change.figure[1], [])) for side in (before, after))
        return sorted(old ^ new)
    if part == "attainment":
        row = change.figure[2] if change.figure[1] == "targets" else None
        clocks = _moved(before["attainment"], after["attainment"], row)
        known = {**before["clocks"], **after["clocks"]}
        return sorted({known[str(pk)] for pk in clocks})
    return []


def _moved(before: Mapping[str, Any], after: Mapping[str, Any], row: str | None) -> set[int]:
    """The clocks that count otherwise than before, in one row or in all."""
    found: set[int] = set()
    for name in {*before, *after} if row is None else {row}:
        for outcome in OUTCOMES:
            old, new = (set(side.get(name, {}).get(outcome, [])) for side in (before, after))
            found |= old ^ new
    return found


def changes_of(verification: Verification) -> list[dict[str, Any]]:
    """The changes as a restatement keeps them."""
    return [
        {
            "figure": list(change.figure),
            "before": change.before,
            "after": change.after,
            "records": verification.records.get(change.figure, []),
        }
        for change in verification.changes
    ]


def records_of(changes: Iterable[Mapping[str, Any]]) -> list[str]:
    """All records that some changes go back to."""
    return sorted({number for change in changes for number in change["records"]})
