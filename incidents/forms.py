"""The shape of what agents type when they log an incident or write into it; meaning is for the verbs."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES, Actor
from accounts.models import Organisation, Team, User
from catalog.models import Service
from cmdb.models import Item
from incidents.fields import Files, Moment, RemoteChoice
from incidents.models import BackfillSource, ContactType, EventKind, Incident, ResolutionCode
from records.models import Channel, Level, Priority
from records.services import MAX_TEXT

LEVELS = [(f"{i}{u}", f"{i}{u}") for i in Level.values for u in Level.values]
CODES = [c for c in ResolutionCode.choices if c[0] != ResolutionCode.IMPORTED]
DEFAULT_LEVEL = f"{Level.MEDIUM}{Level.MEDIUM}"


def customers_of(actor: Actor) -> QuerySet[Organisation]:
    """The customers an agent may log for."""
    rows = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
    return rows if actor.scope is None else rows.filter(pk__in=actor.scope)


def people_of(actor: Actor) -> QuerySet[User]:
    """The customers' people an agent may log for."""
    return User.objects.filter(is_active=True, organisation__in=customers_of(actor)).select_related(
        "organisation"
    )


def colleagues() -> QuerySet[User]:
    """The provider's people who can be given work."""
    return User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()


def reporters_of(actor: Actor) -> QuerySet[User]:
    """Who may report for somebody else: the customers' people and one's colleagues (SD-15)."""
    return User.objects.filter(pk__in=people_of(actor).values("pk").union(colleagues().values("pk")))


