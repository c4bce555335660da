"""Editions of the risk questions, and the answers for one change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import User
from changes import lifecycle, risk
from changes.models import Change, RiskEdition
from changes.risk import Questionnaire, RiskError
from changes.writing import altering, writable
from records import log as records_log
from records.services import refuse, save


def current(*, now: datetime) -> RiskEdition:
    """The edition new answers are given to; an installation begins with the first one of the code."""
    newest = RiskEdition.objects.order_by("-number").first()
    if newest is None:
        newest, _created = RiskEdition.objects.get_or_create(
            number=1,
            defaults={
                "definition": risk.DEFAULT, "created_by": User.objects.get(username="system"),
                "created_at": now,
            },
        )  # fmt: skip
    return newest


def edition_of(change: Change, *, now: datetime) -> RiskEdition:
    """The edition a change was answered with, or is to be."""
    return change.risk_edition or current(now=now)


def write_edition(definition: Any, *, reason: str, actor: Actor, now: datetime) -> RiskEdition:
    """A new edition of the questions; what was answered keeps its own."""
    access.require(actor, "lead_changes")
    if not reason.strip():
        raise refuse("reason", _("Say what is different, and why."), "required")
    try:
        Questionnaire.parse(definition)
    except RiskError as wrong:
        words = _("%(place)s is missing or not possible.") % {"place": wrong.field}
        raise refuse("definition", words, wrong.code) from None
    newest = current(now=now)
    if newest.definition == definition:
        raise refuse("definition", _("Nothing is different from the present edition."))
    try:
        with transaction.atomic():
            return RiskEdition.objects.create(
                number=newest.number + 1, definition=definition, reason=reason.strip()[:500],
                created_by_id=actor.user_id, created_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise refuse("definition", _("Somebody wrote an edition at the same time; look again.")) from None


def answer(
    change: Change,
    answers: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    is_major: bool | None = None,
    expected_version: int | None = None,
) -> Change:
    """Answer the questions, {code: position from 0}; the risk follows. A change in draft gets today's
    questions, later it keeps those it was answered with.
    """
    if change.category == lifecycle.STANDARD:
        raise refuse("answers", _("The risk of a standard change was settled with its model."))
    with transaction.atomic():
        row = writable(change, actor=actor, now=now, expected_version=expected_version)
        edition = current(now=now) if row.state in lifecycle.BEFORE_APPROVAL else edition_of(row, now=now)
        found = _rated(edition, answers)
        with altering(row, actor=actor, now=now):
            row.risk_edition, row.risk_answers, row.risk = edition, dict(answers), found
            row.is_major = row.is_major if is_major is None else is_major
            save(row, ["risk_edition", "risk_answers", "risk", "is_major"], now=now)
            label = records_log.bilingual(Change.Risk(found).label)
            records_log.write(row, "change.rated", actor=actor, at=now, risk=label)
    return row


def _rated(edition: RiskEdition, answers: Mapping[str, Any]) -> int:
    questions = Questionnaire.parse(edition.definition)
    if missing := questions.missing(answers):
        raise ValidationError(
            {
                question.code: ValidationError(_("Answer this question."), code="required")
                for question in missing
            }
        )
    if set(answers) - {question.code for question in questions.questions}:
        raise refuse("answers", _("These questions were replaced; answer the present ones."))
    try:
        return questions.risk_of(answers)
    except RiskError as wrong:
        raise refuse(wrong.field, _("Choose one of the values."), wrong.code) from None
