"""A ticket in a supplier's hands: what he answered, and who it waits for."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from incidents.models import Incident, WaitingFor
from records import log as records_log
from records.models import Record
from records.services import begin, refuse, save
from sla import following

_ON_HANDED: dict[str, Callable[..., object]] = {}


def on_handed(name: str, told: Callable[..., object]) -> None:
    """Call ``told(incident, *, actor, now)`` in the transaction that gives a ticket to a supplier.

    Incidents know no supplier's people: whoever tells them registers itself here from ``AppConfig.ready()``.
    """
    _ON_HANDED[name] = told


def handed(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """Tell all who asked that the ticket came into its supplier's hands."""
    for told in _ON_HANDED.values():
        told(incident, actor=actor, now=now)


def supplier_replied(
    incident: Incident,
    *,
    actor: Actor,
    now: datetime,
    note: str,
    reference: str = "",
    expected_version: int | None = None,
) -> Incident:
    """The supplier who has the ticket was heard of: ``note`` says what; his clocks (UC) note the answer."""
    if not note.strip():
        raise refuse("note", _("Write down what the supplier said."), "required")
    with transaction.atomic():
        current = begin(incident, "supplier_replied", actor=actor, now=now, expected_version=expected_version)
        supplier = current.supplier if current.waiting_for == WaitingFor.SUPPLIER else None
        if supplier is None:
            raise refuse("supplier", _("The ticket does not wait for a supplier."))
        following.supplier_answered(current, now=now, by=actor, supplier_id=supplier.pk)
        current.supplier_reference = reference.strip() or current.supplier_reference
        save(current, ["supplier_reference"], now=now)
        records_log.write(
            current, "incident.supplier_replied", actor=actor, at=now, text=note, supplier=supplier.label
        )
    return current


def supplier_of(record: Record) -> int | None:
    """The id of the supplier named on the ticket; it is in his hands while it waits for a supplier."""
    if isinstance(record, Incident):
        return record.supplier_id
    if record.waiting_for != WaitingFor.SUPPLIER:
        return None
    named: int | None = Incident.objects.filter(pk=record.pk).values_list("supplier", flat=True).first()
    return named
