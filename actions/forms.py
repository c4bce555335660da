"""The shapes of what people enter about actions and plans; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES, Actor
from accounts.models import User
from actions.models import Action, ImprovementPlan
from records.models import Record
from sla.models import Agreement
from sla.queries import agreements


def date_field(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def area(label: Any, *, required: bool = True, rows: int = 2) -> forms.CharField:
    return forms.CharField(label=label, required=required, widget=forms.Textarea(attrs={"rows": rows}))


def staff() -> Any:
    """Whom work may be given to."""
    return User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()


class StaffField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One active person of the provider."""

    def __init__(self, label: Any) -> None:
        super().__init__(User.objects.none(), label=label)

    def __deepcopy__(self, memo: Any) -> Any:
        copied = super().__deepcopy__(memo)
        copied.queryset = staff()
        return copied


class Finish(forms.Form):
    outcome = area(_("What was done"))


class Judge(forms.Form):
    effective = forms.TypedChoiceField(
        label=_("Effect"), coerce=lambda value: value == "yes",
        choices=(("yes", _("effective")), ("no", _("not effective: send it back"))),
    )  # fmt: skip
    words = area(_("By which figures"))


class Reassign(forms.Form):
    responsible = StaffField(_("Responsible"))


class Postpone(forms.Form):
    due_on = date_field(_("Due"))
    reason = area(_("Reason"))


class Amend(forms.Form):
    resources = area(_("Resources"), required=False)
    effect_check_on = date_field(_("Effect to be judged on"), required=False)


class Because(forms.Form):
    reason = area(_("Reason"))


class Note(forms.Form):
    note = area(_("Note"), required=False)


class Conclude(forms.Form):
    value_after = forms.CharField(label=_("Value of the indicator now"), max_length=100)
    result = area(_("Result"))


class Caused(forms.Form):
    """Fields that name an agreement and a record, both as far as the actor may know them."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["agreement"].queryset = agreements(actor)  # type: ignore[attr-defined]

    def clean_cause(self) -> Record | None:
        number = self.cleaned_data["cause"].strip().upper()
        if not number:
            return None
        found: Record | None = Record.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no record of this number."))
        return found


class New(Caused):
    source = forms.ChoiceField(label=_("Source"), choices=Action.Source.choices)
    title = forms.CharField(label=_("What is to be done"), max_length=200)
    description = area(_("Description"), required=False, rows=4)
    responsible = StaffField(_("Responsible"))
    due_on = date_field(_("Due"))
    effect_check_on = date_field(_("Effect to be judged on"), required=False)
    resources = area(_("Resources"), required=False)
    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"), required=False)
    plan = forms.ModelChoiceField(ImprovementPlan.objects.none(), label=_("Improvement plan"), required=False)
    cause = forms.CharField(
        label=_("Caused by"), max_length=20, required=False, help_text=_("The number of a record.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = ImprovementPlan.objects.visible_to(self.actor).open()
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]


class NewPlan(Caused):
    title = forms.CharField(label=_("Title (English)"), max_length=200)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=200)
    agreement = forms.ModelChoiceField(Agreement.objects.none(), label=_("Agreement"), required=False)
    owner = StaffField(_("Owner"))
    objective = area(_("Objective"), rows=4)
    indicator = forms.CharField(label=_("Indicator"), max_length=200)
    value_before = forms.CharField(label=_("Value before"), max_length=100)
    value_wanted = forms.CharField(label=_("Value aimed at"), max_length=100)
    starts_on = date_field(_("Begins on"))
    ends_on = date_field(_("Ends on"))
    people = area(_("People"), required=False)
    resources = area(_("Resources"), required=False)
    cause = forms.CharField(
        label=_("Comes from"), max_length=20, required=False, help_text=_("The number of a record.")
    )
