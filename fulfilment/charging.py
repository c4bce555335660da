"""Chargeable requests: outside the agreement or the warranty, quoted, and begun once that was accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from fulfilment import lifecycle
from fulfilment.models import Quotation, ServiceRequest, WaitingFor
from records import log as records_log
from records.services import begin, move, refuse, save

State = Quotation.State
CENT = Decimal("0.01")
MOST = Decimal(10) ** 11


@dataclass(frozen=True)
class Line:
    """One line: ``kind`` of Quotation.Line, what it is, how many, at what price each."""

    kind: str
    what: str
    quantity: Decimal
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.price).quantize(CENT, ROUND_HALF_UP)


def is_unsettled(request: ServiceRequest) -> bool:
    """It is charged, and no quotation of it was accepted yet."""
    return request.is_chargeable and not request.quotations.filter(state=State.ACCEPTED).exists()


def charge(
    request: ServiceRequest, *, why: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Mark it as chargeable before the work begins, with the reason."""
    if not why.strip():
        raise refuse("why", _("Say why it is chargeable."), "required")
    with transaction.atomic():
        current = begin(request, "charge", actor=actor, now=now, expected_version=expected_version)
        if current.state not in lifecycle.BEFORE_WORK:
            raise refuse("why", _("The work has begun; what is charged must be agreed before."))
        current.is_chargeable, current.chargeable_why = True, why.strip()[:300]
        save(current, ["is_chargeable", "chargeable_why"], now=now)
        records_log.write(current, "request.charge", actor=actor, at=now, text=current.chargeable_why)
    return current


def quote(
    request: ServiceRequest,
    lines: Sequence[Line],
    *,
    currency: str,
    valid_until: date,
    note: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceRequest:
    """Send a quotation to the customer's contacts; one that still waits is replaced by it."""
    counted = [line for line in lines if line.amount]
    total = sum((line.amount for line in counted), Decimal(0))
    if not counted or total <= 0 or total > MOST:
        raise refuse("lines", _("Give at least one amount."), "required")
    if valid_until < timezone.localdate(now):
        raise refuse("valid_until", _("This day has passed."))
    with transaction.atomic():
        current = begin(request, "quote", actor=actor, now=now, expected_version=expected_version)
        if not current.is_chargeable:
            raise refuse("lines", _("Mark the request as chargeable first, with the reason."))
        current.quotations.filter(state=State.SENT).update(state=State.REPLACED)
        made = Quotation.objects.create(
            request=current, total=total, currency=currency, valid_until=valid_until, note=note.strip(),
            sent_by_id=actor.user_id, sent_at=now,
            lines=[
                {"kind": line.kind, "what": line.what, "quantity": format(line.quantity.normalize(), "f"),
                 "price": format(line.price, ".2f"), "amount": format(line.amount, ".2f")}
                for line in counted
            ],
        )  # fmt: skip
        return move(
            current, "quote", actor=actor, now=now, note=note.strip(), total=made.words,
            waiting_for=WaitingFor.ACCEPTANCE.value,
        )  # fmt: skip


def accept(quotation: Quotation, *, actor: Actor, now: datetime, note: str = "") -> ServiceRequest:
    """The customer's contact accepts what was quoted; now the work may begin.

    A manager who records what the customer said elsewhere gives it as ``note``.
    """
    if actor.is_desk_side and not note.strip():
        raise refuse("note", _("Say who of the customer accepted it, when and how."), "required")
    with transaction.atomic():
        request, current = _waiting(quotation, "accept_quote", actor, now)
        if current.valid_until < timezone.localdate(now):
            raise refuse("quotation", _("This quotation is no longer valid; ask for a new one."), "expired")
        _decide(current, State.ACCEPTED, note, actor, now)
        return move(request, "accept_quote", actor=actor, now=now, note=note.strip(), total=current.words)


def decline(quotation: Quotation, *, reason: str, actor: Actor, now: datetime) -> ServiceRequest:
    """The customer does not want it at this price: the request ends, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why you decline it."), "required")
    with transaction.atomic():
        request, current = _waiting(quotation, "decline_quote", actor, now)
        _decide(current, State.DECLINED, reason, actor, now)
        return move(request, "decline_quote", actor=actor, now=now, note=reason.strip(), total=current.words)


def _waiting(quotation: Quotation, act: str, actor: Actor, now: datetime) -> tuple[ServiceRequest, Quotation]:
    """The request under its lock and the quotation as it is now; refused where it does not wait any more."""
    ordered = ServiceRequest.objects.get(pk=quotation.request_id)
    request = begin(ordered, act, actor=actor, now=now, expected_version=None)
    current = Quotation.objects.get(pk=quotation.pk)
    if current.state != State.SENT or request.state != lifecycle.OFFERED:
        raise refuse("quotation", _("This quotation does not wait for a decision any more."), "decided")
    return request, current


def _decide(current: Quotation, state: Quotation.State, reason: str, actor: Actor, now: datetime) -> None:
    current.state, current.reason = state, reason.strip()
    current.decided_by_id, current.decided_at = actor.user_id, now
    current.save(update_fields=["state", "reason", "decided_by", "decided_at"])
