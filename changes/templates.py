"""Models of standard changes: proposed by one, approved by another, withdrawn by either; and taken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from changes.models import Change, ChangeTemplate
from records.services import refuse

State = ChangeTemplate.State
WORDS = (
    "name_en", "name_zh", "description", "expected_effect", "plan", "backout_plan", "test_plan", "test_words",
)  # fmt: skip
NEEDED = ("name_en", "expected_effect", "plan", "backout_plan", "test_plan", "test_words")
FIELDS = (*WORDS, "nature", "service", "minutes", "risk")
# what a change takes over from its model; nobody writes these into a standard change
TAKEN = ("nature", "expected_effect", "plan", "backout_plan", "test_plan", "test_words", "risk")


def usable(template: ChangeTemplate | None) -> ChangeTemplate:
    """The model as it is now, locked against withdrawal; ValidationError unless it is approved."""
    if template is None:
        raise refuse("template", _("Choose the model of the standard change."), "required")
    current = ChangeTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
    if current.state != State.APPROVED:
        raise refuse("template", _("This model is not approved, or was withdrawn; choose another one."))
    return current


def taken(template: ChangeTemplate | None, *, title: str) -> dict[str, Any]:
    """The facts a standard change takes over from its model; its own title comes before the model's."""
    with transaction.atomic():
        model = usable(template)
    return {
        **{name: getattr(model, name) for name in TAKEN},
        "title": title or " · ".join(filter(None, (model.name_en, model.name_zh)))[:200],
        "test_result": Change.Test.PASSED,
        "tested_by": model.proposed_by,
        "tested_at": model.approved_at,
        "template": model,
    }


def propose(*, code: str, facts: Mapping[str, Any], actor: Actor, now: datetime) -> ChangeTemplate:
    """Write a model, or the next edition of one; it is used once somebody else approved it."""
    access.require(actor, "lead_changes")
    if not code.strip():
        raise refuse("code", _("Give the model a code."), "required")
    kept = _checked(facts)
    try:
        with transaction.atomic():
            last = ChangeTemplate.objects.filter(code=code).aggregate(n=Max("edition"))["n"] or 0
            return ChangeTemplate.objects.create(
                code=code, edition=last + 1, proposed_by_id=actor.user_id, proposed_at=now, **kept
            )
    except IntegrityError:
        raise refuse("code", _("Somebody wrote an edition of it at the same time; look again.")) from None


def _checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(facts) - set(FIELDS):
        raise ValidationError({name: _("This field cannot be changed here.") for name in sorted(unknown)})
    kept = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
    errors = {
        name: ValidationError(_("This must be written before a model is approved."), code="required")
        for name in NEEDED
        if not kept.get(name)
    }
    if kept.get("nature") not in Change.Nature.values:
        errors["nature"] = ValidationError(_("Choose one of the values."), code="invalid_choice")
    if errors:
        raise ValidationError(errors)
    return kept


def _lock(template: ChangeTemplate, expected_version: int | None) -> ChangeTemplate:
    current = ChangeTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
    if expected_version is not None and expected_version != current.version:
        raise refuse("version", _("Somebody changed it since you read it; look again."), "stale")
    return current


def amend(
    template: ChangeTemplate,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ChangeTemplate:
    """Change a proposal; what is approved is frozen, and changed by a new edition."""
    access.require(actor, "lead_changes")
    kept = _checked(facts)
    with transaction.atomic():
        current = _lock(template, expected_version)
        if current.state != State.PROPOSED:
            raise refuse("state", _("An approved model is frozen; write a new edition."))
        # whoever writes last answers for it, so that nobody approves his own words
        current.proposed_by_id, current.proposed_at = actor.user_id, now
        for name, value in kept.items():
            setattr(current, name, value)
        current.version += 1
        current.save()
    return current


def approve(
    template: ChangeTemplate, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> ChangeTemplate:
    """Approve somebody else's proposal; the edition approved before it is withdrawn."""
    access.require(actor, "lead_changes")
    with transaction.atomic():
        # all editions in one order, so that two approvals of one model stand in line
        editions = ChangeTemplate.objects.select_for_update(of=("self",)).filter(code=template.code)
        rows = list(editions.order_by("pk"))
        current = _lock(template, expected_version)
        if current.state != State.PROPOSED:
            raise refuse("state", _("This model does not wait for approval."))
        if current.proposed_by_id == actor.user_id:
            raise refuse("state", _("Nobody approves his own model; ask somebody else."))
        for row in rows:
            if row.state == State.APPROVED:
                _end(row, _("A newer edition was approved."), actor, now)
        current.state, current.approved_by_id, current.approved_at = State.APPROVED, actor.user_id, now
        current.version += 1
        current.save()
    return current


def withdraw(
    template: ChangeTemplate, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ChangeTemplate:
    """No further change takes it; those already under way keep the plan they took."""
    access.require(actor, "lead_changes")
    if not reason.strip():
        raise refuse("reason", _("Say why."), "required")
    with transaction.atomic():
        current = _lock(template, expected_version)
        if current.state == State.WITHDRAWN:
            raise refuse("state", _("This model was withdrawn already."))
        _end(current, reason.strip(), actor, now)
    return current


def _end(row: ChangeTemplate, reason: str, actor: Actor, now: datetime) -> None:
    row.state, row.withdrawn_by_id, row.withdrawn_at = State.WITHDRAWN, actor.user_id, now
    row.withdrawn_because = reason[:500]
    row.version += 1
    row.save()
