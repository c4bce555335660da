"""The forms of the steps that need words or a choice. They check shape; the verbs check meaning."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import STAFF_ROLES, Actor
from accounts.models import Team, User
from fulfilment.charging import Line
from fulfilment.models import HOLDS, ApprovalStage, Quotation, ServiceRequest
from records import assignment
from records.fields import RemoteChoice
from records.models import Priority
from records.services import MAX_TEXT
from sla.models import Breach


def text(label: Any, rows: int, **options: Any) -> forms.CharField:
    """A field of several lines."""
    return forms.CharField(
        label=label, max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": rows}),
        **{"required": False, **options},
    )  # fmt: skip


def show_chosen(form: forms.BaseForm) -> None:
    """Let every remote choice show its chosen row and no other."""
    for name, field in form.fields.items():
        if isinstance(field, RemoteChoice):
            field.show_only(form[name].value())


def colleagues() -> Any:
    """The provider's people who can be given work."""
    return User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()


class ActForm(forms.Form):
    """A step's form: knows the request it is about and who fills it in."""

    use_required_attribute = False  # the server says what is missing, in the reader's language

    def __init__(self, *args: Any, request: ServiceRequest, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request, self.actor = request, actor
        self.prepare()
        show_chosen(self)

    def prepare(self) -> None:
        """Narrow choices and fill in what is known."""

    def begin_with(self, **values: Any) -> None:
        for name, value in values.items():
            self.fields[name].initial = value


class Nothing(ActForm):
    """A step that only needs a yes."""


class Hold(ActForm):
    reason = forms.ChoiceField(
        label=_("Waiting for"), choices=HOLDS, widget=forms.RadioSelect(),
        error_messages={"required": _("Say what the request waits for.")},
    )  # fmt: skip
    note = text(_("Message to the customer"), 2, help_text=_("The customer sees it."))


class Fulfil(ActForm):
    outcome = text(
        _("What was done"), 4, required=True,
        help_text=_("The customer receives it with the request to confirm."),
        error_messages={"required": _("Say what was done.")},
    )  # fmt: skip


class Refuse(ActForm):
    reason = text(
        _("Why it cannot be met"), 3, required=True, help_text=_("The customer sees it."),
        error_messages={"required": _("Say why the request cannot be met.")},
    )  # fmt: skip
    alternative = text(
        _("What could be done instead"), 3, required=True, help_text=_("The customer sees it."),
        error_messages={"required": _("Say what could be done instead.")},
    )  # fmt: skip


class Confirm(ActForm):
    note = text(_("What the requester said"), 2)
    close_too = forms.BooleanField(label=_("Close the request as well"), required=False, initial=True)


class Close(ActForm):
    no_answer = text(
        _("How you asked without an answer"), 2, required=True,
        help_text=_("The requester has not confirmed. Say when and how you asked, for example by phone."),
        error_messages={
            "required": _("Record the confirmation first, or say how you asked without an answer.")
        },
    )  # fmt: skip

    def prepare(self) -> None:
        if self.request.confirmed_at:
            del self.fields["no_answer"]


class Because(ActForm):
    reason = text(_("Reason"), 3, required=True)


class Assign(ActForm):
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, empty_label=_("No team")
    )
    assignee = RemoteChoice(
        User.objects.none(), what="agents", depends="#id_team", label=_("Assignee"), required=False
    )
    note = text(_("Note"), 2)

    def prepare(self) -> None:
        self.fields["team"].queryset = Team.objects.filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = colleagues()  # type: ignore[attr-defined]
        self.begin_with(team=self.request.team_id, assignee=self.request.assignee)


class Escalate(ActForm):
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team of a higher tier"), required=False,
        empty_label=_("The second line of the service"),
    )  # fmt: skip
    reason = text(_("Reason"), 2, required=True)

    def prepare(self) -> None:
        tiers = assignment.TIERS
        here = tiers.index(self.request.team.tier) if self.request.team else -1
        rows = Team.objects.filter(is_active=True, tier__in=tiers[here + 1 :])
        self.fields["team"].queryset = rows  # type: ignore[attr-defined]


class Edit(ActForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    description = text(_("Remark"), 4)
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int)
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=10_000)

    def prepare(self) -> None:
        self.begin_with(**{name: getattr(self.request, name) for name in self.fields})


class Explain(ActForm):
    clock = forms.ModelChoiceField(Breach.objects.none(), label=_("Missed target"), to_field_name="clock_id")
    reason = forms.ChoiceField(label=_("Reason"), choices=Breach.Reason.choices)
    note = text(_("Note"), 2)
    no_action = forms.CharField(
        label=_("What is corrected, or why nothing needs to be"), max_length=300,
    )  # fmt: skip

    def prepare(self) -> None:
        rows = Breach.objects.filter(clock__record=self.request.pk, clock__support=None)
        rows = rows.select_related("clock").order_by("at")
        field = self.fields["clock"]
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = lambda b: (  # type: ignore[attr-defined]
            f"{b.clock.get_metric_display()} · {timezone.localtime(b.at):%Y-%m-%d %H:%M}"
        )
        if last := rows.last():
            self.begin_with(clock=last.clock_id, reason=last.reason, note=last.note, no_action=last.no_action)


