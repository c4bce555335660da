"""Admission of suppliers: each condition checked with its evidence, and decided by somebody else (SUP-01).

A decision rests on the edition of the conditions that holds when it is made. Who was admitted under an
earlier one stays so until what proved it runs out. Nothing here ends a contract or makes a supplier inactive.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from records.files import Upload
from records.services import MAX_TEXT, refuse
from sourcing import services
from sourcing.models import Check, Decision, Document
from suppliers import conditions
from suppliers.models import Condition, Supplier

WARN_DAYS = 60
OPEN, MET, NOT_MET, EXPIRED = "open", "met", "not_met", "expired"


@dataclass(frozen=True)
class Standing:
    """A condition of the edition that holds, with its latest check."""

    condition: Condition
    check: Check | None
    today: date

    @property
    def state(self) -> str:
        if self.check is None:
            return OPEN
        if not self.check.is_met:
            return NOT_MET
        until = self.check.valid_until
        return EXPIRED if until and until < self.today else MET


def standing(supplier: Supplier, now: datetime) -> list[Standing]:
    """All conditions that hold for suppliers of this kind; empty where none were made. Three queries."""
    edition = conditions.current(supplier.kind)
    if edition is None:
        return []
    rows = Check.objects.filter(supplier=supplier, condition__edition=edition).order_by("condition_id", "-pk")
    newest = {
        row.condition_id: row
        for row in rows.distinct("condition_id").select_related("checked_by", "document")
    }  # fmt: skip
    today = timezone.localdate(now)
    return [Standing(row, newest.get(row.pk), today) for row in edition.conditions.all()]


def check(
    supplier: Supplier,
    condition: Condition,
    *,
    is_met: bool,
    evidence: str,
    actor: Actor,
    now: datetime,
    valid_until: date | None = None,
    document: Document | None = None,
    upload: Upload | None = None,
) -> Check:
    """Write down what was found about a condition. A later check of the same condition takes its place."""
    access.require(actor, "lead_suppliers")
    if not evidence.strip():
        raise refuse("evidence", _("Say by what you know it."), "required")
    if len(evidence) > MAX_TEXT:
        raise refuse("evidence", _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    edition = conditions.current(supplier.kind)
    if edition is None or condition.edition_id != edition.pk:
        raise refuse("condition", _("Another edition of the conditions holds by now; look at the page anew."))
    if document and document.supplier_id != supplier.pk:
        raise refuse("document", _("This document is about another supplier."))
    if is_met:
        _check_proof(condition, valid_until, document or upload, timezone.localdate(now))
    with transaction.atomic():
        # so that nobody is decided on while a finding is being written down
        Supplier.objects.select_for_update(no_key=True, of=("self",)).get(pk=supplier.pk)
        if upload:
            document = services.add_document(
                supplier, upload=upload, title=_title(condition), actor=actor, now=now
            )
        return Check.objects.create(
            supplier=supplier, condition=condition, is_met=is_met, evidence=evidence.strip(),
            document=document, valid_until=valid_until if condition.expires else None,
            checked_by_id=actor.user_id, checked_at=now,
        )  # fmt: skip


def _title(condition: Condition) -> str:
    """The name in both languages: a file's title is shown as it is."""
    names = dict.fromkeys(name for name in (condition.name_en, condition.name_zh) if name)
    return " · ".join(names)[:200]


def _check_proof(condition: Condition, valid_until: date | None, proof: object, today: date) -> None:
    if condition.needs_document and not proof:
        raise refuse(
            "document", _("This condition is proved by a document: choose or upload it."), "required"
        )
    if condition.expires and valid_until is None:
        raise refuse("valid_until", _("Say until which day the proof holds."), "required")
    if condition.expires and valid_until and valid_until < today:
        raise refuse("valid_until", _("This proof has run out already."))


def decide(supplier: Supplier, *, is_admitted: bool, reason: str, actor: Actor, now: datetime) -> Decision:
    """Admit a supplier, which makes it active; or say why not. Never by who checked one of the conditions.

    Decided again, for example after a certificate was renewed, the later decision counts.
    """
    access.require(actor, "lead_suppliers")
    if not is_admitted and not reason.strip():
        raise refuse("reason", _("Say why it is not admitted."), "required")
    with transaction.atomic():
        current = Supplier.objects.select_for_update(no_key=True, of=("self",)).get(pk=supplier.pk)
        edition = conditions.current(current.kind)
        found = standing(current, now)
        if edition is None:
            raise refuse(
                "decision", _("No conditions are made for suppliers of this kind yet; make them first.")
            )
        checks = [row.check for row in found if row.check]
        if any(each.checked_by_id == actor.user_id for each in checks):
            raise refuse("decision", _("Who checked a condition does not decide: somebody else must."))
        until = None
        if is_admitted:
            until = _until(found)
        made = Decision.objects.create(
            supplier=current, edition=edition, is_admitted=is_admitted, reason=reason.strip(),
            valid_until=until, decided_by_id=actor.user_id, decided_at=now, checks=[c.pk for c in checks],
        )  # fmt: skip
        if is_admitted:
            current.admission, current.admitted_until = Supplier.Admission.ADMITTED, until
            current.is_active = True
            current.version += 1
            current.save(update_fields=["admission", "admitted_until", "is_active", "version"])
    return made


def _until(found: list[Standing]) -> date | None:
    """The day on which the first proof runs out; ValidationError unless every condition is met."""
    words = {
        OPEN: _("not checked"),
        NOT_MET: _("not met"),
        EXPIRED: _("proof has run out"),
    }
    missing = [f"{row.condition.name} ({words[row.state]})" for row in found if row.state != MET]
    if missing:
        message = _("Only a supplier that meets every condition is admitted. Missing: %(conditions)s.")
        raise refuse("decision", message % {"conditions": "; ".join(missing)})
    return min((row.check.valid_until for row in found if row.check and row.check.valid_until), default=None)


def last_decision(supplier: Supplier) -> Decision | None:
    rows = Decision.objects.filter(supplier=supplier).select_related("edition", "decided_by")
    return rows.order_by("-pk").first()


def days_left(supplier: Supplier, today: date) -> int | None:
    """Days until the admission runs out, negative after it; None where it does not."""
    return (supplier.admitted_until - today).days if supplier.admitted_until else None
