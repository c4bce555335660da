"""The verbs about suppliers above their contracts: files, reports received, and external services asked for.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from accounts.access import Actor
from accounts.models import User
from actions import lifecycle as action_lifecycle
from actions import services as actions
from actions.models import Action
from agreements.lifecycle import IN_MAKING
from agreements.models import Edition
from records import files
from records import log as records_log
from records.files import Upload
from records.services import MAX_TEXT, begin, refuse
from sla.models import Agreement
from sourcing import reported
from sourcing.models import Claim, Document, Procurement, SupplierReport
from suppliers.models import Supplier

MOST_TITLE = 200
_TITLE = gettext_lazy("Select a supplier and agree a UC")
LARGEST = Decimal(10) ** 11


class Claimed(NamedTuple):
    """What a report says of a target: per cent in time, or a measure's value; and how many tickets."""

    value: Decimal | None
    handled: int | None


# --- files ---------------------------------------------------------------------------------------


def add_document(
    supplier: Supplier,
    *,
    upload: Upload,
    title: str,
    actor: Actor,
    now: datetime,
    agreement: Agreement | None = None,
) -> Document:
    """Keep a file about a supplier, or about one of its contracts."""
    access.require(actor, "lead_suppliers")
    if agreement and agreement.supplier_id != supplier.pk:
        raise refuse("agreement", _("This contract is with another supplier."))
    if len(title) > MOST_TITLE:
        raise refuse("title", _("The text is too long: at most %(n)s characters.") % {"n": MOST_TITLE})
    files.check([upload])
    stored = files.store(upload)
    return Document.objects.create(
        supplier=supplier, agreement=agreement, title=title.strip() or stored.name, key=stored.key,
        name=stored.name, size=stored.size, content_type=stored.content_type, sha256=stored.sha256,
        created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip


def remove_document(document: Document, *, actor: Actor, now: datetime) -> None:
    """Hand a file out no longer; that it was there is kept. Done twice is done once."""
    access.require(actor, "lead_suppliers")
    Document.objects.filter(pk=document.pk, removed_at=None).update(removed_by=actor.user_id, removed_at=now)


# --- reports ---------------------------------------------------------------------------------------


def receive_report(
    contract: Agreement,
    *,
    kind: str,
    first: date,
    last: date,
    received_on: date,
    claims: Mapping[str, Claimed],
    note: str,
    actor: Actor,
    now: datetime,
    upload: Upload | None = None,
) -> SupplierReport:
    """Write down what a supplier reported about a contract and a period; a second time corrects the first.

    ``claims`` are by the keys of the contract's targets. What was written before stays in the history.
    """
    access.require(actor, "lead_suppliers")
    if contract.kind != Agreement.Kind.UC or contract.supplier is None:
        raise refuse("contract", _("Only suppliers report to us."))
    _check_report(contract, last, received_on, claims, note, now)
    with transaction.atomic():
        Agreement.objects.select_for_update(no_key=True, of=("self",)).get(pk=contract.pk)
        document = None
        if upload:
            title = f"{first} – {last} {upload.name}"[:MOST_TITLE]
            document = add_document(
                contract.supplier, upload=upload, title=title, actor=actor, now=now, agreement=contract
            )
        made, _is_new = SupplierReport.objects.update_or_create(
            agreement=contract, kind=kind, period_from=first, period_until=last,
            defaults={
                "received_on": received_on, "note": note.strip(), "recorded_by_id": actor.user_id,
                "recorded_at": now, **({"document": document} if document else {}),
            },
        )  # fmt: skip
        for key, claim in claims.items():
            Claim.objects.update_or_create(report=made, key=key, defaults=claim._asdict())
    return made


def _check_report(
    contract: Agreement,
    last: date,
    received_on: date,
    claims: Mapping[str, Claimed],
    note: str,
    now: datetime,
) -> None:
    if received_on <= last:
        raise refuse("received_on", _("A report comes after the period it is about."))
    if received_on > timezone.localdate(now):
        raise refuse("received_on", _("This lies in the future."))
    if len(note) > MAX_TEXT:
        raise refuse("note", _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    known = {term.key: term for term in reported.promises(contract, last)}
    for key, claim in claims.items():
        if key not in known:
            raise refuse("claims", _("The contract holds no such target."))
        is_share = hasattr(known[key], "metric")
        if claim.value is not None and not 0 <= claim.value <= (100 if is_share else LARGEST):
            raise refuse("claims", _("A share is from 0 to 100 per cent; no value is negative."))


# --- external services -----------------------------------------------------------------------------


def decide(
    edition: Edition,
    *,
    is_needed: bool,
    reason: str,
    actor: Actor,
    now: datetime,
    responsible: User | None = None,
    due_on: date | None = None,
) -> Procurement:
    """Decide whether an agreement in the making needs an external service (SLM-26).

    If so, an action is opened for ``responsible``, done once the contract is linked. A later decision
    replaces the earlier one and calls off its action.
    """
    if not reason.strip():
        raise refuse("reason", _("Say why."), "required")
    if is_needed and (responsible is None or due_on is None):
        field = "responsible" if responsible is None else "due_on"
        raise refuse(field, _("Say who selects a supplier, and by when."), "required")
    with transaction.atomic():
        current = _begin(edition, actor, now)
        before = Procurement.objects.filter(edition=current, replaced_at=None).first()
        if before:
            _replace(before, actor, now)
        made = Procurement.objects.create(
            edition=current, is_needed=is_needed, reason=reason.strip(), decided_by_id=actor.user_id,
            decided_at=now,
        )  # fmt: skip
        if responsible and due_on and is_needed:
            made.action = _open_action(made, current, responsible, due_on, actor, now)
            made.save(update_fields=["action"])
        verb = "sourcing.needed" if is_needed else "sourcing.not_needed"
        named = {"action": made.action.number} if made.action else {}
        records_log.write(current, verb, actor=actor, at=now, text=made.reason, **named)
    return made


def _begin(edition: Edition, actor: Actor, now: datetime) -> Edition:
    current = begin(edition, "revise", actor=actor, now=now, expected_version=None)
    if current.state not in IN_MAKING or current.agreement.kind != Agreement.Kind.SLA:
        raise refuse("edition", _("Only an agreement with a customer that is being made asks for this."))
    return current


def _replace(before: Procurement, actor: Actor, now: datetime) -> None:
    before.replaced_at = now
    before.save(update_fields=["replaced_at"])
    action = before.action
    if action and action.state in action_lifecycle.UNFINISHED:
        actions.cancel(action, reason=_("Decided anew."), actor=actor, now=now)


def _open_action(
    made: Procurement, edition: Edition, responsible: User, due_on: date, actor: Actor, now: datetime
) -> Action:
    words = records_log.bilingual(_TITLE)
    return actions.open_action(
        source=Action.Source.SUPPLIER, title=f"{words['en']} · {words['zh']}", description=made.reason,
        responsible=responsible, due_on=due_on, actor=actor, now=now, cause=edition,
        agreement=edition.agreement, key=f"procurement:{made.pk}",
    )  # fmt: skip


def link_contract(request: Procurement, *, contract: Agreement, actor: Actor, now: datetime) -> Procurement:
    """The supplier is selected and the contract agreed: name it, which finishes the action."""
    if contract.kind != Agreement.Kind.UC or contract.supplier is None:
        raise refuse("contract", _("Choose a contract with a supplier."))
    with transaction.atomic():
        edition = begin(request.edition, "revise", actor=actor, now=now, expected_version=None)
        kept = Procurement.objects.select_for_update(of=("self",)).select_related("action").get(pk=request.pk)
        if kept.replaced_at or not kept.is_needed:
            raise refuse("contract", _("This was decided anew; no contract is asked for."))
        if kept.contract_id:
            raise refuse("contract", _("A contract is linked already."))
        if not contract.versions.exists():
            raise refuse("contract", _("No version of this contract is signed yet."))
        kept.contract, kept.linked_by_id, kept.linked_at = contract, actor.user_id, now
        kept.save(update_fields=["contract", "linked_by", "linked_at"])
        action = kept.action
        if action and action.state in action_lifecycle.UNFINISHED:
            words = _("Contract agreed: %(contract)s") % {"contract": contract.name}
            actions.finish(action, outcome=words, actor=actor, now=now)
        records_log.write(
            edition, "sourcing.contract_linked", actor=actor, at=now, contract=contract.label,
            supplier=contract.supplier.label,
        )  # fmt: skip
    return kept
