"""The shapes of what people enter about reviews; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES
from accounts.models import User
from actions.forms import Caused, StaffField, area, date_field
from reviews.models import Participant, Review
from sla.models import Agreement
from suppliers.models import Supplier

SCORES = [(n, str(n)) for n in range(5, 0, -1)]


def moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class New(Caused):
    meeting = forms.ChoiceField(label=_("Kind of meeting"), choices=Review.Meeting.choices)
    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"), required=False)
    supplier = forms.ModelChoiceField(
        Supplier.objects.filter(is_active=True), label=_("Supplier"), required=False,
        help_text=_("For a supplier review, in place of the agreement."),
    )  # fmt: skip
    meets_at = moment(_("Meets at"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    chair = StaffField(_("Chair"))
    period_from = date_field(_("Period from"))
    period_until = date_field(_("Period until"))
    cause = forms.CharField(
        label=_("Caused by"), max_length=20, required=False,
        help_text=_("The number of a record, such as a major incident."),
    )  # fmt: skip


class Prepare(forms.Form):
    meets_at = moment(_("Meets at"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    chair = StaffField(_("Chair"))
    period_from = date_field(_("Period from"))
    period_until = date_field(_("Period until"))


class Join(forms.Form):
    """Somebody of the provider or of the customer concerned, or a name."""

    of_record = True
    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"), required=False)
    name = forms.CharField(
        label=_("Name"), max_length=150, required=False, help_text=_("Of somebody without an account.")
    )
    side = forms.ChoiceField(label=_("Side"), choices=Participant.Side.choices)
    role = forms.CharField(label=_("Role"), max_length=150, required=False)

    def __init__(self, *args: Any, record: Review, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        theirs = Q(organisation=record.customer_id) | Q(grants__role__in=STAFF_ROLES)
        rows = User.objects.filter(theirs, is_active=True).exclude(grants__role="system").distinct()
        self.fields["person"].queryset = rows  # type: ignore[attr-defined]


class Invite(forms.Form):
    note = area(_("Words to go with it"), required=False)


class Held(forms.Form):
    held_at = moment(_("Held at"))


class Rate(forms.Form):
    score = forms.TypedChoiceField(label=_("Satisfaction"), coerce=int, choices=SCORES)
    person = forms.CharField(label=_("Whose opinion"), max_length=150)
    comment = area(_("Comment"), required=False)


class OwnRate(forms.Form):
    """A customer's own opinion."""

    score = forms.TypedChoiceField(
        label=_("How satisfied are you with the service?"), coerce=int, choices=SCORES,
        help_text=_("5 is the best."),
    )  # fmt: skip
    comment = area(_("Comment"), required=False)
