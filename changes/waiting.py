"""Approvals that wait: whoever is asked is reminded once, and may let somebody else decide in his place.

Only who is asked by name hands over: where any leader may decide, nobody has to be named. The board has its
meetings.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import User
from accounts.services import system_actor
from changes import deciding, lifecycle
from changes.models import Approval, Change
from records import log as records_log
from records import reminders
from records.lifecycle import IllegalMove
from records.services import begin, lock, refuse, save


def handable(change: Change, actor: Actor) -> Approval | None:
    """The decision of the present round that waits for this actor by name."""
    rows = (row for row in deciding.decidable(change, actor) if row.person_id == actor.user_id)
    return next(rows, None)


def may_stand_in(person: User, change: Change) -> bool:
    """Whether somebody could decide: staff who may, whose own change it is not, and who is not asked yet."""
    if not person.actor.is_staff_side or not deciding.may_speak(person, change):
        return False
    present = change.approvals.filter(round=change.round)
    return not any(person.pk in (row.person_id, row.decided_by_id) for row in present)


def hand_over(
    change: Change,
    *,
    person: User,
    words: str = "",
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Change:
    """Let ``person`` decide in place of the actor, who was asked by name. It is logged, and he is told."""
    with transaction.atomic():
        current = begin(change, "decide_change", actor=actor, now=now, expected_version=expected_version)
        if current.state != lifecycle.APPROVING:
            way = lifecycle.WAYS[current.category]
            raise IllegalMove("decide_change", current.state, way.legal_moves(current.state))
        row = handable(current, actor)
        if row is None:
            words_ = _("No decision waits for you by name: any leader may decide.")
            raise refuse("person", words_, "not_asked")
        if not may_stand_in(person, current):
            words_ = _("Choose somebody who may decide, is not asked yet, and whose own change it is not.")
            raise refuse("person", words_, "invalid_choice")
        row.handed_by_id = row.handed_by_id or actor.user_id
        row.person, row.handed_at, row.reminded_at = person, now, None
        row.save(update_fields=["handed_by", "person", "handed_at", "reminded_at"])
        save(current, [], now=now)
        records_log.write(
            current, "change.handed_over", actor=actor, at=now, text=words.strip(), people=[person.pk],
            to=person.name, party=records_log.bilingual(Approval.Party(row.party).label),
        )  # fmt: skip
    return current


def remind(*, now: datetime) -> int:
    """Tell whom a decision waits for after a working day, once for each; answers of how many changes.

    Safe to repeat, and to run twice at once: the change's row is held while it is told of.
    """
    actor, told = system_actor(), 0
    waiting = Approval.objects.waiting().filter(reminded_at=None).exclude(party=Approval.Party.BOARD)
    for pk in waiting.order_by("change").values_list("change", flat=True).distinct():
        with transaction.atomic():
            change = lock(Change.objects.get(pk=pk))
            rows = [
                row
                for row in waiting.filter(change=pk)
                if reminders.is_due(change.customer_id, row.handed_at or row.asked_at, now=now)
            ]
            if not rows:
                continue
            Approval.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
            records_log.write(
                change, "change.approval_reminded", actor=actor, at=now, people=deciding.told(change, rows),
                parties=deciding.party_words(rows),
            )  # fmt: skip
            told += 1
    return told
