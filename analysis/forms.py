"""The shapes of what people enter; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import accounts.queries
from accounts.access import Actor
from accounts.models import Organisation
from actions.forms import staff
from analysis.asking import SPANS, options
from analysis.models import Rule
from records import span_words


class Facts(forms.ModelForm[Rule]):
    """What is a reason to warn, and who is told."""

    class Meta:
        model = Rule
        fields = ("better", "forecast", "row", "limits", "responsible", "is_active")
        help_texts = {
            "forecast": _(
                "The line of its last twelve spans goes the wrong way and misses the goal next time."
            ),
            "row": _("0 warns of it never."),
            "limits": _("More than three standard deviations from the mean of at least eight spans before."),
            "responsible": _("Nobody: the service level manager of the customer."),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].queryset = staff().order_by("display_name")  # type: ignore[attr-defined]


class New(Facts):
    """The same with what is watched."""

    figure = forms.ChoiceField(label=_("Indicator"))
    customer = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Customer"), required=False,
        empty_label=_("All customers together"),
    )  # fmt: skip
    span_kind = forms.ChoiceField(
        label=_("Span of time"), choices=[each for each in span_words.CHOICES if each[0] in SPANS]
    )
    field_order = ("figure", "customer", "span_kind", *Facts.Meta.fields)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["figure"].choices = [  # type: ignore[attr-defined]
            (group["label"], [(each["code"], each["words"]) for each in group["options"]])
            for group in options("")
        ]
        self.fields["customer"].queryset = accounts.queries.customers(actor)  # type: ignore[attr-defined]
