"""Questions about releases; every one starts from what the actor may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from releases import lifecycle
from releases.models import Release, State

OPEN, ANY = "open", "any"
STATES: tuple[tuple[str, Any], ...] = ((OPEN, _("Not finished")), *State.choices, (ANY, _("In any state")))


@dataclass(frozen=True)
class Choice:
    """How the list is narrowed."""

    state: str = OPEN
    outcome: str = ""
    words: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choice":
        """From an address: what it does not know is as if not asked."""
        state, outcome = given.get("state", ""), given.get("outcome", "")
        return cls(
            state=state if state in dict(STATES) else OPEN,
            outcome=outcome if outcome in Release.Outcome.values else "",
            words=given.get("q", "").replace("\0", "").strip()[:100],
        )


def listed(actor: Actor, choice: Choice) -> QuerySet[Release]:
    """The releases chosen, the newest first."""
    rows: Any = Release.objects.visible_to(actor)
    if choice.state == OPEN:
        rows = rows.filter(state__in=lifecycle.OPEN)
    elif choice.state != ANY:
        rows = rows.filter(state=choice.state)
    if choice.outcome:
        rows = rows.filter(outcome=choice.outcome)
    if choice.words:
        rows = rows.filter(title__icontains=choice.words) | rows.filter(title_zh__icontains=choice.words)
    found: QuerySet[Release] = rows.select_related("customer", "assignee")
    return found.order_by("-pk")
