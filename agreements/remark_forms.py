"""The shape of an answer to a customer's remark."""

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements import party


class Answer(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=party.Outcome.choices)
    text = forms.CharField(label=_("Answer"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
