"""What an address asks of the register."""

from django.http import QueryDict

from accounts.access import Actor
from cmdb.models import Item, ItemType
from cmdb.queries import NONE, Question
from configuration import paging


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def question_of(asked: QueryDict, actor: Actor) -> Question:
    """What an address narrows the list by; what is strange in it is taken as not asked."""
    kind = ItemType.objects.filter(code=asked.get("type", "")[:50]).first() if asked.get("type") else None
    owner, customer = asked.get("owner", ""), asked.get("customer", "")
    state, category = asked.get("state", ""), asked.get("category", "")
    return Question(
        type=kind.pk if kind else None,
        category=category if category in ItemType.Category.values else "",
        state=state if state in Item.State.values else "",
        owner=actor.user_id if owner == "me" else NONE if owner == NONE else _number(owner),
        customer=NONE if customer == NONE else _number(customer),
        service=_number(asked.get("service", "")),
        is_important=asked.get("important", "") == "1",
        is_active=asked.get("active", "") == "1",
        text=asked.get("q", "").replace("\0", "").strip()[:100],
    )


def order_of(asked: QueryDict) -> str:
    """The order an address asks for; by name where it asks for none."""
    order = asked.get("order", "name")
    return order if order.lstrip("-") in paging.ORDERS else "name"
