"""The verbs of appointments: make, agree, move, give to somebody else, set out, arrive, call off.

Each locks the ticket, then the engineers concerned, then the appointment. Mistakes come back as
ValidationError keyed by field, refusals as access.Denied, IllegalMove, and Stale where somebody else changed
the appointment meanwhile. Who told us of a time binds us to it: see ``promises``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from accounts.models import Membership, Team, User
from accounts.queries import assignees
from fieldwork import lifecycle, promises, rosters
from fieldwork.lifecycle import LIFECYCLE
from fieldwork.models import LONGEST, MOST_TRAVEL, Appointment
from fieldwork.verbs import instant
from records import log as records_log
from records.kinds import TICKETS
from records.lifecycle import Phase
from records.models import Record
from records.services import begin, refuse
from shifts.services import lock_people

PAST = timedelta(hours=1)  # who is there already may still write down that it was agreed
MOST_AHEAD = timedelta(days=400)


@dataclass
class Stale(Exception):
    """Somebody changed the appointment since it was read."""

    row: Appointment


def make(
    ticket: Record,
    *,
    engineer: User | None,
    starts_at: datetime,
    ends_at: datetime,
    site: str,
    key: UUID,
    actor: Actor,
    now: datetime,
    is_agreed: bool = False,
    agreed_with: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    task: str = "",
    travel_minutes: int = 0,
    team: Team | None = None,
    override_reason: str = "",
    is_held: bool = False,
) -> Appointment:
    """Make an appointment, proposed or (``is_agreed``) agreed with the customer; once for each key.

    ``is_held``: the ticket waits for the agreed appointment; whether that pauses clocks, its agreement says.
    """
    with transaction.atomic():
        current = begin(ticket, "plan_visit", actor=actor, now=now, expected_version=None)
        if known := Appointment.objects.filter(key=key, ticket=current.pk).first():
            return known
        if current.kind not in TICKETS or current.phase == Phase.DONE:
            raise refuse("ticket", _("Appointments are made for open tickets."))
        row = Appointment(
            ticket=current, customer_id=current.customer_id, engineer=engineer, starts_at=starts_at,
            ends_at=ends_at, site=site.strip(), contact_name=contact_name.strip(),
            contact_phone=contact_phone.strip(), task=task.strip(), travel_minutes=travel_minutes,
            team=team or _team_of(engineer, current), made_by_id=actor.user_id, made_at=now, key=key,
        )  # fmt: skip
        _place(row, override_reason, actor=actor, now=now)
        if is_agreed:
            _bind(row, agreed_with, now)
        _store(row, actor)
        tell(row, "agree" if is_agreed else "propose", actor=actor, now=now)
        _tell_outside(row, actor=actor, now=now)
        if is_agreed:
            promises.settle(row, reason=promises.AGREED, actor=actor, now=now)
            promises.hold(row, is_wanted=is_held, actor=actor, now=now)
    return row


def _team_of(engineer: User | None, ticket: Record) -> Team | None:
    """The ticket's team, or one of the engineer's where he is of another."""
    if engineer is None:
        return ticket.team
    own = Membership.objects.filter(user=engineer).order_by("pk").select_related("team")
    teams = [each.team for each in own]
    return ticket.team if ticket.team in teams or not teams else teams[0]


def _place(row: Appointment, override_reason: str, *, actor: Actor, now: datetime) -> None:
    """Check what was asked for: the span, the engineer, and the roster; fills in what follows from it."""
    row.starts_at, row.ends_at = (at.replace(second=0, microsecond=0) for at in (row.starts_at, row.ends_at))
    if not timedelta(0) < row.ends_at - row.starts_at <= LONGEST:
        raise refuse("ends_at", _("It ends after it begins, and within a week."))
    if not now - PAST <= row.starts_at <= now + MOST_AHEAD:
        raise refuse("starts_at", _("Choose a time that is still to come, within the next year."))
    if not 0 <= row.travel_minutes <= MOST_TRAVEL:
        raise refuse("travel_minutes", _("At most a day."))
    if not row.site:
        raise refuse("site", _("Say where it is."), "required")
    row.busy_from = row.starts_at - timedelta(minutes=row.travel_minutes)
    row.override_reason = override_reason.strip()[:300]
    if row.engineer is None:
        return
    if not assignees(actor).filter(pk=row.engineer.pk).exists():
        raise refuse("engineer", _("Choose an active person of ours."))
    if not row.engineer.actor.is_staff_side or not _covers(row.engineer, row):
        raise refuse(
            "engineer", _("%(person)s does not work for this customer.") % {"person": row.engineer.name}
        )
    if not row.override_reason and (words := rosters.warning(row.engineer, row.starts_at, row.ends_at)):
        message = _("%(warning)s Choose another time, or say why it is all right.")
        raise refuse("override_reason", message % {"warning": words}, "outside_roster")


def _covers(engineer: User, row: Appointment) -> bool:
    scope = engineer.actor.scope
    return scope is None or row.customer_id in scope


def _store(row: Appointment, actor: Actor) -> None:
    """Save it where the engineer is free; the database has the last word (an exclusion constraint)."""
    if row.engineer_id:
        lock_people([row.engineer_id])
    _refuse_clash(row, actor)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "appointment_one_at_a_time" not in str(error):
            raise
        _refuse_clash(row, actor)
        raise refuse("starts_at", _("The engineer has another appointment then."), "clash") from None


def _refuse_clash(row: Appointment, actor: Actor) -> None:
    if row.state in lifecycle.OPEN and (other := rosters.clash_of(row)):
        names_all = actor.scope is None or other.customer_id in actor.scope
        raise refuse("starts_at", rosters.clash_words(other, names_all=names_all), "clash")


def _bind(row: Appointment, agreed_with: str, now: datetime) -> None:
    if row.state == lifecycle.PROPOSED:
        advance(row, "agree")
    row.promised_at, row.agreed_at = row.starts_at, now
    row.agreed_with = (agreed_with.strip() or row.contact_name or row.ticket.requester.name)[:120]
    row.wish, row.wished_at, row.wished_for = "", None, None


def tell(row: Appointment, action: str, *, actor: Actor, now: datetime, text: str = "", **data: Any) -> None:
    """Write it into the ticket's log, from which the customer and the engineer are told."""
    facts = {
        "when": instant(row.starts_at), "engineer": row.engineer.label if row.engineer else _nobody(),
        "site": row.site, "visit": row.pk, "people": [row.engineer_id] if row.engineer_id else [],
    }  # fmt: skip
    records_log.write(row.ticket, f"visit.{action}", actor=actor, at=now, text=text, **{**facts, **data})


