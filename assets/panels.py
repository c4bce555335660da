"""What this app shows on other pages: an item's asset or licences, and an agreement's service objects."""

from datetime import datetime
from typing import Any

from django.utils import timezone

import cmdb.panels
import records.panels
from accounts.access import Actor, may
from agreements.models import Edition
from assets import contracts, installations, pages, queries, register
from assets.pages import VERDICT_TONES
from assets.words import VERDICTS
from cmdb.models import Item, ItemType
from cmdb.panels import ItemPanel
from records.kinds import Kind
from records.models import Record
from records.panels import Panel
from sla.models import Agreement


def of_item(item: Item, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """The asset an item is; how a software item stands against its licences."""
    if not may(actor, register.KEEP):
        return None
    today = timezone.localdate(now)
    asset = queries.assets(actor).filter(item=item).select_related("user", "customer").first()
    if asset is not None:
        return {"row": pages.row_of(asset, today)}
    if item.type.category != ItemType.Category.SOFTWARE:
        return None
    use = installations.uses([item], today=today)[0]
    verdict = use.standing.verdict
    return {"use": use, "label": VERDICTS[verdict], "tone": VERDICT_TONES[verdict]}


def of_agreement(record: Record, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """How many service objects a signed agreement with a customer has."""
    if not isinstance(record, Edition) or not may(actor, register.KEEP):
        return None
    version, agreement = record.signed_version, record.agreement
    if version is None or agreement.kind != Agreement.Kind.SLA or agreement.customer_id is None:
        return None
    if not contracts.in_force(actor, now).filter(pk=version.pk).exists():
        return None
    found = contracts.objects_of(version, actor)
    return {"code": agreement.code, "items": found.items.count(), "assets": found.assets.count()}


def register_all() -> None:
    """Make both known. Safe to repeat."""
    cmdb.panels.register(
        ItemPanel(name="assets", order=40, template="assets/_item_panel.html", content=of_item)
    )
    records.panels.register(
        Panel(
            name="assets.objects",
            order=60,
            template="assets/_agreement_panel.html",
            content=of_agreement,
            kinds=frozenset({Kind.AGREEMENT.value}),
        )
    )
