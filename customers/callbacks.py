"""The verbs of callbacks: made by rule, claimed by one person, tried until somebody is reached.

Who solved the ticket does not call about it.
"""

from datetime import datetime, timedelta
from zlib import crc32

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from customers.access import had_a_hand
from customers.models import Callback, CallbackRule, CallbackTry
from records import log as records_log
from records.lifecycle import IllegalMove
from records.models import Record
from records.services import refuse

CLAIM = timedelta(hours=2)  # who claimed a call and left it loses it to the next after this


def rule_for(ticket: Record) -> CallbackRule | None:
    """The most exact rule in use that fits: by customer, then service, then priority."""
    fitting = [
        rule
        for rule in CallbackRule.objects.filter(is_active=True)
        if rule.customer_id in (None, ticket.customer_id)
        and rule.service_id in (None, ticket.service_id)
        and rule.priority in (None, ticket.priority)
    ]
    return max(
        fitting,
        key=lambda r: (r.customer_id is not None, r.service_id is not None, r.priority is not None),
        default=None,
    )


def is_chosen(number: str, percent: int) -> bool:
    """Whether a ticket is among so many percent; the same answer whenever it is asked."""
    return crc32(number.encode()) % 100 < percent


def make(ticket: Record, rule: CallbackRule, *, closed_at: datetime, now: datetime) -> Callback:
    """A call to make about a closed ticket; the caller has decided that the rule takes it."""
    return Callback.objects.create(
        ticket=ticket, customer_id=ticket.customer_id, person_id=ticket.requester_id, closed_at=closed_at,
        due_at=closed_at + timedelta(days=rule.due_days), next_at=now, goal_percent=rule.goal_percent,
    )  # fmt: skip


def _locked(callback: Callback, actor: Actor, act: str) -> Callback:
    current = Callback.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=callback.pk)
    access.require(actor, "call_back", current.ticket)
    if actor.user_id in had_a_hand(current.ticket):
        raise refuse("state", _("You worked on this ticket: somebody else must call."), "assessed")
    if current.state != Callback.State.WAITING:
        raise IllegalMove(act, current.state, ())
    return current


def _is_held(callback: Callback, now: datetime) -> bool:
    return callback.claimed_at is not None and callback.claimed_at > now - CLAIM


def claim(callback: Callback, *, actor: Actor, now: datetime) -> Callback:
    """The actor makes this call. Of two who claim at once one gets it; a claim left lying is taken over."""
    with transaction.atomic():
        current = _locked(callback, actor, "claim")
        if _is_held(current, now) and current.claimed_by_id != actor.user_id:
            raise refuse("state", _("%(person)s makes this call already.") % {"person": current.claimed_by})
        current.claimed_by_id, current.claimed_at = actor.user_id, now
        current.save(update_fields=["claimed_by", "claimed_at"])
    return current


def release(callback: Callback, *, actor: Actor, now: datetime) -> Callback:
    """The call is for others again."""
    with transaction.atomic():
        current = _locked(callback, actor, "release")
        if current.claimed_by_id != actor.user_id and not access.may(actor, "lead_customers"):
            raise refuse("state", _("%(person)s makes this call.") % {"person": current.claimed_by})
        current.claimed_by, current.claimed_at = None, None
        current.save(update_fields=["claimed_by", "claimed_at"])
    return current


def record(
    callback: Callback,
    *,
    is_reached: bool,
    actor: Actor,
    now: datetime,
    content: str = "",
    words: str = "",
    next_at: datetime | None = None,
) -> CallbackTry:
    """What came of the call. Reached: it is done. Not reached: ``next_at`` to try again, else given up."""
    if is_reached and content not in CallbackTry.Content.values:
        raise refuse("content", _("Say whether the customer is content."), "required")
    if not is_reached and next_at is not None and next_at <= now:
        raise refuse("next_at", _("The next attempt lies in the past."))
    if not is_reached and next_at is None and not words.strip():
        raise refuse("words", _("Say when you try again, or why not."), "required")
    with transaction.atomic():
        current = _locked(callback, actor, "record")
        if current.claimed_by_id not in (None, actor.user_id) and _is_held(current, now):
            raise refuse("state", _("%(person)s makes this call.") % {"person": current.claimed_by})
        made = CallbackTry.objects.create(
            callback=current, at=now, by_id=actor.user_id, is_reached=is_reached,
            content=content if is_reached else "", words=words.strip(),
        )  # fmt: skip
        _settle(current, is_reached=is_reached, next_at=next_at, actor=actor, now=now)
        verb = "callback.reached" if is_reached else "callback.missed"
        said = CallbackTry.Content(content).label if is_reached else None
        data = {"content": records_log.bilingual(said)} if said else {}
        records_log.write(current.ticket, verb, actor=actor, at=now, text=words.strip(), **data)
    return made


def _settle(
    call: Callback, *, is_reached: bool, next_at: datetime | None, actor: Actor, now: datetime
) -> None:
    call.claimed_by, call.claimed_at = None, None
    if is_reached or next_at is None:
        call.state = Callback.State.DONE if is_reached else Callback.State.GIVEN_UP
        call.done_at, call.claimed_by_id, call.claimed_at = now, actor.user_id, now
    else:
        call.next_at = next_at
    call.save(update_fields=["state", "done_at", "next_at", "claimed_by", "claimed_at"])
