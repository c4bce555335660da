"""What releases show elsewhere: on a change its releases, on an item what brought it to its revision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import cmdb.panels
from accounts.access import Actor, may
from changes.models import Change
from changes.reading import is_approved
from cmdb.models import Item
from records.kinds import Kind
from records.models import Record
from records.panels import Panel, register
from releases import show
from releases.models import Release, ReleaseItem

SHOWN = 5


def of_change(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The releases a change is or was in, and whether one may be begun with it."""
    rows = Release.objects.visible_to(actor).filter(bundled__change=record.pk).order_by("-pk")[:SHOWN]
    found = [show.row_of(row) for row in rows]
    free = not any(row["release"].state not in ("closed", "cancelled") for row in found)
    may_begin = (
        free and isinstance(record, Change) and is_approved(record) and record.phase != "done"
        and may(actor, "lead_releases")
    )  # fmt: skip
    return {"rows": found, "may_begin": may_begin} if found or may_begin else None


def of_item(item: Item, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The releases that bring or brought the item to a revision, the newest first."""
    seen = Release.objects.visible_to(actor)
    rows = ReleaseItem.objects.filter(item=item, release__in=seen).select_related("release", "change")
    found = list(rows.order_by("-pk")[:SHOWN])
    return {"rows": found} if found else None


def register_all() -> None:
    """Safe to repeat."""
    register(
        Panel(
            "release", 40, "releases/_change_panel.html", of_change, kinds=frozenset({Kind.CHANGE.value})
        )
    )  # fmt: skip
    cmdb.panels.register(cmdb.panels.ItemPanel("releases", 60, "releases/_item_panel.html", of_item))
