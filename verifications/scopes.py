"""Which items a baseline or an audit is about: of some types, some services, one customer, or chosen ones.

A scope is kept as JSON, so that the same question can be asked of the register again later.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organisation
from catalog.models import Service
from cmdb.models import Item, ItemType
from records.services import refuse
from verifications.facts import label_of, said

MOST = 20_000
MOST_CHOSEN = 1_000


def make(
    *,
    types: Iterable[ItemType] = (),
    services: Iterable[Service] = (),
    customer: Organisation | None = None,
    numbers: Iterable[str] = (),
    actor: Actor,
) -> dict[str, Any]:
    """A scope as it is kept. ValidationError where it names what the actor does not see, or nobody's items.

    Who covers some customers only names one of them.
    """
    if actor.scope is not None and (customer is None or customer.pk not in actor.scope):
        raise refuse("customer", _("Choose one of your customers."), "required")
    chosen = sorted({number.strip().upper() for number in numbers if number.strip()})
    if len(chosen) > MOST_CHOSEN:
        words = _("These are more than %(n)s items; choose them by type, service or customer.")
        raise refuse("items", words % {"n": MOST_CHOSEN}, "too_many")
    scope: dict[str, Any] = {
        "types": [label_of(each) for each in types],
        "services": [label_of(each) for each in services],
        "customer": label_of(customer) if customer else None,
        "items": chosen,
    }
    if chosen:
        known = set(items_of(scope, actor).values_list("number", flat=True))
        if strange := [number for number in chosen if number not in known]:
            words = _("These are no items of this scope: %(numbers)s.") % {"numbers": ", ".join(strange[:10])}
            raise refuse("items", words)
    return scope


def items_of(scope: Mapping[str, Any], actor: Actor) -> QuerySet[Item]:
    """The items in use of a scope, as far as the actor sees them, with what their facts need."""
    rows = Item.objects.visible_to(actor).exclude(state=Item.State.RETIRED)
    if scope["customer"]:
        rows = rows.filter(customer__code=scope["customer"]["code"])
    if scope["types"]:
        rows = rows.filter(type__code__in=[each["code"] for each in scope["types"]])
    if scope["services"]:
        codes = [each["code"] for each in scope["services"]]
        rows = rows.filter(item_services__service__code__in=codes).distinct()
    if scope["items"]:
        rows = rows.filter(number__in=scope["items"])
    return rows.select_related("type", "customer", "owner").order_by("number")


def counted(scope: Mapping[str, Any], actor: Actor) -> list[Item]:
    """The items of a scope. ValidationError on ``scope`` where there are none or too many."""
    found = list(items_of(scope, actor)[: MOST + 1])
    if not found:
        raise refuse("scope", _("There is no item of this scope."), "required")
    if len(found) > MOST:
        words = _("These are more than %(n)s items; narrow the scope.") % {"n": MOST}
        raise refuse("scope", words, "too_many")
    return found


def words(scope: Mapping[str, Any]) -> str:
    """A scope in the reader's language."""
    parts = []
    if scope["types"]:
        parts.append(_("types: %(names)s") % {"names": _listed(scope["types"])})
    if scope["services"]:
        parts.append(_("services: %(names)s") % {"names": _listed(scope["services"])})
    if scope["customer"]:
        parts.append(_("customer: %(name)s") % {"name": said(scope["customer"])})
    if scope["items"]:
        shown = ", ".join(scope["items"][:5])
        more = len(scope["items"]) - 5
        parts.append(shown if more <= 0 else _("%(shown)s and %(n)s more") % {"shown": shown, "n": more})
    return " · ".join(parts) or _("all items")


def _listed(labels: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(said(each) for each in labels)


def numbers_in(text: str) -> list[str]:
    """The numbers in what somebody wrote or pasted. ValidationError for what cannot be one."""
    found = [word for word in re.split(r"[\s,;，；、]+", text) if word]
    for word in found:
        if not re.fullmatch(r"[A-Za-z0-9-]{1,20}", word):
            raise ValidationError(_("“%(word)s” is no number of an item.") % {"word": word[:40]})
    return found
