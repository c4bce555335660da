"""A meeting while it goes on: who is there, what they vote, and what the chair decides of it.

A decision is carried to the change in the same step, so that the two never differ. Votes are about the change
as it was written when they were cast: what was altered since is voted on anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from boards import lifecycle, minutes, outcome
from boards.models import AgendaItem, BoardMeeting, Participant, Vote
from boards.services import begin_act, note_change
from records import log as records_log
from records.services import move, refuse, save

Decision = AgendaItem.Decision
Purpose = AgendaItem.Purpose
IN_SESSION = frozenset({lifecycle.IN_SESSION})
DECISIONS = {
    Purpose.DECIDE: (Decision.APPROVED, Decision.CONDITIONAL, Decision.REJECTED, Decision.PUT_OFF),
    Purpose.REVIEW: (Decision.CONFIRMED, Decision.OBJECTED, Decision.PUT_OFF),
}
IN_FAVOUR = frozenset({Decision.APPROVED, Decision.CONDITIONAL, Decision.CONFIRMED})


def begin(
    meeting: BoardMeeting, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> BoardMeeting:
    """It begins; from now on it is voted and decided."""
    if not meeting.agenda.exists():
        raise refuse("agenda", _("Nothing is on the agenda yet."))
    return move(
        meeting, "begin", actor=actor, now=now, changes={"begun_at": now}, expected_version=expected_version
    )


def attend(meeting: BoardMeeting, present: Iterable[int], *, actor: Actor, now: datetime) -> BoardMeeting:
    """Who is there: the ids of these participants, and nobody else."""
    wanted = set(present)
    with transaction.atomic():
        current = begin_act(meeting, "prepare", IN_SESSION, actor, now)
        rows = list(current.participants.all())
        changed = [row for row in rows if row.is_present != (row.pk in wanted)]
        for row in changed:
            row.is_present = row.pk in wanted
        Participant.objects.bulk_update(changed, ["is_present"])
        if changed:
            note_change(current, Participant._meta.verbose_name_plural, actor=actor, now=now)
    return current


def vote(
    meeting: BoardMeeting,
    item: AgendaItem,
    *,
    choice: str,
    words: str,
    actor: Actor,
    now: datetime,
    participant: Participant | None = None,
) -> Vote:
    """Vote on an item, or vote otherwise, until it is decided; who votes is there.

    ``participant``: whose vote it is. The chair records what another one says in the room; everybody else
    votes for himself. Who asked for a change does not vote on it.
    """
    if choice not in Vote.Choice.values:
        raise refuse("choice", _("Vote for, against or abstain."), "required")
    with transaction.atomic():
        current = begin_act(meeting, "vote", IN_SESSION, actor, now)
        voter = _voter(current, participant, actor)
        row = _open_item(current, item)
        if voter.user_id == row.change.requester_id:
            raise refuse("choice", _("Who asked for a change does not vote on it."), "own")
        facts = {
            "choice": choice, "words": words.strip()[:500], "content_hash": row.change.content_hash,
            "cast_by_id": actor.user_id, "cast_at": now,
        }  # fmt: skip
        made, _created = Vote.objects.update_or_create(item=row, participant=voter, defaults=facts)
        if not voter.is_present:
            voter.is_present = True
            voter.save(update_fields=["is_present"])
        save(current, [], now=now)
        records_log.write(
            current, "board.vote", actor=actor, at=now, text=made.words, change=row.change.number,
            person=voter.name, choice=records_log.bilingual(Vote.Choice(choice).label),
        )  # fmt: skip
    return made


def _voter(meeting: BoardMeeting, participant: Participant | None, actor: Actor) -> Participant:
    rows = meeting.participants.filter(has_vote=True)
    if participant is None:
        found = rows.filter(user=actor.user_id).first()
    else:
        found = rows.filter(pk=participant.pk).first()
        if found and found.user_id != actor.user_id and meeting.assignee_id != actor.user_id:
            raise access.Denied(actor, "vote")
    if found is None:
        raise access.Denied(actor, "vote")
    return found


def _open_item(meeting: BoardMeeting, item: AgendaItem) -> AgendaItem:
    row: AgendaItem = meeting.agenda.select_for_update(of=("self",)).select_related("change").get(pk=item.pk)
    if row.decision:
        raise refuse("decision", _("This was decided already."), "decided")
    return row


def tally(item: AgendaItem) -> Mapping[str, int]:
    """How many votes of each kind there are about the change as it is written now."""
    counts = Counter(
        vote.choice for vote in item.votes.all() if vote.content_hash == item.change.content_hash
    )
    return {choice: counts[choice] for choice in Vote.Choice.values}


def may_rule(meeting: BoardMeeting, item: AgendaItem, actor: Actor) -> bool:
    """The chair decides; on a change of the chair's own another leader who votes in the meeting does."""
    if meeting.state != lifecycle.IN_SESSION or not access.may(actor, "rule", meeting):
        return False
    own = {item.change.requester_id, item.change.assignee_id}
    if meeting.assignee_id not in own:
        return actor.user_id == meeting.assignee_id
    voting = meeting.participants.filter(user=actor.user_id, has_vote=True)
    return actor.user_id not in own and bool(voting.exists())


