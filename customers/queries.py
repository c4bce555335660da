"""Questions about complaints; every one starts from what the actor may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from customers import lifecycle
from customers.access import complaints
from customers.models import Complaint

OPEN, UNANSWERED, OVERDUE, DONE, ANY = "open", "unanswered", "overdue", "done", "any"
STATES: tuple[tuple[str, Any], ...] = (
    (OPEN, _("Open")),
    (UNANSWERED, _("Not answered")),
    (OVERDUE, _("Answer overdue")),
    (DONE, _("Closed")),
    (ANY, _("All")),
)


@dataclass(frozen=True)
class Choice:
    """What a list of complaints is narrowed to; anything strange in the address is the default."""

    state: str = OPEN
    nature: str = ""
    customer: int | None = None
    mine: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Choice":
        state, nature = given.get("state", ""), given.get("nature", "")
        customer = given.get("customer", "")
        return cls(
            state if state in dict(STATES) else OPEN,
            nature if nature in Complaint.Nature.values else "",
            int(customer) if customer.isascii() and customer.isdigit() and len(customer) < 10 else None,
            given.get("who", "") == "mine",
        )


def listed(actor: Actor, choice: Choice, now: datetime) -> "QuerySet[Complaint]":
    """The complaints of a choice, what is due first on top."""
    rows: Any = complaints(actor).select_related("customer", "requester", "assignee", "about")
    if choice.state == OPEN:
        rows = rows.filter(state__in=lifecycle.OPEN)
    elif choice.state == UNANSWERED:
        rows = rows.unanswered()
    elif choice.state == OVERDUE:
        rows = rows.overdue(now)
    elif choice.state == DONE:
        rows = rows.exclude(state__in=lifecycle.OPEN)
    if choice.nature:
        rows = rows.filter(nature=choice.nature)
    if choice.customer:
        rows = rows.filter(customer=choice.customer)
    if choice.mine:
        rows = rows.filter(assignee=actor.user_id)
    found: QuerySet[Complaint] = (
        rows.order_by("-received_at", "-pk")
        if choice.state in (DONE, ANY)
        else rows.order_by(F("answered_at").asc(nulls_first=True), "due_at", "pk")
    )
    return found
