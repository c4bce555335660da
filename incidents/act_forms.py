"""The forms of the steps that need words or a choice. They check shape; the verbs check meaning."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

import sla.services
from accounts.access import Actor
from accounts.models import Team, User
from catalog.models import Service
from cmdb.models import Item
from incidents.fields import MOMENT, Moment, RemoteChoice
from incidents.forms import CODES, colleagues, people_of, show_chosen, text
from incidents.models import ContactType, EventKind, Incident, WaitingFor
from incidents.services import Correction
from records.assignment import TIERS
from records.breaches import accountable, proposed
from records.models import Level, Link, Priority
from records.services import get_record
from sla.models import Agreement, Breach, Clock
from suppliers.models import Supplier


class ActForm(forms.Form):
    """A step's form: knows the incident it is about and who fills it in."""

    use_required_attribute = False  # the server says what is missing, in the reader's language

    def __init__(self, *args: Any, incident: Incident, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.incident, self.actor = incident, actor
        self.prepare()
        show_chosen(self)

    def prepare(self) -> None:
        """Narrow choices and fill in what is known."""

    def merged(self) -> "ActForm":
        """The form to show again after somebody else saved first: with everything that was typed."""
        return self

    def words(self) -> dict[str, Any]:
        """The keyword arguments of the step's verb."""
        return dict(self.cleaned_data)

    def begin_with(self, **values: Any) -> None:
        for name, value in values.items():
            self.fields[name].initial = value


class Nothing(ActForm):
    """A step that only needs a yes."""


def pausing_reasons(incident: Incident) -> frozenset[str] | None:
    """The reasons that stop this incident's clocks, by its agreement; None where none applies."""
    pinned = (
        Clock.objects.filter(record=incident.pk).order_by("pk").values_list("agreement_version", flat=True)
    )
    first = pinned.first()
    version = (
        sla.services.version_of(first)
        if first
        else sla.services.version_for(incident.customer_id, incident.opened_at)
    )
    return frozenset(version.pausing_reasons) if version else None


class Hold(ActForm):
    reason = forms.ChoiceField(
        label=_("Waiting for"), widget=forms.RadioSelect(),
        error_messages={"required": _("Say what the ticket waits for.")},
    )  # fmt: skip
    supplier = forms.ModelChoiceField(
        Supplier.objects.none(), label=_("Supplier"), required=False,
        help_text=_("Only if it waits for a supplier: whose contract is measured."),
    )  # fmt: skip
    supplier_reference = forms.CharField(label=_("Supplier's ticket number"), max_length=100, required=False)
    note = text(_("Message to the customer"), 2, help_text=_("The customer sees it."))

    def prepare(self) -> None:
        suppliers = Supplier.objects.filter(is_active=True)
        self.fields["supplier"].queryset = suppliers  # type: ignore[attr-defined]
        self.begin_with(
            supplier=self.incident.supplier_id, supplier_reference=self.incident.supplier_reference
        )
        if not suppliers.exists():
            del self.fields["supplier"], self.fields["supplier_reference"]
        pausing = pausing_reasons(self.incident)
        field = self.fields["reason"]
        field.choices = [(code, self._marked(label, code, pausing)) for code, label in WaitingFor.choices]  # type: ignore[attr-defined]
        self.begin_with(reason=self.incident.waiting_for)

    @staticmethod
    def _marked(label: Any, code: str, pausing: frozenset[str] | None) -> str:
        if pausing is None:
            return str(label)
        mark = gettext("the clocks pause") if code in pausing else gettext("the clocks go on")
        return f"{label} ({mark})"


class SupplierReplied(ActForm):
    note = text(_("What the supplier said"), 3, required=True)
    reference = forms.CharField(label=_("Supplier's ticket number"), max_length=100, required=False)

    def prepare(self) -> None:
        self.begin_with(reference=self.incident.supplier_reference)


class Resolve(ActForm):
    code = forms.ChoiceField(choices=CODES, label=_("Outcome"))
    restored_at = Moment(label=_("Service restored"), help_text=_("Only if it was before now."))
    steps = text(
        _("Resolution steps"), 4, required=True,
        help_text=_("The customer receives them with the request to confirm."),
        error_messages={"required": _("Write down the steps that solved it.")},
    )  # fmt: skip


class Reached(ActForm):
    at = Moment(label=_("When"), help_text=_("Only if it was before now."))
    note = text(_("Message to the customer"), 2, help_text=_("The customer sees it."))


class Confirm(ActForm):
    note = text(_("What the requester said"), 2)
    close_too = forms.BooleanField(label=_("Close the ticket as well"), required=False, initial=True)


class Close(ActForm):
    no_answer = text(
        _("How you asked without an answer"), 2, required=True,
        help_text=_("The requester has not confirmed. Say when and how you asked, for example by phone."),
        error_messages={
            "required": _("Record the confirmation first, or say how you asked without an answer.")
        },
    )  # fmt: skip

    def prepare(self) -> None:
        if self.incident.confirmed_at:
            del self.fields["no_answer"]


class Reopen(ActForm):
    reason = text(
        _("What still does not work"), 3, required=True, help_text=_("The clocks go on."),
        error_messages={"required": _("Say what still does not work.")},
    )  # fmt: skip


class Cancel(ActForm):
    reason = text(
        _("Why it is given up"), 2, required=True,
        help_text=_("For tickets logged by mistake or twice. Its clocks are cancelled."),
        error_messages={"required": _("Say why the ticket is given up.")},
    )  # fmt: skip


class Assign(ActForm):
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False)
    assignee = RemoteChoice(
        User.objects.none(), what="agents", depends="#id_team", label=_("Person"), required=False,
        help_text=_("A member of the team. Empty: whoever of the team takes it."),
    )  # fmt: skip
    note = text(_("Note for them"), 2)

    def prepare(self) -> None:
        self.fields["team"].queryset = Team.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = colleagues()  # type: ignore[attr-defined]
        self.begin_with(team=self.incident.team_id, assignee=self.incident.assignee)


