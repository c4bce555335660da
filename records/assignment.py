"""Who works on a record: assign, accept, escalate. Written like records.services, and through it."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, Origin, Role
from accounts.models import Membership, Team, User
from records import alarms, services
from records import log as records_log
from records.kinds import process_of
from records.lifecycle import IllegalMove, Phase
from records.models import Record

R = TypeVar("R", bound=Record)


def assign(
    record: R,
    *,
    team: Team | None,
    assignee: User | None,
    actor: Actor,
    now: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> R:
    """Give a record to a team, a person, or both. A person must be a member of the team."""
    check(team, assignee)
    with transaction.atomic():
        current = _begin(record, "assign", actor, now, expected_version)
        if (current.team_id, current.assignee_id) == (team and team.pk, assignee and assignee.pk):
            return current
        _give(current, team, assignee, actor=actor, now=now)
        holder = assignee or team
        records_log.write(
            current, "record.assigned", actor=actor, at=now, text=note,
            to=holder.label if holder else {"en": "nobody", "zh": "无人"},
            team=team and team.label, tier=team.tier if team else "", assignee=assignee and assignee.label,
        )  # fmt: skip
    return current


def _begin(record: R, act: str, actor: Actor, now: datetime, expected_version: int | None) -> R:
    """As every verb begins; but what is done is worked on by nobody. An import repeats what happened."""
    current = services.begin(record, act, actor=actor, now=now, expected_version=expected_version)
    if current.phase == Phase.DONE and actor.origin != Origin.IMPORT:
        raise IllegalMove(act, current.state, process_of(record.kind).lifecycle.legal_moves(current.state))
    return current


def _give(
    current: Record,
    team: Team | None,
    assignee: User | None,
    *,
    actor: Actor,
    now: datetime,
    is_accepted: bool = False,
) -> None:
    current.team, current.assignee = team, assignee
    changed = ["team", "assignee"]
    if assignee and assignee.pk and current.owner_id is None and current.team and _is_desk(current.team):
        current.owner = assignee
        changed.append("owner")
    services.hand_over(current, now=now, actor=actor, is_accepted=is_accepted)
    services.save(current, changed, now=now)


def _is_desk(team: Team) -> bool:
    return team.tier == Team.Tier.DESK


def check(team: Team | None, assignee: User | None) -> None:
    if team and not team.is_active:
        raise services.refuse("team", _("This team is no longer active; choose another one."))
    if assignee is None:
        return
    if not assignee.is_active:
        raise services.refuse("assignee", _("This person is no longer active; choose another one."))
    if team and not Membership.objects.filter(team=team, user=assignee).exists():
        raise services.refuse(
            "assignee",
            _("%(person)s is not a member of %(team)s; choose a member or another team.")
            % {"person": assignee.name, "team": team.name},
        )
    if team is None and not assignee.actor.is_staff_side and not assignee.actor.has(Role.INTEGRATION):
        raise services.refuse("assignee", _("Tickets are given to the provider's staff only."))


def accept(record: R, *, actor: Actor, now: datetime, expected_version: int | None = None) -> R:
    """The actor takes the record: becomes its assignee, and the acceptance is logged with its tier."""
    with transaction.atomic():
        current = _begin(record, "accept", actor, now, expected_version)
        me = User.objects.get(pk=actor.user_id)
        _give(current, current.team, me, actor=actor, now=now, is_accepted=True)
        records_log.write(
            current, "record.accepted", actor=actor, at=now,
            team=current.team and current.team.label, tier=current.team.tier if current.team else "",
        )  # fmt: skip
    return current


def take(record: R, *, actor: Actor, now: datetime, expected_version: int | None = None) -> R:
    """The actor is assigned the record and accepts it, in one act.

    It stays with its team if the actor belongs to it, else it comes to the actor's own team; who belongs to
    no team takes it where it is.
    """
    with transaction.atomic():
        current = _begin(record, "accept", actor, now, expected_version)
        mine = Team.objects.filter(members=actor.user_id, is_active=True).order_by("pk").first()
        if mine and current.team_id not in actor.team_ids:
            me = User.objects.get(pk=actor.user_id)
            current = assign(current, team=mine, assignee=me, actor=actor, now=now)
        return accept(current, actor=actor, now=now)


TIERS = [t.value for t in (Team.Tier.DESK, Team.Tier.FIRST, Team.Tier.SECOND, Team.Tier.THIRD)]


def escalate(
    record: R,
    *,
    team: Team | None,
    reason: str | Mapping[str, str],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> R:
    """Hand a record to a higher tier (functional escalation), with the reason. The owner stays.

    ``team`` None means the second line of its service; ``reason`` may be a label in both languages.
    """
    words = reason if isinstance(reason, str) else reason["en"]
    if not words.strip():
        raise services.refuse("reason", _("Say why the ticket is escalated."), "required")
    with transaction.atomic():
        current = _begin(record, "escalate", actor, now, expected_version)
        to = team or alarms.second_line_of(current)
        if to is None:
            raise services.refuse(
                "team", _("Choose the team of a higher tier; the service names no second line.")
            )
        before = current.team
        if before and TIERS.index(to.tier) <= TIERS.index(before.tier):
            raise services.refuse(
                "team",
                _("%(team)s is not of a higher tier than %(present)s.")
                % {"team": to.name, "present": before.name},
            )
        late = current.next_due_at is not None and current.next_due_at < now
        _give(current, to, None, actor=actor, now=now)
        records_log.write(
            current, "record.escalated", actor=actor, at=now, text=words, to=to.label, reason=reason,
            from_tier=before.tier if before else "", to_tier=to.tier, team=to.label, in_time=not late,
        )  # fmt: skip
    return current
