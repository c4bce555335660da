"""Beside a ticket: the problems it stands behind, the known errors it matched or may match (PRB-07)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from problems import matching, reading, show
from problems.models import KnownError
from records.models import Link, Record
from records.panels import Panel


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """Two questions; what may fit is asked for by the panel itself, after the page is there."""
    if not may(actor, "match_known_error", record):
        return None
    problems = reading.problems_of(record, actor).order_by("pk")[:10]
    return {
        "problems": [show.row_of(row) for row in problems],
        "matched": [show.known_row(row) for row in matched_by(record, actor)[:10]],
        "may_raise": may(actor, "raise_problem") and may(actor, "link", record),
    }


def matched_by(record: Record, actor: Actor) -> Any:
    """The known errors a ticket matched."""
    rows = KnownError.objects.readable_by(actor)
    return rows.filter(links_to__source=record.pk, links_to__type=Link.Type.MATCHES).order_by("pk")


def offered(record: Any, words: str, actor: Actor) -> list[dict[str, Any]]:
    """The known errors that fit a ticket, or the words given, but for those it has matched."""
    text = words or " ".join(
        part for part in (record.title, getattr(record, "symptom", ""), record.description) if part
    )
    fits = matching.known_errors_for(
        text=text, item_id=None if words else getattr(record, "item_id", None), service_id=record.service_id,
        customer_id=record.customer_id, actor=actor,
    )  # fmt: skip
    there = set(matched_by(record, actor).values_list("pk", flat=True))
    return [
        {
            **show.known_row(fit.known_error), "same_item": fit.same_item,
            "is_matched": fit.known_error.pk in there,
        }
        for fit in fits
    ]  # fmt: skip


PANEL = Panel("problems", 15, "problems/_panel.html", content)
