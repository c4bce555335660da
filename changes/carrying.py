"""Carrying a change out: the plan tested, guards passed or exempted by name, begun, logged and ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

import cmdb.services
from accounts import access
from accounts.access import Actor
from accounts.models import User
from changes import deciding, lifecycle, scheduling
from changes.models import Change, Exemption, LogStep
from changes.reading import authority_of, digest_of
from changes.writing import writable
from cmdb.models import Item
from records import log as records_log
from records import search
from records.files import Upload
from records.lifecycle import IllegalMove
from records.services import begin, move, refuse, save, store_files

Guard = Exemption.Guard
Outcome = Change.Outcome


# --- before it begins ------------------------------------------------------------------------


def note_test(
    change: Change,
    *,
    result: str,
    words: str,
    actor: Actor,
    now: datetime,
    attachments: list[Upload] | None = None,
    expected_version: int | None = None,
) -> Change:
    """What the test of the plan showed, with evidence in words or files (CHG-06)."""
    if result not in Change.Test.values:
        raise refuse("test_result", _("Say whether the test was passed."), "required")
    if not words.strip():
        raise refuse("test_words", _("Say what shows it."), "required")
    with transaction.atomic():
        current = writable(change, actor=actor, now=now, expected_version=expected_version)
        if current.category == lifecycle.STANDARD:
            raise refuse("test_result", _("A standard change keeps what its model says."))
        if result == Change.Test.PASSED and not current.plan.strip():
            raise refuse("test_result", _("Write the plan before its test."))
        current.test_result, current.test_words = result, words.strip()
        current.tested_by_id, current.tested_at = actor.user_id, now
        save(current, ["test_result", "test_words", "tested_by", "tested_at"], now=now)
        activity = records_log.write(
            current, "change.tested", actor=actor, at=now, text=words.strip(),
            result=records_log.bilingual(Change.Test(result).label),
        )  # fmt: skip
        store_files(current, activity, attachments or [], public=False, actor=actor, now=now)
        search.index(current, internal=[words])
    return current


def exempt(change: Change, *, guard: str, reason: str, actor: Actor, now: datetime) -> Exemption:
    """Let the change pass one guard, by name and with the reason; never one's own change.

    Before it was put up the exemption is for the round to come. Only an emergency passes a freeze.
    """
    if guard not in Guard.values:
        raise refuse("guard", _("Choose one of the values."), "invalid_choice")
    if not reason.strip():
        raise refuse("reason", _("Say why."), "required")
    with transaction.atomic():
        current = begin(change, "exempt_change", actor=actor, now=now, expected_version=None)
        if current.state not in lifecycle.WRITABLE:
            raise _illegal(current, "exempt_change")
        if deciding.is_own(actor.user_id, current):
            raise refuse("guard", _("Nobody exempts his own change."), "own")
        if guard == Guard.FREEZE and current.category != lifecycle.EMERGENCY:
            raise refuse("guard", _("Only an emergency change is done in a freeze."), "freeze")
        is_coming = current.state not in (lifecycle.APPROVING, lifecycle.APPROVED)
        made, is_new = Exemption.objects.get_or_create(
            change=current, guard=guard, round=current.round + is_coming,
            defaults={"reason": reason.strip()[:1000], "given_by_id": actor.user_id, "given_at": now},
        )  # fmt: skip
        if is_new:
            save(current, [], now=now)
            records_log.write(
                current, "change.exempted", actor=actor, at=now, text=made.reason,
                guard=records_log.bilingual(Guard(guard).label),
            )  # fmt: skip
    return made


def hindrances(change: Change, *, carrier: int | None = None) -> dict[str, str]:
    """What is missing before it may begin, by field: plan, test, conditions, what was approved (CHG-06).

    ``carrier`` is who carries it out where nobody was named: not somebody who approved it.
    """
    exempted = set(change.exemptions.filter(round=change.round).values_list("guard", flat=True))
    found: dict[str, str] = {}
    if Guard.PLAN not in exempted and not (change.plan.strip() and change.backout_plan.strip()):
        found["plan"] = _("There is no written plan with a back-out plan.")
    if Guard.TEST not in exempted and change.test_result != Change.Test.PASSED:
        found["test_result"] = _("The plan has no passed test.")
    if unmet := list(change.conditions.filter(met_at=None, approval__round=change.round)):
        found["conditions"] = _("Conditions are not met yet: %(names)s.") % {
            "names": "; ".join(row.text for row in unmet)
        }
    spoke = change.approvals.filter(round=change.round, by_board=None).exclude(result="void")
    if spoke.filter(decided_by=change.assignee_id or carrier, decided_by__isnull=False).exists():
        found["assignee"] = _("Who approved it does not carry it out; name somebody else.")
    if change.content_hash != digest_of(change):
        found["content"] = _("What is written is not what was approved.")
    return found


def may_carry_out(actor: Actor, change: Change) -> bool:
    """Who was named to carry it out, or looks after it; leaders; anybody where nobody was named."""
    is_theirs = actor.user_id in (change.assignee_id, change.owner_id) or change.assignee_id is None
    return access.may(actor, "begin_change", change) and (
        is_theirs or access.may(actor, "accept_change", change)
    )


def start(change: Change, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Change:
    """Begin: nothing may be missing, and nothing in the calendar may stand against it now."""
    with transaction.atomic():
        current = begin(change, "begin_change", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "begin_change")
        if not may_carry_out(actor, current):
            raise access.Denied(actor, "begin_change")
        if found := hindrances(current, carrier=actor.user_id):
            raise ValidationError({f: ValidationError(words, code="missing") for f, words in found.items()})
        scheduling.place_now(current, actor=actor, now=now)
        changes: dict[str, Any] = {"actual_start_at": now}
        if current.assignee_id is None:
            changes["assignee"] = User.objects.get(pk=actor.user_id)
        return move(current, "begin_change", actor=actor, now=now, changes=changes)


# --- while it is done ------------------------------------------------------------------------


def log_step(
    change: Change,
    *,
    what: str,
    started_at: datetime,
    ended_at: datetime,
    actor: Actor,
    now: datetime,
    result: str = "",
    done_by: User | None = None,
) -> LogStep:
    """Note a step of the implementation with its times and who did it."""
    if not what.strip():
        raise refuse("what", _("Say what was done."), "required")
    with transaction.atomic():
        current = begin(change, "work_change", actor=actor, now=now, expected_version=None)
        begun = current.actual_start_at
        if current.state != lifecycle.IMPLEMENTING or begun is None:
            raise _illegal(current, "work_change")
        if started_at < begun.replace(second=0):
            raise refuse("started_at", _("The implementation had not begun then."))
        if ended_at < started_at:
            raise refuse("ended_at", _("The end must lie after the beginning."))
        if ended_at > now:
            raise refuse("ended_at", _("Note what is over; this lies in the future."))
        if done_by is not None and not (done_by.is_active and done_by.actor.is_desk_side):
            raise refuse("done_by", _("Choose an active person of the provider."))
        made = LogStep.objects.create(
            change=current, what=what.strip()[:500], result=result.strip()[:500], started_at=started_at,
            ended_at=ended_at, done_by_id=done_by.pk if done_by else actor.user_id,
        )  # fmt: skip
        save(current, [], now=now)
        records_log.write(current, "change.step", actor=actor, at=now, text=made.result, what=made.what)
        search.index(current, internal=[made.what, made.result])
    return made


def alter(
    change: Change,
    item: Item,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Item:
    """Alter an item by the authority of the change, while it is being implemented (CHG-11)."""
    with transaction.atomic():
        current = begin(change, "work_change", actor=actor, now=now, expected_version=None)
        if current.state != lifecycle.IMPLEMENTING:
            raise _illegal(current, "work_change")
        authority = authority_of(current)
    # outside of the lock: a refused attempt is kept in a transaction of its own
    return cmdb.services.alter_item(
        item, facts, authority=authority, actor=actor, now=now, expected_version=expected_version
    )


def complete(
    change: Change,
    *,
    outcome: str,
    words: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Change:
    """The implementation is over, with one of the three outcomes (CHG-07) and what came of it in words."""
    if outcome not in Outcome.values:
        raise refuse("outcome", _("Choose one of the three outcomes."), "required")
    if not words.strip():
        raise refuse("outcome_words", _("Say what came of it."), "required")
    with transaction.atomic():
        current = begin(change, "complete_change", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "complete_change")
        if not may_carry_out(actor, current):
            raise access.Denied(actor, "complete_change")
        if not current.log_steps.exists():
            raise refuse("steps", _("Note at least one step of what was done."), "required")
        scheduling.give_up(current)
        return move(
            current, "complete_change", actor=actor, now=now, note=words.strip(),
            outcome=records_log.bilingual(Outcome(outcome).label),
            changes={"outcome": outcome, "outcome_words": words.strip(), "actual_end_at": now},
        )  # fmt: skip


def _illegal(change: Change, act: str) -> IllegalMove:
    way = lifecycle.WAYS[change.category]
    return IllegalMove(act, change.state, way.legal_moves(change.state))
