"""Quality problems of what was bought: told at the ticket, passed to the vendor, answered (SUP-08).

All of it is logged on the ticket, which thereby follows its problem until the vendor has answered.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import User
from accounts.services import system_actor
from actions.services import check_responsible
from cmdb.models import Item
from records import log as records_log
from records.models import Record
from records.services import MAX_TEXT, begin, refuse
from sourcing.models import Defect, Purchase
from suppliers.models import Supplier


def raise_defect(
    record: Record,
    *,
    supplier: Supplier,
    what: str,
    buyer: User,
    due_on: date,
    actor: Actor,
    now: datetime,
    purchase: Purchase | None = None,
    item: Item | None = None,
) -> Defect:
    """Say at a ticket what is wrong with something bought; ``buyer`` is told, and passes it to the vendor."""
    _check_text("what", what, _("Say what is wrong with it."))
    check_responsible(buyer, "buyer")
    if due_on < timezone.localdate(now):
        raise refuse("due_on", _("The due date lies in the past."))
    if purchase and purchase.supplier_id != supplier.pk:
        raise refuse("purchase", _("This was bought from another supplier."))
    if not Record.objects.visible_to(buyer.actor).filter(pk=record.pk).exists():
        raise refuse("buyer", _("This person does not work for the ticket's customer."))
    with transaction.atomic():
        current = begin(record, "raise_defect", actor=actor, now=now, expected_version=None)
        made = Defect.objects.create(
            record_id=current.pk, supplier=supplier, purchase=purchase, item=item, what=what.strip(),
            buyer=buyer, due_on=due_on, raised_by_id=actor.user_id, raised_at=now,
        )  # fmt: skip
        records_log.write(
            current, "sourcing.defect_raised", actor=actor, at=now, text=what.strip(),
            supplier=supplier.label, people=[buyer.pk], day=due_on.isoformat(),
        )  # fmt: skip
    return made


def _check_text(field: str, text: str, words: str) -> None:
    if not text.strip():
        raise refuse(field, words, "required")
    if len(text) > MAX_TEXT:
        raise refuse(field, _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})


def _locked(defect: Defect, act: str, actor: Actor, now: datetime) -> tuple[Record, Defect]:
    """The ticket and the problem under lock, the permission asked of the ticket."""
    record = begin(Record.objects.get(pk=defect.record_id), act, actor=actor, now=now, expected_version=None)
    rows = Defect.objects.select_for_update(of=("self",)).select_related("supplier", "buyer")
    return record, rows.get(pk=defect.pk)


def pass_on(defect: Defect, *, reference: str, note: str, actor: Actor, now: datetime) -> Defect:
    """Passed to the vendor, by who buys; with the vendor's number if it gave one. Once."""
    with transaction.atomic():
        record, current = _locked(defect, "raise_defect", actor, now)
        if current.buyer_id != actor.user_id:
            begin(record, "pass_defect", actor=actor, now=now, expected_version=None)
        if current.passed_at:
            raise refuse("reference", _("It was passed to the vendor already."))
        current.passed_by_id, current.passed_at, current.reference = (
            actor.user_id,
            now,
            reference.strip()[:100],
        )
        current.save(update_fields=["passed_by", "passed_at", "reference"])
        records_log.write(
            record, "sourcing.defect_passed", actor=actor, at=now, text=note.strip(),
            supplier=current.supplier.label, reference=current.reference or "–",
            people=[current.raised_by_id],
        )  # fmt: skip
    return current


def answer(defect: Defect, *, outcome: str, answer: str, actor: Actor, now: datetime) -> Defect:
    """What the vendor answered, which ends it. Once."""
    if outcome not in Defect.Outcome.values:
        raise refuse("outcome", _("Say what came of it."), "required")
    _check_text("answer", answer, _("Write down what the vendor answered."))
    with transaction.atomic():
        record, current = _locked(defect, "answer_defect", actor, now)
        if current.passed_at is None:
            raise refuse("outcome", _("It was not passed to the vendor yet."))
        if current.answered_at:
            raise refuse("outcome", _("The vendor's answer is written down already."))
        current.outcome, current.answer = outcome, answer.strip()
        current.answered_by_id, current.answered_at = actor.user_id, now
        current.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
        records_log.write(
            record, "sourcing.defect_answered", actor=actor, at=now, text=answer.strip(),
            supplier=current.supplier.label, what=records_log.bilingual(Defect.Outcome(outcome).label),
            people=[current.raised_by_id, current.buyer_id],
        )  # fmt: skip
    return current


def postpone(defect: Defect, *, due_on: date, reason: str, actor: Actor, now: datetime) -> Defect:
    """The vendor needs longer: a later day, with the reason."""
    _check_text("reason", reason, _("Say why it takes longer."))
    if due_on < timezone.localdate(now):
        raise refuse("due_on", _("The due date lies in the past."))
    with transaction.atomic():
        record, current = _locked(defect, "answer_defect", actor, now)
        if current.answered_at:
            raise refuse("due_on", _("The vendor's answer is written down already."))
        if current.due_on != due_on:
            before, current.due_on = current.due_on, due_on
            current.save(update_fields=["due_on"])
            records_log.write(
                record, "sourcing.defect_postponed", actor=actor, at=now, text=reason.strip(),
                supplier=current.supplier.label, before=before.isoformat(), day=due_on.isoformat(),
            )  # fmt: skip
    return current


def remind(*, now: datetime) -> int:
    """Tell of problems the vendor has not answered though their day has passed, once a week each."""
    actor, today = system_actor(), timezone.localdate(now)
    told = 0
    waiting = Defect.objects.filter(answered_at=None, due_on__lt=today).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            row = Defect.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=pk)
            if row.answered_at or (row.reminded_on and (today - row.reminded_on).days < 7):
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            records_log.write(
                Record.objects.get(pk=row.record_id), "sourcing.defect_overdue", actor=actor, at=now,
                supplier=row.supplier.label, day=row.due_on.isoformat(),
                people=[row.buyer_id, row.raised_by_id],
            )  # fmt: skip
            told += 1
    return told
