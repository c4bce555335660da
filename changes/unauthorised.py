"""Changes nobody approved: recorded where they are found, then made regular or taken back (CHG-10)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation
from changes.models import Change, UnauthorisedChange
from changes.services import open_change
from cmdb.models import Item
from records.models import Record
from records.services import refuse

State = UnauthorisedChange.State


def record(
    *, item: Item, found: str, cause: Record | None, actor: Actor, now: datetime
) -> UnauthorisedChange:
    """Note that an item is something no change explains; ``cause`` is what brought it to light.

    Safe to repeat: an audit reports an item once.
    """
    access.require(actor, "report_unauthorised")
    if not found.strip():
        raise refuse("found", _("Say what was found."), "required")
    if not Item.objects.visible_to(actor).filter(pk=item.pk).exists():
        raise refuse("item", _("Choose items you may see."), "invalid_choice")
    facts = {"found": found.strip(), "found_by_id": actor.user_id, "found_at": now}
    if cause is None:
        return UnauthorisedChange.objects.create(item=item, **facts)
    # by the row of the kernel: a cause is of any kind
    made, _new = UnauthorisedChange.objects.get_or_create(item=item, cause_id=cause.pk, defaults=facts)
    return made


def regularise(
    row: UnauthorisedChange,
    *,
    title: str,
    reason: str,
    expected_effect: str,
    actor: Actor,
    now: datetime,
) -> Change:
    """Make it regular: an emergency change that names the item, to be authorised and reviewed like any."""
    if not reason.strip():
        raise refuse("reason", _("Say why it is to stay."), "required")
    with transaction.atomic():
        current = _open(row, actor)
        item = current.item
        customer = item.customer if item.customer and _is_customer(item.customer) else None
        change = open_change(
            title=title, description=current.found, category=Change.Category.EMERGENCY,
            nature=Change.Nature.CONFIGURATION, reason=reason, expected_effect=expected_effect,
            items=[item], customer=customer, caused_by=current.cause, actor=actor, now=now,
        )  # fmt: skip
        current.change = change
        _settle(current, State.REGULAR, reason, actor, now)
    return change


def back_out(row: UnauthorisedChange, *, words: str, actor: Actor, now: datetime) -> UnauthorisedChange:
    """It was taken back; ``words`` say how, and what shows it."""
    if not words.strip():
        raise refuse("words", _("Say how it was taken back, and what shows it."), "required")
    with transaction.atomic():
        current = _open(row, actor)
        _settle(current, State.BACKED_OUT, words, actor, now)
    return current


def _is_customer(organisation: Organisation) -> bool:
    return organisation.is_active and organisation.kind == Organisation.Kind.CUSTOMER


def _open(row: UnauthorisedChange, actor: Actor) -> UnauthorisedChange:
    """The row under its lock, if it still waits."""
    access.require(actor, "settle_unauthorised")
    rows = UnauthorisedChange.objects.select_for_update(of=("self",)).select_related(
        "item__customer", "cause"
    )
    current = rows.get(pk=row.pk)
    if current.state != State.OPEN:
        raise refuse("state", _("This was settled meanwhile."), "decided")
    return current


def _settle(row: UnauthorisedChange, state: str, words: str, actor: Actor, now: datetime) -> None:
    row.state, row.words = state, words.strip()
    row.settled_by_id, row.settled_at = actor.user_id, now
    row.save(update_fields=["state", "words", "settled_by", "settled_at", "change"])
