"""The shapes of what people enter about self-assessments; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import StaffField, area
from servicereports.assessments.models import Span, SupervisoryBody


class New(forms.Form):
    body = forms.ModelChoiceField(SupervisoryBody.objects.filter(is_active=True), label=_("Supervisory body"))
    period = forms.ChoiceField(label=_("Period"), choices=Span.choices)
    first = forms.DateField(
        label=_("First month"), input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text=_("For example 2026-03."),
    )  # fmt: skip
    lead = StaffField(_("Desk lead"))


class Submit(forms.Form):
    """A body without an account is sent the printed page; how is asked for."""

    of_record = True
    sent_how = forms.CharField(
        label=_("How the body gets it"), max_length=200, required=False,
        help_text=_("For example: printed page handed over, or mail to the body's address."),
    )  # fmt: skip

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if record.body.person_id:
            del self.fields["sent_how"]


class Answer(forms.Form):
    of_record = True
    opinion = area(_("Opinion"), rows=4)
    answered_by = forms.CharField(label=_("Whose opinion"), max_length=150)

    def __init__(self, *args: Any, record: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if record.body.person_id:
            del self.fields["answered_by"]
