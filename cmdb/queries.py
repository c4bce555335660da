"""Questions to the register: one item, and the list of them, narrowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Func, OuterRef, Q, TextField
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from cmdb.models import Item, ItemAttribute, ItemQuerySet, ItemService

NONE = "none"
LARGEST_ID = 2**63 - 1


def get_item(actor: Actor, given: str) -> Item:
    """The item of a number, or of an id as older addresses have it. Http404 for what is invisible, too."""
    given = given.strip()[:20]
    rows = Item.objects.visible_to(actor).select_related("type", "customer", "owner")
    if given.isascii() and given.isdigit():
        found = rows.filter(pk=int(given)).first() if int(given) <= LARGEST_ID else None
    else:
        found = rows.filter(number=given.upper()).first()
    if found is None:
        raise Http404(_("There is no item %(number)s.") % {"number": given})
    return found


@dataclass(frozen=True)
class Question:
    """What a list is narrowed by; "" or None for not. ``owner`` and ``customer`` may be :data:`NONE`."""

    type: int | None = None
    category: str = ""
    state: str = ""
    owner: int | str | None = None
    customer: int | str | None = None
    service: int | None = None
    is_important: bool = False
    is_active: bool = False
    text: str = ""


def listed(actor: Actor, asked: Question) -> ItemQuerySet:
    """The items the actor sees that fit, without an order."""
    rows = Item.objects.visible_to(actor).filter(_narrow(asked))
    if asked.service is not None:
        runs = ItemService.objects.filter(item=OuterRef("pk"), service=asked.service)
        rows = rows.filter(Exists(runs))
    if asked.text:
        rows = searched(rows, asked.text)
    return rows


def _narrow(asked: Question) -> Q:
    plain: Mapping[str, Any] = {"type": asked.type, "type__category": asked.category, "state": asked.state}
    found = Q(**{name: value for name, value in plain.items() if value not in (None, "")})
    for name, value in (("owner", asked.owner), ("customer", asked.customer)):
        if value == NONE:
            found &= Q(**{name: None})
        elif value not in (None, ""):
            found &= Q(**{name: value})
    if asked.is_important:
        found &= Q(is_important=True)
    return found & Q(is_active=True) if asked.is_active else found


class _Values(Func):
    """The values of the attributes, without their codes, as one text."""

    template = "(jsonb_path_query_array(%(expressions)s, '$.*'))::text"
    output_field = TextField()


def searched(rows: ItemQuerySet, text: str) -> ItemQuerySet:
    """Items with the text in number, name, site, revision or the value of an attribute; choices by word."""
    found = Q(shown_values__icontains=text)
    for name in ("number", "name", "site", "revision"):
        found |= Q(**{f"{name}__icontains": text})
    low = text.casefold()
    for attribute in ItemAttribute.objects.filter(kind=ItemAttribute.Kind.CHOICE):
        for choice in attribute.choices:
            if low in str(choice["en"]).casefold() or low in str(choice["zh"]).casefold():
                has = Q(**{f"attributes__{attribute.code}": choice["code"]})
                found |= Q(type=attribute.type_id) & has
    return rows.annotate(shown_values=_Values(F("attributes"))).filter(found)
