"""What suppliers of each kind must fulfil before they become active, in editions (SUP-01)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from suppliers.models import Condition, ConditionList, Supplier

MOST = 30


class Asked(NamedTuple):
    """A condition as it is entered."""

    name_en: str
    name_zh: str
    needs_document: bool = False
    expires: bool = False


def current(kind: str) -> ConditionList | None:
    """The edition that holds now; None where nothing is asked of suppliers of this kind yet."""
    return ConditionList.objects.filter(kind=kind).order_by("-number").first()


def publish(
    kind: str,
    conditions: Sequence[Asked],
    *,
    note: str,
    expected_number: int,
    actor: Actor,
    now: datetime,
) -> ConditionList:
    """The next edition for a kind, which holds from now on; suppliers admitted under an earlier one stay so.

    ``expected_number``: that of the edition the writer saw (0 for none), so that of two writers the second is
    told. ValidationError keyed by field.
    """
    access.require(actor, "lead_suppliers")
    _check(kind, conditions)
    last = current(kind)
    number = last.number if last else 0
    if number != expected_number:
        raise _second()
    if last and not note.strip():
        raise ValidationError({"note": ValidationError(_("Say why the conditions change."), code="required")})
    try:
        with transaction.atomic():
            made = ConditionList.objects.create(
                kind=kind, number=number + 1, note=note.strip(), made_by_id=actor.user_id, made_at=now
            )
            Condition.objects.bulk_create(
                Condition(
                    edition=made, position=n, name_en=each.name_en.strip(), name_zh=each.name_zh.strip(),
                    needs_document=each.needs_document, expires=each.expires,
                )
                for n, each in enumerate(conditions, 1)
            )  # fmt: skip
    except IntegrityError:
        raise _second() from None
    return made


def _second() -> ValidationError:
    words = _("Somebody made another edition meanwhile; look at it and save anew.")
    return ValidationError({"note": ValidationError(words, code="stale")})


def _check(kind: str, conditions: Sequence[Asked]) -> None:
    if kind not in Supplier.Kind.values:
        raise ValidationError({"kind": _("There is no such kind of supplier.")})
    if not conditions:
        raise ValidationError({"conditions": _("Name at least one condition.")})
    if len(conditions) > MOST:
        raise ValidationError({"conditions": _("At most %(n)s conditions.") % {"n": MOST}})
    if not all(each.name_en.strip() for each in conditions):
        raise ValidationError({"conditions": _("Give every condition a name in English.")})
    names = [each.name_en.strip().casefold() for each in conditions]
    if len(set(names)) < len(names):
        raise ValidationError({"conditions": _("Each condition is named once.")})
