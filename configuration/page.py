"""What the pages of the register have in common: who may read it, who may add, and the colours of states."""

from django.http import HttpRequest

from accounts.access import Actor, may
from cmdb.control import Held
from records.pages import actor_for

TONES = {"planned": "accent", "in_use": "good", "maintenance": "warn", "retired": "quiet"}


def reader(request: HttpRequest) -> Actor:
    """Who may read the register at the desk; else Denied."""
    return actor_for(request, "desk", "see_items")


def may_add(actor: Actor) -> bool:
    """Whether the actor adds items for anybody at all."""
    return any(may(actor, "add_item", Held(pk)) for pk in (0, *(actor.scope or ())))
