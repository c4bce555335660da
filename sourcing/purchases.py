"""The verbs of a procurement: asked for, approved by its amount, ordered, checked when it comes (SUP-06).

How a supplier is chosen is in ``sourcing.tenders``. Mistakes come back as ValidationError keyed by field,
refusals as access.Denied, IllegalMove or Stale.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.services import check_responsible
from cmdb.models import Item
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Link, Priority, Record
from records.services import begin, link, move, open_record, refuse, save
from sla.models import Agreement
from sourcing import purchase_lifecycle as lifecycle
from sourcing.models import Approval, ApprovalBand, Delivery, Purchase, State

LARGEST = Decimal(10) ** 11
# where nobody made bands: one manager whatever the amount
USUAL = ApprovalBand(up_to=None, needed=1, role="")


def band_of(amount: Decimal) -> ApprovalBand:
    """Who approves an amount: the lowest band it fits in; the highest where none is high enough."""
    bands = list(ApprovalBand.objects.all())
    return next((b for b in bands if b.up_to is None or amount <= b.up_to), bands[-1] if bands else USUAL)


def ask(
    *,
    title: str,
    reason: str,
    amount: Decimal,
    actor: Actor,
    now: datetime,
    currency: str = "CNY",
    needed_on: date | None = None,
    buyer: User | None = None,
    agreement: Agreement | None = None,
    item: Item | None = None,
    cause: Record | None = None,
) -> Purchase:
    """Write down what is to be bought, why, for about how much, and because of which ticket."""
    if not title.strip():
        raise refuse("title", _("Say what is to be bought."), "required")
    if not reason.strip():
        raise refuse("reason", _("Say why it is needed."), "required")
    _check_money("amount", amount)
    if buyer:
        check_responsible(buyer, "buyer")
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    with transaction.atomic():
        made: Purchase = open_record(
            Purchase, Kind.PROCUREMENT, actor=actor, now=now, customer=provider,
            requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE,
            title=title.strip()[:200], description=reason.strip(), amount=amount,
            currency=currency.strip().upper() or "CNY", needed_on=needed_on, assignee=buyer,
            agreement=agreement, item=item,
        )  # fmt: skip
        if cause:
            link(made, cause, kind=Link.Type.RELATED, actor=actor, now=now)
    return made


def _check_money(field: str, amount: Decimal | None) -> None:
    if amount is not None and not 0 <= amount <= LARGEST:
        raise refuse(field, _("Give an amount that is not negative and not out of all reason."))


def change(purchase: Purchase, *, actor: Actor, now: datetime, **facts: Any) -> Purchase:
    """Change what is asked for while it is a draft: title, reason, amount, currency, needed_on, buyer."""
    columns = {"reason": "description", "buyer": "assignee"}
    if "amount" in facts:
        _check_money("amount", facts["amount"])
    if facts.get("buyer"):
        check_responsible(facts["buyer"], "buyer")
    with transaction.atomic():
        current = begun(purchase, "ask_purchase", frozenset({lifecycle.DRAFT}), actor, now)
        _own_or_leader(current, actor, "ask_purchase")
        changed = []
        for name, value in facts.items():
            column = columns.get(name, name)
            if getattr(current, column) != value:
                setattr(current, column, value)
                changed.append(column)
        if not current.title.strip() or not current.description.strip():
            raise refuse("title", _("Say what is to be bought, and why."), "required")
        if changed:
            save(current, changed, now=now)
            records_log.write(current, "procurement.changed", actor=actor, at=now)
    return current


def begun(purchase: Purchase, act: str, states: frozenset[str], actor: Actor, now: datetime) -> Purchase:
    """As every act that is no move begins: lock, permission, state."""
    current = begin(purchase, act, actor=actor, now=now, expected_version=None)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def _own_or_leader(purchase: Purchase, actor: Actor, act: str) -> None:
    if purchase.requester_id != actor.user_id and not access.may(actor, "run_purchase", purchase):
        raise access.Denied(actor, act)


def submit(purchase: Purchase, *, actor: Actor, now: datetime, note: str = "") -> Purchase:
    """Ask for approval; who and how many is fixed by the amount as it is now."""
    with transaction.atomic():
        current = begun(purchase, "ask_purchase", frozenset({lifecycle.DRAFT}), actor, now)
        _own_or_leader(current, actor, "ask_purchase")
        band = band_of(current.amount)
        facts = {
            "approvals_needed": band.needed, "approver_role": band.role, "round": current.round + 1,
        }  # fmt: skip
        approvers = _approvers(current, band.role)
        moved: Purchase = move(
            current, "ask_purchase", actor=actor, now=now, note=note.strip(), changes=facts,
            people=approvers, n=band.needed, amount=f"{current.currency} {current.amount:,.2f}",
        )  # fmt: skip
    return moved


def _approvers(purchase: Purchase, role: str) -> list[int]:
    """Whom a request for approval is told: managers of all customers, without who asked."""
    roles = [role] if role else ["manager", "administrator"]
    rows = User.objects.filter(is_active=True, grants__role__in=roles, grants__organisation=None)
    return list(rows.exclude(pk=purchase.requester_id).order_by("pk").values_list("pk", flat=True).distinct())


def may_decide(purchase: Purchase, actor: Actor) -> bool:
    """Whether the actor's word is asked for: a manager who did not ask and has not decided yet."""
    return (
        purchase.state == lifecycle.APPROVING
        and access.may(actor, "grant_purchase", purchase)
        and purchase.requester_id != actor.user_id
        and not purchase.approvals.filter(round=purchase.round, decided_by=actor.user_id).exists()
    )


