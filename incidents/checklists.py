"""Lists a desk lead works through: what is late, what went past the desk, what came again.

A list's figure and its rows come from the same query. Each begins from what the actor may see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from incidents import lifecycle, rules
from incidents.models import EventKind, Incident

Rows = QuerySet[Incident]


@dataclass(frozen=True)
class Checklist:
    """``narrow(rows, start, end, now)``: those of a period [start, end); ``stamp`` is the column it is
    ordered by and shown with. ``goal`` says what the figure should be.
    """

    key: str
    label: Any
    hint: Any
    narrow: Callable[[Rows, datetime, datetime, datetime], Rows]
    stamp: str
    goal: Any = ""


def _between(column: str, start: datetime, end: datetime) -> Q:
    return Q(**{f"{column}__gte": start, f"{column}__lt": end})


def _not_closed(rows: Rows, start: datetime, end: datetime, now: datetime) -> Rows:
    """Solved, the period for closing over, and not closed; whenever it was solved."""
    return rows.filter(state=lifecycle.RESOLVED, closed_at=None).alias(by=rules.close_by()).filter(by__lt=now)


def _closed_late(rows: Rows, start: datetime, end: datetime, now: datetime) -> Rows:
    found = rows.filter(_between("closed_at", start, end), resolved_at__isnull=False)
    return found.alias(by=rules.close_by()).filter(closed_at__gt=F("by"))


def _not_informed(rows: Rows, start: datetime, end: datetime, now: datetime) -> Rows:
    """Management escalations that should have happened in time and did not (KPI P01.R2.K3)."""
    missed = Q(management_escalations__missed_at__isnull=False) | Q(
        management_escalations__done_at=None, management_escalations__due_at__lt=now
    )
    required = _between("management_escalations__required_at", start, end)
    return rows.filter(missed & required).distinct()


def _with_manager(rows: Rows, start: datetime, end: datetime, now: datetime) -> Rows:
    """Major or late incidents the incident manager helped with (KPI P01.R1.K1)."""
    took_part = Q(participations__part="incident_manager") & _between("participations__since", start, end)
    return rows.filter(took_part, management_escalations__isnull=False).distinct()


def _period(column: str, **fixed: Any) -> Callable[[Rows, datetime, datetime, datetime], Rows]:
    return lambda rows, start, end, now: rows.filter(_between(column, start, end), **fixed)


CHECKLISTS = {
    each.key: each
    for each in (
        Checklist(
            "not-closed", _("To be closed"), _("Solved, and the period for closing is over."), _not_closed,
            "resolved_at", 0,
        ),
        Checklist(
            "closed-late", _("Closed late"), _("Closed in this month, after the period for closing."),
            _closed_late, "closed_at", 0,
        ),
        Checklist(
            "not-informed", _("Management not informed in time"),
            _("Major, or beyond its targets, and nobody of the management was informed in time."),
            _not_informed, "opened_at", 0,
        ),
        Checklist(
            "with-manager", _("With the incident manager"),
            _("Major or late incidents the incident manager helped with."), _with_manager, "opened_at",
        ),
        Checklist(
            "repeats", _("Repeated faults"), _("The same fault on the same item, within the window."),
            _period("opened_at", repeat_of__isnull=False), "opened_at", 0,
        ),
        Checklist(
            "not-told", _("User not told"),
            _("The service works again, but for its user it does not until he is told."),
            lambda rows, start, end, now: rows.filter(
                restored_at__isnull=False, user_notified_at=None, state__in=lifecycle.OPEN
            ),
            "restored_at", 0,
        ),
        Checklist(
            "urged", _("Urged"), _("The customer urged us in this month; often urged first."),
            _period("urged_at", urge_count__gt=0), "urged_at",
        ),
        Checklist(
            "bypassed", _("Bypassed the desk"), _("Solved by somebody who was asked directly."),
            _period("opened_at", bypassed_by__isnull=False), "opened_at", 0,
        ),
        Checklist(
            "backfilled", _("Logged afterwards"),
            _("On the word of the customer, of sales or of operations."),
            _period("opened_at", is_backfilled=True), "opened_at",
        ),
        Checklist(
            "risks", _("Potential risks"), _("For problem management: nothing has failed yet."),
            _period("opened_at", event_kind=EventKind.RISK), "opened_at",
        ),
        Checklist(
            "security", _("Security incidents"), _("Information security incidents of this month."),
            _period("opened_at", event_kind=EventKind.SECURITY), "opened_at",
        ),
    )
}  # fmt: skip


def rows_of(checklist: Checklist, actor: Actor, *, start: datetime, end: datetime, now: datetime) -> Rows:
    """The incidents of a list, in its order."""
    rows: Rows = checklist.narrow(Incident.objects.visible_to(actor), start, end, now)
    first = ["-urge_count"] if checklist.key == "urged" else []
    return rows.order_by(*first, f"-{checklist.stamp}", "-pk")


def counts(actor: Actor, *, start: datetime, end: datetime, now: datetime) -> dict[str, int]:
    """The figure of each list."""
    return {
        key: rows_of(each, actor, start=start, end=end, now=now).count() for key, each in CHECKLISTS.items()
    }
