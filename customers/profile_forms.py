"""The shapes of what people enter about a customer."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from actions.forms import StaffField, area, date_field, staff
from customers.models import ContactPerson, CustomerClass, CustomerProfile, Grade, Standing
from customers.models.profiles import ProfileChange
from customers.profiles import KEPT
from sla.models import Agreement


class Keep(forms.ModelForm):  # type: ignore[type-arg]
    """Master data; class, grade and standing have a form of their own. Read only as data, never saved."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = CustomerProfile
        fields = KEPT
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account_manager"].queryset = staff()  # type: ignore[attr-defined]
        self.initial.setdefault("version", self.instance.version)

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in KEPT}

    def _post_clean(self) -> None:
        """The row is written by the verb alone."""


class Change(forms.Form):
    part = forms.ChoiceField(label=_("What"), choices=ProfileChange.Part.choices)
    value = forms.ChoiceField(
        label=_("New value"),
        choices=[
            (_("class"), CustomerClass.choices),
            (_("grade"), Grade.choices),
            (_("standing"), Standing.choices),
        ],
    )
    effective_on = date_field(_("From"))
    reason = area(_("Reason"))


class Contact(forms.Form):
    of_customer = True
    user = forms.ModelChoiceField(User.objects.none(), label=_("Account"), required=False)
    name = forms.CharField(
        label=_("Name"), max_length=150, required=False, help_text=_("Of somebody without an account.")
    )
    level = forms.ChoiceField(label=_("Level"), choices=ContactPerson.Level.choices)
    position = forms.CharField(label=_("Position"), max_length=150, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=50, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)

    def __init__(self, *args: Any, customer: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = User.objects.filter(organisation=customer, is_active=True)
        self.fields["user"].queryset = rows  # type: ignore[attr-defined]


class PlanVisit(forms.Form):
    planned_on = date_field(_("Planned on"))
    purpose = forms.CharField(label=_("Purpose"), max_length=300)
    place = forms.CharField(label=_("Place or region"), max_length=200, required=False)
    visitor = StaffField(_("Visitor"))


class Held(forms.Form):
    held_on = date_field(_("Held on"))
    people = forms.CharField(label=_("People met"), max_length=300, required=False)
    findings = area(_("Findings"), rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].initial = timezone.localdate


class PlanPublication(forms.Form):
    of_customer = True
    title = forms.CharField(label=_("What is published"), max_length=200)
    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"), required=False)
    due_on = date_field(_("Due on"))
    every_months = forms.IntegerField(
        label=_("Repeated after months"), min_value=1, max_value=60, required=False
    )

    def __init__(self, *args: Any, customer: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Agreement.objects.filter(customer=customer)
        self.fields["agreement"].queryset = rows  # type: ignore[attr-defined]


class Publish(forms.Form):
    published_on = date_field(_("Published on"))
    where = forms.CharField(label=_("Where it can be read"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["published_on"].initial = timezone.localdate
