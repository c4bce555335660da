"""The shape of what is typed about visits; meaning is for the verbs."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import User
from fieldwork import content
from fieldwork.models import MOST_TRAVEL, Appointment, ServiceForm
from fieldwork.queries import engineers
from records.fields import Moment

Asked = Appointment.Asked


def _line(label: Any, most: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, **{"required": False, **options})


def _words(label: Any, rows: int = 3, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, max_length=content.MOST_WORDS, widget=widget, **{"required": False, **options}
    )


def _person(**options: Any) -> Any:
    found: Any = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Engineer"), required=False,
        empty_label=gettext_lazy("Nobody yet"), **options,
    )  # fmt: skip
    return found


LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240, 480)


class Spanned(forms.Form):
    """A beginning and how long it takes."""

    starts_at = Moment(label=gettext_lazy("From"), required=True)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes on site"), min_value=5, max_value=7 * 24 * 60, initial=60,
        widget=forms.NumberInput(attrs={"step": 5, "inputmode": "numeric"}),
    )  # fmt: skip
    travel_minutes = forms.IntegerField(
        label=gettext_lazy("Way there, minutes"), min_value=0, max_value=MOST_TRAVEL, initial=0,
        required=False, widget=forms.NumberInput(attrs={"step": 5, "inputmode": "numeric"}),
    )  # fmt: skip

    def span(self) -> dict[str, Any]:
        """What the verbs take of it."""
        start = self.cleaned_data["starts_at"]
        return {
            "starts_at": start, "ends_at": start + timedelta(minutes=self.cleaned_data["minutes"]),
            "travel_minutes": self.cleaned_data["travel_minutes"] or 0,
        }  # fmt: skip


OVERRIDE = gettext_lazy("Only needed if the roster speaks against this time.")


class MakeForm(Spanned):
    """A new appointment."""

    engineer = _person()
    site = _line(gettext_lazy("Place"), 200, required=True)
    contact_name = _line(gettext_lazy("Contact on site"), 120)
    contact_phone = _line(gettext_lazy("Telephone"), 50)
    task = _line(gettext_lazy("Task on site"), 500)
    is_agreed = forms.BooleanField(
        label=gettext_lazy("The customer has agreed to this time: it becomes the target of arriving"),
        required=False,
    )  # fmt: skip
    agreed_with = _line(gettext_lazy("Agreed with"), 120)
    is_held = forms.BooleanField(
        label=gettext_lazy("The ticket waits for the appointment (on hold until then)"), required=False
    )
    override_reason = _line(gettext_lazy("Why outside the roster"), 300, help_text=OVERRIDE)
    key = forms.UUIDField(widget=forms.HiddenInput())
    field_order = ("engineer", "starts_at", "minutes", "travel_minutes", "site", "contact_name")

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["engineer"].queryset = engineers(actor)  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        names = ("engineer", "site", "contact_name", "contact_phone", "task", "is_agreed", "agreed_with",
                 "is_held", "override_reason", "key")  # fmt: skip
        return {**{name: self.cleaned_data[name] for name in names}, **self.span()}


class Versioned(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput(), required=False, min_value=1)


def _asked() -> forms.ChoiceField:
    return forms.ChoiceField(label=gettext_lazy("Who wanted it?"), choices=Asked.choices)


class MoveForm(Spanned, Versioned):
    """Another time."""

    asked = _asked()
    reason = _line(gettext_lazy("Reason"), 500, required=True)
    override_reason = _line(gettext_lazy("Why outside the roster"), 300, help_text=OVERRIDE)

    def facts(self) -> dict[str, Any]:
        names = ("asked", "reason", "override_reason")
        return {**{name: self.cleaned_data[name] for name in names}, **self.span()}


class GiveForm(Versioned):
    """Another engineer."""

    engineer = _person()
    reason = _line(gettext_lazy("Reason"), 500)
    override_reason = _line(gettext_lazy("Why outside the roster"), 300, help_text=OVERRIDE)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["engineer"].queryset = engineers(actor)  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("engineer", "reason", "override_reason")}


class AgreeForm(Versioned):
    """The customer agreed, told to us."""

    agreed_with = _line(gettext_lazy("Agreed with"), 120)
    is_held = forms.BooleanField(
        label=gettext_lazy("The ticket waits for the appointment (on hold until then)"), required=False
    )

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("agreed_with", "is_held")}


class EndForm(Versioned):
    """Called off, or it did not take place."""

    asked = _asked()
    reason = _line(gettext_lazy("Reason"), 500, required=True)

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("asked", "reason")}


class ArriveForm(Versioned):
    at = Moment(label=gettext_lazy("Arrived on site"), help_text=gettext_lazy("Empty: now."))

    def facts(self) -> dict[str, Any]:
        return {"at": self.cleaned_data["at"]}


class PlainForm(Versioned):
    def facts(self) -> dict[str, Any]:
        return {}


class WishForm(forms.Form):
    """What a customer writes who wants another time."""

    words = _words(gettext_lazy("Which times suit you?"), 2)
    wished_for = Moment(label=gettext_lazy("Best of all"))


class ReportForm(Versioned):
    """The engineer's part of the service form."""

    arrived_at = Moment(label=gettext_lazy("Arrived on site"), required=True)
    left_at = Moment(label=gettext_lazy("Left the site"), help_text=gettext_lazy("Empty: when it is signed."))
    travel_minutes = forms.IntegerField(
        label=gettext_lazy("Travel, minutes"), min_value=0, max_value=MOST_TRAVEL, required=False,
        widget=forms.NumberInput(attrs={"step": 5, "inputmode": "numeric"}),
    )  # fmt: skip
    fault = _words(gettext_lazy("Fault found"), 2)
    work_done = _words(gettext_lazy("Work done"), 4, required=True)
    parts = forms.CharField(
        label=gettext_lazy("Parts used"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        max_length=content.MOST_PARTS * 320,
        help_text=gettext_lazy("One a line: name; number; quantity."),
    )  # fmt: skip
    result = forms.ChoiceField(
        label=gettext_lazy("Result"), choices=[("", gettext_lazy("Choose")), *ServiceForm.Result.choices]
    )
    remarks = _words(gettext_lazy("Customer's remarks"), 2)

    def clean_parts(self) -> list[dict[str, Any]]:
        try:
            return content.read_parts(self.cleaned_data["parts"])
        except content.BadPart as bad:
            words = _("Line %(n)s is not understood: name; number; quantity, at most %(most)s lines.")
            raise forms.ValidationError(words % {"n": bad.line, "most": content.MOST_PARTS}) from None

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class SignForm(Versioned):
    """What the customer does: a name, perhaps a score and words, and the signature."""

    signer = _line(gettext_lazy("Name of who signs"), 120, required=True)
    satisfaction = forms.TypedChoiceField(
        label=gettext_lazy("How satisfied are you?"), coerce=int, empty_value=None, required=False,
        choices=[*reversed(ServiceForm.Satisfaction.choices), ("", gettext_lazy("No answer"))],
        widget=forms.RadioSelect(),
    )  # fmt: skip
    remarks = _words(gettext_lazy("Your remarks"), 2)
    drawing = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=800_000)
    scan = forms.FileField(
        label=gettext_lazy("Or: scan or photo of the signed paper (PNG, JPEG)"), required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class CorrectForm(forms.Form):
    reason = _line(gettext_lazy("What is corrected?"), 300, required=True)

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
