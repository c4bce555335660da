"""What bulk edits, macros and rules may change on an incident (records.changes)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

import sla.services
from accounts.access import Actor, require
from catalog.models import Service
from cmdb.models import Item
from incidents import checks, family, passing, services
from incidents.forms import CODES
from incidents.models import ContactType, EventKind, Incident, WaitingFor
from records.changes import Change, Effect, Parts, register, unchanged
from records.common_changes import Writers, movable, named, state_words, write_with
from records.fields import RemoteChoice
from records.kinds import Kind
from records.models import Level, Record
from records.services import get_record, lock

KINDS = frozenset({Kind.INCIDENT.value})
Preview = Callable[..., Effect]
Apply = Callable[..., None]


def _under_lock(preview: Preview, verb: Callable[..., Any]) -> Apply:
    """The change as its preview allows it at the moment it is made."""

    def apply(record: Record, value: Any, *, actor: Actor, now: datetime) -> None:
        with transaction.atomic():
            current = lock(_own(record))
            preview(current, value, actor=actor, now=now)
            verb(current, value, actor=actor, now=now)

    return apply


def _own(record: Record) -> Incident:
    """The incident's own row, where a plain record was given."""
    return record if isinstance(record, Incident) else Incident.objects.get(pk=record.pk)


def _prioritise(record: Record, priority: int, reason: str, *, actor: Actor, now: datetime) -> None:
    incident = _own(record)
    computed = sla.services.priority_for(
        incident.customer_id, impact=incident.impact, urgency=incident.urgency, at=incident.opened_at
    )
    facts = {"priority": priority, "priority_reason": "" if priority == computed else reason}
    services.edit(incident, facts, actor=actor, now=now, expected_version=None)


# --- facts ---------------------------------------------------------------------------------------


def _words_of(incident: Incident, name: str) -> str:
    value = getattr(incident, name)
    display = getattr(incident, f"get_{name}_display", None)
    if display:
        return str(display() or gettext("none"))
    return named(value) if hasattr(value, "pk") else str(value or gettext("none"))


def _fact(name: str, wording: Callable[[Any], str]) -> tuple[Preview, Apply]:
    """A single fact, written by the incident's own edit."""

    def preview(record: Record, value: Any, *, actor: Actor, now: datetime) -> Effect:
        require(actor, "edit", record)
        incident = _own(record)
        if name == "item":
            checks.item(value, incident.customer)
        if getattr(incident, name) == value:
            raise unchanged()
        return Effect(_words_of(incident, name), wording(value))

    def edit(incident: Incident, value: Any, *, actor: Actor, now: datetime) -> None:
        services.edit(incident, {name: value}, actor=actor, now=now, expected_version=None)

    return preview, _under_lock(preview, edit)


def _label_in(choices: Any) -> Callable[[Any], str]:
    return lambda value: str(dict(choices.choices).get(value, value))


def _choice(choices: Any, label: Any, coerce: Any = str) -> Callable[[Actor], forms.Field]:
    return lambda actor: forms.TypedChoiceField(choices=choices.choices, coerce=coerce, label=label)


def _services(actor: Actor) -> forms.Field:
    return RemoteChoice(Service.objects.published(), what="services", label=_("Service"))


def _items(actor: Actor) -> forms.Field:
    return RemoteChoice(Item.objects.visible_to(actor), what="items", label=_("Configuration item"))


def _words(label: Any) -> Callable[[Actor], forms.Field]:
    return lambda actor: forms.CharField(max_length=100, label=label)


# --- state ---------------------------------------------------------------------------------------


def _free(record: Record, move: str, *, actor: Actor) -> str:
    into = movable(record, move, actor=actor)
    family.check_free(_own(record))
    return into


def _moving(move: str) -> Preview:
    def preview(record: Record, value: Any, *, actor: Actor, now: datetime) -> Effect:
        return Effect(state_words(record), _free(record, move, actor=actor))

    return preview


def _holds(actor: Actor) -> forms.Field:
    return Parts(
        {
            "reason": forms.ChoiceField(choices=WaitingFor.choices, label=_("Waiting for")),
            "note": forms.CharField(
                required=False, max_length=2000, label=_("Message to the customer"),
                widget=forms.Textarea(attrs={"rows": 2}),
            ),
        },
        label=_("Put on hold"),
    )  # fmt: skip


def _preview_hold(record: Record, value: dict[str, Any], *, actor: Actor, now: datetime) -> Effect:
    into = _free(record, "hold", actor=actor)
    if record.waiting_for == value["reason"]:
        raise unchanged()
    return Effect(state_words(record), f"{into}: {_label_in(WaitingFor)(value['reason'])}")


