"""What checks of the register say of one item, on the item's page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from cmdb.models import Item
from verifications.models import AuditEntry, ItemAudit

SHOWN = 5


def content(item: Item, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The latest audits in which the item was checked; None to stay away."""
    if not may(actor, "see_items"):
        return None
    visible = ItemAudit.objects.visible_to(actor).values("pk")
    rows = AuditEntry.objects.filter(item=item, audit__in=visible).exclude(result=AuditEntry.Result.OPEN)
    found = list(rows.select_related("audit").order_by("-checked_at", "-pk")[:SHOWN])
    if not found:
        return None
    return {"entries": [{"entry": entry, "result": entry.get_result_display()} for entry in found]}
