"""Who may write to an item, who holds it meanwhile, and how a controlled fact is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor, Denied
from cmdb.authority import Authority, refusal
from cmdb.models import Alteration, Item
from cmdb.refusals import Refused


class Stale(Exception):
    """Somebody has altered the item since the writer read it."""

    def __init__(self, item: Item) -> None:
        super().__init__(f"{item.number} is at version {item.version} by now")
        self.item = item


@dataclass(frozen=True)
class Held:
    """An item as the table of permissions sees it: shared ones are for those who cover all customers."""

    customer_id: int
    requester_id: int = 0


def held(item: Item) -> Held:
    return Held(item.customer_id or 0)


def may_alter(actor: Actor, item: Item, authority: Authority | None = None) -> bool:
    """Leaders within their customers, the item's owner, and whoever carries out an approved change of it."""
    if access.may(actor, "alter_item", held(item)):
        return True
    if actor.is_staff_side and item.owner_id == actor.user_id:
        return True
    return not refusal(authority, item.pk) and access.may(actor, "implement_item", held(item))


def permit(actor: Actor, item: Item, authority: Authority | None) -> None:
    if not may_alter(actor, item, authority):
        raise Denied(actor, "alter_item")


def lock(item: Item, expected_version: int | None = None) -> Item:
    """The item as it is now, held against other writers. :class:`Stale` when it is not the version seen."""
    # "no key": rows that point at the item (alterations, tickets) may still be written meanwhile
    rows = Item.objects.select_for_update(of=("self",), no_key=True)
    current = rows.select_related("type", "owner", "customer").get(pk=item.pk)
    if expected_version is not None and expected_version != current.version:
        raise Stale(current)
    return current


def refused(names: Mapping[str, str], why: str, authority: Authority | None) -> Refused:
    """The refusal in words, on every field it concerns."""
    words = {
        Alteration.Refusal.NO_CHANGE: _("“%(fact)s” is under control: name the approved change."),
        Alteration.Refusal.NOT_APPROVED: _("“%(fact)s” is under control, and %(change)s is not approved."),
        Alteration.Refusal.NOT_NAMED: _(
            "“%(fact)s” is under control, and %(change)s does not name this item."
        ),
    }[Alteration.Refusal(why)]
    number = authority.number if authority else ""
    return Refused(
        {
            name: ValidationError(words % {"fact": fact, "change": number}, code=why)
            for name, fact in names.items()
        },
        why,
    )
