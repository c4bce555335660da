"""Beside a ticket: the problems it stands behind, the known errors it matched or may match (PRB-07)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from accounts.models import Organisation
from problems import matching, show
from records.kinds import Kind
from records.models import Link, Record
from records.panels import Panel


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """One question; what may fit is asked for by the panel itself, after the page is there."""
    if not may(actor, "match_known_error", record):
        return None
    targets = [link.target for link in _links(record) if _may_read(link.target, actor)]
    return {
        "problems": [show.row_of(row.problem) for row in targets if row.kind == Kind.PROBLEM],
        "matched": [show.known_row(row.knownerror) for row in targets if row.kind == Kind.KNOWN_ERROR],
        "may_raise": may(actor, "raise_problem") and may(actor, "link", record),
    }


def _links(record: Record) -> Any:
    """What ties a ticket to problems and known errors, with these."""
    rows = Link.objects.filter(
        source=record.pk, type__in=[Link.Type.CAUSED_BY, Link.Type.MATCHES],
        target__kind__in=[Kind.PROBLEM.value, Kind.KNOWN_ERROR.value],
    )  # fmt: skip
    near = rows.select_related("target__customer", "target__problem", "target__knownerror")
    return near.order_by("pk")[:SHOWN]


def _may_read(row: Record, actor: Actor) -> bool:
    """As Problem.objects.visible_to and KnownError.objects.readable_by have it, without asking again."""
    is_shared = row.kind == Kind.KNOWN_ERROR and row.customer.kind == Organisation.Kind.PROVIDER
    return actor.scope is None or is_shared or row.customer_id in actor.scope


def offered(record: Any, words: str, actor: Actor) -> list[dict[str, Any]]:
    """The known errors that fit a ticket, or the words given, but for those it has matched."""
    text = words or " ".join(
        part for part in (record.title, getattr(record, "symptom", ""), record.description) if part
    )
    fits = matching.known_errors_for(
        text=text, item_id=None if words else getattr(record, "item_id", None), service_id=record.service_id,
        customer_id=record.customer_id, actor=actor,
    )  # fmt: skip
    matches = Link.objects.filter(source=record.pk, type=Link.Type.MATCHES)
    there = set(matches.values_list("target", flat=True))
    return [
        {
            **show.known_row(fit.known_error), "same_item": fit.same_item,
            "is_matched": fit.known_error.pk in there,
        }
        for fit in fits
    ]  # fmt: skip


SHOWN = 20
PANEL = Panel("problems", 15, "problems/_panel.html", content)
