"""The changes that every kind of ticket knows: its hands, its priority, words on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES, Actor, require
from accounts.models import Team, User
from records import assignment, services
from records.changes import Change, Effect, Parts, register, unchanged
from records.fields import RemoteChoice
from records.kinds import process_of
from records.lifecycle import IllegalMove, Phase
from records.models import Priority, Record

NOBODY = _("nobody")


def _edit_priority(record: Record, priority: int, reason: str, *, actor: Actor, now: datetime) -> None:
    changes = {"priority": priority}
    services.edit(record, changes, actor=actor, now=now, expected_version=None, reason=reason)


@dataclass(frozen=True)
class Writers:
    """A process's own verbs for what every process does; the kernel's where it has none."""

    assign: Callable[..., Any] = assignment.assign
    prioritise: Callable[..., Any] = _edit_priority
    escalate: Callable[..., Any] = assignment.escalate


_WRITERS: dict[str, Writers] = {}


def write_with(kind: str, writers: Writers) -> None:
    """Let the common changes of a kind go by its process's own verbs. From AppConfig.ready()."""
    _WRITERS[kind] = writers


def _writers(record: Record) -> Writers:
    return _WRITERS.get(record.kind, Writers())


# --- checks previews share -----------------------------------------------------------------------


def ready(record: Record, act: str, *, actor: Actor) -> None:
    """Denied, or IllegalMove for a record that is done."""
    require(actor, act, record)
    if record.phase == Phase.DONE:
        raise IllegalMove(act, record.state, process_of(record.kind).lifecycle.legal_moves(record.state))


def movable(record: Record, move: str, *, actor: Actor) -> str:
    """The words of the state a move would lead to. Raises Denied, IllegalMove."""
    require(actor, move, record)
    process = process_of(record.kind)
    return str(dict(process.labels.choices)[process.lifecycle.next_state(record.state, move)])


def state_words(record: Record) -> str:
    return str(dict(process_of(record.kind).labels.choices).get(record.state, record.state))


def named(row: Any) -> str:
    """A row's name, or that there is none."""
    return str(row.name) if row else str(NOBODY)


def holder(record: Record) -> str:
    return named(record.assignee or record.team)


# --- hands ---------------------------------------------------------------------------------------


def teams(actor: Actor) -> forms.Field:
    return forms.ModelChoiceField(Team.objects.filter(is_active=True), label=_("Team"))


def colleagues(actor: Actor) -> forms.Field:
    rows = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()
    return RemoteChoice(rows, what="agents", label=_("Person"))


def _give(record: Record, team: Team | None, person: User | None, *, actor: Actor, now: datetime) -> None:
    _writers(record).assign(record, team=team, assignee=person, actor=actor, now=now)


def _preview_team(record: Record, value: Team, *, actor: Actor, now: datetime) -> Effect:
    ready(record, "assign", actor=actor)
    assignment.check(value, None)
    if record.team_id == value.pk:
        raise unchanged()
    return Effect(named(record.team), value.name)


