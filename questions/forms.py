"""Forms of questions: under which name they are kept, and when they are sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Team, User
from questions import services
from questions.models import WEEKDAYS, Question, Schedule


class Keep(forms.Form):
    """Name and readers; ``version`` is the one the writer has seen."""

    name_en = forms.CharField(label=_("Name (English)"), max_length=services.NAME, required=False)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=services.NAME, required=False)
    sharing = forms.ChoiceField(label=_("Who sees it"), choices=Question.Sharing.choices)
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label=_("No team")
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = services.teams_for(actor)  # type: ignore[attr-defined]


class Plan(forms.Form):
    """When the answer is sent and to whom."""

    every = forms.ChoiceField(label=_("How often"), choices=Schedule.Every.choices)
    weekday = forms.TypedChoiceField(label=_("Day of the week"), choices=WEEKDAYS, coerce=int)
    month_day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=31,
        help_text=_("In a month that is too short: its last day."),
    )  # fmt: skip
    hour = forms.IntegerField(label=_("Hour"), min_value=0, max_value=23)
    attached = forms.ChoiceField(label=_("Attached"), choices=Schedule.Attached.choices)
    recipients = forms.ModelMultipleChoiceField(
        label=_("Recipients"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipients"].queryset = services.people_for(actor)  # type: ignore[attr-defined]
