"""The verbs of the register: add an item, alter it, retire it. Its relations are in :mod:`cmdb.relating`.

Controlled facts (state, owner, revision, attributes under control) are altered only with an Authority that
is approved and names the item. What is refused for that reason, or because the actor may not, is kept as a
refused Alteration even though the act itself is rolled back. Mistakes come back as ValidationError keyed by
field (an attribute as "attributes.<code>"), refusals as access.Denied or :class:`Stale`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from cmdb import values
from cmdb.authority import Authority, refusal
from cmdb.control import Held, Stale, held, lock, may_alter, permit, refused
from cmdb.models import Alteration, Item, ItemAttribute, ItemType
from cmdb.refusals import Attempt, Refused, kept
from cmdb.relating import name_service, relate, remove_service, unrelate

__all__ = (
    "Refused", "Stale", "add_item", "alter_item", "may_alter", "name_service", "relate", "remove_service",
    "retire", "unrelate",
)  # fmt: skip

FACTS = ("name", "customer", "site", "state", "owner", "revision", "is_important")
"""What may be given beside "attributes"; the number and the type stay."""
CONTROLLED = frozenset({"state", "owner", "revision"})
TEXTS = {"name": 200, "site": 200, "revision": 100}


def attributes_of(kind: ItemType) -> list[ItemAttribute]:
    """The type's attributes, held still until the transaction ends, so that no kind changes meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM cmdb_itemtype WHERE id = %s FOR SHARE", [kind.pk])
    return list(kind.attributes.all())


def label_of(value: Any) -> Any:
    """A fact as an Alteration keeps it."""
    return value.label if isinstance(value, User | Organisation) else value


@transaction.atomic
def add_item(
    *,
    item_type: ItemType,
    name: str,
    customer: Organisation | None = None,
    site: str = "",
    state: str = Item.State.IN_USE,
    owner: User | None = None,
    revision: str = "",
    attributes: Mapping[str, Any] | None = None,
    is_important: bool = False,
    authority: Authority | None = None,
    actor: Actor,
    now: datetime,
) -> Item:
    """A new item with its number. An ``authority`` is only kept: what is new is not under control yet."""
    access.require(actor, "add_item", Held(customer.pk if customer else 0))
    facts = {
        "name": name, "customer": customer, "site": site, "state": state, "owner": owner,
        "revision": revision, "is_important": is_important,
    }  # fmt: skip
    found = _checked(facts, Item(type=item_type))
    found["attributes"] = values.merged(attributes_of(item_type), {}, attributes or {})
    item = Item(type=item_type, is_active=found["state"] != Item.State.RETIRED, **found)
    _save(item)
    attempt = Attempt((item,), Alteration.Act.ADDED, authority, actor, now)
    attempt.after = {
        **{key: label_of(value) for key, value in found.items() if value not in (None, "", {}, False)},
        "type": item_type.label,
    }
    Alteration.objects.bulk_create(attempt.rows())
    return item


