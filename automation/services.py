"""The verbs of reply templates and macros. Mistakes are ValidationError; refusals Denied or Stale."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

import records.services
from accounts.access import Actor, Denied, may, require
from automation import placeholders, steps
from automation.models import Macro, ReplyTemplate
from automation.steps import Line
from records import log as records_log
from records.kinds import TICKETS
from records.models import Record
from records.services import MAX_TEXT, refuse

M = TypeVar("M", bound=models.Model)
TEMPLATE_FIELDS = frozenset({"name_en", "name_zh", "text_en", "text_zh", "team", "kinds", "is_active"})
MACRO_FIELDS = frozenset(
    {"name_en", "name_zh", "team", "is_own", "steps", "template", "is_note", "is_active"}
)


class Stale(Exception):
    """Somebody saved the row since the writer read it."""

    def __init__(self, row: models.Model) -> None:
        super().__init__(f"{row._meta.label} {row.pk} was saved meanwhile")
        self.row = row


def held(row: M, expected_version: int | None) -> M:
    """The row read anew under its lock; Stale where it is not the version that was seen."""
    current: M = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    if expected_version is not None and expected_version != current.version:  # type: ignore[attr-defined]
        raise Stale(current)
    return current


def known(facts: Mapping[str, Any], fields: frozenset[str]) -> None:
    if stray := set(facts) - fields:
        raise ValidationError({name: _("This cannot be changed here.") for name in sorted(stray)})


# --- reply templates -----------------------------------------------------------------------------


def save_template(
    row: ReplyTemplate | None,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ReplyTemplate:
    """Make a reply template, or change one. A placeholder there is none of is refused by its name."""
    require(actor, "lead_automation")
    known(facts, TEMPLATE_FIELDS)
    with transaction.atomic():
        current = held(row, expected_version) if row else ReplyTemplate(version=0)
        for name, value in facts.items():
            setattr(current, name, value)
        _check_texts(current)
        current.version += 1
        current.save()
    return current


def _check_texts(row: ReplyTemplate) -> None:
    errors: dict[str, Any] = {}
    if not row.name_en.strip():
        errors["name_en"] = _("Give it a name.")
    if not row.text_en.strip() and not row.text_zh.strip():
        errors["text_en"] = _("Write the text in at least one language.")
    for name in ("text_en", "text_zh"):
        if problem := problem_of(getattr(row, name)):
            errors[name] = problem
    if not row.kinds or set(row.kinds) - set(TICKETS):
        errors["kinds"] = _("Choose at least one kind of ticket.")
    if errors:
        raise ValidationError(errors)


def problem_of(text: str) -> str:
    """What is wrong with a template's text, naming the placeholder and what there is; "" for nothing."""
    if strange := placeholders.unknown(text):
        words = _("There is no placeholder %(names)s. These may be used: %(known)s.")
        listed = ", ".join(f"{{{{{name}}}}}" for name in placeholders.NAMES)
        return words % {"names": ", ".join(f"{{{{{name}}}}}" for name in strange)[:200], "known": listed}
    if not placeholders.is_whole(text):
        return _("A placeholder is not closed: write it as {{ticket.number}}, with two braces on each side.")
    if len(text) > MAX_TEXT or "\0" in text:
        return _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT}
    return ""


# --- macros --------------------------------------------------------------------------------------


def save_macro(
    row: Macro | None,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Macro:
    """Make a macro, or change one: one's own (``is_own``), or one of a team or of all, which leaders keep."""
    require(actor, "use_automation")
    known(facts, MACRO_FIELDS)
    with transaction.atomic():
        current = held(row, expected_version) if row else Macro(version=0)
        if row is None or "is_own" in facts:
            current.owner_id = actor.user_id if facts.get("is_own", True) else None
        _may_keep(row or current, actor)
        _may_keep(current, actor)
        for name, value in facts.items():
            if name not in ("is_own", "steps"):
                setattr(current, name, value)
        if row is None or "steps" in facts:
            current.steps = steps.checked(facts.get("steps", []), actor, is_personal=True)
        _check_macro(current)
        current.version += 1
        current.save()
    return current


def may_keep(macro: Macro, actor: Actor) -> bool:
    """Whether the actor may change it: one's own, else leaders."""
    own = macro.owner_id == actor.user_id and may(actor, "use_automation")
    return own if macro.owner_id else may(actor, "lead_automation")


def _may_keep(macro: Macro, actor: Actor) -> None:
    if not may_keep(macro, actor):
        raise Denied(actor, "lead_automation")


def _check_macro(row: Macro) -> None:
    if not row.name_en.strip():
        raise refuse("name_en", _("Give it a name."), "required")
    if row.owner_id and row.team_id:
        raise refuse("team", _("A personal macro belongs to no team."))
    if not row.steps and not row.template_id:
        raise refuse("steps", _("Choose at least one change, or a reply template."), "required")


def use_macro(
    macro: Macro,
    record: Record,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    text: str = "",
) -> list[Line]:
    """Do what the macro says on a ticket, all in one transaction; ``text`` is the reply, looked over.

    What is so already, or cannot be done, is skipped and said. Raises records.services.Stale where the ticket
    was saved since ``expected_version``, ValidationError where nothing at all would happen.
    """
    require(actor, "use_automation")
    if not Macro.objects.usable_by(actor).filter(pk=macro.pk).exists():
        raise Denied(actor, "use_automation")
    with transaction.atomic():
        current = records.services.lock(record)
        require(actor, "note", current)
        if expected_version is not None and expected_version != current.version:
            raise records.services.Stale(current, expected_version)
        lines = steps.carried_out(current, macro.steps, actor=actor, now=now)
        if not text.strip() and not any(line.is_done for line in lines):
            raise ValidationError(_("Nothing was done: %(why)s") % {"why": _reasons(lines)}, code="nothing")
        after = records.services.get_record(actor, current.number)
        if text.strip():
            records.services.comment(after, text=text, is_public=not macro.is_note, actor=actor, now=now)
        records_log.write(after, "automation.macro", actor=actor, at=now, macro=macro.label)
    return lines


def _reasons(lines: Sequence[Line]) -> str:
    return " ".join(dict.fromkeys(line.refused for line in lines if line.refused)) or _("it says nothing.")
