"""Panels other apps show beside a ticket: registered from below by whoever has something to say about it.

A ticket's pages know no app but their own. An app that keeps something about any ticket (an appointment, an
article that was used, a survey's answer) registers a panel, and the agents' page, the customers' page, or
both show it. A panel that has nothing to show costs nothing but its own question.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from accounts.access import Actor
from records.kinds import TICKETS

if TYPE_CHECKING:
    from records.models import Record


class Side(StrEnum):
    """Whose page it is."""

    DESK = "desk"
    PORTAL = "portal"


Content = Mapping[str, Any]


@dataclass(frozen=True)
class Panel:
    """One panel.

    ``template`` is a fragment with its own ``section.panel``; it reads ``record``, ``panel`` (what
    ``content`` returned) and ``csrf_token``. ``content(record, actor, now=)`` returns None to stay away;
    it asks at most two queries and begins from what the actor may see.
    """

    name: str
    order: int  # lower stands higher
    template: str
    content: "Callable[..., Content | None]"
    side: Side = Side.DESK
    kinds: frozenset[str] = frozenset(TICKETS)


_PANELS: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Make a panel known. Called from AppConfig.ready(); safe to repeat. ValueError for a name taken."""
    known = _PANELS.setdefault(panel.name, panel)
    if known.template != panel.template:
        raise ValueError(f"two panels are named {panel.name}")


def panels_of(record: "Record", actor: Actor, *, now: datetime, side: Side) -> list[dict[str, Any]]:
    """The panels that have something to show, in order, each with its template and what it reads."""
    fitting = [p for p in _PANELS.values() if p.side is side and record.kind in p.kinds]
    shown = []
    for panel in sorted(fitting, key=lambda p: (p.order, p.name)):
        content = panel.content(record, actor, now=now)
        if content is not None:
            shown.append({"name": panel.name, "template": panel.template, "content": content})
    return shown