def rule(
    meeting: BoardMeeting,
    item: AgendaItem,
    *,
    decision: str,
    conditions: str,
    words: str,
    actor: Actor,
    now: datetime,
) -> AgendaItem:
    """Decide an item for the board, and carry the decision to the change. What is put off stays waiting.

    Refused without quorum, without conditions where there are to be some, and without words where it is
    rejected, put off or decided against the votes.
    """
    with transaction.atomic():
        current = begin_act(meeting, "rule", IN_SESSION, actor, now)
        row = _open_item(current, item)
        if not may_rule(current, row, actor):
            raise access.Denied(actor, "rule")
        _check(current, row, decision, conditions, words)
        row.decision, row.conditions, row.words = decision, conditions.strip(), words.strip()
        row.tally, row.decided_by_id, row.decided_at = dict(tally(row)), actor.user_id, now
        if decision != Decision.CONDITIONAL:
            row.conditions = ""
        row.save(update_fields=["decision", "conditions", "words", "tally", "decided_by", "decided_at"])
        # who decides is there
        current.participants.filter(user=actor.user_id).update(is_present=True)
        outcome.carry(current, row, actor=actor, now=now)
        save(current, [], now=now)
        said = "\n".join(filter(None, (row.conditions, row.words)))
        records_log.write(
            current, "board.rule", actor=actor, at=now, text=said, change=row.change.number,
            decision=records_log.bilingual(Decision(decision).label),
        )  # fmt: skip
    return row


def _check(meeting: BoardMeeting, item: AgendaItem, decision: str, conditions: str, words: str) -> None:
    if decision not in DECISIONS[Purpose(item.purpose)]:
        raise refuse("decision", _("Choose a decision."), "required")
    if decision == Decision.CONDITIONAL and not conditions.strip():
        raise refuse("conditions", _("Write the conditions, one a line."), "required")
    if decision in (Decision.REJECTED, Decision.PUT_OFF, Decision.OBJECTED) and not words.strip():
        raise refuse("words", _("Say why."), "required")
    if decision == Decision.PUT_OFF:
        return
    there = meeting.participants.filter(has_vote=True, is_present=True).count()
    if there < meeting.quorum:
        message = _("%(there)s who vote are there and %(quorum)s are needed; it can only be put off.")
        raise refuse("decision", message % {"there": there, "quorum": meeting.quorum}, "quorum")
    _check_votes(item, decision, words)


def _check_votes(item: AgendaItem, decision: str, words: str) -> None:
    counts = tally(item)
    if item.votes.exists() and not sum(counts.values()):
        raise refuse("decision", _("The change was altered after the votes; vote anew."), "altered")
    if item.purpose == Purpose.DECIDE and not sum(counts.values()):
        raise refuse("decision", _("Nobody has voted yet."), "votes")
    lead = counts[Vote.Choice.FOR] - counts[Vote.Choice.AGAINST]
    is_against = lead < 0 if decision in IN_FAVOUR else lead > 0
    if is_against and not words.strip():
        raise refuse("words", _("This goes against the votes; say why."), "required")


def note(meeting: BoardMeeting, item: AgendaItem, *, text: str, actor: Actor, now: datetime) -> AgendaItem:
    """What is said on an item, for the minutes."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", IN_SESSION, actor, now)
        row: AgendaItem = current.agenda.get(pk=item.pk)
        if row.notes != text.strip():
            row.notes = text.strip()[:5000]
            row.save(update_fields=["notes"])
            note_change(current, AgendaItem._meta.get_field("notes").verbose_name, actor=actor, now=now)
    return row


def end(
    meeting: BoardMeeting, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> BoardMeeting:
    """The meeting is over once every item was decided or put off; its minutes are drawn up."""
    with transaction.atomic():
        current = begin_act(meeting, "end_session", IN_SESSION, actor, now, expected_version)
        open_items = current.agenda.filter(decision="").values_list("change__number", flat=True)
        if numbers := ", ".join(open_items):
            message = _("Still to be decided or put off: %(numbers)s.") % {"numbers": numbers}
            raise refuse("agenda", message)
        current.ended_at = now
        texts: dict[str, Any] = minutes.drawn_up(current)
        return move(current, "end_session", actor=actor, now=now, changes={"ended_at": now, **texts})
