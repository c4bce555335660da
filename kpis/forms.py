"""The shapes of what people enter about indicators; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.forms import staff


def _number(
    label: Any, *, required: bool = False, help_text: Any = "", initial: Any = None
) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, max_digits=14, decimal_places=2, help_text=help_text, initial=initial
    )


class Confirm(forms.Form):
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    points = _number(
        _("Your own points"), help_text=_("Empty: the figure is scored by its scale. With points say why.")
    )
    reason = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    evidence = forms.CharField(
        label=_("Evidence"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Numbers of records, or where it can be seen."),
    )  # fmt: skip


class Weigh(forms.Form):
    since = forms.DateField(
        label=_("For periods from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    weight = _number(_("Weight"), required=True, initial=1)
    goal = _number(_("Worth 100 points"))
    floor = _number(_("Worth no points"), help_text=_("More than the goal where less is better."))
    points = _number(_("Points taken off for each"), required=True, initial=1)

    def __init__(self, *args: Any, is_deduction: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("goal", "floor") if is_deduction else ("points",):
            self.fields[name].required = False
            self.fields[name].widget = forms.HiddenInput()


class Checkers(forms.Form):
    """Who fills one checking role."""

    role = forms.CharField(widget=forms.HiddenInput, max_length=100)
    people = forms.ModelMultipleChoiceField(User.objects.none(), label=_("People"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = staff().order_by("display_name")  # type: ignore[attr-defined]
