"""The shapes of what people enter about reports of processes; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import accounts.queries
from accounts.access import Actor, Role
from accounts.models import Organisation, User
from actions.forms import area, date_field
from kpis.catalogue import entries
from kpis.shown import said
from processreports import definitions
from processreports.models import EVERY, QualityCheck, ReportDefinition
from sla.models import Agreement
from sla.queries import agreements


class Word(forms.Form):
    comment_zh = area(_("What the figures mean (Chinese)"), rows=4, required=False)
    comment_en = area(_("What the figures mean (English)"), rows=4, required=False)
    outlook_zh = area(_("What comes next (Chinese)"), rows=3, required=False)
    outlook_en = area(_("What comes next (English)"), rows=3, required=False)


class Approve(forms.Form):
    """Carries what the approver has read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class Check(forms.Form):
    verdict = forms.ChoiceField(label=_("Verdict"), choices=QualityCheck.Verdict.choices)
    remark = area(_("Remark"), required=False)


class DefinitionChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, row: Any) -> str:
        return f"{row.name} ({row.get_every_display()})"


class New(forms.Form):
    """A report opened by hand: of the span a day lies in, or about one event."""

    definition = DefinitionChoice(ReportDefinition.objects.none(), label=_("Report"))
    day = forms.DateField(
        label=_("A day of the period"), required=False, input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    subject = forms.CharField(
        label=_("About"), required=False, max_length=20,
        help_text=_("For a report on occasion: the number of the record, such as of a major incident."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = definitions.visible(actor)
        self.fields["definition"].queryset = rows  # type: ignore[attr-defined]


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, person: Any) -> str:
        return f"{person.name} · {person.organisation.name}" if person.organisation else str(person.name)


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, person: Any) -> str:
        return str(person.name)


def process_choices() -> list[tuple[str, str]]:
    """The processes of the catalogue by their key and in the reader's language."""
    return [(words.en, said(words)) for words in dict.fromkeys(e.process for e in entries().values())]


class Definition(forms.Form):
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=120)
    name_en = forms.CharField(label=_("Name (English)"), max_length=120)
    every = forms.ChoiceField(label=_("How often"), choices=EVERY)
    due_days = forms.IntegerField(
        label=_("Days until it is due"), min_value=0, max_value=366, initial=5,
        help_text=_("Counted from the end of the period."),
    )  # fmt: skip
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False, empty_label=_("All customers"),
    )  # fmt: skip
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Project or contract"), required=False, empty_label=_("All of it"),
    )  # fmt: skip
    active_from = date_field(_("Owed from"))
    active_until = date_field(_("Owed until"), required=False)
    owner = PersonField(User.objects.none(), label=_("Written by"))
    approver = PersonField(User.objects.none(), label=_("Approved by"))
    checker = PersonField(
        User.objects.none(), label=_("Quality check by"), required=False, empty_label=_("Nobody")
    )
    recipients = PeopleField(
        User.objects.none(), label=_("Recipients"), required=False, widget=forms.CheckboxSelectMultiple
    )
    in_portal = forms.BooleanField(
        label=_("Publish it in the customer's portal"), required=False,
        help_text=_("Otherwise only its recipients at the provider get it."),
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=(("zh", "中文"), ("en", "English")),
        widget=forms.CheckboxSelectMultiple, initial=["zh", "en"],
    )  # fmt: skip
    processes = forms.MultipleChoiceField(
        label=_("Processes"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Whose indicators the report shows."),
    )  # fmt: skip
    introduction_zh = area(_("Introduction (Chinese)"), rows=3, required=False)
    introduction_en = area(_("Introduction (English)"), rows=3, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        customers = accounts.queries.organisations(actor).filter(
            kind=Organisation.Kind.CUSTOMER, is_active=True
        )
        fields["customer"].queryset = customers.order_by("name_en", "pk")
        fields["agreement"].queryset = agreements(actor).filter(
            kind=Agreement.Kind.SLA, customer__isnull=False
        )
        staff = definitions.people().order_by("display_name")
        for name in ("owner", "approver", "checker"):
            fields[name].queryset = staff
        contacts = User.objects.filter(
            is_active=True, organisation__in=customers, grants__role=Role.CUSTOMER_MANAGER
        ).distinct()
        fields["recipients"].queryset = (
            (definitions.people() | contacts)
            .select_related("organisation")
            .order_by("organisation__name_en", "display_name", "pk")
        )
        fields["processes"].choices = process_choices()
