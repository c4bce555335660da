"""What an attribute of an item may hold: five kinds of value, read strictly, kept as JSON."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cmdb.models import ItemAttribute

LONGEST = 500
LARGEST = 10**15
TRUE = frozenset({"true", "yes", "1", "on", "是"})
FALSE = frozenset({"false", "no", "0", "off", "否"})
Stored = str | int | float | bool


def _text(attribute: ItemAttribute, given: Any) -> Stored:
    if not isinstance(given, str) or "\0" in given:
        raise ValidationError(_("Not a text."), code="invalid")
    if len(given) > LONGEST:
        raise ValidationError(_("At most %(most)s characters.") % {"most": LONGEST}, code="max_length")
    return given.strip()


def _number(attribute: ItemAttribute, given: Any) -> Stored:
    error = ValidationError(_("Not a number."), code="invalid")
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise error
    try:
        found = float(given.strip() if isinstance(given, str) else given)
    except (ValueError, OverflowError):
        raise error from None
    if not math.isfinite(found) or abs(found) > LARGEST:
        raise error
    return int(found) if found.is_integer() else found


def _date(attribute: ItemAttribute, given: Any) -> Stored:
    if isinstance(given, date):
        return given.isoformat()[:10]
    try:
        return date.fromisoformat(given.strip()).isoformat()
    except (AttributeError, ValueError):
        raise ValidationError(_("Not a date; write it as 2026-03-02."), code="invalid") from None


def _choice(attribute: ItemAttribute, given: Any) -> Stored:
    """By its code, or by its word in either language as lists from elsewhere have it."""
    wanted = str(given).strip().casefold()
    for choice in attribute.choices:
        if wanted in {str(choice[part]).casefold() for part in ("code", "en", "zh") if choice[part]}:
            return str(choice["code"])
    known = ", ".join(str(choice["code"]) for choice in attribute.choices)
    raise ValidationError(
        _("“%(given)s” is none of the choices: %(known)s.") % {"given": str(given)[:60], "known": known},
        code="invalid_choice",
    )


def _flag(attribute: ItemAttribute, given: Any) -> Stored:
    if isinstance(given, bool):
        return given
    word = str(given).strip().casefold()
    if word in TRUE | FALSE:
        return word in TRUE
    raise ValidationError(_("Not yes or no."), code="invalid")


READERS: Mapping[str, Callable[[ItemAttribute, Any], Stored]] = {
    ItemAttribute.Kind.TEXT: _text,
    ItemAttribute.Kind.NUMBER: _number,
    ItemAttribute.Kind.DATE: _date,
    ItemAttribute.Kind.CHOICE: _choice,
    ItemAttribute.Kind.FLAG: _flag,
}


def read(attribute: ItemAttribute, given: Any) -> Stored | None:
    """The value as it is stored; None for empty. ValidationError for what the kind does not take."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    return READERS[attribute.kind](attribute, given)


def field_of(code: str) -> str:
    """Under which name an error of an attribute is found."""
    return f"attributes.{code}"


def merged(
    attributes: Iterable[ItemAttribute], present: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Stored]:
    """``present`` with what is ``given`` by code; empty takes a value away.

    ValidationError keyed by :func:`field_of` for codes the type does not have, values its kinds do not take
    and required ones that would be empty.
    """
    known = {attribute.code: attribute for attribute in attributes}
    errors: dict[str, ValidationError] = {}
    found: dict[str, Stored] = {code: value for code, value in present.items() if code in known}
    for code, value in given.items():
        if code not in known:
            message = _("Items of this type have no attribute “%(code)s”.") % {"code": str(code)[:60]}
            errors[field_of(str(code)[:60])] = ValidationError(message, code="unknown_attribute")
            continue
        try:
            read_value = read(known[code], value)
        except ValidationError as error:
            errors[field_of(code)] = error
            continue
        found.pop(code, None)
        if read_value is not None:
            found[code] = read_value
    for code, attribute in known.items():
        if attribute.is_required and code not in found and field_of(code) not in errors:
            errors[field_of(code)] = ValidationError(_("This attribute is required."), code="required")
    if errors:
        raise ValidationError(errors)
    return found
