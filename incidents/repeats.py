"""The same fault again on the same item, within the window of the rules (INC-19).

An incident repeats an earlier one that was solved: same item, and the same symptom or category. What is still
open is no repeat but the same failure: its parent (incidents.family).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor
from incidents import rules
from incidents.models import Incident
from records import log as records_log
from records.lifecycle import Phase
from records.models import Record
from records.services import begin, refuse, save


def earlier(
    customer_id: int, item_id: int | None, *, category: str, symptom: str, at: datetime
) -> Incident | None:
    """The solved incident that one of these facts, opened at ``at``, would repeat: the latest of them."""
    same = Q(pk__in=[])
    if symptom.strip():
        same |= Q(symptom__iexact=symptom.strip())
    if category.strip():
        same |= Q(category__iexact=category.strip())
    if not item_id or not same:
        return None
    found: Incident | None = (
        solved(customer_id, item_id, at=at).filter(same).order_by("-resolved_at", "-pk").first()
    )
    return found


def solved(customer_id: int, item_id: int, *, at: datetime) -> QuerySet[Incident]:
    """Incidents about an item that were solved within the window before ``at``."""
    since = at - rules.of(customer_id).repeat
    rows: QuerySet[Incident] = Incident.objects.filter(
        item=item_id, customer=customer_id, phase=Phase.DONE, resolved_at__gte=since, resolved_at__lte=at
    )
    return rows


def mark(
    incident: Incident,
    *,
    earlier: Record | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Incident:
    """Say which earlier incident this one repeats, or with None that it repeats none."""
    if earlier is not None:
        _check(incident, earlier)
    with transaction.atomic():
        current = begin(incident, "edit", actor=actor, now=now, expected_version=expected_version)
        if current.repeat_of_id == (earlier and earlier.pk):
            return current
        current.repeat_of_id = earlier.pk if earlier else None
        save(current, ["repeat_of"], now=now)
        verb = "incident.repeats" if earlier else "incident.repeats_none"
        records_log.write(current, verb, actor=actor, at=now, other=earlier.number if earlier else "")
    return current


def _check(incident: Incident, earlier: Record) -> None:
    if not isinstance(earlier, Incident) or earlier.pk == incident.pk:
        raise refuse("earlier", _("Choose another incident."))
    if earlier.customer_id != incident.customer_id:
        raise refuse("earlier", _("A repeat is of an incident of the same customer."))
    if earlier.opened_at > incident.opened_at:
        raise refuse("earlier", _("That one was opened later; choose the earlier one."))