def land(form: forms.BaseForm, error: ValidationError, names: Mapping[str, str] | None = None) -> None:
    """Put a verb's refusal beside the fields it is about; ``names`` maps a verb's word to a field's."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        field = (names or {}).get(name, name)
        form.add_error(field if field in form.fields else None, problems)


def show_chosen(form: forms.BaseForm) -> None:
    """Let every remote choice show its chosen row and no other."""
    for name, field in form.fields.items():
        if isinstance(field, RemoteChoice):
            field.show_only(form[name].value())


def text(label: Any, rows: int, **options: Any) -> forms.CharField:
    """A field of several lines."""
    return forms.CharField(
        label=label, max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": rows}),
        **{"required": False, **options},
    )  # fmt: skip


class NewIncident(forms.Form):
    """Everything a call may bring up. Three fields are needed: the person, the words, and Enter."""

    once = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=64)
    customer = RemoteChoice(
        Organisation.objects.none(),
        what="customers",
        label=_("Customer"),
        required=False,
        error_messages={"invalid_choice": _("Choose a customer you work for.")},
    )
    requester = RemoteChoice(
        User.objects.none(),
        what="people",
        depends="#id_customer",
        label=_("Person affected"),
        error_messages={
            "required": _("Choose whom the incident affects: by name, e-mail or telephone number."),
            "invalid_choice": _("Choose an active person of the customer."),
        },
    )
    title = forms.CharField(
        label=_("What is wrong"), error_messages={"required": _("Say in a few words what is wrong.")}
    )
    description = text(_("Details"), 3)
    service = RemoteChoice(
        Service.objects.none(), what="services", label=_("Service"), required=False,
        error_messages={"invalid_choice": _("Choose a published service.")},
    )  # fmt: skip
    item = RemoteChoice(
        Item.objects.none(), what="items", depends="#id_customer", label=_("Configuration item"),
        required=False,
        error_messages={"invalid_choice": _("Choose an item of the customer.")},
    )  # fmt: skip
    level = forms.ChoiceField(choices=LEVELS, initial=DEFAULT_LEVEL, widget=forms.RadioSelect())
    priority = forms.TypedChoiceField(
        choices=[("", _("By impact and urgency")), *Priority.choices],
        coerce=int, empty_value=None, required=False, label=_("Priority"),
    )  # fmt: skip
    priority_reason = forms.CharField(max_length=300, required=False, label=_("Reason for this priority"))
    channel = forms.ChoiceField(choices=Channel, initial=Channel.PHONE, label=_("Channel"))
    contact_type = forms.ChoiceField(choices=ContactType, initial=ContactType.FAULT, label=_("Contact type"))
    event_kind = forms.ChoiceField(
        choices=[("", _("None of these")), *EventKind.choices], required=False, label=_("Kind of event")
    )
    category = forms.CharField(max_length=100, required=False, label=_("Category"))
    symptom = forms.CharField(max_length=100, required=False, label=_("Symptom"))
    site = forms.CharField(max_length=200, required=False, label=_("Site"))
    reporter = RemoteChoice(
        User.objects.none(), what="people", label=_("Reported by"), required=False,
        help_text=_("Only if somebody else reported it for the person affected."),
        error_messages={"invalid_choice": _("Choose an active person.")},
    )  # fmt: skip
    occurred_at = Moment(label=_("Occurred"), help_text=_("Only if it was not just now."))
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, empty_label=_("By the service")
    )
    assignee = RemoteChoice(
        User.objects.none(), what="agents", depends="#id_team", label=_("Assignee"), required=False
    )
    attachments = Files(label=_("Files"))
    backfill_source = forms.ChoiceField(
        choices=[("", _("It is logged as it comes in")), *BackfillSource.choices], required=False,
        label=_("Logged afterwards, told by"),
        help_text=_("Say when it really occurred; its targets are measured from then on."),
    )  # fmt: skip
    bypassed_by = RemoteChoice(
        User.objects.none(), what="agents", label=_("Desk bypassed by"), required=False,
        help_text=_("Who was asked directly and helped without the desk."),
    )  # fmt: skip
    # ticked beside the form, where a major incident is under way (majors)
    child_of = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput())
    is_solved = forms.BooleanField(required=False, label=_("Solved during the contact"))
    code = forms.ChoiceField(choices=CODES, required=False, label=_("Outcome"))
    steps = text(_("Resolution steps"), 3)
    restored_at = Moment(label=_("Service restored"), help_text=_("Only if it was before now."))
    solved_at = Moment(label=_("Really solved"), help_text=_("Only for what is logged afterwards."))

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        sources: dict[str, QuerySet[Any]] = {
            "customer": customers_of(actor),
            "requester": people_of(actor),
            "service": Service.objects.published(),
            "item": Item.objects.visible_to(actor),
            "reporter": reporters_of(actor),
            "team": Team.objects.filter(is_active=True),
            "assignee": colleagues(),
            "bypassed_by": colleagues(),
        }
        for name, rows in sources.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        for name in Preview.base_fields:
            self.fields[name].widget.attrs["data-preview"] = ""
        show_chosen(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        person = data.get("requester")
        # found by telephone number, a person brings the customer along
        if person and not data.get("customer") and "customer" not in self.errors:
            data["customer"] = person.organisation
        if person and data.get("customer") and person.organisation_id != data["customer"].pk:
            words = gettext("Choose an active person of %(customer)s.") % {"customer": data["customer"].name}
            self.add_error("requester", ValidationError(words, code="invalid"))
        if data.get("backfill_source") and not data.get("occurred_at") and "occurred_at" not in self.errors:
            missing = ValidationError(gettext("Say when it really occurred."), code="required")
            self.add_error("occurred_at", missing)
        data["child_of"] = self._parent(data.get("child_of", ""))
        return data

    def _parent(self, number: str) -> Incident | None:
        """The incident this report is put behind; what cannot be one is said above the form."""
        if not number:
            return None
        found: Incident | None = Incident.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            words = gettext("There is no record %(number)s.") % {"number": number}
            self.add_error(None, ValidationError(words, code="unknown"))
        return found

    @property
    def is_backfill(self) -> bool:
        return bool(self.cleaned_data["backfill_source"])

    @property
    def facts(self) -> dict[str, Any]:
        """The keyword arguments of ``incidents.services.open``."""
        data = dict(self.cleaned_data)
        level = data.pop("level")
        for name in ("once", "child_of", "is_solved", "code", "steps", "restored_at", "solved_at"):
            data.pop(name)
        if not self.is_backfill:
            data.pop("backfill_source")
        return {**data, "impact": int(level[0]), "urgency": int(level[1])}


class Similar(forms.Form):
    """What there may be already, asked while a ticket is written; what does not fit is not given."""

    title = forms.CharField(max_length=200, required=False)
    customer = forms.ModelChoiceField(Organisation.objects.none(), required=False)
    requester = forms.ModelChoiceField(User.objects.none(), required=False)
    service = forms.ModelChoiceField(Service.objects.none(), required=False)
    item = forms.ModelChoiceField(Item.objects.none(), required=False)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["customer"].queryset = customers_of(actor)  # type: ignore[attr-defined]
        self.fields["requester"].queryset = people_of(actor)  # type: ignore[attr-defined]
        self.fields["service"].queryset = Service.objects.published()  # type: ignore[attr-defined]
        self.fields["item"].queryset = Item.objects.visible_to(actor)  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """The arguments of ``incidents.similar.find``."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) for name in self.fields}
        person = found.pop("requester")
        customer = found["customer"] or (person.organisation if person else None)
        return {**found, "title": found["title"] or "", "customer": customer}


class Preview(forms.Form):
    """What the new-incident page asks while it is filled in; whatever does not fit is taken as not given."""

    customer = forms.ModelChoiceField(Organisation.objects.none(), required=False)
    requester = forms.ModelChoiceField(User.objects.none(), required=False)
    service = forms.ModelChoiceField(Service.objects.none(), required=False)
    level = forms.ChoiceField(choices=LEVELS, required=False)
    priority = forms.TypedChoiceField(choices=Priority, coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["customer"].queryset = customers_of(actor)  # type: ignore[attr-defined]
        self.fields["requester"].queryset = people_of(actor)  # type: ignore[attr-defined]
        self.fields["service"].queryset = Service.objects.published()  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """The fields that could be read."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in self.fields}


class Comment(forms.Form):
    """A public reply or an internal note."""

    body = text(_("Message"), 2, strip=False)
    visibility = forms.ChoiceField(choices=[("public", "public"), ("internal", "internal")])
    attachments = Files()
