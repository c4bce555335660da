"""The shapes of what people enter about outages, interruptions and credits; the verbs check what it means."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation
from accounts.queries import customers
from actions.forms import area
from catalog.models import Service
from levels import queries
from levels.models import CreditEntry, Source
from records.models import Record
from sla.models import Agreement, Exclusion


def moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


class OfActor(forms.Form):
    """Choices are those the actor may name; who covers some customers must name one."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        for name in ("customer", "customers"):
            if name in self.fields:
                self.fields[name].queryset = customers(actor)  # type: ignore[attr-defined]
                self.fields[name].required = actor.scope is not None
        if "agreement" in self.fields:
            self.fields["agreement"].queryset = queries.agreements(actor)  # type: ignore[attr-defined]

    def clean_record(self) -> Record | None:
        number = self.cleaned_data["record"].strip().upper()
        if not number:
            return None
        found: Record | None = Record.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no record of this number."))
        return found


def ticket() -> forms.CharField:
    return forms.CharField(
        label=_("Ticket"), max_length=20, required=False, help_text=_("The number of the incident, if any.")
    )


class NewOutage(OfActor):
    service = forms.ModelChoiceField(Service.objects.all(), label=_("Service"))
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False, empty_label=_("All customers")
    )
    started_at = moment(_("Began"))
    ended_at = moment(_("Ended"), required=False, help_text=_("Empty: it goes on."))
    told_at = moment(_("Users told it is back"), required=False, help_text=_("The outage counts until then."))
    source = forms.ChoiceField(label=_("Source"), choices=Source.choices, initial=Source.MANUAL)
    record = ticket()
    note = area(_("Note"), required=False)


class ChangeOutage(OfActor):
    started_at = moment(_("Began"))
    ended_at = moment(_("Ended"), required=False)
    told_at = moment(_("Users told it is back"), required=False)
    record = ticket()
    note = area(_("Note"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class Because(forms.Form):
    reason = area(_("Reason"))


class AskExclusion(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=Exclusion.Reason.choices)
    evidence = area(_("Evidence"))


class Decide(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=Exclusion.Decision.choices)
    note = area(_("Words of the decision"), required=False)


class Announce(OfActor):
    services = forms.ModelMultipleChoiceField(Service.objects.all(), label=_("Services"))
    customers = forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        label=_("Customers"),
        required=False,
        help_text=_("Empty: all customers."),
    )
    starts_at = moment(_("Begins"))
    ends_at = moment(_("Ends"))
    reason_en = forms.CharField(label=_("Reason (English)"), max_length=300)
    reason_zh = forms.CharField(label=_("Reason (Chinese)"), max_length=300)
    agreed_with = forms.CharField(
        label=_("Agreed with"), max_length=200, required=False,
        help_text=_("Who agreed for the customers. Empty: it is announced, but counts as an outage."),
    )  # fmt: skip
    tell_customers = forms.BooleanField(
        label=_("Announce it to the affected customers"), required=False, initial=True,
        help_text=_("In the portal and by message, now; it moves and ends with the interruption."),
    )  # fmt: skip


class Move(forms.Form):
    starts_at = moment(_("Begins"))
    ends_at = moment(_("Ends"))
    agreed_with = forms.CharField(label=_("Agreed with"), max_length=200, required=False)
    reason = forms.CharField(label=_("Why it is moved"), max_length=300)


class Correct(OfActor):
    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"))
    month = forms.DateField(
        label=_("Month"), input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
    )  # fmt: skip
    side = forms.ChoiceField(label=_("Credit or reward"), choices=CreditEntry.Side.choices)
    percent = forms.DecimalField(
        label=_("Right percentage of the charge"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    reason = area(_("Reason"))
