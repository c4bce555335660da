"""Baselines: a picture of some items and their relations at an instant, and how the present differs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation
from records.services import refuse
from verifications import scopes
from verifications.comparing import Difference, Picture, compare
from verifications.facts import picture
from verifications.models import Baseline, BaselineItem, BaselineRelation

ACT = "take_baseline"


def take(
    *,
    name_en: str,
    scope: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    name_zh: str = "",
    description: str = "",
) -> Baseline:
    """The items of a scope (verifications.scopes.make) as they are now, kept for good.

    ValidationError on ``name_en`` or ``scope``.
    """
    access.require(actor, ACT)
    if not name_en.strip():
        raise refuse("name_en", _("Give the baseline a name."), "required")
    customer = scope["customer"] and Organisation.objects.get(code=scope["customer"]["code"])
    with transaction.atomic():
        items = scopes.counted(scope, actor)
        seen = picture(items, customer=customer.code if customer else "")
        made = Baseline.objects.create(
            name_en=name_en.strip()[:200], name_zh=name_zh.strip()[:200], description=description.strip(),
            scope=dict(scope), customer=customer or None, item_count=len(items),
            relation_count=len(seen.edges), taken_by_id=actor.user_id, taken_at=now,
        )  # fmt: skip
        rows = [
            BaselineItem(baseline=made, item=item, number=item.number, facts=seen.items[item.number])
            for item in items
        ]
        BaselineItem.objects.bulk_create(rows, batch_size=500)
        BaselineRelation.objects.bulk_create(
            (
                BaselineRelation(baseline=made, source=source, type=kind, target=target)
                for source, kind, target in sorted(seen.edges)
            ),
            batch_size=1000,
        )
    return made


def kept(baseline: Baseline) -> Picture:
    """The picture a baseline holds."""
    items: Iterable[tuple[str, Any]] = baseline.items.values_list("number", "facts")
    edges = baseline.relations.values_list("source", "type", "target")
    return Picture(dict(items), frozenset((source, kind, target) for source, kind, target in edges))


def present(baseline: Baseline, actor: Actor) -> Picture:
    """The items that belong to the baseline's scope now. What was retired since does not."""
    code = baseline.customer.code if baseline.customer else ""
    return picture(scopes.items_of(baseline.scope, actor)[: scopes.MOST], customer=code)


def difference(baseline: Baseline, other: Baseline | None, actor: Actor) -> Difference:
    """From the baseline to another one, or to the present where there is no other."""
    return compare(kept(baseline), kept(other) if other else present(baseline, actor))
