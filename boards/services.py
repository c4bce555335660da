"""What comes before a meeting of the board: its seats, when it meets, who takes part, its agenda.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.services import check_responsible
from boards import agenda, lifecycle
from boards.models import AgendaItem, BoardMeeting, Member, Participant
from changes.models import Change
from itsm.templatetags.ui import instant_words
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Priority, Watch
from records.services import begin, move, open_record, refuse, save

LENGTH = timedelta(hours=1)
LONGEST = timedelta(days=1)
PLANNED = frozenset({lifecycle.PLANNED})


# --- who sits on the board -------------------------------------------------------------------------


def seat(person: User, *, part: str, has_vote: bool, actor: Actor, now: datetime) -> Member:
    """Give somebody a seat, or change what it is. Safe to repeat."""
    access.require(actor, "lead_boards")
    if not (person.is_active and person.actor.is_staff_side):
        raise refuse("user", _("Choose an active person of the provider."))
    made, _created = Member.objects.update_or_create(
        user=person, defaults={"part": part.strip()[:150], "has_vote": has_vote, "is_active": True}
    )
    return made


def unseat(member: Member, *, actor: Actor, now: datetime) -> Member:
    """Somebody leaves the board; meetings he took part in keep him."""
    access.require(actor, "lead_boards")
    member.is_active = False
    member.save(update_fields=["is_active"])
    return member


# --- the meeting ------------------------------------------------------------------------------------


def plan(
    *,
    meets_at: datetime,
    chair: User,
    actor: Actor,
    now: datetime,
    ends_at: datetime | None = None,
    place: str = "",
    quorum: int | None = None,
    title: str = "",
) -> BoardMeeting:
    """Plan a meeting: the members take part, and what waits for the board is on its agenda."""
    access.require(actor, "lead_boards")
    check_responsible(chair, "chair")
    until = ends_at or meets_at + LENGTH
    _check_time(meets_at, until)
    seats = list(Member.objects.filter(is_active=True, user__is_active=True).select_related("user"))
    voters = {member.user_id for member in seats if member.has_vote} | {chair.pk}
    provider = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]
    with transaction.atomic():
        made: BoardMeeting = open_record(
            BoardMeeting, Kind.BOARD, actor=actor, now=now, customer=provider, assignee=chair,
            title=title.strip()[:200] or "变更管理委员会会议 · CAB meeting",
            requester=User.objects.get(pk=actor.user_id), priority=Priority.MODERATE, meets_at=meets_at,
            ends_at=until, place=place.strip()[:200], quorum=quorum or len(voters) // 2 + 1,
        )  # fmt: skip
        for member in seats:
            _join(
                made,
                member.user,
                member.user.name,
                Participant.Standing.PERMANENT,
                member.part,
                member.has_vote,
            )
        _join(made, chair, chair.name, Participant.Standing.PERMANENT, "", has_vote=True)
        agenda.fill(made, actor=actor)
    return made


def _check_time(meets_at: datetime, ends_at: datetime) -> None:
    if not timedelta(0) < ends_at - meets_at <= LONGEST:
        raise refuse("ends_at", _("It ends after it begins, and within a day."))


def _join(
    meeting: BoardMeeting, person: User | None, name: str, standing: str, part: str, has_vote: bool
) -> Participant:
    made, _created = Participant.objects.get_or_create(
        meeting=meeting, name=name[:150],
        defaults={"user": person, "standing": standing, "part": part[:150], "has_vote": has_vote},
    )  # fmt: skip
    if person:
        Watch.objects.get_or_create(record_id=meeting.pk, user=person)
    return made


def begin_act(
    meeting: BoardMeeting,
    act: str,
    states: frozenset[str],
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> BoardMeeting:
    """As every act that is no move begins: lock, permission, version, state."""
    current = begin(meeting, act, actor=actor, now=now, expected_version=version)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def prepare(
    meeting: BoardMeeting,
    *,
    meets_at: datetime,
    ends_at: datetime,
    place: str,
    chair: User,
    quorum: int,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> BoardMeeting:
    """Change when, where, under whom it meets and how many must be there to decide; until it has ended."""
    _check_time(meets_at, ends_at)
    check_responsible(chair, "chair")
    if quorum < 1:
        raise refuse("quorum", _("At least one must be there."))
    wanted: dict[str, Any] = {
        "meets_at": meets_at, "ends_at": ends_at, "place": place.strip()[:200], "assignee": chair,
        "quorum": quorum,
    }  # fmt: skip
    with transaction.atomic():
        current = begin_act(meeting, "prepare", lifecycle.BEFORE_THE_END, actor, now, expected_version)
        changed = [name for name, value in wanted.items() if getattr(current, name) != value]
        for name in changed:
            setattr(current, name, wanted[name])
        if changed:
            _join(current, chair, chair.name, Participant.Standing.PERMANENT, "", has_vote=True)
            save(current, changed, now=now)
            records_log.write(current, "board.prepare", actor=actor, at=now, parts=_fields(changed))
    return current


def _fields(names: Sequence[str]) -> dict[str, str]:
    pairs = [
        records_log.bilingual(getattr(BoardMeeting._meta.get_field(n), "verbose_name", n)) for n in names
    ]
    return {"en": ", ".join(p["en"] for p in pairs), "zh": "、".join(p["zh"] for p in pairs)}


def note_change(meeting: BoardMeeting, what: Any, *, actor: Actor, now: datetime) -> None:
    """Something beside the meeting's own columns was changed: a new version, and the log says what."""
    save(meeting, [], now=now)
    records_log.write(meeting, "board.prepare", actor=actor, at=now, parts=records_log.bilingual(what))


