"""Changes that come from here: texts from templates, a word to somebody, a whole macro (records.changes)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES, Actor, require
from accounts.models import Team, User
from automation import filling, services, steps
from automation.models import Macro, ReplyTemplate
from records import log as records_log
from records.changes import Change, Effect, Parts, register
from records.models import Record
from records.services import begin, comment, save

MOST_TOLD = 200


def _templates(actor: Actor) -> forms.Field:
    rows = ReplyTemplate.objects.usable_by(actor)
    return forms.ModelChoiceField(rows, label=_("Reply template"))


def _talking(is_public: bool) -> tuple[Callable[..., Effect], Callable[..., None]]:
    permission = "reply" if is_public else "note"

    def preview(record: Record, value: ReplyTemplate, *, actor: Actor, now: datetime) -> Effect:
        require(actor, permission, record)
        if record.kind not in value.kinds:
            raise ValidationError(gettext("This template is not for this kind of ticket."), code="kind")
        return Effect("", filling.text_of(value, record, actor=actor, now=now))

    def apply(record: Record, value: ReplyTemplate, *, actor: Actor, now: datetime) -> None:
        text = preview(record, value, actor=actor, now=now).after
        comment(record, text=text, is_public=is_public, actor=actor, now=now)

    return preview, apply


_reply, _note = _talking(True), _talking(False)


class Notice(Parts):
    """Whom to tell, a team or a person, and what."""

    def clean(self, value: Any) -> dict[str, Any]:
        found = super().clean(value)
        _told(found)
        return found


def _notices(actor: Actor) -> forms.Field:
    people = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()
    return Notice(
        {
            "team": forms.ModelChoiceField(
                Team.objects.filter(is_active=True), label=_("Team"), required=False
            ),
            "person": forms.ModelChoiceField(people, label=_("Or a person"), required=False),
            "text": forms.CharField(label=_("What to tell them"), max_length=1000),
        },
        label=_("Tell somebody"),
    )


def _told(value: dict[str, Any]) -> Any:
    found = value["person"] or value["team"]
    if found is None:
        raise ValidationError(gettext("Choose a team or a person."), code="required")
    return found


def _notice_words(value: dict[str, Any]) -> str:
    return f"{_told(value).name}: {value['text']}"


def _preview_notice(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> Effect:
    require(actor, "note", record)
    return Effect("", _notice_words(value))


def _apply_notice(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    to = _told(value)
    people = (
        list(to.members.filter(is_active=True).values_list("pk", flat=True)[:MOST_TOLD])
        if isinstance(to, Team)
        else [to.pk]
    )
    with transaction.atomic():
        current = begin(record, "note", actor=actor, now=now, expected_version=None)
        save(current, [], now=now)
        records_log.write(
            current, "automation.told", actor=actor, at=now, text=value["text"], to=to.label, people=people
        )


def _macros(actor: Actor) -> forms.Field:
    return forms.ModelChoiceField(Macro.objects.usable_by(actor), label=_("Macro"))


def _macro_text(macro: Macro, record: Record, *, actor: Actor, now: datetime) -> str:
    template = macro.template
    return filling.text_of(template, record, actor=actor, now=now) if template else ""


def _preview_macro(record: Record, value: Macro, *, actor: Actor, now: datetime) -> Effect:
    require(actor, "note", record)
    lines = steps.told(record, value.steps, actor=actor, now=now)
    done = [f"{line.label}: {line.after}" for line in lines if line.is_done]
    text = _macro_text(value, record, actor=actor, now=now)
    if not done and not text:
        raise ValidationError(" ".join(dict.fromkeys(line.refused for line in lines)), code="nothing")
    return Effect("", gettext("; ").join([*done, *([text] if text else [])]))


def _apply_macro(record: Record, value: Macro, *, actor: Actor, now: datetime) -> None:
    text = _macro_text(value, record, actor=actor, now=now)
    services.use_macro(value, record, actor=actor, now=now, text=text)


CHANGES = (
    Change("reply.template", _("Reply with a template"), 82, *_reply, _templates),
    Change("note.template", _("Add a note from a template"), 83, *_note, _templates),
    Change(
        "notice", _("Tell a team or a person"), 84, _preview_notice, _apply_notice, _notices,
        wording=_notice_words,
    ),
    Change("macro", _("Use a macro"), 90, _preview_macro, _apply_macro, _macros, is_personal=True),
)  # fmt: skip


def register_all() -> None:
    for change in CHANGES:
        register(change)