def _apply_team(record: Record, value: Team, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = services.lock(record)
        _preview_team(current, value, actor=actor, now=now)
        _give(current, value, None, actor=actor, now=now)


def _team_for(record: Record, person: User) -> Team | None:
    """The team it is with if the person belongs to it, else the person's own, else where it is."""
    mine = Team.objects.filter(members=person.pk, is_active=True).order_by("pk")
    kept = record.team if record.team_id and mine.filter(pk=record.team_id).exists() else None
    return kept or mine.first()


def _preview_person(record: Record, value: User, *, actor: Actor, now: datetime) -> Effect:
    ready(record, "assign", actor=actor)
    assignment.check(_team_for(record, value), value)
    if record.assignee_id == value.pk:
        raise unchanged()
    return Effect(holder(record), value.name)


def _apply_person(record: Record, value: User, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = services.lock(record)
        _preview_person(current, value, actor=actor, now=now)
        _give(current, _team_for(current, value), value, actor=actor, now=now)


def _preview_nobody(record: Record, value: None, *, actor: Actor, now: datetime) -> Effect:
    ready(record, "assign", actor=actor)
    if record.assignee_id is None:
        raise unchanged()
    return Effect(named(record.assignee), named(record.team))


def _apply_nobody(record: Record, value: None, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = services.lock(record)
        _preview_nobody(current, value, actor=actor, now=now)
        _give(current, current.team, None, actor=actor, now=now)


def _least_busy(record: Record) -> User:
    """The member of its team who holds the fewest open tickets; the same one for the same facts."""
    if record.team_id is None:
        raise ValidationError(gettext("It is with no team yet."), code="team")
    is_open = Q(assigned_records__done_at=None, assigned_records__isnull=False)
    rows = User.objects.filter(is_active=True, memberships__team=record.team_id)
    staff = rows.filter(pk__in=User.objects.filter(grants__role__in=STAFF_ROLES).values("pk"))
    held = Count("assigned_records", filter=is_open, distinct=True)
    found = staff.annotate(held=held).order_by("held", "pk").first()
    if found is None:
        raise ValidationError(gettext("Its team has no members."), code="team")
    return found


def _preview_balanced(record: Record, value: None, *, actor: Actor, now: datetime) -> Effect:
    ready(record, "assign", actor=actor)
    if record.assignee_id is not None:
        raise ValidationError(gettext("Somebody works on it already."), code="unchanged")
    return Effect(holder(record), _least_busy(record).name)


def _apply_balanced(record: Record, value: None, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = services.lock(record)
        _preview_balanced(current, value, actor=actor, now=now)
        _give(current, current.team, _least_busy(current), actor=actor, now=now)


def _preview_take(record: Record, value: None, *, actor: Actor, now: datetime) -> Effect:
    ready(record, "accept", actor=actor)
    if record.assignee_id == actor.user_id:
        raise unchanged()
    return Effect(holder(record), actor.name)


def _apply_take(record: Record, value: None, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = services.lock(record)
        _preview_take(current, value, actor=actor, now=now)
        assignment.take(current, actor=actor, now=now)


# --- priority ------------------------------------------------------------------------------------


def _priorities(actor: Actor) -> forms.Field:
    parts = {
        "priority": forms.TypedChoiceField(choices=Priority.choices, coerce=int, label=_("Priority")),
        "reason": forms.CharField(max_length=300, label=_("Reason")),
    }
    return Parts(parts, label=_("Priority"))


def _priority_words(value: Any) -> str:
    return gettext("%(priority)s (%(reason)s)") % {
        "priority": Priority(value["priority"]).label,
        "reason": value["reason"],
    }


def _preview_priority(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> Effect:
    require(actor, "edit", record)
    if record.priority == value["priority"]:
        raise unchanged()
    return Effect(str(Priority(record.priority).label), str(Priority(value["priority"]).label))


def _apply_priority(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = services.lock(record)
        _preview_priority(current, value, actor=actor, now=now)
        _writers(current).prioritise(current, value["priority"], value["reason"], actor=actor, now=now)


def _escalations(actor: Actor) -> forms.Field:
    reason = forms.CharField(max_length=300, label=_("Reason"))
    return Parts({"team": teams(actor), "reason": reason}, label=_("Escalate to a higher tier"))


def _escalation_words(value: Any) -> str:
    return f"{value['team'].name} ({value['reason']})"


def _preview_escalation(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> Effect:
    ready(record, "escalate", actor=actor)
    team, present, tiers = value["team"], record.team, assignment.TIERS
    if present and tiers.index(team.tier) <= tiers.index(present.tier):
        words = gettext("%(team)s is not of a higher tier than %(present)s.")
        raise ValidationError(words % {"team": team.name, "present": present.name}, code="tier")
    return Effect(named(present), team.name)


def _apply_escalation(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        current = services.lock(record)
        _preview_escalation(current, value, actor=actor, now=now)
        _writers(current).escalate(current, **value, actor=actor, now=now)


# --- words ---------------------------------------------------------------------------------------


def message(actor: Actor) -> forms.Field:
    return forms.CharField(
        max_length=services.MAX_TEXT, label=_("Message"), widget=forms.Textarea(attrs={"rows": 3})
    )


def _talking(is_public: bool) -> tuple[Callable[..., Effect], Callable[..., None]]:
    permission = "reply" if is_public else "note"

    def preview(record: Record, value: str, *, actor: Actor, now: datetime) -> Effect:
        require(actor, permission, record)
        return Effect("", value)

    def apply(record: Record, value: str, *, actor: Actor, now: datetime) -> None:
        require(actor, permission, record)
        services.comment(record, text=value, is_public=is_public, actor=actor, now=now)

    return preview, apply


_reply, _note = _talking(True), _talking(False)

CHANGES = (
    Change("team", _("Give to a team"), 10, _preview_team, _apply_team, teams),
    Change("assignee", _("Give to a person"), 11, _preview_person, _apply_person, colleagues),
    Change(
        "assignee.me", _("Assign to me"), 12, _preview_take, _apply_take, is_personal=True,
    ),
    Change("assignee.nobody", _("Take from its person"), 13, _preview_nobody, _apply_nobody),
    Change(
        "assignee.least_busy", _("Give to whoever of its team has the fewest tickets"), 14,
        _preview_balanced, _apply_balanced,
    ),
    Change(
        "priority", _("Set the priority"), 20, _preview_priority, _apply_priority, _priorities,
        wording=_priority_words,
    ),
    Change(
        "escalate", _("Escalate to a higher tier"), 15, _preview_escalation, _apply_escalation, _escalations,
        wording=_escalation_words,
    ),
    Change("reply", _("Reply to the customer"), 80, *_reply, message),
    Change("note", _("Add an internal note"), 81, *_note, message),
)  # fmt: skip


def register_all() -> None:
    for change in CHANGES:
        register(change)
