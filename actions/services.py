"""The verbs of an action: opened for somebody, done, judged with its effect, or called off.

Who is responsible works on it; leaders open, postpone, judge and cancel. Mistakes come back as
ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from accounts.services import system_actor
from actions import lifecycle
from actions.models import Action, ImprovementPlan
from records import assignment
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Link, Priority, Record
from records.services import begin, link, move, open_record, refuse, save
from sla.models import Agreement


def open_action(
    *,
    source: str,
    title: str,
    description: str,
    responsible: User,
    due_on: date,
    actor: Actor,
    now: datetime,
    cause: Record | None = None,
    agreement: Agreement | None = None,
    customer: Organisation | None = None,
    plan: ImprovementPlan | None = None,
    resources: str = "",
    effect_check_on: date | None = None,
    key: str = "",
) -> Action:
    """Open a piece of follow-up work for ``responsible`` and tell them; ``cause`` is linked as its reason.

    ``customer``: whose affair it is where neither agreement nor cause tells; else it is the provider's own.

    With a ``key`` the action is opened once: whoever asks again is given the one there is. Staff open one
    because of a record; without one it is for leaders and the system.
    """
    access.require(actor, "open_action" if cause else "lead_actions")
    if key and (there := _by_key(key)):
        return there
    _check(source, title, responsible, due_on, now)
    facts: dict[str, Any] = {
        "title": title.strip()[:200], "description": description.strip(), "source": source,
        "due_on": due_on, "resources": resources.strip(), "effect_check_on": effect_check_on,
        "agreement": agreement, "plan": plan, "key": key, "assignee": responsible,
    }  # fmt: skip
    try:
        with transaction.atomic():
            made: Action = open_record(
                Action, Kind.ACTION, actor=actor, now=now, customer=_customer(cause, agreement, customer),
                requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE, **facts,
            )  # fmt: skip
            if cause:
                link(made, cause, kind=Link.Type.CAUSED_BY, actor=actor, now=now)
    except IntegrityError:
        if key and (there := _by_key(key)):
            return there
        raise
    return made


def _by_key(key: str) -> Action | None:
    found: Action | None = Action.objects.filter(key=key).first()
    return found


def _check(source: str, title: str, responsible: User, due_on: date, now: datetime) -> None:
    if source not in Action.Source.values:
        raise refuse("source", _("Say where the action comes from."), "required")
    if not title.strip():
        raise refuse("title", _("Say what is to be done."), "required")
    check_responsible(responsible, "responsible")
    if due_on < timezone.localdate(now):
        raise refuse("due_on", _("The due date lies in the past."))


def check_responsible(person: User, field: str) -> None:
    """Work is given to active staff of the provider."""
    if not person.is_active or not person.actor.is_staff_side:
        raise refuse(field, _("Choose an active person of the provider."))


def _customer(
    cause: Record | None, agreement: Agreement | None, customer: Organisation | None
) -> Organisation:
    """Whose affair it is: the agreement's customer, the cause's, the one named, or the provider's own."""
    for found in (agreement and agreement.customer, cause and cause.customer, customer):
        if found and found.is_active:
            return found
    return Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]


def may_work_on(actor: Actor, action: Action) -> bool:
    """Who is responsible, and those who lead."""
    return action.assignee_id == actor.user_id or access.may(actor, "call_off", action)


def _require_work(actor: Actor, action: Action, act: str) -> None:
    if not may_work_on(actor, action):
        raise access.Denied(actor, act)


def start(action: Action, *, actor: Actor, now: datetime) -> Action:
    """The responsible begins."""
    _require_work(actor, action, "start")
    return move(action, "start", actor=actor, now=now)


def finish(action: Action, *, outcome: str, actor: Actor, now: datetime) -> Action:
    """The work is done; ``outcome`` says what was done."""
    _require_work(actor, action, "finish")
    if not outcome.strip():
        raise refuse("outcome", _("Say what was done."), "required")
    words = outcome.strip()
    return move(action, "finish", actor=actor, now=now, note=words, changes={"outcome": words})


def judge(action: Action, *, effective: bool, words: str, actor: Actor, now: datetime) -> Action:
    """Whether what was done had its effect, told by indicators. Without effect the work goes on."""
    if not words.strip():
        raise refuse("words", _("Name the figures by which you judge the effect."), "required")
    changes = {"effective": effective, "effect": words.strip()}
    return move(
        action, "confirm_effect" if effective else "redo", actor=actor, now=now, note=words.strip(),
        changes=changes,
    )  # fmt: skip


def cancel(action: Action, *, reason: str, actor: Actor, now: datetime) -> Action:
    """Give it up, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why the action is cancelled."), "required")
    return move(action, "call_off", actor=actor, now=now, note=reason.strip())


def reassign(action: Action, *, responsible: User, actor: Actor, now: datetime) -> Action:
    """Give it to somebody else, who is told."""
    _require_work(actor, action, "assign")
    check_responsible(responsible, "responsible")
    return assignment.assign(action, team=None, assignee=responsible, actor=actor, now=now)


def amend(
    action: Action, *, resources: str, effect_check_on: date | None, actor: Actor, now: datetime
) -> Action:
    """Change what it needs and when its effect is to be judged."""
    _require_work(actor, action, "edit")
    with transaction.atomic():
        current = begin(action, "edit", actor=actor, now=now, expected_version=None)
        _unfinished(current, "edit")
        if (current.resources, current.effect_check_on) == (resources.strip(), effect_check_on):
            return current
        current.resources, current.effect_check_on = resources.strip(), effect_check_on
        save(current, ["resources", "effect_check_on"], now=now)
        day = effect_check_on.isoformat() if effect_check_on else {"en": "no day", "zh": "未定日期"}
        records_log.write(current, "action.amend", actor=actor, at=now, text=current.resources, day=day)
    return current


def postpone(action: Action, *, due_on: date, reason: str, actor: Actor, now: datetime) -> Action:
    """Give more time, with the reason; the day before stays in the log."""
    if not reason.strip():
        raise refuse("reason", _("Say why it takes longer."), "required")
    if due_on < timezone.localdate(now):
        raise refuse("due_on", _("The due date lies in the past."))
    with transaction.atomic():
        current = begin(action, "postpone", actor=actor, now=now, expected_version=None)
        _unfinished(current, "postpone")
        if current.due_on == due_on:
            return current
        before, current.due_on = current.due_on, due_on
        save(current, ["due_on"], now=now)
        records_log.write(
            current, "action.postpone", actor=actor, at=now, text=reason.strip(),
            before=before.isoformat(), day=due_on.isoformat(),
        )  # fmt: skip
    return current


def _unfinished(action: Action, act: str) -> None:
    if action.state not in lifecycle.UNFINISHED:
        raise IllegalMove(act, action.state, lifecycle.ACTION.legal_moves(action.state))


def remind(*, now: datetime) -> int:
    """Tell everybody responsible for an overdue action so, once a day; answers how many were told."""
    actor, today = system_actor(), timezone.localdate(now)
    told = 0
    waiting = Action.objects.overdue(today).exclude(reminded_on=today).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            row = Action.objects.select_for_update(no_key=True, of=("record_ptr", "self")).get(pk=pk)
            if row.reminded_on == today or not row.is_overdue(today):
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            records_log.write(
                row, "action.remind", actor=actor, at=now, day=row.due_on.isoformat(),
                responsible=row.assignee.label if row.assignee else {"en": "nobody", "zh": "无人"},
            )  # fmt: skip
            told += 1
    return told