def add_participant(
    meeting: BoardMeeting,
    *,
    person: User | None,
    name: str,
    part: str,
    has_vote: bool,
    actor: Actor,
    now: datetime,
) -> BoardMeeting:
    """A guest: a colleague with an account, or the name of somebody without one, who has no vote."""
    if person is None and not name.strip():
        raise refuse("name", _("Choose a person or write a name."), "required")
    if person and not (person.is_active and person.actor.is_staff_side):
        raise refuse("person", _("Choose an active person of the provider."))
    if person is None and has_vote:
        raise refuse("has_vote", _("Only somebody with an account votes."))
    with transaction.atomic():
        current = begin_act(meeting, "prepare", lifecycle.BEFORE_THE_END, actor, now)
        called = person.name if person else name.strip()
        try:
            with transaction.atomic():
                _join(current, person, called, Participant.Standing.GUEST, part.strip(), has_vote)
        except IntegrityError:
            raise refuse("person", _("This person takes part already."), "unique") from None
        note_change(current, Participant._meta.verbose_name_plural, actor=actor, now=now)
    return current


def remove_participant(
    meeting: BoardMeeting, participant: Participant, *, actor: Actor, now: datetime
) -> BoardMeeting:
    """Somebody does not take part after all. The chair stays, and who has voted does."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", lifecycle.BEFORE_THE_END, actor, now)
        if participant.user_id and participant.user_id == current.assignee_id:
            raise refuse("participant", _("The chair takes part; choose another chair first."))
        if participant.votes.exists():
            raise refuse("participant", _("Who has voted stays in the minutes."))
        if participant.user_id:
            Watch.objects.filter(record_id=current.pk, user=participant.user_id).delete()
        Participant.objects.filter(pk=participant.pk, meeting=current).delete()
        note_change(current, Participant._meta.verbose_name_plural, actor=actor, now=now)
    return current


# --- the agenda --------------------------------------------------------------------------------------


def propose_agenda(meeting: BoardMeeting, *, actor: Actor, now: datetime) -> int:
    """Put what waits for the board and is on no agenda yet at the end of this one; answers how many."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", lifecycle.BEFORE_THE_END, actor, now)
        added = agenda.fill(current, actor=actor)
        if added:
            note_change(current, AgendaItem._meta.verbose_name_plural, actor=actor, now=now)
    return added


def add_item(meeting: BoardMeeting, change: Change, *, actor: Actor, now: datetime) -> BoardMeeting:
    """Put one change at the end of the agenda. Safe to repeat."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", lifecycle.BEFORE_THE_END, actor, now)
        if agenda.add(current, change):
            note_change(current, AgendaItem._meta.verbose_name_plural, actor=actor, now=now)
    return current


def remove_item(meeting: BoardMeeting, item: AgendaItem, *, actor: Actor, now: datetime) -> BoardMeeting:
    """Take a change off the agenda again, before anything was said about it."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", lifecycle.BEFORE_THE_END, actor, now)
        if item.decision or item.votes.exists():
            raise refuse("item", _("The board has begun with it; put it off instead."))
        AgendaItem.objects.filter(pk=item.pk, meeting=current).delete()
        note_change(current, AgendaItem._meta.verbose_name_plural, actor=actor, now=now)
    return current


def move_item(
    meeting: BoardMeeting, item: AgendaItem, *, up: bool, actor: Actor, now: datetime
) -> BoardMeeting:
    """Change places with the one before or after it."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", lifecycle.BEFORE_THE_END, actor, now)
        if agenda.swap(current, item, up=up):
            note_change(current, AgendaItem._meta.verbose_name_plural, actor=actor, now=now)
    return current


def invite(meeting: BoardMeeting, *, note: str, actor: Actor, now: datetime) -> BoardMeeting:
    """Send everybody who takes part the time, the place and the agenda."""
    with transaction.atomic():
        current = begin_act(meeting, "prepare", PLANNED, actor, now)
        numbers = ", ".join(current.agenda.values_list("change__number", flat=True)) or "–"
        text = "\n".join(part for part in (note.strip(), current.place, numbers) if part)
        records_log.write(
            current, "board.invite", actor=actor, at=now, text=text,
            day={"instant": current.meets_at.isoformat()}, agenda=numbers,
        )  # fmt: skip
    return current


def call_off(meeting: BoardMeeting, *, reason: str, actor: Actor, now: datetime) -> BoardMeeting:
    """It does not take place; what was on its agenda waits for another one."""
    if not reason.strip():
        raise refuse("reason", _("Say why the meeting does not take place."), "required")
    day = instant_words(meeting.meets_at)
    return move(meeting, "call_off", actor=actor, now=now, note=reason.strip(), day=day)
