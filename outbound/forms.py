"""The shape of a subscription as managers enter it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES
from accounts.models import Organisation, Team, User
from outbound import events
from outbound.models import Subscription


class SubscriptionForm(forms.Form):
    """What is secret is never shown again: left empty, it stays."""

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=Subscription.Kind.choices)
    url = forms.CharField(
        label=_("Address"), max_length=1000, required=False,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("https; of a robot the whole address its chat shows. Left empty, it stays."),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Secret"), max_length=200, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("A robot's signing secret, if it has one; a webhook is given one. Left empty, it stays."),
    )  # fmt: skip
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False, empty_label=_("All customers")
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), required=False, empty_label=_("Whichever team holds the ticket")
    )
    public_only = forms.BooleanField(
        label=_("Only what customers may read"), required=False, initial=True,
        help_text=_("Leave it on for receivers outside the provider."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of a robot"), choices=settings.LANGUAGES)
    keeper = forms.ModelChoiceField(
        User.objects.none(), label=_("Who looks after it"),
        help_text=_("Is told when it had to be switched off."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)
    events = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Subscription | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        kept = {} if row is None else {each: each for each in row.events if each not in events.OFFERED}
        fields["events"].choices = [*events.OFFERED.items(), *kept.items()]
        fields["customer"].queryset = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER)
        fields["team"].queryset = Team.objects.filter(is_active=True)
        staff = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES)
        fields["keeper"].queryset = staff.distinct()
        self.row = row
        if row is None:
            fields["url"].required = True
            fields["url"].help_text = _("https; of a robot the whole address its chat shows.")
            fields["secret"].help_text = _("A robot's signing secret, if it has one; a webhook is given one.")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.row is not None:
            for name in ("url", "secret"):
                found[name] = found.get(name) or getattr(self.row, name)
        return found


def initial_of(row: Subscription) -> dict[str, Any]:
    names = ("name", "kind", "events", "customer", "team", "public_only", "language", "keeper", "is_active")
    return {**{name: getattr(row, name) for name in names}, "version": row.version}
