"""The verbs of a supplier: entered, and changed. The database keeps what was there before.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied or :class:`Stale`.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import User
from suppliers.models import Supplier

FACTS = frozenset(
    {"name_en", "name_zh", "kind", "contact", "email", "phone", "responsible", "admission_note", "is_active"}
)
RESERVED = frozenset({"new", "requests", "conditions", "contracts", "figures", "rules", "reviews"})
"""Codes that would hide a page of their own below /suppliers/."""


class Stale(Exception):
    """Somebody has changed the supplier since the writer read it."""

    def __init__(self, supplier: Supplier) -> None:
        super().__init__(f"{supplier.code} is at version {supplier.version} by now")
        self.supplier = supplier


def enter(*, code: str, actor: Actor, **facts: Any) -> Supplier:
    """A new supplier: a candidate until it is admitted (SUP-01), so not active.

    ``facts`` are of :data:`FACTS`; the code stays for good.
    """
    access.require(actor, "lead_suppliers")
    made = Supplier(code=code.strip(), is_active=False, admission=Supplier.Admission.CANDIDATE)
    _check(facts)
    _check_active(made, facts)
    if made.code in RESERVED:
        raise _refuse("code", _("This code is taken by the system; choose another one."), "reserved")
    _write(made, facts)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise _refuse("code", _("There is a supplier of this code already."), "unique") from None
    return made


def change(
    supplier: Supplier, changes: dict[str, Any], *, actor: Actor, expected_version: int | None
) -> Supplier:
    """Change facts of a supplier; the same facts again change nothing. Raises Stale."""
    access.require(actor, "lead_suppliers")
    _check(changes)
    with transaction.atomic():
        current = Supplier.objects.select_for_update(no_key=True, of=("self",)).get(pk=supplier.pk)
        if expected_version is not None and expected_version != current.version:
            raise Stale(current)
        if all(getattr(current, name) == value for name, value in changes.items()):
            return current
        _check_active(current, changes)
        _write(current, changes)
        current.version += 1
        current.save(update_fields=[*changes, "version"])
    return current


def _check(facts: dict[str, Any]) -> None:
    if unknown := set(facts) - FACTS:
        raise ValidationError({name: _("This field cannot be changed here.") for name in sorted(unknown)})
    person: User | None = facts.get("responsible")
    if person and not (person.is_active and person.actor.is_staff_side):
        raise _refuse("responsible", _("Choose an active person of the provider."))


def _check_active(supplier: Supplier, facts: dict[str, Any]) -> None:
    """Switched off by whoever leads suppliers; switched on again only while its admission holds (SUP-01)."""
    if not facts.get("is_active") or supplier.is_active:
        return
    if supplier.admission != Supplier.Admission.ADMITTED or supplier.has_lapsed(timezone.localdate()):
        words = _(
            "A supplier becomes active by its admission: check the conditions, and let somebody decide."
        )
        raise _refuse("is_active", words)


def _write(supplier: Supplier, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        setattr(supplier, name, value.strip() if isinstance(value, str) else value)
    if not supplier.name_en:
        raise _refuse("name_en", _("Give the supplier a name."), "required")
    # uniqueness is left to the database, which cannot be overtaken
    supplier.clean_fields(exclude=["responsible"])


def _refuse(field: str, message: str, code: str = "invalid") -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
