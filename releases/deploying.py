"""The deployment (REL-03, 08, 09): steps with their items, the decision point, in service or backed out.

A step that updates items does so in its own transaction by the authority of their changes: done and updated,
or neither.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from changes.reading import authority_of
from cmdb import services as register
from records import log as records_log
from records.services import lock, move, refuse, save
from releases import lifecycle, needs, parting
from releases.models import FORWARD, Release, ReleaseItem, ReleaseStep, StepSort
from releases.needing import Need
from releases.needing import refuse as refuse_for
from releases.parting import begun, needed
from releases.services import RULES, let_go

Decision, Outcome = Release.Decision, Release.Outcome
AFTER_DECISION = (StepSort.INFORM, StepSort.START)
"""Users are told and the service is started once it is decided to go on."""


def _held(release: Release) -> None:
    """Lock the changes, in the order of their ids, so that none loses its approval meanwhile."""
    for change in needs.changes_of(release):
        lock(change)


def deploy(release: Release, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Release:
    """Begin. Everything that made it ready must still hold; above all every change is still approved."""
    with transaction.atomic():
        moved = move(
            release, "deploy", actor=actor, now=now, changes={"deployed_at": now},
            expected_version=expected_version,
        )  # fmt: skip
        _held(moved)
        refuse_for(needs.of_plan(moved))
    return moved


def finish_step(release: Release, pk: int, *, result: str, actor: Actor, now: datetime) -> ReleaseStep:
    """A step is done; the items it updates have their new revision with it, or it is not done."""
    with transaction.atomic():
        current = begun(release, "work_release", RULES.running, actor=actor, now=now)
        row: ReleaseStep = parting.find(current, "steps", pk)
        _check_order(current, row)
        parting.finish_step(current, row, result=result, actor=actor, now=now)
        if row.sort in FORWARD:
            _held(current)
            refuse_for(needs.of_changes(current))
        for planned in row.step_items.select_related("item", "change").order_by("item_id"):
            _update(current, planned, actor, now)
    return row


def _check_order(current: Release, row: ReleaseStep) -> None:
    if row.sort == StepSort.BACK_OUT:
        if current.decision != Decision.BACK_OUT:
            raise refuse("result", _("It is not decided to back out."))
        return
    if current.decision == Decision.BACK_OUT:
        raise refuse("result", _("It is decided to back out; nothing more is deployed."))
    if row.sort in AFTER_DECISION and current.decision != Decision.GO:
        raise refuse("result", _("It is not decided to go on."))
    earlier = FORWARD[: FORWARD.index(row.sort)]
    before = current.steps.filter(sort__in=earlier, done_at=None)
    refuse_for(Need("result", _("Not done yet: %(step)s.") % {"step": one}) for one in before)


def _update(current: Release, row: ReleaseItem, actor: Actor, now: datetime) -> None:
    before = register.alter_item(row.item, {}, authority=authority_of(row.change), actor=actor, now=now)
    row.revision_before, row.updated_at = before.revision, now
    register.alter_item(
        row.item, {"revision": row.revision}, authority=authority_of(row.change), actor=actor, now=now
    )
    row.save(update_fields=["revision_before", "updated_at"])
    _log(current, "updated", row, before.revision, row.revision, actor, now)


def _log(
    current: Release, what: str, row: ReleaseItem, before: str, after: str, actor: Actor, now: datetime
) -> None:
    records_log.write(
        current, f"release.{what}", actor=actor, at=now, item=f"{row.item.number} {row.item.name}",
        before=before or "–", after=after or "–", change=row.change.number,
    )  # fmt: skip


def decide(release: Release, *, decision: str, words: str, actor: Actor, now: datetime) -> Release:
    """At the decision point the person named in the plan says: go on, or back out (REL-09).

    Who went on may still back out while it is watched; a back-out is not taken back.
    """
    if decision not in Decision.values:
        raise refuse("decision", _("Go on or back out."), "required")
    words = needed(words, "words", _("Say why."))
    with transaction.atomic():
        current = begun(release, "decide_release", lifecycle.RUNNING, actor=actor, now=now)
        if actor.user_id != current.decider_id:
            message = _("%(person)s decides this, as the plan says.")
            raise refuse("decision", message % {"person": current.decider})
        if current.decision == Decision.BACK_OUT:
            raise refuse("decision", _("It is decided to back out."), "done")
        if decision == Decision.GO:
            _check_go(current)
        current.decision, current.decision_words = decision, words
        current.decided_by_id, current.decided_at = actor.user_id, now
        save(current, ["decision", "decision_words", "decided_by", "decided_at"], now=now)
        records_log.write(
            current, "release.decided", actor=actor, at=now, text=words,
            decision=records_log.bilingual(Decision(decision).label),
        )  # fmt: skip
    return current


def _check_go(current: Release) -> None:
    """One goes on with what was deployed and tested in production."""
    left = current.steps.filter(sort__in=("deploy", "test"), done_at=None)
    refuse_for(Need("decision", _("Not done yet: %(step)s.") % {"step": row}) for row in left)


def _ended(release: Release, act: str, outcome: str, *, actor: Actor, now: datetime, **more: Any) -> Release:
    changes: dict[str, Any] = {"outcome": outcome, "ended_at": now, **more.pop("changes", {})}
    if release.monitor_until is None:
        changes["monitor_until"] = now + timedelta(days=release.monitor_days)
    return move(release, act, actor=actor, now=now, changes=changes, **more)


def put_in_service(
    release: Release, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """Every step is done and the decision was to go on: it is in service and watched from now on."""
    with transaction.atomic():
        moved = _ended(
            release, "put_in_service", Outcome.SUCCESS, actor=actor, now=now,
            expected_version=expected_version, changes={"in_service_at": now},
        )  # fmt: skip
        refuse_for(needs.of_service(moved))
    return moved


def back_out(
    release: Release, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Release:
    """It failed and is backed out: the back-out steps are done, and the items have their former revision."""
    with transaction.atomic():
        moved = _ended(
            release, "back_out", Outcome.BACKED_OUT, actor=actor, now=now, expected_version=expected_version
        )
        refuse_for(needs.of_back_out(moved))
        _held(moved)
        rows = moved.release_items.filter(updated_at__isnull=False, backed_out_at=None)
        for row in rows.select_related("item", "change").order_by("item_id"):
            _revert(moved, row, actor, now)
        let_go(moved)
    return moved


def _revert(current: Release, row: ReleaseItem, actor: Actor, now: datetime) -> None:
    """The former revision again; what somebody changed since is not overwritten."""
    authority = authority_of(row.change)
    item = register.alter_item(row.item, {}, authority=authority, actor=actor, now=now)
    if item.revision != row.revision:
        words = _("%(item)s has the revision %(revision)s by now; put it right by a change.")
        raise refuse("items", words % {"item": item, "revision": item.revision or "–"})
    register.alter_item(item, {"revision": row.revision_before}, authority=authority, actor=actor, now=now)
    row.backed_out_at = now
    row.save(update_fields=["backed_out_at"])
    _log(current, "reverted", row, row.revision, row.revision_before, actor, now)


def give_up(
    release: Release,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Release:
    """It failed and is not backed out, with the reason; the items keep what they have."""
    reason = needed(reason, "reason", _("Say what failed and why it is not backed out."))
    with transaction.atomic():
        moved = _ended(
            release, "give_up", Outcome.FAILED, actor=actor, now=now, note=reason,
            expected_version=expected_version,
        )  # fmt: skip
        if moved.decision == Decision.BACK_OUT:
            raise refuse("reason", _("It is decided to back out."))
        let_go(moved)
    return moved