def decide(purchase: Purchase, *, approve: bool, comment: str, actor: Actor, now: datetime) -> Purchase:
    """One approver's word. The last one that is needed lets the choice of a supplier begin; a no ends it."""
    if not approve and not comment.strip():
        raise refuse("comment", _("Say why it is not approved."), "required")
    with transaction.atomic():
        act = "grant_purchase" if approve else "refuse_purchase"
        current = begun(purchase, act, frozenset({lifecycle.APPROVING}), actor, now)
        if current.requester_id == actor.user_id:
            raise refuse("approve", _("Who asks for something does not approve it: somebody else must."))
        said = current.approvals.filter(round=current.round)
        if said.filter(decided_by=actor.user_id).exists():
            raise refuse("approve", _("You have decided already; another approver is asked."))
        Approval.objects.create(
            purchase=current, round=current.round, is_granted=approve, comment=comment.strip(),
            decided_by_id=actor.user_id, decided_at=now,
        )  # fmt: skip
        if not approve:
            return move(current, act, actor=actor, now=now, note=comment.strip())
        if missing := missing_approvals(current):
            records_log.write(
                current,
                "procurement.approved_in_part",
                actor=actor,
                at=now,
                text=comment.strip(),
                left=missing,
            )
            save(current, [], now=now)
            return current
        return move(current, act, actor=actor, now=now, note=comment.strip())


def missing_approvals(purchase: Purchase) -> int:
    """How many approvals are still needed; one at least until somebody of the role it asks for agreed."""
    granted = purchase.approvals.filter(round=purchase.round, is_granted=True)
    missing = max(0, purchase.approvals_needed - granted.count())
    if not missing and purchase.approver_role:
        of_role = granted.filter(decided_by__grants__role=purchase.approver_role)
        missing = 0 if of_role.exists() else 1
    return missing