class NameApprover(ActForm):
    stage = forms.ModelChoiceField(ApprovalStage.objects.none(), label=_("Approval stage"))
    person = RemoteChoice(
        User.objects.none(), what="people", label=_("Person of the customer"), required=False,
    )  # fmt: skip
    colleague = forms.ModelChoiceField(
        User.objects.none(), label=_("Or a colleague"), required=False, empty_label=_("Nobody"),
    )  # fmt: skip

    def prepare(self) -> None:
        stages = self.request.stages.filter(state=ApprovalStage.State.OPEN)
        people = User.objects.filter(organisation=self.request.customer_id, is_active=True)
        self.fields["stage"].queryset = stages  # type: ignore[attr-defined]
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["colleague"].queryset = colleagues().order_by("display_name")  # type: ignore[attr-defined]
        self.begin_with(stage=stages.first())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["person"] = data.get("person") or data.pop("colleague", None)
        data.pop("colleague", None)
        if data["person"] is None and not self.errors:
            self.add_error("person", _("Name somebody."))
        return data


class Charge(ActForm):
    why = forms.CharField(
        label=_("Why it is chargeable"), max_length=300,
        help_text=_("For example: outside the agreement, or outside the warranty."),
    )  # fmt: skip


class Quote(ActForm):
    """Labour, parts and travel, each a line."""

    hours = forms.DecimalField(
        label=_("Hours of labour"), required=False, min_value=0, max_digits=8, decimal_places=2
    )
    rate = forms.DecimalField(
        label=_("Price per hour"), required=False, min_value=0, max_digits=10, decimal_places=2
    )
    parts = forms.CharField(label=pgettext_lazy("quotation", "Parts"), required=False, max_length=200)
    parts_amount = forms.DecimalField(
        label=_("Price of the parts"), required=False, min_value=0, max_digits=12, decimal_places=2
    )
    travel = forms.CharField(label=_("Travel"), required=False, max_length=200)
    travel_amount = forms.DecimalField(
        label=_("Price of the travel"), required=False, min_value=0, max_digits=12, decimal_places=2
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency"),
        error_messages={"invalid": _("Write three capital letters, such as CNY.")},
    )  # fmt: skip
    valid_until = forms.DateField(
        label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = text(_("Note to the customer"), 2, help_text=_("The customer sees it."))

    def prepare(self) -> None:
        self.begin_with(
            currency=self.request.ordered_version.blueprint.currency,
            valid_until=timezone.localdate() + timedelta(days=30),
        )

    @property
    def lines(self) -> list[Line]:
        data, one = self.cleaned_data, Decimal(1)
        kinds = Quotation.Line
        return [
            Line(kinds.LABOUR.value, "", data["hours"] or Decimal(0), data["rate"] or Decimal(0)),
            Line(kinds.PARTS.value, data["parts"], one, data["parts_amount"] or Decimal(0)),
            Line(kinds.TRAVEL.value, data["travel"], one, data["travel_amount"] or Decimal(0)),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            data["lines"] = self.lines
        return {n: data[n] for n in ("lines", "currency", "valid_until", "note") if n in data}


class AcceptQuote(ActForm):
    note = text(_("Who accepted it, when and how"), 2, required=True, help_text=_("The customer sees it."))


class AddTask(ActForm):
    title = forms.CharField(label=_("What is to be done"), max_length=200)
    order = forms.IntegerField(label=_("Step"), min_value=1, max_value=99, initial=1)
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False)

    def prepare(self) -> None:
        self.fields["team"].queryset = Team.objects.filter(is_active=True)  # type: ignore[attr-defined]


class Identity(ActForm):
    how = forms.CharField(
        label=_("How the identity was checked"), max_length=300,
        help_text=_("For example: called back on the number in the directory."),
    )  # fmt: skip


class GrantRight(ActForm):
    right = forms.CharField(label=_("Which right"), max_length=300)
    valid_from = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    valid_until = forms.DateField(
        label=_("Until"), required=False, help_text=_("Empty: without an end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def prepare(self) -> None:
        self.begin_with(valid_from=timezone.localdate(), right=self.request.title)


class Comment(forms.Form):
    """A public reply or an internal note."""

    body = text(_("Message"), 2, strip=False)
    visibility = forms.ChoiceField(choices=[("public", "public"), ("internal", "internal")])
