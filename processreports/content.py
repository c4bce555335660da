"""A report's content: gathered anew, or as it was frozen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Organisation
from processreports import sections
from processreports.content_words import kind_words
from processreports.models import OCCASION, ProcessReport, ReportDefinition
from processreports.sections import Ask
from records.models import Record
from records.spans import Span
from reports.period import Period
from servicereports.attained import instant
from servicereports.zones import provider_zone

FORMAT = 1


@dataclass(frozen=True)
class Built:
    """What was gathered. ``rows`` are the ids behind each figure; their hashes are among the ``content``."""

    content: dict[str, Any]
    rows: dict[str, list[int]]


def build(definition: ReportDefinition, span: Span, *, now: datetime) -> dict[str, Any]:
    """The content of a definition for a span: texts and whole numbers, of the reader's language nothing."""
    return gather(ask_of(definition, span.kind, span.first, span.last, now=now)).content


def ask_of(
    definition: ReportDefinition, every: str, first: date, last: date, *, now: datetime,
    subject: Record | None = None,
) -> Ask:  # fmt: skip
    """Days are the provider's (servicereports.zones)."""
    return Ask(definition, Period(first, last, provider_zone()), every, now, subject)


def of_report(report: ProcessReport, *, now: datetime) -> Built:
    """The content of a report as it is now."""
    return gather(
        ask_of(
            report.definition, report.every, report.period_from, report.period_until, now=now,
            subject=report.subject,
        )
    )  # fmt: skip


def gather(ask: Ask) -> Built:
    """Ask each section of the definition for its facts, in its order."""
    known = sections.registered()
    chosen = [name for name in ask.definition.sections if name in known]
    figures: dict[str, Any] = {}
    context: dict[str, Any] = {}
    rows: dict[str, list[int]] = {}
    for name in chosen:
        section = known[name]
        if section.gather is None or (
            section.is_for_events != (ask.every == OCCASION)
            and (section.is_for_events or name in ONLY_OF_SPANS)
        ):
            continue
        facts = section.gather(ask)
        figures[name], context[name] = facts.figures, facts.context
        rows |= {f"{name}/{key}": keys for key, keys in facts.rows.items()}
    return Built({**_head(ask, chosen), "figures": figures, "context": context, "rows": sealed(rows)}, rows)


ONLY_OF_SPANS = frozenset({"indicators", "scores", "timeliness", "project", "attainment", "workload"})
"""Sections that compare spans of time; one event has none."""


def sealed(rows: Mapping[str, list[int]]) -> dict[str, Any]:
    """How many rows are behind each figure, and the hash of their ids, comma between them."""
    return {
        key: {"n": len(keys), "sha256": hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest()}
        for key, keys in rows.items()
    }


def _head(ask: Ask, chosen: list[str]) -> dict[str, Any]:
    definition = ask.definition
    return {
        "format": FORMAT,
        "definition": {
            "id": definition.pk, "version": definition.version,
            "name": {"en": definition.name_en, "zh": definition.name_zh},
            "introduction": {"en": definition.introduction_en, "zh": definition.introduction_zh},
            "processes": list(definition.processes),
        },
        "customer": named(ask.customer),
        "agreement": (
            {"code": definition.agreement.code, "en": definition.agreement.name_en,
             "zh": definition.agreement.name_zh or definition.agreement.name_en}
            if definition.agreement else None
        ),
        "subject": subject_of(ask.subject),
        "span": {
            "kind": ask.every, "from": ask.period.first.isoformat(), "until": ask.period.last.isoformat(),
            "zone": str(ask.period.zone), "is_over": ask.is_over,
        },
        "sections": chosen,
        "computed_at": instant(ask.now),
    }  # fmt: skip


def named(row: Organisation | None) -> dict[str, str] | None:
    return None if row is None else {"code": row.code, "en": row.name_en, "zh": row.name_zh or row.name_en}


def subject_of(row: Record | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"number": row.number, "title": row.title, "kind": row.kind, "word": kind_words(row.kind)}
