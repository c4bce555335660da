"""What is written about calls: stored once per reference, added to as more becomes known, put on a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from calls import callers
from calls.models import CallRecord
from calls.numbers import key_of
from records import log as records_log
from records.models import Record

KEEP = "keep_calls"
SKEW = timedelta(minutes=5)  # the clock of an exchange may be ahead of ours
# what tells calls apart; all else may become known later
FIXED = ("hotline", "direction", "key", "offered_at")
LATER = ("branch", "answered_at", "abandoned_at", "ended_at", "agent", "recording", "ticket")


@dataclass
class Stale(Exception):
    """Somebody changed the call since it was read."""

    row: CallRecord


@dataclass
class Contradiction(Exception):
    """A call with this reference is stored, and says otherwise in ``names``."""

    row: CallRecord
    names: list[str]


def store(facts: Mapping[str, Any], *, actor: Actor, now: datetime) -> tuple[CallRecord, bool]:
    """The call, and whether it is new. The same reference of the same account is the same call.

    Told again it is completed by what was not known before; Contradiction where it says otherwise.
    """
    require(actor, KEEP)
    row = CallRecord(**facts, key=key_of(facts.get("number", "")), stored_by_id=actor.user_id, stored_at=now)
    _check(row, now)
    with transaction.atomic():
        if row.reference and (known := _known(row)):
            return _complete(known, row, actor=actor, now=now), False
        _settle(row, actor)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            if not row.reference or (known := _known(row)) is None:
                raise
            return _complete(known, row, actor=actor, now=now), False
        _log(row, None, actor=actor, now=now)
    return row, True


def _known(row: CallRecord) -> CallRecord | None:
    rows = CallRecord.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(stored_by=row.stored_by_id, reference=row.reference).first()


def _complete(known: CallRecord, told: CallRecord, *, actor: Actor, now: datetime) -> CallRecord:
    differing = [name for name in FIXED if getattr(known, name) != getattr(told, name)]
    added = {}
    for name in LATER:
        value, before = getattr(told, name), getattr(known, name)
        if value in (None, "") or value == before:
            continue
        if before in (None, ""):
            added[name] = value
        else:
            differing.append(name)
    if differing:
        raise Contradiction(known, differing)
    return _write(known, added, actor=actor, now=now) if added else known


def change(
    row: CallRecord, facts: Mapping[str, Any], *, actor: Actor, now: datetime, expected_version: int | None
) -> CallRecord:
    """Change what is in LATER; Stale where it is not the ``expected_version`` any more (None: any)."""
    require(actor, KEEP)
    with transaction.atomic():
        locked = CallRecord.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        if expected_version is not None and locked.version != expected_version:
            raise Stale(locked)
        told = {name: facts[name] for name in LATER if name in facts}
        differing = {name: value for name, value in told.items() if getattr(locked, name) != value}
        return _write(locked, differing, actor=actor, now=now) if differing else locked


def _write(row: CallRecord, facts: Mapping[str, Any], *, actor: Actor, now: datetime) -> CallRecord:
    before = row.ticket
    for name, value in facts.items():
        setattr(row, name, value)
    if "ticket" in facts:
        row.customer = None  # it is found anew
    _check(row, now)
    _settle(row, actor)
    row.version += 1
    row.save()
    _log(row, before, actor=actor, now=now)
    return row


def _log(row: CallRecord, before: Record | None, *, actor: Actor, now: datetime) -> None:
    """Say on the ticket that a call was put on it, and on the one it stood on that it is gone."""
    if row.ticket_id == (before.pk if before else None):
        return
    facts: dict[str, Any] = {
        "caller": row.number or "–",
        "direction": records_log.bilingual(CallRecord.Direction(row.direction).label),
        "call": row.pk,
    }
    if before is not None:
        records_log.write(before, "record.call_removed", actor=actor, at=now, **facts)
    if row.ticket is not None:
        records_log.write(row.ticket, "record.called", actor=actor, at=now, **facts)


def _settle(row: CallRecord, actor: Actor) -> None:
    """Whose call it is: the ticket's customer; else who alone has the number, or his customer."""
    ticket, person = row.ticket, row.person
    if ticket is not None and person is not None and person.organisation_id != ticket.customer_id:
        row.person = None  # it was found by the number only; the ticket knows better
    if row.person is None and row.key:
        found = callers.people(row.key, actor)
        if ticket is not None:
            found = [each for each in found if each.customer.pk == ticket.customer_id]
        persons = {each.person for each in found if each.person}
        customers = {each.customer for each in found}
        row.person = persons.pop() if len(persons) == 1 and len(customers) == 1 else None
        if ticket is None and row.person is None and row.customer is None and len(customers) == 1:
            row.customer = customers.pop()
    if ticket is not None:
        row.customer = ticket.customer
    elif row.person is not None:
        row.customer = row.person.organisation


def _check(row: CallRecord, now: datetime) -> None:
    """ValidationError by field for what no call can be."""
    errors = {}
    if row.offered_at > now + SKEW:
        errors["offered_at"] = _("A call lies in the past.")
    if row.branch is not None and row.branch.hotline_id != row.hotline_id:
        errors["branch"] = _("This branch belongs to another hotline.")
    if row.answered_at and row.abandoned_at:
        errors["abandoned_at"] = _("A call is answered or abandoned, not both.")
    for name in ("answered_at", "abandoned_at"):
        at = getattr(row, name)
        if at and at < row.offered_at:
            errors[name] = _("This is before the call was offered.")
    reached = row.answered_at or row.abandoned_at
    if row.ended_at and reached is None:
        errors["ended_at"] = _("Say first when it was answered or abandoned.")
    elif row.ended_at and reached and row.ended_at < reached:
        errors["ended_at"] = _("This is before the call was answered or abandoned.")
    if errors:
        raise ValidationError(
            {name: ValidationError(words, code="invalid") for name, words in errors.items()}
        )
