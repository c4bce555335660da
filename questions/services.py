"""Questions that are kept: who reads them, who may change them, and the only writers.

What a question answers is decided anew for each reader; the row itself gives away its name and its keys.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, may, require
from accounts.models import Organisation, Team, User
from questions import content as contents
from questions.content import Plan
from questions.models import Question, Schedule
from questions.subjects import base
from questions.subjects.base import NONE, Sort

MOST = 200
NAME = 100


class Changed(Exception):
    """Somebody else changed the question since it was read; carries it as it is now."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.pk)
        self.question = question


# --- reading --------------------------------------------------------------------------------------


def visible_to(actor: Actor) -> "QuerySet[Question]":
    """One's own, those of one's teams, of all staff, and those one is sent; about what one may ask about."""
    if not may(actor, "ask_questions"):
        return Question.objects.none()
    sent = Exists(
        Schedule.objects.filter(question=OuterRef("pk"), recipients=actor.user_id, next_at__isnull=False)
    )
    of_teams = Q(sharing=Question.Sharing.TEAM)
    if not may(actor, "lead_questions"):
        of_teams &= Q(team__in=actor.team_ids)
    found = Question.objects.filter(
        Q(owner=actor.user_id) | of_teams | Q(sharing=Question.Sharing.STAFF) | sent,
        subject__in=[subject.key for subject in base.subjects_for(actor)],
    )
    return found.select_related("owner", "team", "schedule")


def get(actor: Actor, pk: int) -> Question:
    """A question the actor may read. Http404 for any other."""
    found = visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such question."))
    return found


def plan_of(question: Question) -> Plan:
    """What a question asks. ValidationError where its keys name nothing any more."""
    return contents.read(question.content if isinstance(question.content, Mapping) else {})


def may_change(question: Question, actor: Actor) -> bool:
    return question.owner_id == actor.user_id and may(actor, "ask_questions")


def may_delete(question: Question, actor: Actor) -> bool:
    """The owner, and managers where it is shared."""
    is_shared = question.sharing != Question.Sharing.PRIVATE
    return may_change(question, actor) or (is_shared and may(actor, "lead_questions"))


def teams_for(actor: Actor) -> "QuerySet[Team]":
    """Teams the actor may share with: his own; managers with any."""
    rows = Team.objects.filter(is_active=True).order_by("name_en", "pk")
    return rows if may(actor, "lead_questions") else rows.filter(pk__in=actor.team_ids)


def people_for(actor: Actor) -> "QuerySet[User]":
    """Whom an answer may be sent to: the provider's people who work here."""
    staff = User.objects.filter(organisation__kind=Organisation.Kind.PROVIDER, is_active=True)
    roles = ("administrator", "manager", "service_level_manager", "agent")
    return staff.filter(grants__role__in=roles).distinct().order_by("display_name", "pk")


# --- writing --------------------------------------------------------------------------------------


def save(
    *, name_en: str, name_zh: str, sharing: str, team: Team | None, data: Mapping[str, Any], actor: Actor,
    now: datetime,
) -> Question:  # fmt: skip
    """Keep a question under a name. ValidationError by field."""
    require(actor, "ask_questions")
    plan = allowed(data, actor)
    if Question.objects.filter(owner=actor.user_id).count() >= MOST:
        raise ValidationError({"name_en": [_("You have %(n)s questions already; delete one.") % {"n": MOST}]})
    row = Question(owner_id=actor.user_id, created_at=now)
    _fill(row, name_en, name_zh, sharing, team, plan, actor)
    row.updated_at = now
    _store(row)
    return row


