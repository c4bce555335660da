"""The verbs of a shift change: hand over, ask back, accept; tick the checklist; write the daily log.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, what is not possible any
more as records.lifecycle.IllegalMove.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, require
from accounts.models import Membership, Team
from records.lifecycle import IllegalMove
from records.models import Record
from records.services import refuse
from shifts.models import (
    ChecklistItem,
    ChecklistTick,
    Handover,
    HandoverLine,
    HandoverRemark,
    LogEntry,
    ShiftPattern,
    day_of,
)

NOTE_LENGTH = 500


def open_tickets(team: Team) -> Any:
    """All open tickets of a team, what is due first first: whoever may see them, none is forgotten."""
    rows = Record.objects.tickets().open().filter(team=team)
    return rows.select_related("assignee", "customer").order_by("next_due_at", "pk")


def hand_over(
    team: Team, *, note: str, notes: Mapping[int, str], key: uuid.UUID, actor: Actor, now: datetime
) -> Handover:
    """Freeze the team's open tickets with a note to some of them (by id of the record), for the next shift.

    The same ``key`` again answers the hand-over there is. Only somebody of the team hands over.
    """
    require(actor, "hand_over")
    _of_the_team(team, actor, "hand_over")
    if too_long := next((n for n in notes.values() if len(n) > NOTE_LENGTH), None):
        raise refuse("note", _("A note has at most %(n)s characters: “%(start)s …”") % {
            "n": NOTE_LENGTH, "start": too_long[:30],
        })  # fmt: skip
    with transaction.atomic():
        # one hand-over of a team after the other, so that a form sent twice finds what the first one made
        Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        if there := Handover.objects.filter(key=key).first():
            return there
        made = Handover.objects.create(
            team=team, given_by_id=actor.user_id, given_at=now, note=note.strip(), key=key
        )
        HandoverLine.objects.bulk_create(_line(made, ticket, notes) for ticket in open_tickets(team))
        _log(team, LogEntry.Sort.HANDOVER, actor, now, key=f"handover:{made.pk}:given", handover=made)
        return made


def _line(handover: Handover, ticket: Record, notes: Mapping[int, str]) -> HandoverLine:
    return HandoverLine(
        handover=handover, record=ticket, number=ticket.number, title=ticket.title, kind=ticket.kind,
        record_state=ticket.state, priority=ticket.priority, assignee=ticket.assignee,
        next_due_at=ticket.next_due_at, note=notes.get(ticket.pk, "").strip(),
    )  # fmt: skip


def _of_the_team(team: Team, actor: Actor, action: str) -> None:
    """Denied unless the actor works in the team now."""
    if not Membership.objects.filter(team=team, user=actor.user_id).exists():
        raise Denied(actor, action)


def may_take_part(team: Team, actor: Actor) -> bool:
    """Whether the actor hands over and accepts for a team."""
    return Membership.objects.filter(team=team, user=actor.user_id).exists()


def _begin(handover: Handover, act: str, actor: Actor) -> Handover:
    require(actor, "hand_over")
    locked = Handover.objects.select_for_update(of=("self",)).select_related("team").get(pk=handover.pk)
    _of_the_team(locked.team, actor, "hand_over")
    if locked.state == Handover.State.ACCEPTED:
        raise IllegalMove(act, locked.state, ())
    return locked


def accept(handover: Handover, *, actor: Actor, now: datetime) -> Handover:
    """Take it over. Whoever handed over does not accept it; accepting again what one accepted is the same."""
    with transaction.atomic():
        locked = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
        if locked.accepted_by_id == actor.user_id:
            return locked
        locked = _begin(handover, "accept", actor)
        if locked.given_by_id == actor.user_id:
            raise refuse(
                "accepted_by", _("Whoever handed over cannot accept it; the next shift does."), "self"
            )
        locked.state, locked.accepted_at = Handover.State.ACCEPTED, now
        locked.accepted_by_id = actor.user_id
        locked.save(update_fields=["state", "accepted_at", "accepted_by"])
        key = f"handover:{locked.pk}:accepted"
        _log(locked.team, LogEntry.Sort.HANDOVER, actor, now, key=key, handover=locked)
        return locked


def remark(handover: Handover, *, text: str, actor: Actor, now: datetime) -> HandoverRemark:
    """Ask back before accepting; what the one who handed over says is the answer."""
    text = text.strip()
    if not text:
        raise refuse("text", _("Write what you want to know."), "required")
    with transaction.atomic():
        locked = _begin(handover, "remark", actor)
        is_answer = locked.given_by_id == actor.user_id
        locked.state = Handover.State.GIVEN if is_answer else Handover.State.ASKED_BACK
        locked.save(update_fields=["state"])
        return HandoverRemark.objects.create(handover=locked, by_id=actor.user_id, at=now, text=text[:1000])


def write(
    team: Team, *, text: str, actor: Actor, now: datetime, key: str, record: Record | None = None
) -> LogEntry:
    """Add a line to the team's daily log; the same ``key`` again is the same line."""
    require(actor, "keep_log")
    if not text.strip():
        raise refuse("text", _("Write what happened."), "required")
    with transaction.atomic():
        return _log(team, LogEntry.Sort.NOTE, actor, now, key=key, text=text.strip(), record=record)


def tick(
    item: ChecklistItem, *, pattern: ShiftPattern, day: date, actor: Actor, now: datetime
) -> ChecklistTick:
    """Somebody looked after one thing before a shift; the first time counts."""
    require(actor, "keep_log")
    _of_the_team(item.team, actor, "keep_log")
    with transaction.atomic():
        made, is_new = ChecklistTick.objects.get_or_create(
            item=item, pattern=pattern, date=day, by_id=actor.user_id, defaults={"at": now}
        )
        wanted = set(
            ChecklistItem.objects.filter(team=item.team, is_active=True).values_list("pk", flat=True)
        )
        ticked = ChecklistTick.objects.filter(pattern=pattern, date=day, by=actor.user_id)
        if is_new and wanted <= set(ticked.values_list("item", flat=True)):
            key = f"checklist:{item.team_id}:{pattern.pk}:{day}:{actor.user_id}"
            _log(item.team, LogEntry.Sort.CHECKLIST, actor, now, key=key, text=pattern.hours)
        return made


def _log(team: Team, sort: str, actor: Actor, now: datetime, *, key: str, **facts: Any) -> LogEntry:
    facts = {"team": team, "day": day_of(team, now).date(), "at": now, "by_id": actor.user_id, **facts}
    return LogEntry.objects.get_or_create(key=key, defaults={**facts, "sort": sort})[0]
