"""The lists of what was missed and of what does not count, as their pages show them."""

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor
from records.models import Record
from reports import figures
from sla.models import Breach, Exclusion

NOBODY = "none"  # in the address: what nobody named


def of_cause(rows: QuerySet[Breach], by: str, cause: str) -> QuerySet[Breach]:
    """Those of one cause, as the address names it; all where it names none."""
    if not cause:
        return rows
    column = figures.CAUSES[by]
    if cause == NOBODY:
        return rows.filter(**({f"{column}__isnull": True} if by in ("accountable", "team") else {column: ""}))
    if by in ("accountable", "team"):
        if not cause.isascii() or not cause.isdigit() or len(cause) > 18:
            raise BadRequest(_("“%(field)s” must be a number.") % {"field": "cause"})
        return rows.filter(**{column: int(cause)})
    return rows.filter(**{column: cause})


def exclusions(actor: Actor, *, is_decided: bool) -> QuerySet[Exclusion]:
    """What waits for a decision, or what was decided, the latest first."""
    rows = Exclusion.objects.filter(clock__record__in=Record.objects.visible_to(actor))
    rows = rows.exclude(decision="") if is_decided else rows.filter(decision="")
    order = "-decided_at" if is_decided else "asked_at"
    return rows.select_related("clock__record", "asked_by", "decided_by").order_by(order, "pk")