def drop(purchase: Purchase, *, reason: str, actor: Actor, now: datetime) -> Purchase:
    """Give it up, with the reason: by who asked, or a leader."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is given up."), "required")
    _own_or_leader(purchase, actor, "drop_purchase")
    return move(purchase, "drop_purchase", actor=actor, now=now, note=reason.strip())


# --- the order -----------------------------------------------------------------------------------


def order(
    purchase: Purchase,
    *,
    order_number: str,
    ordered_on: date,
    expected_on: date | None,
    price: Decimal,
    contract: Agreement | None,
    no_contract_reason: str = "",
    actor: Actor,
    now: datetime,
) -> Purchase:
    """Order from the chosen supplier under its contract (UC), or say why none is needed."""
    _check_money("price", price)
    if not order_number.strip():
        raise refuse("order_number", _("Give the order a number."), "required")
    if expected_on and expected_on < ordered_on:
        raise refuse("expected_on", _("Goods come after they are ordered."))
    with transaction.atomic():
        current = begun(purchase, "place_order", frozenset({lifecycle.SELECTING}), actor, now)
        today = timezone.localdate(now)
        if current.supplier is None:
            raise refuse("supplier", _("Choose the supplier first."))
        if not current.supplier.may_contract(today):
            raise refuse(
                "supplier", _("This supplier is not active, or its admission has lapsed; choose another one.")
            )
        _check_contract(current, contract, no_contract_reason)
        changes = {
            "order_number": order_number.strip(), "ordered_on": ordered_on, "expected_on": expected_on,
            "price": price, "contract": contract,
            "no_contract_reason": "" if contract else no_contract_reason.strip(),
        }  # fmt: skip
        return move(
            current, "place_order", actor=actor, now=now, changes=changes,
            supplier=current.supplier.label, order=order_number.strip(),
        )  # fmt: skip


def _check_contract(purchase: Purchase, contract: Agreement | None, why_not: str) -> None:
    if contract is None:
        if not why_not.strip():
            words = _("Choose the contract the order is under, or say why none is needed.")
            raise refuse("contract", words, "required")
        return
    if contract.kind != Agreement.Kind.UC or contract.supplier_id != purchase.supplier_id:
        raise refuse("contract", _("Choose a contract with the chosen supplier."))
    if contract.ended_at or not contract.versions.exists():
        raise refuse("contract", _("This contract has ended, or was not signed yet."))


# --- what came -----------------------------------------------------------------------------------


def accept_goods(purchase: Purchase, *, note: str, actor: Actor, now: datetime) -> Purchase:
    """What came is as ordered."""
    with transaction.atomic():
        current = begun(purchase, "accept_goods", frozenset({lifecycle.ORDERED}), actor, now)
        Delivery.objects.create(
            purchase=current, is_accepted=True, note=note.strip(), checked_by_id=actor.user_id, checked_at=now
        )
        return move(current, "accept_goods", actor=actor, now=now, note=note.strip())


def reject_goods(
    purchase: Purchase, *, reason: str, settlement: str, settle_by: date, actor: Actor, now: datetime
) -> Purchase:
    """What came is not as ordered: why, and what is asked of the supplier by when."""
    if not reason.strip():
        raise refuse("reason", _("Say what is wrong with the goods."), "required")
    if settlement not in Purchase.Settlement.values:
        raise refuse("settlement", _("Say what is asked of the supplier."), "required")
    if settle_by < timezone.localdate(now):
        raise refuse("settle_by", _("The due date lies in the past."))
    with transaction.atomic():
        current = begun(purchase, "reject_goods", frozenset({lifecycle.ORDERED}), actor, now)
        Delivery.objects.create(
            purchase=current, is_accepted=False, note=reason.strip(), settlement=settlement,
            settle_by=settle_by, checked_by_id=actor.user_id, checked_at=now,
        )  # fmt: skip
        return move(
            current, "reject_goods", actor=actor, now=now, note=reason.strip(), day=settle_by.isoformat(),
            what=records_log.bilingual(Purchase.Settlement(settlement).label),
        )  # fmt: skip


def settle(
    purchase: Purchase, *, settlement: str, note: str, discount: Decimal | None, actor: Actor, now: datetime
) -> Purchase:
    """The supplier did what was asked. A replacement is awaited and checked as the first goods were."""
    if settlement not in Purchase.Settlement.values:
        raise refuse("settlement", _("Say how it was settled."), "required")
    if not note.strip():
        raise refuse("note", _("Write down how it was settled."), "required")
    is_discount = settlement == Purchase.Settlement.DISCOUNT
    if is_discount and not discount:
        raise refuse("discount", _("Say how much the supplier takes off."), "required")
    _check_money("discount", discount)
    act = "await_goods" if settlement == Purchase.Settlement.REPLACEMENT else "settle_goods"
    with transaction.atomic():
        current = begun(purchase, act, frozenset({lifecycle.DISPUTED}), actor, now)
        if is_discount and discount and discount > (current.price or current.amount):
            raise refuse("discount", _("No more is taken off than the price."))
        row = current.goods_checks.filter(is_accepted=False, settled_at=None).latest("pk")
        row.settlement, row.settled_note = settlement, note.strip()
        row.discount = discount if is_discount else None
        row.settled_by_id, row.settled_at = actor.user_id, now
        row.save(update_fields=["settlement", "settled_note", "discount", "settled_by", "settled_at"])
        return move(
            current, act, actor=actor, now=now, note=note.strip(),
            what=records_log.bilingual(Purchase.Settlement(settlement).label),
        )  # fmt: skip


def waiting(today: date) -> Any:
    """Rejected goods that are not settled though their day has passed."""
    return Delivery.objects.filter(
        ~Q(purchase__state=lifecycle.DROPPED), is_accepted=False, settled_at=None, settle_by__lt=today
    )


def listed(actor: Actor, state: str, words: str, code: str = "") -> QuerySet[Purchase]:
    """The procurements of a state ("open", "all"), with words, of a supplier; the newest first."""
    rows: QuerySet[Purchase] = Purchase.objects.visible_to(actor)
    if state == "open":
        rows = rows.filter(state__in=lifecycle.OPEN)
    elif state in State.values:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(title__icontains=words)
    if code:
        rows = rows.filter(supplier__code=code)
    return rows.select_related("supplier", "requester", "assignee").order_by("-opened_at", "-pk")
