"""Verbs on outages and planned interruptions, the only writers of both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, require
from accounts.models import Organisation
from catalog.models import Service
from levels import telling
from levels.models import Outage, OutageExclusion, PlannedInterruption, Source
from records.models import Record
from records.services import refuse
from sla.models import Exclusion

MAX_TEXT = 5_000
EDITABLE = ("started_at", "ended_at", "told_at", "record", "note")


class Stale(Exception):
    """Somebody saved the row since its writer read it."""

    def __init__(self, row: Outage | PlannedInterruption) -> None:
        super().__init__(f"{row} is at version {row.version}")
        self.row = row


def check_customer(actor: Actor, customer: Organisation | None, action: str) -> None:
    """Who covers some customers alone writes about one of these, never about all."""
    if actor.scope is not None and (customer is None or customer.pk not in actor.scope):
        raise Denied(actor, action)


def check_words(field: str, words: str, missing: str) -> str:
    """The words without blanks around them; ValidationError where there are none or too many."""
    if not words.strip():
        raise refuse(field, missing, "required")
    if len(words) > MAX_TEXT:
        message = _("The text is too long: at most %(n)s characters.")
        raise refuse(field, message % {"n": MAX_TEXT}, "too_long")
    return words.strip()


# --- outages ------------------------------------------------------------------------------------


def record_outage(
    *,
    service: Service,
    started_at: datetime,
    actor: Actor,
    now: datetime,
    customer: Organisation | None = None,
    ended_at: datetime | None = None,
    told_at: datetime | None = None,
    record: Record | None = None,
    source: str = Source.MANUAL,
    reference: str = "",
    note: str = "",
) -> Outage:
    """Record that a service is or was not to be had. The same reference of a source is the same outage:
    it is answered as it is. ValidationError, Denied.
    """
    require(actor, "record_outage")
    check_customer(actor, customer, "record_outage")
    if reference and (known := Outage.objects.filter(source=source, reference=reference).first()):
        check_customer(actor, known.customer, "record_outage")
        return known  # type: ignore[no-any-return]
    _check_times(started_at, ended_at, told_at, now)
    made = Outage(
        service=service, customer=customer, started_at=started_at, ended_at=ended_at, told_at=told_at,
        record=record, source=source, reference=reference, note=note.strip()[:MAX_TEXT],
        recorded_by_id=actor.user_id, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        if reference and (known := Outage.objects.filter(source=source, reference=reference).first()):
            return known  # type: ignore[no-any-return]
        raise _is_open_already(error) from None
    made.is_new = True
    return made


def _is_open_already(error: IntegrityError) -> ValidationError:
    if "outage_one_open_per_service" not in str(error):
        raise error
    message = _("An outage of this service is open already; end that one first.")
    return refuse("service", message, "unique")


def _check_times(
    started_at: datetime, ended_at: datetime | None, told_at: datetime | None, now: datetime
) -> None:
    for field, at in (("started_at", started_at), ("ended_at", ended_at), ("told_at", told_at)):
        if at and at > now:
            raise refuse(field, _("This lies in the future; an outage to come is a planned interruption."))
    if ended_at and ended_at <= started_at:
        raise refuse("ended_at", _("The end must lie after the beginning."))
    if told_at and not ended_at:
        raise refuse("ended_at", _("Users can be told only after the outage has ended; say when."))
    if told_at and ended_at and told_at < ended_at:
        raise refuse("told_at", _("Users cannot have been told before the outage ended."))


def correct_outage(
    outage: Outage, changes: Mapping[str, Any], *, actor: Actor, now: datetime, expected_version: int | None
) -> Outage:
    """Change times, ticket or note (keys of EDITABLE), or end an open outage. History keeps what was said.

    ValidationError, Stale, Denied. ``expected_version`` None: whatever it is.
    """
    with transaction.atomic():
        current = _lock(outage, actor, expected_version)
        for name, value in changes.items():
            if name not in EDITABLE:
                raise refuse(name, _("This cannot be changed; withdraw the outage and record it anew."))
            setattr(current, name, value.strip()[:MAX_TEXT] if name == "note" else value)
        _check_times(current.started_at, current.ended_at, current.told_at, now)
        try:
            with transaction.atomic():
                _save(current, *changes)
        except IntegrityError as error:
            raise _is_open_already(error) from None
    return current


def withdraw_outage(
    outage: Outage, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Outage:
    """Take back what was recorded by mistake; it stays visible and counts no more."""
    words = check_words("reason", reason, _("Say why it is withdrawn."))[:300]
    with transaction.atomic():
        current = _lock(outage, actor, expected_version)
        current.withdrawn_at, current.withdrawn_reason = now, words
        current.withdrawn_by_id = actor.user_id
        _save(current, "withdrawn_at", "withdrawn_reason", "withdrawn_by")
    return current


def _lock(outage: Outage, actor: Actor, expected_version: int | None) -> Outage:
    require(actor, "record_outage")
    rows = Outage.objects.select_for_update(no_key=True, of=("self",)).select_related("customer", "service")
    current: Outage = rows.get(pk=outage.pk)
    check_customer(actor, current.customer, "record_outage")
    if expected_version is not None and expected_version != current.version:
        raise Stale(current)
    if current.withdrawn_at:
        raise refuse("withdrawn_at", _("This outage was withdrawn; record a new one."), "withdrawn")
    return current


def _save(row: Outage, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=[*fields, "version"])


# --- what does not count -------------------------------------------------------------------------


def ask_exclusion(
    outage: Outage, *, reason: str, evidence: str, actor: Actor, now: datetime
) -> OutageExclusion:
    """Ask that an outage does not count. It counts until a second person has approved."""
    words = check_words("evidence", evidence, _("Name the evidence: a file on the ticket, a mail, a notice."))
    if reason not in Exclusion.Reason.values:
        raise refuse("reason", _("Choose why it should not count."), "required" if not reason else "invalid")
    try:
        with transaction.atomic():
            current = _lock(outage, actor, None)
            return OutageExclusion.objects.create(
                outage=current, reason=reason, evidence=words, asked_by_id=actor.user_id, asked_at=now
            )
    except IntegrityError:
        message = _("Its exclusion is asked for or approved already.")
        raise refuse("reason", message, "unique") from None


@transaction.atomic
def decide_exclusion(
    exclusion: OutageExclusion, *, decision: str, note: str, actor: Actor, now: datetime
) -> OutageExclusion:
    """Approve or reject what a colleague asked, or revoke an approval; all but an approval need words."""
    require(actor, "decide_outage")
    if decision not in Exclusion.Decision.values:
        raise refuse("decision", _("Approve, reject or revoke."), "required")
    if decision != Exclusion.Decision.APPROVED:
        note = check_words("note", note, _("Say why."))
    rows = OutageExclusion.objects.select_for_update(of=("self",)).select_related("outage__customer")
    kept = rows.get(pk=exclusion.pk)
    check_customer(actor, kept.outage.customer, "decide_outage")
    if actor.user_id == kept.asked_by_id:
        raise refuse("decision", _("Who asked cannot decide; a second person must."))
    wanted = Exclusion.Decision.APPROVED if decision == Exclusion.Decision.REVOKED else ""
    if kept.decision != wanted:
        raise refuse("decision", _("This was decided already."), "decided")
    kept.decision, kept.decision_note = decision, note.strip()[:MAX_TEXT]
    kept.decided_by_id, kept.decided_at = actor.user_id, now
    kept.save(update_fields=["decision", "decision_note", "decided_by", "decided_at"])
    return kept


# --- planned interruptions ------------------------------------------------------------------------


@transaction.atomic
def announce(
    *,
    services: Sequence[Service],
    customers: Sequence[Organisation],
    starts_at: datetime,
    ends_at: datetime,
    reason_en: str,
    reason_zh: str,
    actor: Actor,
    now: datetime,
    agreed_with: str = "",
    tell_customers: bool = False,
) -> PlannedInterruption:
    """Announce an interruption to come. Without ``agreed_with`` it is announced, and counts all the same.

    ``tell_customers``: in the same step everybody of the customers it is for is told, in the portal and by
    message.
    """
    require(actor, "plan_interruption")
    concerned: list[Organisation | None] = [*customers]
    for customer in concerned or [None]:
        check_customer(actor, customer, "plan_interruption")
    if not services:
        raise refuse("services", _("Name at least one service."), "required")
    if starts_at <= now:
        raise refuse("starts_at", _("Only what is still to come can be announced; record an outage instead."))
    if ends_at <= starts_at:
        raise refuse("ends_at", _("The end must lie after the beginning."))
    missing = _("Customers read this; it is needed in both languages.")
    made: PlannedInterruption = PlannedInterruption.objects.create(
        starts_at=starts_at, ends_at=ends_at, agreed_with=agreed_with.strip()[:200], announced_at=now,
        reason_en=check_words("reason_en", reason_en, missing)[:300],
        reason_zh=check_words("reason_zh", reason_zh, missing)[:300], announced_by_id=actor.user_id,
    )  # fmt: skip
    made.services.set(services)
    made.customers.set(customers)
    if tell_customers:
        telling.tell(made, actor=actor, now=now)
    return made


@transaction.atomic
def tell_customers(interruption: PlannedInterruption, *, actor: Actor, now: datetime) -> PlannedInterruption:
    """Tell customers of one that was registered without. Safe to repeat."""
    current = _lock_planned(interruption, actor, None)
    _check_to_come(current, now)
    telling.tell(current, actor=actor, now=now)
    return current


@transaction.atomic
def move(
    interruption: PlannedInterruption,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
    agreed_with: str = "",
    expected_version: int | None = None,
) -> PlannedInterruption:
    """Another time: the old one is cancelled with the reason, a new one stands in its place and is answered.

    What customers were told moves along. Agreed is only what is agreed anew.
    """
    current = _lock_planned(interruption, actor, expected_version)
    made = announce(
        services=list(current.services.all()), customers=list(current.customers.all()), starts_at=starts_at,
        ends_at=ends_at, reason_en=current.reason_en, reason_zh=current.reason_zh, agreed_with=agreed_with,
        actor=actor, now=now,
    )  # fmt: skip
    telling.follow(current, made, actor=actor, now=now)
    _call_off(current, reason, actor=actor, now=now)
    return made


@transaction.atomic
def cancel(
    interruption: PlannedInterruption,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> PlannedInterruption:
    """Call an interruption off before it begins; customers who were told are told that too.

    What has begun stays as it was announced.
    """
    current = _lock_planned(interruption, actor, expected_version)
    telling.withdraw(current, actor=actor, now=now)
    return _call_off(current, reason, actor=actor, now=now)


def _call_off(
    current: PlannedInterruption, reason: str, *, actor: Actor, now: datetime
) -> PlannedInterruption:
    words = check_words("reason", reason, _("Say why it does not take place."))[:300]
    _check_to_come(current, now)
    current.cancelled_at, current.cancel_reason = now, words
    current.cancelled_by_id, current.version = actor.user_id, current.version + 1
    current.save(update_fields=["cancelled_at", "cancel_reason", "cancelled_by", "version"])
    return current


def _lock_planned(
    interruption: PlannedInterruption, actor: Actor, expected_version: int | None
) -> PlannedInterruption:
    require(actor, "plan_interruption")
    rows = PlannedInterruption.objects.select_for_update(no_key=True)
    current: PlannedInterruption = rows.get(pk=interruption.pk)
    concerned: list[Organisation | None] = [*current.customers.all()]
    for customer in concerned or [None]:
        check_customer(actor, customer, "plan_interruption")
    if expected_version is not None and expected_version != current.version:
        raise Stale(current)
    return current


def _check_to_come(current: PlannedInterruption, now: datetime) -> None:
    if current.cancelled_at:
        raise refuse("cancelled_at", _("It was cancelled already."), "cancelled")
    if current.starts_at <= now:
        raise refuse("starts_at", _("It has begun and can no longer be cancelled."), "begun")
