"""What others ask of a change: what it may alter, when it is planned, what it caused."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from changes import content, lifecycle
from changes.models import Change
from changes.models.change import ChangeQuerySet
from cmdb.authority import Authority
from records.kinds import Kind
from records.models import Activity, Link, Record

IS_APPROVED = frozenset({*lifecycle.STANDS, *lifecycle.CARRIED_OUT})


def is_approved(change: Change) -> bool:
    """Whether it was approved and stands so, or was carried out on its approval."""
    return change.state in IS_APPROVED


def authority_of(change: Change) -> Authority:
    """By what right items are altered: the change's altered items, while it is approved and not done."""
    altered = list(
        change.change_items.filter(is_altered=True)
        .values_list("item_id", "item__owner_id")
        .order_by("item_id")
    )
    told = told_owners(change) | {change.requester_id}
    return Authority(
        number=change.number,
        item_ids=frozenset(item for item, _owner in altered),
        is_approved=change.state in lifecycle.STANDS,
        owner_told=tuple(sorted({owner for _item, owner in altered if owner in told})),
    )


def authority(number: str, *, actor: Actor) -> Authority:
    """The same by the number of a change the actor may see; Http404 for any other."""
    found: Change | None = Change.objects.visible_to(actor).filter(number=number.strip().upper()).first()
    if found is None:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return authority_of(found)


def told_owners(change: Change) -> set[int]:
    """Ids of the owners who were told that their items are to be altered."""
    rows = Activity.objects.filter(record=change.pk, verb="change.owners_told").values_list("data", flat=True)
    return {person for data in rows for person in data.get("people", ())}


def booked(start: datetime, end: datetime, *, actor: Actor) -> ChangeQuerySet:
    """Changes the actor may see whose planned time has part of [start, end)."""
    found: ChangeQuerySet = Change.objects.visible_to(actor).planned_within(start, end)
    return found


def caused_incidents(change: Change) -> QuerySet[Record]:
    """Incidents that were caused by the change (CHG-17); what the actor sees of them is for the caller."""
    sources = Link.objects.filter(target=change.pk, type=Link.Type.CAUSED_BY).values("source")
    return Record.objects.filter(pk__in=sources, kind=Kind.INCIDENT)


def incident_counts(changes: Iterable[int]) -> dict[int, int]:
    """How many incidents each of the changes caused, by its id; one query."""
    rows = (
        Link.objects.filter(target__in=list(changes), type=Link.Type.CAUSED_BY, source__kind=Kind.INCIDENT)
        .values("target")
        .annotate(n=Count("source"))
        .values_list("target", "n")
    )
    return dict(rows)


def facts_of(change: Change) -> Mapping[str, Any]:
    """All that an approval is given for, as :func:`changes.content.digest` takes it."""
    return {
        **{name: getattr(change, name) for name in content.FIELDS},
        "items": sorted(map(list, change.change_items.values_list("item_id", "is_altered"))),
        "services": sorted(change.change_services.values_list("service_id", flat=True)),
        "assessments": sorted(map(list, change.assessments.values_list("aspect", "judgement", "words"))),
        "effects": sorted(
            map(list, change.target_effects.values_list("agreement_id", "target_key", "effect", "words"))
        ),
    }


def digest_of(change: Change) -> str:
    """The hash of what the change says now."""
    return content.digest(facts_of(change), is_standard=change.category == lifecycle.STANDARD)
