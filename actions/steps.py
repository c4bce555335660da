"""What a person may do with a record as steps in place: words, form, the states it fits, and its verb."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.pages import add_errors as add_errors  # noqa: PLC0414 - pages that take steps find it here
from accounts.pages import now_utc
from records.models import Record

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """``may`` answers whether this actor can take it with this record as it is."""

    name: str
    label: Any
    form: type[forms.Form]
    may: Callable[[Actor, Any], bool]
    run: Callable[..., Any]
    tone: str = ""


# A field that is called otherwise than the column it changes.
COLUMNS = {"chair": "assignee", "auditor": "assignee", "held_at": "meets_at"}


class Nothing(forms.Form):
    """An act that needs no words."""


def attempt(form: forms.Form, verb: Callable[..., T], **known: Any) -> T | None:
    """What the verb makes of the form's words; None where either refuses, with the reasons in the form."""
    if not form.is_valid():
        return None
    try:
        return verb(**form.cleaned_data, **known)
    except ValidationError as refused:
        add_errors(form, refused)
        return None


def possible(
    steps: Iterable[Step], actor: Actor, record: Record, failed: "tuple[str, forms.Form] | None" = None
) -> list[dict[str, Any]]:
    """The steps open to the actor, with a form each: a fresh one, or the one that was refused."""
    name, form = failed or ("", None)
    return [
        {
            "name": step.name,
            "label": step.label,
            "tone": step.tone,
            "form": form if step.name == name else _fresh(step, record),
        }
        for step in steps
        if step.may(actor, record)
    ]


def _fresh(step: Step, record: Record) -> forms.Form:
    """An empty form, or one that starts from the columns it changes."""
    form = _form(step, record, None)
    form.initial = {name: getattr(record, COLUMNS.get(name, name), None) for name in form.fields}
    return form


def _form(step: Step, record: Record, data: Any) -> forms.Form:
    """A form whose choices depend on the record asks for it by having ``of_record``."""
    more: dict[str, Any] = {"record": record} if hasattr(step.form, "of_record") else {}
    return step.form(data, auto_id=f"{step.name}-%s", **more)


def take(
    steps: Mapping[str, Step], name: str, record: Record, data: Any, *, actor: Actor
) -> tuple[str, forms.Form] | None:
    """Take a step with what was entered; answers None if it was done, else the form with what is wrong."""
    step = steps.get(name)
    if step is None:
        raise Http404(_("There is no such step."))
    form = _form(step, record, data)
    if form.is_valid():
        try:
            step.run(record, **form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return None
    return name, form