class Escalate(ActForm):
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("To team"),
        error_messages={"required": _("Choose the team of a higher tier.")},
    )  # fmt: skip
    reason = text(
        _("Reason"), 2, required=True, error_messages={"required": _("Say why the ticket is escalated.")}
    )

    def prepare(self) -> None:
        team, service = self.incident.team, self.incident.service
        higher = TIERS[TIERS.index(team.tier) + 1 :] if team else TIERS
        teams = Team.objects.filter(is_active=True, tier__in=higher).order_by("tier", "name_en")
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        second = service.second_line_team if service else None
        if second and second.tier in higher:
            self.begin_with(team=second.pk)


class Relate(ActForm):
    type = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in Link.BY_HAND], label=_("This ticket"),
        initial=Link.Type.RELATED,
    )  # fmt: skip
    other = forms.CharField(
        label=_("Number of the other one"), max_length=20,
        error_messages={"required": _("Give a number such as INC0000042.")},
    )  # fmt: skip

    def clean_other(self) -> Any:
        try:
            return get_record(self.actor, self.cleaned_data["other"].strip())
        except Http404 as missing:
            raise forms.ValidationError(str(missing), code="unknown") from missing


class Explain(ActForm):
    clock = forms.ModelChoiceField(
        Breach.objects.none(), to_field_name="clock_id", label=_("Missed target"), empty_label=None
    )
    reason = forms.ChoiceField(
        choices=[("", _("Choose")), *Breach.Reason.choices], label=_("Reason"),
        error_messages={"required": _("Choose why the target was missed.")},
    )  # fmt: skip
    note = text(_("Explanation"), 3)
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Who answers for it"), required=False,
        empty_label=_("we ourselves: no OLA or UC was broken"),
    )  # fmt: skip
    no_action = forms.CharField(
        label=_("Nothing needs to be corrected, because"), max_length=300, required=False,
        help_text=_("Or name a corrective action below."),
    )  # fmt: skip
    action_title = forms.CharField(label=_("Corrective action"), max_length=200, required=False)
    action_responsible = RemoteChoice(
        User.objects.none(), what="agents", label=_("Responsible for it"), required=False
    )
    action_due = forms.DateField(
        label=_("To be done by"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        title, responsible, due = (asked.pop(f"action_{n}", None) for n in ("title", "responsible", "due"))
        if title:
            if responsible is None:
                self.add_error("action_responsible", _("Say who is responsible for it."))
            if due is None:
                self.add_error("action_due", _("Say by when it is to be done."))
            if responsible and due:
                asked["action"] = Correction(title, responsible, due)
        return asked

    def prepare(self) -> None:
        self.fields["agreement"].queryset = accountable(self.incident)  # type: ignore[attr-defined]
        self.fields["action_responsible"].queryset = colleagues()  # type: ignore[attr-defined]
        rows = Breach.objects.filter(clock__record=self.incident.pk, clock__support=None)
        rows = rows.select_related("clock").order_by("at")
        field = self.fields["clock"]
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = lambda b: (  # type: ignore[attr-defined]
            f"{b.clock.get_metric_display()} · {timezone.localtime(b.at):%Y-%m-%d %H:%M}"
        )
        asked = str(self.initial.get("clock", ""))
        chosen = next((b for b in rows if str(b.clock_id) == asked), None) or rows.last()
        if chosen:
            self.initial["clock"] = chosen.clock_id
            named = chosen.agreement if chosen.reason else proposed(chosen)
            self.begin_with(
                reason=chosen.reason, note=chosen.note, agreement=named, no_action=chosen.no_action
            )


class Prioritise(ActForm):
    impact = forms.TypedChoiceField(choices=Level, coerce=int, label=_("Impact"))
    urgency = forms.TypedChoiceField(choices=Level, coerce=int, label=_("Urgency"))
    priority = forms.TypedChoiceField(
        choices=[("", _("By impact and urgency")), *Priority.choices],
        coerce=int, empty_value=None, required=False, label=_("Priority"),
    )  # fmt: skip
    priority_reason = forms.CharField(
        max_length=300, required=False, label=_("Reason"),
        help_text=_("Needed where the priority is not the one of the agreement."),
    )  # fmt: skip

    def prepare(self) -> None:
        now = self.incident
        self.begin_with(impact=now.impact, urgency=now.urgency, priority_reason=now.priority_reason)
        if now.priority_reason:
            self.begin_with(priority=now.priority)


class Edit(ActForm):
    """The facts. Only what the writer touched is saved, so that two people may edit different fields."""

    FACTS = (
        "title", "description", "requester", "service", "item", "contact_type", "event_kind", "category",
        "subcategory", "symptom", "site", "occurred_at", "restored_at", "user_notified_at",
    )  # fmt: skip

    title = forms.CharField(label=_("What is wrong"), error_messages={"required": _("Say what is wrong.")})
    description = text(_("Details"), 4)
    requester = RemoteChoice(User.objects.none(), what="people", label=_("Person affected"))
    service = RemoteChoice(Service.objects.none(), what="services", label=_("Service"), required=False)
    item = RemoteChoice(Item.objects.none(), what="items", label=_("Configuration item"), required=False)
    contact_type = forms.ChoiceField(choices=ContactType, label=_("Contact type"))
    event_kind = forms.ChoiceField(
        choices=[("", _("None of these")), *EventKind.choices], required=False, label=_("Kind of event")
    )
    category = forms.CharField(max_length=100, required=False, label=_("Category"))
    subcategory = forms.CharField(max_length=100, required=False, label=_("Subcategory"))
    symptom = forms.CharField(max_length=100, required=False, label=_("Symptom"))
    site = forms.CharField(max_length=200, required=False, label=_("Site"))
    occurred_at = Moment(label=_("Occurred"))
    restored_at = Moment(label=_("Service restored"))
    user_notified_at = Moment(label=_("User told"))
    # what the writer saw in each field when the form was opened
    seen = forms.CharField(widget=forms.HiddenInput(), required=False)

    def prepare(self) -> None:
        sources: dict[str, Any] = {
            "requester": people_of(self.actor).filter(organisation=self.incident.customer_id),
            "service": Service.objects.published(),
            "item": Item.objects.visible_to(self.actor),
        }
        for name, rows in sources.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if not self.incident.restored_at:
            del self.fields["restored_at"], self.fields["user_notified_at"]
        for name in self._facts():
            self.fields[name].initial = _plain(getattr(self.incident, name))
        self.fields["seen"].initial = json.dumps(self._as_it_is())

    def _facts(self) -> list[str]:
        return [name for name in self.FACTS if name in self.fields]

    def _as_it_is(self) -> dict[str, str]:
        return {name: _typed(getattr(self.incident, name)) for name in self._facts()}

    def touched(self) -> set[str]:
        """The fields the writer changed; without knowledge of what was seen, those that differ."""
        try:
            seen = json.loads(self.data.get("seen", ""))
        except ValueError:
            seen = None
        if not isinstance(seen, dict):
            seen = self._as_it_is()
        return {
            name
            for name in self._facts()
            if name in self.data and _typed(self.data.get(name, "")) != _typed(seen.get(name, ""))
        }

    def words(self) -> dict[str, Any]:
        return {"changes": {name: self.cleaned_data[name] for name in self.touched()}}

    def merged(self) -> "ActForm":
        """What the writer touched as typed; everything else as it is now."""
        data = QueryDict(mutable=True)
        touched = self.touched()
        for name, value in self._as_it_is().items():
            data[name] = self.data.get(name, "") if name in touched else value
        data["seen"] = json.dumps(self._as_it_is())
        return type(self)(data, incident=self.incident, actor=self.actor)


def _plain(value: Any) -> Any:
    """A field's initial value, to the minute as the page shows it."""
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def _typed(value: Any) -> str:
    """A value as a browser sends it back."""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime(MOMENT)
    if hasattr(value, "pk"):
        return str(value.pk)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