def _nobody() -> dict[str, str]:
    return {"en": "nobody named yet", "zh": "待定人员"}


def _tell_outside(row: Appointment, *, actor: Actor, now: datetime) -> None:
    if row.override_reason and row.engineer:
        tell(row, "outside_roster", actor=actor, now=now, reason=row.override_reason)


def take(
    row: Appointment, action: str, *, actor: Actor, now: datetime, expected_version: int | None
) -> Appointment:
    """The first half of every verb: the ticket's lock, the permission, the row locked, its version."""
    ticket = begin(row.ticket, action, actor=actor, now=now, expected_version=None)
    current = (
        Appointment.objects.select_for_update(of=("self",)).select_related("engineer", "team").get(pk=row.pk)
    )
    current.ticket = ticket
    if expected_version is not None and current.version != expected_version:
        raise Stale(current)
    return current


def keep(row: Appointment, *, actor: Actor) -> None:
    row.version += 1
    _store(row, actor)


def agree(
    row: Appointment,
    *,
    actor: Actor,
    now: datetime,
    agreed_with: str = "",
    is_held: bool = False,
    expected_version: int | None = None,
) -> Appointment:
    """The customer agrees, in the portal or told to the staff. Its beginning is now the promise."""
    with transaction.atomic():
        current = take(row, "agree_visit", actor=actor, now=now, expected_version=expected_version)
        LIFECYCLE.next_state(current.state, "agree")
        if not actor.is_desk_side and current.starts_at < now:
            raise refuse("starts_at", _("This time is over. Please ask for another one."))
        _bind(current, agreed_with or ("" if actor.is_desk_side else actor.name), now)
        keep(current, actor=actor)
        tell(current, "agree", actor=actor, now=now)
        promises.settle(current, reason=promises.AGREED, actor=actor, now=now)
        promises.hold(current, is_wanted=is_held, actor=actor, now=now)
    return current


def change(
    row: Appointment,
    *,
    starts_at: datetime,
    ends_at: datetime,
    asked: str,
    reason: str,
    actor: Actor,
    now: datetime,
    travel_minutes: int | None = None,
    override_reason: str = "",
    expected_version: int | None = None,
) -> Appointment:
    """Move it. ``asked`` says who wanted it (Appointment.Asked): what the customer did not agree to moves no
    promise, only the visit."""
    if asked not in Appointment.Asked.values:
        raise refuse("asked", _("Say who wanted it."), "invalid_choice")
    if not reason.strip():
        raise refuse("reason", _("Say why."), "required")
    with transaction.atomic():
        current = take(row, "plan_visit", actor=actor, now=now, expected_version=expected_version)
        _require_ahead(current)
        before = current.starts_at
        current.starts_at, current.ends_at = starts_at, ends_at
        if travel_minutes is not None:
            current.travel_minutes = travel_minutes
        _place(current, override_reason, actor=actor, now=now)
        is_bound = asked != Appointment.Asked.US
        if is_bound:
            _bind(current, "", now)
        keep(current, actor=actor)
        label = Appointment.Asked(asked).label
        tell(
            current, "moved", actor=actor, now=now, before=instant(before), reason=reason.strip()[:500],
            asked=records_log.bilingual(label), code=asked,
        )  # fmt: skip
        _tell_outside(current, actor=actor, now=now)
        if is_bound:
            why = promises.WISHED if asked == Appointment.Asked.CUSTOMER else promises.AGREED
            promises.settle(current, reason=why, actor=actor, now=now)
    return current


