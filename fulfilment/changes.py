"""What bulk edits, macros and rules may change on a service request (records.changes)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from fulfilment import charging, rights, services, work
from fulfilment.models import HOLDS, ServiceRequest
from records.changes import Change, Effect, Parts, register, unchanged
from records.common_changes import movable, state_words
from records.kinds import Kind
from records.models import Record
from records.services import MAX_TEXT, lock

KINDS = frozenset({Kind.REQUEST.value})
Preview = Callable[..., Effect]
Apply = Callable[..., None]


def _own(record: Record) -> ServiceRequest:
    """The request's own row, where a plain record was given."""
    return record if isinstance(record, ServiceRequest) else ServiceRequest.objects.get(pk=record.pk)


def _under_lock(preview: Preview, verb: Callable[..., Any]) -> Apply:
    """The change as its preview allows it at the moment it is made."""

    def apply(record: Record, value: Any, *, actor: Actor, now: datetime) -> None:
        with transaction.atomic():
            current = lock(_own(record))
            preview(current, value, actor=actor, now=now)
            verb(current, value, actor=actor, now=now)

    return apply


def _preview_start(record: Record, value: None, *, actor: Actor, now: datetime) -> Effect:
    into = movable(record, "start", actor=actor)
    if charging.is_unsettled(_own(record)):
        raise ValidationError(gettext("The customer has to accept a quotation first."), code="quotation")
    return Effect(state_words(record), into)


def _start(request: ServiceRequest, value: None, *, actor: Actor, now: datetime) -> None:
    services.start(request, actor=actor, now=now)


def _holds(actor: Actor) -> forms.Field:
    return Parts(
        {
            "reason": forms.ChoiceField(choices=HOLDS, label=_("Waiting for")),
            "note": forms.CharField(
                required=False, max_length=2000, label=_("Message to the customer"),
                widget=forms.Textarea(attrs={"rows": 2}),
            ),
        },
        label=_("Put on hold"),
    )  # fmt: skip


def _hold_words(value: Any) -> str:
    label = str(dict(HOLDS)[value["reason"]])
    return f"{label}: {value['note']}" if value["note"] else label


def _preview_hold(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> Effect:
    into = movable(record, "hold", actor=actor)
    if record.waiting_for == value["reason"]:
        raise unchanged()
    return Effect(state_words(record), f"{into}: {dict(HOLDS)[value['reason']]}")


def _hold(request: ServiceRequest, value: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    services.hold(request, **value, actor=actor, now=now)


def _preview_resume(record: Record, value: None, *, actor: Actor, now: datetime) -> Effect:
    return Effect(state_words(record), movable(record, "resume", actor=actor))


def _resume(request: ServiceRequest, value: None, *, actor: Actor, now: datetime) -> None:
    services.resume(request, actor=actor, now=now)


def _outcome(actor: Actor) -> forms.Field:
    return forms.CharField(
        max_length=MAX_TEXT, label=_("What was done"), widget=forms.Textarea(attrs={"rows": 3})
    )


def _preview_fulfil(record: Record, value: str, *, actor: Actor, now: datetime) -> Effect:
    into = movable(record, "fulfil", actor=actor)
    request = _own(record)
    if work.unfinished(request):
        raise ValidationError(gettext("Some of its tasks are not done yet."), code="tasks")
    if rights.is_missing(request):
        raise ValidationError(gettext("Record first which right was granted."), code="right")
    return Effect(state_words(record), into)


def _fulfil(request: ServiceRequest, value: str, *, actor: Actor, now: datetime) -> None:
    services.fulfil(request, outcome=value, actor=actor, now=now)


CHANGES = (
    Change(
        "request.start", _("Start work"), 60, _preview_start, _under_lock(_preview_start, _start), None, KINDS
    ),
    Change(
        "request.hold", _("Put on hold"), 61, _preview_hold, _under_lock(_preview_hold, _hold), _holds, KINDS,
        _hold_words,
    ),
    Change(
        "request.resume", _("Resume"), 62, _preview_resume, _under_lock(_preview_resume, _resume), None, KINDS
    ),
    Change(
        "request.fulfil", _("Fulfil"), 63, _preview_fulfil, _under_lock(_preview_fulfil, _fulfil), _outcome,
        KINDS,
    ),
)  # fmt: skip


def register_all() -> None:
    for change in CHANGES:
        register(change)
