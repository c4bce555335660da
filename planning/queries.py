"""Questions about requirements; every one starts from what the actor may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from planning import lifecycle
from planning.models import ServiceLevelRequirement, State

OPEN, ANY = "open", "any"
STATES: tuple[tuple[str, Any], ...] = ((OPEN, _("Not finished")), *State.choices, (ANY, _("In any state")))


@dataclass(frozen=True)
class Choice:
    """How the list is narrowed. ``customer`` is an id, 0 for all."""

    state: str = OPEN
    trigger: str = ""
    customer: int = 0
    words: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choice":
        """From an address: what it does not know is as if not asked."""
        state, trigger = given.get("state", ""), given.get("trigger", "")
        customer = given.get("customer", "")
        is_id = customer.isascii() and customer.isdigit() and len(customer) < 10
        return cls(
            state=state if state in dict(STATES) else OPEN,
            trigger=trigger if trigger in ServiceLevelRequirement.Trigger.values else "",
            customer=int(customer) if is_id else 0,
            words=given.get("q", "").replace("\0", "").strip()[:100],
        )


def listed(actor: Actor, choice: Choice) -> QuerySet[ServiceLevelRequirement]:
    """The requirements chosen, the newest first."""
    rows: Any = ServiceLevelRequirement.objects.visible_to(actor)
    if choice.state == OPEN:
        rows = rows.filter(state__in=lifecycle.OPEN)
    elif choice.state != ANY:
        rows = rows.filter(state=choice.state)
    if choice.trigger:
        rows = rows.filter(trigger=choice.trigger)
    if choice.customer:
        rows = rows.filter(customer=choice.customer)
    if choice.words:
        rows = rows.filter(title__icontains=choice.words) | rows.filter(title_zh__icontains=choice.words)
    found: QuerySet[ServiceLevelRequirement] = rows.select_related("customer", "assignee", "agreement")
    return found.order_by("-pk")
