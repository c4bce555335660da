"""The changes of an item, on its page."""

from datetime import datetime
from typing import Any

from accounts.access import Actor, may
from changes import queries, show
from changes.models import UnauthorisedChange
from cmdb.models import Item
from cmdb.panels import ItemPanel, register

MOST = 10


def content(item: Item, actor: Actor, *, now: datetime) -> dict[str, Any] | None:
    """The last changes that have to do with the item, and what was found altered without one."""
    changes = [show.row_of(row) for row in queries.of_item(item.pk, actor)[:MOST]]
    found = UnauthorisedChange.objects.visible_to(actor).open().filter(item=item.pk)
    open_ones = list(found[:MOST])
    may_raise = may(actor, "raise_change")
    if not changes and not open_ones and not may_raise:
        return None
    return {"changes": changes, "found": open_ones, "may_raise": may_raise}


def register_panel() -> None:
    register(ItemPanel("changes", 30, "changes/_item_panel.html", content))
