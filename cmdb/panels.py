"""Panels other apps show on the page of an item, registered from their AppConfig.ready()."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.access import Actor
from cmdb.models import Item

Content = Mapping[str, Any]


@dataclass(frozen=True)
class ItemPanel:
    """One panel.

    ``template`` is a fragment with its own ``section.panel``; it reads ``item``, ``panel`` (what ``content``
    returned) and ``csrf_token``. ``content(item, actor, now=)`` returns None to stay away; it asks at most
    two queries and begins from what the actor may see.
    """

    name: str
    order: int  # lower stands higher
    template: str
    content: Callable[..., Content | None]


_PANELS: dict[str, ItemPanel] = {}


def register(panel: ItemPanel) -> None:
    """Make a panel known; safe to repeat. ValueError for a name taken."""
    known = _PANELS.setdefault(panel.name, panel)
    if known.template != panel.template:
        raise ValueError(f"two panels of items are named {panel.name}")


def panels_of(item: Item, actor: Actor, *, now: datetime) -> list[dict[str, Any]]:
    """What has something to show, in order, each with its template and what it reads."""
    shown = []
    for panel in sorted(_PANELS.values(), key=lambda p: (p.order, p.name)):
        content = panel.content(item, actor, now=now)
        if content is not None:
            shown.append({"name": panel.name, "template": panel.template, "content": content})
    return shown