def _solutions(actor: Actor) -> forms.Field:
    return Parts(
        {
            "code": forms.ChoiceField(choices=CODES, label=_("Outcome")),
            "steps": forms.CharField(
                label=_("Resolution steps"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10_000
            ),
        },
        label=_("Resolve"),
    )


def _preview_parent(record: Record, value: str, *, actor: Actor, now: datetime) -> Effect:
    require(actor, "link", record)
    incident, above = _own(record), _parent(value, actor)
    if incident.parent_id == above.pk:
        raise unchanged()
    if above.pk == incident.pk:
        raise ValidationError(gettext("An incident cannot be its own parent."), code="invalid")
    family.check(incident, above)
    return Effect(_number(incident.parent), above.number)


def _number(incident: Incident | None) -> str:
    return incident.number if incident else gettext("none")


def _parent(number: str, actor: Actor) -> Incident:
    try:
        found = get_record(actor, number)
    except Http404 as missing:
        raise ValidationError(str(missing), code="unknown") from missing
    if not isinstance(found, Incident):
        words = gettext("%(number)s is no incident.") % {"number": number[:20]}
        raise ValidationError(words, code="unknown")
    return found


class ParentNumber(forms.CharField):
    """The number of an incident the actor may see; kept as its number."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(max_length=20, label=_("Number of the parent"))
        self.actor = actor

    def clean(self, value: Any) -> str:
        return _parent(super().clean(value).strip(), self.actor).number


def _moved(move: str) -> tuple[Preview, Apply]:
    """A move that needs no words."""
    preview = _moving(move)
    verb: Any = services.MOVES[move]

    def act(incident: Incident, value: Any, *, actor: Actor, now: datetime) -> None:
        verb(incident, actor=actor, now=now)

    return preview, _under_lock(preview, act)


def _hold(incident: Incident, value: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    services.hold(incident, **value, actor=actor, now=now)


def _resolve(incident: Incident, value: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    services.resolve(incident, **value, actor=actor, now=now)


def _attach(record: Record, value: str, *, actor: Actor, now: datetime) -> None:
    """As the page does: the parent's row before the child's, or two who attach wait for each other."""
    with transaction.atomic():
        parent = _parent(value, actor)
        family.line_up(parent)
        current = lock(_own(record))
        _preview_parent(current, value, actor=actor, now=now)
        family.attach(current, parent=parent, actor=actor, now=now)


def _parts_words(choices: Any, chosen: str, words: str) -> Callable[[Any], str]:
    def wording(value: Any) -> str:
        label = str(dict(choices).get(value[chosen], value[chosen]))
        return f"{label}: {value[words]}" if value.get(words) else label

    return wording


_preview_resolve = _moving("resolve")
_level, _contact, _event = _label_in(Level), _label_in(ContactType), _label_in(EventKind)


def _said(row: Any) -> str:
    return named(row)


CHANGES = (
    Change(
        "impact", _("Set the impact"), 21, *_fact("impact", _level), _choice(Level, _("Impact"), int), KINDS,
        _level,
    ),
    Change(
        "urgency", _("Set the urgency"), 22, *_fact("urgency", _level),
        _choice(Level, _("Urgency"), int), KINDS, _level,
    ),
    Change("service", _("Set the service"), 30, *_fact("service", _said), _services, KINDS, _said),
    Change("item", _("Set the configuration item"), 31, *_fact("item", _said), _items, KINDS, _said),
    Change(
        "category", _("Set the category"), 32, *_fact("category", str), _words(_("Category")), KINDS, str
    ),
    Change("symptom", _("Set the symptom"), 33, *_fact("symptom", str), _words(_("Symptom")), KINDS, str),
    Change(
        "contact_type", _("Set the contact type"), 34, *_fact("contact_type", _contact),
        _choice(ContactType, _("Contact type")), KINDS, _contact,
    ),
    Change(
        "event_kind", _("Set the kind of event"), 35, *_fact("event_kind", _event),
        _choice(EventKind, _("Kind of event")), KINDS, _event,
    ),
    Change("incident.start", _("Start work"), 40, *_moved("start"), None, KINDS),
    Change(
        "incident.hold", _("Put on hold"), 41, _preview_hold, _under_lock(_preview_hold, _hold), _holds,
        KINDS, _parts_words(WaitingFor.choices, "reason", "note"),
    ),
    Change("incident.resume", _("Resume"), 42, *_moved("resume"), None, KINDS),
    Change(
        "incident.resolve", _("Resolve"), 43, _preview_resolve, _under_lock(_preview_resolve, _resolve),
        _solutions, KINDS, _parts_words(CODES, "code", "steps"),
    ),
    Change(
        "incident.attach", _("Put behind another ticket"), 50, _preview_parent, _attach, ParentNumber, KINDS,
        str,
    ),
)  # fmt: skip


def register_all() -> None:
    write_with(
        Kind.INCIDENT.value,
        Writers(assign=passing.assign, prioritise=_prioritise, escalate=passing.escalate),
    )
    for change in CHANGES:
        register(change)
