"""Item types and their attributes, made and changed without code.

An attribute with values keeps its kind, and a choice in use stays: what was written must go on meaning what
it meant. Each verb holds the type's row, as those who write values hold it (cmdb.services.attributes_of).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import access
from accounts.access import Actor
from cmdb.models import Item, ItemAttribute, ItemType

MOST_CHOICES = 100
MOST_ATTRIBUTES = 60


@transaction.atomic
def add_type(
    *, code: str, name_en: str, name_zh: str, category: str, prefix: str = "", actor: Actor
) -> ItemType:
    """A new type. Without a prefix its items are numbered as those of its category."""
    access.require(actor, "design_items")
    kind = ItemType(
        code=code.strip(), name_en=name_en.strip(), name_zh=name_zh.strip(), category=category, prefix=prefix
    )
    _valid(kind)
    kind.save()
    kind.refresh_from_db()  # the database gave the prefix
    return kind


@transaction.atomic
def edit_type(
    kind: ItemType, *, name_en: str, name_zh: str, category: str, prefix: str, actor: Actor
) -> ItemType:
    """Change how it is called and sorted. Numbers that were given stay; new ones follow the new prefix."""
    current = _held(kind, actor)
    current.name_en, current.name_zh = name_en.strip(), name_zh.strip()
    current.category, current.prefix = category, prefix
    _valid(current)
    current.save()
    current.refresh_from_db()
    return current


@transaction.atomic
def add_attribute(kind: ItemType, facts: Mapping[str, Any], *, actor: Actor) -> ItemAttribute:
    """``facts``: the fields of an ItemAttribute by name."""
    current = _held(kind, actor)
    if current.attributes.count() >= MOST_ATTRIBUTES:
        raise ValidationError(_("A type has at most %(most)s attributes.") % {"most": MOST_ATTRIBUTES})
    attribute = ItemAttribute(type=current, **facts)
    _check(attribute)
    try:
        with transaction.atomic():
            attribute.save()
    except IntegrityError as error:
        raise _taken() from error
    return attribute


@transaction.atomic
def edit_attribute(attribute: ItemAttribute, facts: Mapping[str, Any], *, actor: Actor) -> ItemAttribute:
    """Change what is possible: not the code, not the kind while values exist, no choice that is in use."""
    kind = _held(attribute.type, actor)
    current = ItemAttribute.objects.get(pk=attribute.pk)
    before = (current.kind, _codes(current.choices))
    if facts.get("code", current.code) != current.code:
        raise _error("code", _("The code stays: values are stored under it."))
    for name, value in facts.items():
        setattr(current, name, value)
    _check(current)
    values = used_values(kind, current.code)
    total = sum(values.values())
    if current.kind != before[0] and total:
        raise _error("kind", _in_use(total))
    gone = [str(value) for value in values if str(value) in before[1] - _codes(current.choices)]
    if current.kind == ItemAttribute.Kind.CHOICE and gone:
        raise _error("choices", _("In use, so they have to stay: %(codes)s.") % {"codes": ", ".join(gone)})
    current.save()
    return current


@transaction.atomic
def drop_attribute(attribute: ItemAttribute, *, actor: Actor) -> None:
    """Take away an attribute that no item has a value of."""
    kind = _held(attribute.type, actor)
    total = sum(used_values(kind, attribute.code).values())
    if total:
        raise ValidationError(_in_use(total))
    ItemAttribute.objects.filter(pk=attribute.pk).delete()


def used_values(kind: ItemType, code: str) -> dict[Any, int]:
    """How many items of the type have which value of an attribute."""
    rows = Item.objects.filter(type=kind, attributes__has_key=code).order_by()
    return dict(rows.values_list(f"attributes__{code}").annotate(n=Count("pk")))


def _in_use(total: int) -> str:
    return ngettext(
        "%(n)s item has a value of this attribute, so it stays what it is. Add another attribute instead.",
        "%(n)s items have a value of this attribute, so it stays what it is. Add another attribute instead.",
        total,
    ) % {"n": total}


def _held(kind: ItemType, actor: Actor) -> ItemType:
    access.require(actor, "design_items")
    return ItemType.objects.select_for_update().get(pk=kind.pk)


def _valid(kind: ItemType) -> None:
    """The fields, and a code nobody has. ValidationError keyed by field."""
    kind.full_clean()


def _check(attribute: ItemAttribute) -> None:
    attribute.choices = _choices(attribute.choices) if attribute.kind == ItemAttribute.Kind.CHOICE else []
    attribute.full_clean(exclude=["type"], validate_constraints=False)
    others = ItemAttribute.objects.filter(type=attribute.type, code=attribute.code).exclude(pk=attribute.pk)
    if others.exists():
        raise _taken()


def _choices(given: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """One to a hundred, each with a code of its own and a word in each language."""
    found = [
        {part: str(choice.get(part, "")).strip()[:100] for part in ("code", "en", "zh")} for choice in given
    ]
    for choice in found:
        choice["en"] = choice["en"] or choice["code"]
        choice["zh"] = choice["zh"] or choice["en"]
    codes = [choice["code"] for choice in found]
    if not found or len(found) > MOST_CHOICES:
        raise _error("choices", _("Give 1 to %(most)s choices.") % {"most": MOST_CHOICES})
    if not all(codes) or len({code.casefold() for code in codes}) < len(codes):
        raise _error("choices", _("Each choice needs a code of its own."))
    return found


def _codes(choices: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(choice["code"]) for choice in choices}


def _error(field: str, words: str) -> ValidationError:
    return ValidationError({field: ValidationError(words, code="in_use")})


def _taken() -> ValidationError:
    return ValidationError({"code": ValidationError(_("This type has the code already."), code="unique")})
