"""The shapes of what people enter about relationship reports; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import accounts.queries
from accounts.access import Actor
from accounts.models import Organisation
from actions.forms import area
from servicereports.relations.models import Span


class New(forms.Form):
    of = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Customer"),
        help_text=_("The provider itself: over all customers."),
    )
    period = forms.ChoiceField(label=_("Period"), choices=Span.choices)
    first = forms.DateField(
        label=_("A month of the period"), input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text=_("For example 2026-03."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = accounts.queries.organisations(actor).filter(is_active=True)
        self.fields["of"].queryset = rows.order_by("kind", "name_en", "pk")  # type: ignore[attr-defined]


class Appraise(forms.Form):
    words_zh = area(_("How the relationship stands (Chinese)"), rows=4)
    words_en = area(_("How the relationship stands (English)"), rows=4)