def alter_item(
    item: Item,
    facts: Mapping[str, Any],
    *,
    authority: Authority | None = None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Item:
    """Alter what ``facts`` name (:data:`FACTS` and "attributes", a mapping of those that change).

    What is as it was is no alteration: nothing is asked of it and nothing written.
    """
    attempt = Attempt((item,), Alteration.Act.ALTERED, authority, actor, now)
    with kept(attempt):
        return _alter(item, facts, attempt, expected_version)


def retire(
    item: Item,
    *,
    authority: Authority | None = None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Item:
    """Out of use for good, with an approved change. Its relations and history stay."""
    return alter_item(
        item, {"state": Item.State.RETIRED}, authority=authority, actor=actor, now=now,
        expected_version=expected_version,
    )  # fmt: skip


def _alter(item: Item, facts: Mapping[str, Any], attempt: Attempt, expected_version: int | None) -> Item:
    current = lock(item, expected_version)
    attempt.items = (current,)
    attempt.after = {
        str(name): _raw(value) for name, value in facts.items() if name in (*FACTS, "attributes")
    }
    permit(attempt.actor, current, attempt.authority)
    kinds = attributes_of(current.type)
    wanted = _checked({name: value for name, value in facts.items() if name != "attributes"}, current)
    changed = {name: value for name, value in wanted.items() if getattr(current, name) != value}
    stored = current.attributes
    if "attributes" in facts:
        stored = values.merged(kinds, current.attributes, facts["attributes"])
    codes = [kind for kind in kinds if stored.get(kind.code) != current.attributes.get(kind.code)]
    if not changed and not codes:
        return current
    _note(attempt, current, changed, stored, codes)
    _may_lead(attempt.actor, current, changed)
    _controlled(current, changed, codes, attempt.authority)
    for name, value in changed.items():
        setattr(current, name, value)
    current.attributes = stored
    current.is_active = current.state != Item.State.RETIRED
    current.version += 1
    _save(current, update_fields=[*changed, "attributes", "is_active", "version"])
    Alteration.objects.bulk_create(attempt.rows())
    return current


def _save(item: Item, **how: Any) -> None:
    """Stored, or refused in words where somebody took the name in between."""
    try:
        with transaction.atomic():
            item.save(**how)
    except IntegrityError as error:
        if "item_name_once_per_customer" not in str(error):
            raise
        raise ValidationError({"name": _name_taken()}) from error


def _name_taken() -> ValidationError:
    return ValidationError(_("There is an item of this name already."), code="unique")


def _raw(value: Any) -> Any:
    """What was asked for, as far as a refused attempt can tell it."""
    if isinstance(value, Mapping):
        return {str(key)[:60]: _raw(inner) for key, inner in value.items()}
    found = label_of(value)
    return found if isinstance(found, dict | int | float | bool | None) else str(found)[:500]


def _note(
    attempt: Attempt,
    item: Item,
    changed: Mapping[str, Any],
    stored: Mapping[str, Any],
    codes: list[ItemAttribute],
) -> None:
    """Before and after of what really differs."""
    attempt.before = {name: label_of(getattr(item, name)) for name in changed}
    attempt.after = {name: label_of(value) for name, value in changed.items()}
    if codes:
        attempt.before["attributes"] = {kind.code: item.attributes.get(kind.code) for kind in codes}
        attempt.after["attributes"] = {kind.code: stored.get(kind.code) for kind in codes}


def _may_lead(actor: Actor, item: Item, changed: Mapping[str, Any]) -> None:
    """Whose item it is and whether it is important is for leaders, also at the customer it goes to."""
    if {"customer", "is_important"} & changed.keys():
        access.require(actor, "lead_items", held(item))
    if "customer" in changed:
        customer = changed["customer"]
        access.require(actor, "lead_items", Held(customer.pk if customer else 0))


def _controlled(
    item: Item, changed: Mapping[str, Any], codes: list[ItemAttribute], authority: Authority | None
) -> None:
    """Raise :class:`Refused` for controlled facts that the authority does not cover."""
    names = {name: str(Item._meta.get_field(name).verbose_name) for name in changed if name in CONTROLLED}  # type: ignore[union-attr]
    names |= {values.field_of(kind.code): kind.name for kind in codes if kind.is_controlled}
    why = refusal(authority, item.pk) if names else ""
    if why:
        raise refused(names, why, authority)


def _checked(facts: Mapping[str, Any], item: Item) -> dict[str, Any]:
    """The facts in their stored form. ValidationError keyed by field for what cannot be."""
    errors: dict[str, ValidationError] = {}
    found: dict[str, Any] = {}
    for name, value in facts.items():
        try:
            found[name] = _one(name, value, item)
        except ValidationError as error:
            errors[str(name)[:60]] = error
    customer = found.get("customer", item.customer)
    name = found.get("name", item.name)
    others = Item.objects.filter(customer=customer, name=name).exclude(pk=item.pk)
    if not errors and {"name", "customer"} & facts.keys() and others.exists():
        errors["name"] = _name_taken()
    if errors:
        raise ValidationError(errors)
    return found


def _one(name: str, value: Any, item: Item) -> Any:
    if name in TEXTS:
        return _text(value, TEXTS[name], required=name == "name")
    if name == "state":
        if value not in Item.State.values:
            raise ValidationError(_("Not one of the possible values."), code="invalid_choice")
        return str(value)
    if name == "is_important":
        return bool(value)
    if name == "owner":
        if value is not None and value.pk != item.owner_id and not _can_own(value):
            raise ValidationError(_("Only active staff can own an item."), code="not_staff")
        return value
    if name == "customer":
        return value
    raise ValidationError(_("There is no such field."), code="unknown_field")


def _can_own(person: User) -> bool:
    return person.is_active and person.actor.is_staff_side


def _text(value: Any, most: int, *, required: bool) -> str:
    text = str(value).strip()
    if "\0" in text:
        raise ValidationError(_("Not a text."), code="invalid")
    if required and not text:
        raise ValidationError(_("This field is required."), code="required")
    if len(text) > most:
        raise ValidationError(_("At most %(most)s characters.") % {"most": most}, code="max_length")
    return text
