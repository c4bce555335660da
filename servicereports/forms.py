"""The shapes of what people enter about service reports; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from actions.forms import StaffField, area
from sla.models import Agreement
from sla.queries import agreements


class New(forms.Form):
    """A month's report of a customer's agreement."""

    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"))
    month = forms.DateField(
        label=_("Month"), input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text=_("For example 2026-03."),
    )  # fmt: skip
    writer = StaffField(_("Writer"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = agreements(actor).filter(kind=Agreement.Kind.SLA, customer__isnull=False)
        self.fields["agreement"].queryset = rows  # type: ignore[attr-defined]


class Comment(forms.Form):
    comment_zh = area(_("What the figures mean (Chinese)"), rows=4)
    comment_en = area(_("What the figures mean (English)"), rows=4)
    next_steps_zh = area(_("Next steps (Chinese)"), rows=3)
    next_steps_en = area(_("Next steps (English)"), rows=3)


class Approve(forms.Form):
    """Carries what the approver has read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