def _require_ahead(row: Appointment) -> None:
    if row.state not in lifecycle.BEFORE_ARRIVAL:
        LIFECYCLE.next_state(row.state, "cancel")  # raises: what is over stays as it was


def give(
    row: Appointment,
    *,
    engineer: User | None,
    reason: str,
    actor: Actor,
    now: datetime,
    override_reason: str = "",
    expected_version: int | None = None,
) -> Appointment:
    """Give it to another engineer, or to nobody yet. What was agreed with the customer stays."""
    with transaction.atomic():
        current = take(row, "plan_visit", actor=actor, now=now, expected_version=expected_version)
        _require_ahead(current)
        former = current.engineer_id
        if former == (engineer.pk if engineer else None):
            return current
        if former and not reason.strip():
            raise refuse("reason", _("Say why."), "required")
        current.engineer = engineer
        current.team = _team_of(engineer, current.ticket)
        _place_again(current, override_reason, actor=actor, now=now)
        keep(current, actor=actor)
        people = [pk for pk in (former, current.engineer_id) if pk]
        tell(current, "given", actor=actor, now=now, reason=reason.strip()[:500] or "–", people=people)
        _tell_outside(current, actor=actor, now=now)
    return current


def _place_again(row: Appointment, override_reason: str, *, actor: Actor, now: datetime) -> None:
    """The checks of a new engineer; the time itself may have come already."""
    _place(row, override_reason, actor=actor, now=min(now, row.starts_at))


def wish(
    row: Appointment, *, words: str, wished_for: datetime | None, actor: Actor, now: datetime
) -> Appointment:
    """The customer asks for another time; the visit stands until somebody of ours moves it."""
    if not words.strip() and wished_for is None:
        raise refuse("words", _("Say which time would suit you."), "required")
    if wished_for and not now < wished_for <= now + MOST_AHEAD:
        raise refuse("wished_for", _("Choose a time that is still to come, within the next year."))
    with transaction.atomic():
        current = take(row, "ask_visit", actor=actor, now=now, expected_version=None)
        if current.state not in lifecycle.AHEAD:
            LIFECYCLE.next_state(current.state, "agree")
        current.wish, current.wished_for, current.wished_at = words.strip()[:500], wished_for, now
        keep(current, actor=actor)
        tell(current, "wished", actor=actor, now=now, text=current.wish)
    return current


def set_out(
    row: Appointment, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Appointment:
    """The engineer is on the way."""
    with transaction.atomic():
        current = take(row, "work_visit", actor=actor, now=now, expected_version=expected_version)
        advance(current, "set_out")
        _require_engineer(current)
        current.set_out_at = now
        keep(current, actor=actor)
        tell(current, "set_out", actor=actor, now=now)
    return current


def advance(row: Appointment, action: str) -> None:
    """Take it through one move of its lifecycle; IllegalMove if that is not possible now."""
    row.state = LIFECYCLE.next_state(row.state, action)


def _require_engineer(row: Appointment) -> None:
    if row.engineer_id is None:
        raise refuse("engineer", _("Name the engineer first."), "required")


def arrive(
    row: Appointment,
    *,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Appointment:
    """Somebody is there since ``at`` (now if not given): the target of arriving is judged by that instant."""
    with transaction.atomic():
        current = take(row, "work_visit", actor=actor, now=now, expected_version=expected_version)
        advance(current, "arrive")
        _require_engineer(current)
        since = at or now
        if not max(current.ticket.opened_at, current.made_at - LONGEST) <= since <= now:
            raise refuse("at", _("Give an instant after the ticket was opened and not in the future."))
        current.arrived_at = since
        keep(current, actor=actor)
        tell(current, "arrive", actor=actor, now=now, arrived=instant(since))
        promises.arrived(current, since, actor=actor, now=now)
    return current


def end(
    row: Appointment,
    action: str,
    *,
    asked: str,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Appointment:
    """Call it off ("cancel"), or record that it did not take place ("miss"), with the reason.

    If the customer wanted it, or agreed, there is no promise any more; otherwise what was agreed stays the
    target until another time is agreed.
    """
    if not reason.strip():
        raise refuse("reason", _("Say why."), "required")
    if asked not in Appointment.Asked.values:
        raise refuse("asked", _("Say who wanted it."), "invalid_choice")
    with transaction.atomic():
        current = take(row, "plan_visit", actor=actor, now=now, expected_version=expected_version)
        advance(current, action)
        current.ended_reason, current.ended_at = reason.strip()[:500], now
        if asked != Appointment.Asked.US:
            current.promised_at = None
        keep(current, actor=actor)
        tell(current, action, actor=actor, now=now, reason=current.ended_reason, code=asked)
        promises.settle(current, reason=promises.CALLED_OFF, actor=actor, now=now)
        promises.resume(current, actor=actor, now=now)
    return current


def require_dispatch(actor: Actor) -> None:
    """The board, the calendars and the figures are the staff's."""
    require(actor, "see_dispatch")
