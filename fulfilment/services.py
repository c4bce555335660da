"""The verbs of a service request: thin, typed wrappers over the kernel that add a request's own rules.

What is ordered and by which form is :mod:`fulfilment.ordering`; mistakes come back as ValidationError keyed
by field, refusals as access.Denied, IllegalMove or Stale.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor, Origin
from accounts.services import system_after
from fulfilment import charging, lifecycle, rights, work
from fulfilment.models import HOLDS, ServiceRequest
from records import alarms, assignment, breaches
from records import log as records_log
from records.lifecycle import IllegalMove
from records.models import Record
from records.services import begin, move, refuse, save
from sla.models import Breach, Metric


def start(
    request: ServiceRequest, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Begin the work; who begins it becomes its assignee if there is none."""
    mine = {} if request.assignee_id or not actor.is_staff_side else {"assignee_id": actor.user_id}
    with transaction.atomic():
        current = begin(request, "start", actor=actor, now=now, expected_version=expected_version)
        lifecycle.LIFECYCLE.next_state(current.state, "start")
        if charging.is_unsettled(current):
            message = _("This is charged: the customer has to accept a quotation before the work begins.")
            raise refuse("quotation", message, "required")
        current = move(current, "start", actor=actor, now=now, changes=mine)
        work.plan(current, actor=system_after(actor), now=now)
    return current