def change(
    question: Question, *, name_en: str, name_zh: str, sharing: str, team: Team | None,
    data: Mapping[str, Any], expected_version: int | None, actor: Actor, now: datetime,
) -> Question:  # fmt: skip
    """Write it anew. Changed where ``expected_version`` is not its version."""
    known = question.content if isinstance(question.content, Mapping) else {}
    with transaction.atomic():
        row = locked(question.pk)
        if not may_change(row, actor):
            raise Denied(actor, "ask_questions")
        if expected_version is not None and expected_version != row.version:
            raise Changed(row)
        _fill(row, name_en, name_zh, sharing, team, allowed(data, actor, known), actor)
        row.version += 1
        row.updated_at = now
        _store(row)
    return row


def copy(question: Question, *, actor: Actor, now: datetime) -> Question:
    """The same as one's own, private, under a name that is free."""
    names = {"name_en": question.name_en, "name_zh": question.name_zh}
    for turn in range(1, MOST):
        tried = {key: _numbered(name, turn) if name else "" for key, name in names.items()}
        taken = Question.objects.filter(owner=actor.user_id).filter(
            Q(name_en__iexact=tried["name_en"] or "\n") | Q(name_zh__iexact=tried["name_zh"] or "\n")
        )
        if not taken.exists():
            return save(
                **tried, sharing=Question.Sharing.PRIVATE, team=None, data=question.content, actor=actor,
                now=now,
            )  # fmt: skip
    raise ValidationError({"name_en": [_("You have many of that name already.")]})


def _numbered(name: str, turn: int) -> str:
    end = f" ({turn + 1})"
    return name[: NAME - len(end)] + end


def delete(question: Question, *, actor: Actor) -> None:
    """Away with it, its schedule and what is known of its sendings."""
    with transaction.atomic():
        row = locked(question.pk)
        if not may_delete(row, actor):
            raise Denied(actor, "lead_questions")
        row.delete()


def locked(pk: int) -> Question:
    """The question as it is now, for a writer. Http404 where it went."""
    row = Question.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no such question."))
    return row


def allowed(data: Mapping[str, Any], actor: Actor, known: Mapping[str, Any] | None = None) -> Plan:
    """The question in ``data``, if the actor may ask it. What stood in ``known`` before may stay.

    ValidationError by field; what is invisible is refused in the same words as what does not exist.
    """
    plan = contents.read(data)
    if plan.subject not in base.subjects_for(actor):
        raise ValidationError({"subject": [_("There is nothing of that kind to ask about.")]})
    before = (known or {}).get("filters") or {}
    for dimension, values in plan.filters:
        if dimension.sort != Sort.ROW or dimension.rows is None:
            continue
        asked = {
            int(value) for value in values if value != NONE and value not in before.get(dimension.key, ())
        }
        if len(asked) != dimension.rows(actor).filter(pk__in=asked).values("pk").distinct().count():
            raise ValidationError({"filters": [_("Choose from what is offered.")]})
    return plan


def _fill(
    row: Question, name_en: str, name_zh: str, sharing: str, team: Team | None, plan: Plan, actor: Actor
) -> None:
    names = {"name_en": " ".join(name_en.split()), "name_zh": " ".join(name_zh.split())}
    errors: dict[str, list[str]] = {
        key: [_("At most %(n)s characters.") % {"n": NAME}] for key, name in names.items() if len(name) > NAME
    }
    if not any(names.values()):
        errors["name_en"] = [_("Give it a name, in English or Chinese.")]
    if sharing not in Question.Sharing.values:
        errors["sharing"] = [_("Choose one of what is offered.")]
    is_of_team = sharing == Question.Sharing.TEAM
    if is_of_team and (team is None or not teams_for(actor).filter(pk=team.pk).exists()):
        errors["team"] = [_("Choose one of your teams.")]
    if errors:
        raise ValidationError(errors)
    row.name_en, row.name_zh = names["name_en"], names["name_zh"]
    row.sharing, row.team = sharing, team if is_of_team else None
    row.subject, row.content = plan.subject.key, plan.content.dump()


def _store(row: Question) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        for field in ("name_en", "name_zh"):
            if f"question_own_{field}" in str(error):
                message = _("You have a question of this name already.")
                raise ValidationError({field: [message]}) from error
        raise
