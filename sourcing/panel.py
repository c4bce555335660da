"""Beside a ticket, for the desk: quality problems of what was bought, and what a supplier has in hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, may
from records.models import Record
from records.panels import Panel
from sla.models import Holding
from sourcing import handed
from sourcing.models import Defect


def defects(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The quality problems of the ticket; for the staff."""
    if not actor.is_staff_side or not may(actor, "raise_defect", record):
        return None
    rows = Defect.objects.filter(record=record.pk).select_related("supplier", "buyer", "purchase")
    found = list(rows.order_by("pk"))
    today = timezone.localdate(now)
    return {
        "rows": [
            {"defect": row, **state(row), "is_late": not row.answered_at and row.due_on < today}
            for row in found
        ]
    }


def has_defects(record: Record, actor: Actor, *, now: datetime) -> Any:
    """Rows of which one must exist for the panel of quality problems."""
    return Defect.objects.filter(record=record.pk)


def way_to_report(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The way to report a quality problem: on every ticket, so without a question to the database."""
    return {} if actor.is_staff_side and may(actor, "raise_defect", record) else None


def state(defect: Defect) -> dict[str, str]:
    """A problem's state in words and tone."""
    if defect.answered_at:
        return {"state": str(Defect.Outcome(defect.outcome).label), "tone": "neutral"}
    if defect.passed_at:
        return {"state": _("with the vendor"), "tone": "accent"}
    return {"state": _("to be passed on"), "tone": "warn"}


def conversation(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """What was written to and by the supplier who has the ticket, and the way to write."""
    if not actor.is_staff_side:
        return None
    holding = handed.holding_of(record.pk)
    if holding is None or holding.supplier is None:
        return None
    return {
        "supplier": holding.supplier,
        "since": holding.since,
        "has_people": handed.people_of(holding.supplier).exists(),
        "messages": handed.messages(record, holding.supplier),
        "may_write": may(actor, "tell_supplier", record),
    }


def is_held(record: Record, actor: Actor, *, now: datetime) -> Any:
    """Rows of which one must exist: the ticket is with a supplier now."""
    return Holding.objects.filter(record=record.pk, until=None, party=Holding.Party.SUPPLIER)


PANELS = (
    Panel("sourcing-supplier", 25, "sourcing/_supplier_panel.html", conversation, probe=is_held),
    Panel("sourcing-defects", 60, "sourcing/_defects_panel.html", defects, probe=has_defects),
    Panel("sourcing-report-defect", 61, "sourcing/_report_defect.html", way_to_report),
)
