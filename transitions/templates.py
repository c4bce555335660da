"""Reusable flows and rules (TRN-10): templates in numbered editions; a transition keeps its own."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import access
from accounts.access import Actor
from records.services import refuse
from releases.parting import needed
from transitions.flow import Flow, FlowError
from transitions.models import STEPS, Nature, StepSort, Template, TemplateEdition

WORDS = {
    "shape": gettext_lazy("This cannot be read."),
    "required": gettext_lazy("A line needs words."),
    "too_long": gettext_lazy("A line is too long, or the text is."),
    "too_many": gettext_lazy("There are too many lines."),
    "days": gettext_lazy("Between 1 and 365 days."),
}


def newest(template: Template) -> TemplateEdition:
    """The edition that transitions are begun from now."""
    found: TemplateEdition = template.editions.order_by("-number")[0]
    return found


def create(
    *,
    code: str,
    name_en: str,
    name_zh: str,
    nature: str,
    flow: Any,
    actor: Actor,
    now: datetime,
) -> TemplateEdition:
    """A new template with its first edition."""
    access.require(actor, "lead_transitions")
    if nature not in Nature.values:
        raise refuse("nature", _("Say whether the service is new, changed or retired."), "required")
    code = needed(code, "code", _("Give it a code."))
    if Template.objects.filter(code__iexact=code).exists():
        raise refuse("code", _("There is a template of this code already."), "unique")
    with transaction.atomic():
        template = Template(
            code=code, name_en=name_en.strip(), name_zh=name_zh.strip(), nature=nature
        )  # fmt: skip
        template.full_clean()
        template.save()
        return _edition(template, flow, "", actor, now)


def revise(
    template: Template,
    *,
    flow: Any,
    reason: str,
    actor: Actor,
    now: datetime,
    expected: int | None = None,
) -> TemplateEdition:
    """The next edition; what was begun from an earlier one keeps that. ``expected``: the one read."""
    access.require(actor, "lead_transitions")
    reason = needed(reason, "reason", _("Say why the template is changed."))[:300]
    with transaction.atomic():
        current = Template.objects.select_for_update().get(pk=template.pk)
        last = newest(current)
        if expected is not None and expected != last.number:
            words = _("Somebody wrote edition %(n)s meanwhile; look at it first.")
            raise refuse("reason", words % {"n": last.number}, "stale")
        if read(flow, current.nature).dump() == last.flow:
            raise refuse("reason", _("This says the same as edition %(n)s.") % {"n": last.number})
        return _edition(current, flow, reason, actor, now)


def switch(template: Template, *, is_active: bool, actor: Actor, now: datetime) -> Template:
    """Take a template out of use, or bring it back. Safe to repeat."""
    access.require(actor, "lead_transitions")
    Template.objects.filter(pk=template.pk).update(is_active=is_active)
    template.is_active = is_active
    return template


def read(given: Any, nature: str) -> Flow:
    """A flow as a value; ValidationError by field for what is wrong or missing in it."""
    try:
        found = Flow.parse(given)
    except FlowError as wrong:
        raise refuse(wrong.field, str(WORDS[wrong.code]), wrong.code) from None
    for sort in STEPS[nature]:  # type: ignore[index]
        if not found.steps[sort]:
            words = _("Name at least one step: %(sort)s.")
            raise refuse(sort, words % {"sort": StepSort(sort).label}, "required")
    if not (found.rules_en or found.rules_zh):
        raise refuse(
            "rules_zh", _("Write the rules that hold for every transition of this kind."), "required"
        )
    return found


def _edition(template: Template, flow: Any, reason: str, actor: Actor, now: datetime) -> TemplateEdition:
    last = template.editions.order_by("-number").first()
    return TemplateEdition.objects.create(
        template=template, number=last.number + 1 if last else 1, flow=read(flow, template.nature).dump(),
        reason=reason, written_by_id=actor.user_id, written_at=now,
    )  # fmt: skip
