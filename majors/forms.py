"""The shape of what is typed about a major incident; meaning is for the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES
from accounts.models import Organisation, User
from catalog.models import Service
from incidents.models import Participation
from majors.models import Major


def staff() -> Any:
    """The provider's active people."""
    rows = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES)
    return rows.distinct().order_by("display_name")


def _text(label: Any, rows: int = 3, **options: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, widget=area, max_length=20_000, **options)


class WithPeople(forms.Form):
    """A form whose choices of people are read when it is shown."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("person", "coordinator"):
            if name in self.fields:
                self.fields[name].queryset = staff()  # type: ignore[attr-defined]


class Declare(WithPeople):
    reason = _text(_("Why it is a major incident"))
    coordinator = forms.ModelChoiceField(User.objects.none(), label=_("Coordinator"))
    severity = forms.TypedChoiceField(
        choices=Major.Severity, coerce=int, initial=Major.Severity.SEVERE, label=_("Severity")
    )
    update_minutes = forms.IntegerField(
        label=_("Minutes between updates"), initial=30, min_value=5, max_value=24 * 60
    )
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(), label=_("Affected services"), required=False,
        widget=forms.CheckboxSelectMultiple(),
    )  # fmt: skip
    customers = forms.ModelMultipleChoiceField(
        Organisation.objects.none(), label=_("Affected customers"), required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Besides the customer of the incident. Public updates reach all of them."),
    )  # fmt: skip
    text_zh = _text(
        _("First words for customers (Chinese)"), 2, required=False,
        help_text=_("Announced to all affected customers at once; left empty, with the first public update."),
    )  # fmt: skip
    text_en = _text(_("First words for customers (English)"), 2, required=False)

    def __init__(self, *args: Any, scope: frozenset[int] | None, **options: Any) -> None:
        super().__init__(*args, **options)
        customers = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
        if scope is not None:
            customers = customers.filter(pk__in=scope)
        self.fields["services"].queryset = Service.objects.published()  # type: ignore[attr-defined]
        self.fields["customers"].queryset = customers  # type: ignore[attr-defined]


class Post(forms.Form):
    internal = _text(_("For us"), required=False)
    text_zh = _text(
        _("For customers (Chinese)"), required=False, help_text=_("Reaches everybody who is affected.")
    )
    text_en = _text(_("For customers (English)"), required=False)


class Notify(WithPeople):
    person = forms.ModelChoiceField(User.objects.none(), label=_("Who of the top management"))
    note = _text(_("How, and what was said"), 2)


class CallIn(WithPeople):
    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"))
    part = forms.ChoiceField(choices=Participation.Part, label=_("Part"))


class HandOver(WithPeople):
    coordinator = forms.ModelChoiceField(User.objects.none(), label=_("New coordinator"))


class Downgrade(forms.Form):
    reason = _text(_("Why it is no major incident"), 2)


class StandDown(forms.Form):
    note = _text(_("How it ended"), 2, required=False)


class Review(forms.Form):
    causes = _text(_("Causes"))
    course = _text(_("Time line"), 5)
    lessons = _text(_("Lessons"))