def hold(
    request: ServiceRequest,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> ServiceRequest:
    """Wait for something named. Whether that pauses the clocks is said by the agreement."""
    if reason and reason not in dict(HOLDS):
        raise refuse("reason", _("This reason comes with a step of its own; choose another one."))
    return move(
        request, "hold", actor=actor, now=now, expected_version=expected_version, waiting_for=reason,
        note=note,
    )  # fmt: skip


def resume(
    request: ServiceRequest, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Go on after a hold."""
    return move(request, "resume", actor=actor, now=now, expected_version=expected_version)


def fulfil(
    request: ServiceRequest,
    *,
    outcome: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceRequest:
    """It is done; ``outcome`` says what was done. The requester is asked to confirm by this very act."""
    words = outcome.strip()
    if not words:
        raise refuse("outcome", _("Say what was done."), "required")
    with transaction.atomic():
        current = begin(request, "fulfil", actor=actor, now=now, expected_version=expected_version)
        lifecycle.LIFECYCLE.next_state(current.state, "fulfil")
        if left := work.unfinished(current):
            names = _(", ").join(task.title for task in left)
            raise refuse("outcome", _("These tasks are not done yet: %(tasks)s.") % {"tasks": names}, "tasks")
        if rights.is_missing(current):
            raise refuse("outcome", _("Record first which right was granted, and for how long."), "right")
        return _fulfilled(current, words, actor=actor, now=now)


def _fulfilled(request: ServiceRequest, words: str, *, actor: Actor, now: datetime) -> ServiceRequest:
    return move(
        request, "fulfil", actor=actor, now=now, note=words,
        changes={"outcome": words, "fulfilled_at": now, "fulfilled_by_id": actor.user_id},
    )  # fmt: skip


def confirm(
    request: ServiceRequest,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    close_too: bool = False,
    expected_version: int | None = None,
) -> ServiceRequest:
    """Record that the requester confirms; ``close_too`` closes it in the same act.

    A customer is not kept waiting for our explanation of a missed target: it is closed with that.
    """
    with transaction.atomic():
        current = begin(request, "confirm", actor=actor, now=now, expected_version=expected_version)
        if current.state != lifecycle.FULFILLED:
            raise IllegalMove("confirm", current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
        if current.confirmed_at is None:
            current.confirmed_at, current.confirmed_by_id = now, actor.user_id
            save(current, ["confirmed_at", "confirmed_by"], now=now)
            records_log.write(current, "record.confirmed", actor=actor, at=now, text=note)
        is_ours = not actor.is_desk_side and breaches.unexplained(current).exists()
        if close_too and not is_ours:
            current = close(current, actor=system_after(actor), now=now)
    return current


def close(
    request: ServiceRequest,
    *,
    actor: Actor,
    now: datetime,
    no_answer: str = "",
    expected_version: int | None = None,
) -> ServiceRequest:
    """Close it once the requester confirmed, or with ``no_answer``: how he was asked in vain (SD-14)."""
    with transaction.atomic():
        current = begin(request, "close", actor=actor, now=now, expected_version=expected_version)
        lifecycle.LIFECYCLE.next_state(current.state, "close")
        if current.confirmed_at is None and not no_answer.strip():
            raise refuse(
                "no_answer",
                _("Record the requester's confirmation first, or say how you asked without an answer."),
                "required",
            )
        if actor.origin != Origin.IMPORT and (missed := breaches.unexplained(current)):
            targets = ", ".join(str(Metric(b.clock.metric).label) for b in missed)
            message = _("Explain first why these targets were missed: %(targets)s.")
            raise refuse("breaches", message % {"targets": targets})
        return move(current, "close", actor=actor, now=now, note=no_answer, changes={"closed_at": now})


def reopen(
    request: ServiceRequest,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceRequest:
    """It is not as ordered after all: the clocks go on and the reopening is counted."""
    if not reason.strip():
        raise refuse("reason", _("Say what is still missing."), "required")
    return move(
        request, "reopen", actor=actor, now=now, expected_version=expected_version, note=reason,
        changes={
            "reopen_count": request.reopen_count + 1, "fulfilled_at": None, "fulfilled_by_id": None,
            "confirmed_at": None, "confirmed_by_id": None,
        },
    )  # fmt: skip


def turn_down(
    request: ServiceRequest,
    *,
    reason: str,
    alternative: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceRequest:
    """Answer that it cannot be met, with the reason and what could be done instead (REQ-16)."""
    if not reason.strip():
        raise refuse("reason", _("Say why the request cannot be met."), "required")
    if not alternative.strip():
        raise refuse("alternative", _("Say what could be done instead."), "required")
    why, instead = reason.strip(), alternative.strip()
    return move(
        request, "refuse", actor=actor, now=now, expected_version=expected_version,
        note=_("%(reason)s\n\nInstead: %(alternative)s") % {"reason": why, "alternative": instead},
        changes={"refusal": why, "alternative": instead},
    )  # fmt: skip


def take_back(
    request: ServiceRequest,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> ServiceRequest:
    """The customer no longer wants it; before the work has begun."""
    return move(
        request, "take_back", actor=actor, now=now, expected_version=expected_version, note=reason.strip()
    )


def cancel(
    request: ServiceRequest,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ServiceRequest:
    """Give it up: ordered by mistake or twice. Its clocks are cancelled, a breach stays a fact."""
    if not reason.strip():
        raise refuse("reason", _("Say why the request is given up."), "required")
    return move(request, "cancel", actor=actor, now=now, expected_version=expected_version, note=reason)


def explain_breach(
    request: ServiceRequest,
    breach: Breach,
    *,
    reason: str,
    note: str,
    no_action: str,
    actor: Actor,
    now: datetime,
) -> Breach:
    """Say why a target was missed, and why nothing needs to be corrected or what is.

    Where the customer has confirmed already, the last explanation closes the request.
    """
    if not no_action.strip():
        raise refuse("no_action", _("Say what is to be corrected, or why nothing needs to be."), "required")
    with transaction.atomic():
        kept = breaches.explain(
            request, breach, reason=reason, note=note, no_action=no_action, actor=actor, now=now
        )
        current = ServiceRequest.objects.select_related("confirmed_by").get(pk=request.pk)
        confirmed = current.confirmed_by and current.confirmed_by.organisation_id == current.customer_id
        is_done = current.state == lifecycle.FULFILLED and confirmed
        if is_done and not breaches.unexplained(current).exists():
            close(current, actor=system_after(actor), now=now)
    return kept


def reached(request: ServiceRequest) -> dict[str, datetime]:
    """What has happened of what clocks wait for, and when."""
    ended = request.done_at if lifecycle.LIFECYCLE.is_final(request.state) else None
    at = request.closed_at or ended
    return {Metric.CLOSURE.value: at} if at else {}


def escalate_on_breach(record: Record, *, metric: str, actor: Actor, now: datetime) -> None:
    """The limit is reached: hand it to the second line of its service, if it is not there already."""
    team = alarms.second_line_of(record)
    if team is not None:
        reason = records_log.bilingual(gettext_lazy("the time limit was reached"))
        assignment.escalate(record, team=team, reason=reason, actor=actor, now=now)


MOVES: dict[str, Any] = {
    "start": start,
    "hold": hold,
    "resume": resume,
    "fulfil": fulfil,
    "close": close,
    "reopen": reopen,
    "refuse": turn_down,
    "take_back": take_back,
    "cancel": cancel,
}
