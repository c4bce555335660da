"""The shapes of what people enter about an edition; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES
from accounts.models import User
from agreements.models import Countersignature, Edition, FollowUp, Signature
from sla.models import Agreement, Calendar, ServicePackage

DATE = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _area(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, required=required, widget=forms.Textarea(attrs={"rows": 2}))


class Nothing(forms.Form):
    """An act that needs no words."""


class Submit(forms.Form):
    reviewers = forms.ModelMultipleChoiceField(User.objects.none(), label=_("Reviewers"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()
        self.fields["reviewers"].queryset = staff  # type: ignore[attr-defined]


class Countersign(forms.Form):
    result = forms.ChoiceField(label=_("Result"), choices=Countersignature.Result.choices)
    comment = _area(_("Comment"), required=False)


class CheckLegality(forms.Form):
    result = forms.ChoiceField(label=_("Result"), choices=Edition.Legality.choices)
    note = _area(_("Note"), required=False)


class Agree(forms.Form):
    note = _area(_("Who agreed, and how"))


class Because(forms.Form):
    reason = _area(_("Reason"))


class Sign(forms.Form):
    party = forms.ChoiceField(label=_("Party"), choices=Signature.Party.choices)
    person = forms.CharField(label=_("Signed by"), max_length=150)
    role = forms.CharField(label=_("Role"), max_length=150)
    signed_on = forms.DateField(label=_("Date"), widget=DATE)
    document = forms.CharField(label=_("Document"), max_length=200, required=False)


class Excuse(forms.Form):
    """``targets``: the key and the name of each target behind which a looser promise stands."""

    target_key = forms.ChoiceField(label=_("Target"))
    reason = _area(_("Reason"))

    def __init__(self, *args: Any, targets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target_key"].choices = targets  # type: ignore[attr-defined]


class Terminate(forms.Form):
    at = forms.DateTimeField(label=_("Ends at"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    reason = _area(_("Reason"))


class Renew(forms.Form):
    """The next edition with the same terms: its validity, and why."""

    effective_from = forms.DateTimeField(
        label=_("In force from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    effective_until = forms.DateTimeField(
        label=_("In force until"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )  # fmt: skip
    change_reason = forms.CharField(label=_("Reason for the change"), max_length=300)


class Finish(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[c for c in FollowUp.Outcome.choices if c[0] != FollowUp.Outcome.CALLED_OFF],
    )
    reason = _area(_("Reason"), required=False)


class New(forms.Form):
    """The next edition of an agreement: from its present terms, from a package, or from nothing."""

    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"))
    package = forms.ModelChoiceField(
        ServicePackage.objects.filter(is_active=True), label=_("Start from"), required=False,
        empty_label=_("its present terms, or nothing"),
    )  # fmt: skip
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(), label=_("Service hours"), required=False,
        empty_label=_("as in what it starts from"),
    )  # fmt: skip
    effective_from = forms.DateTimeField(
        label=_("In force from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    effective_until = forms.DateTimeField(
        label=_("In force until"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )  # fmt: skip
    change_reason = forms.CharField(label=_("Reason for the change"), max_length=300, required=False)


class TermsForm(forms.Form):
    """The terms as one JSON text, refused with the field inside that is wrong."""

    terms = forms.JSONField(
        label=_("Terms"), widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false"})
    )
    version = forms.IntegerField(widget=forms.HiddenInput())
