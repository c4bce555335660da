"""The shape of what is typed into the roster, a hand-over, a swap; meaning is for the verbs."""

import datetime as dt
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from shifts.models import Duty, MinimumSeats, ShiftPattern

LONGEST = timedelta(days=400)
SOON = timedelta(days=60)


def members(team: Team) -> Any:
    """The active people of a team."""
    return User.objects.filter(memberships__team=team, is_active=True).order_by("display_name", "pk")


class DutyForm(forms.Form):
    """Somebody on one day, or on all or some weekdays until another."""

    person = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Person"))
    pattern = forms.ModelChoiceField(ShiftPattern.objects.none(), label=gettext_lazy("Shift"))
    kind = forms.ChoiceField(choices=Duty.Kind, label=gettext_lazy("Kind"))
    date = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("Until"), required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: this day only."),
    )  # fmt: skip
    weekdays = forms.TypedMultipleChoiceField(
        choices=MinimumSeats.Weekday, coerce=int, required=False, label=gettext_lazy("On"),
        widget=forms.CheckboxSelectMultiple(), help_text=gettext_lazy("None: every day."),
    )  # fmt: skip

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person"].queryset = members(team)  # type: ignore[attr-defined]
        self.fields["pattern"].queryset = ShiftPattern.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("date"), found.get("until")
        if first and not 1990 <= first.year <= 2900:
            self.add_error("date", _("A year from 1990 to 2900 is meant, surely."))
        elif first and last and not timedelta(0) <= last - first <= LONGEST:
            self.add_error("until", _("Not before the first day, and not more than a year after it."))
        return found

    def days(self) -> list[dt.date]:
        """The days that are meant."""
        first, last = self.cleaned_data["date"], self.cleaned_data["until"] or self.cleaned_data["date"]
        on = self.cleaned_data["weekdays"]
        every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [day for day in every if not on or day.weekday() in on]


class LogForm(forms.Form):
    """A line of the daily log."""

    text = forms.CharField(label=gettext_lazy("What happened"), max_length=1000)
    number = forms.CharField(label=gettext_lazy("Ticket"), max_length=20, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput())


class RemarkForm(forms.Form):
    """A question to who handed over, or the answer."""

    text = forms.CharField(
        label=gettext_lazy("Question or answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class HandoverForm(forms.Form):
    """The general notes; the notes to tickets are fields of their own, one per row of the list."""

    note = forms.CharField(
        label=gettext_lazy("General notes"), max_length=5000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput())


class DutyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A duty by its person and time."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.person.name} · {obj.date:%Y-%m-%d} · {obj.pattern}"


class SwapForm(forms.Form):
    """Whom one asks to take over a duty, and for which of theirs."""

    colleague = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Colleague"))
    in_return = DutyChoice(
        Duty.objects.none(), label=gettext_lazy("In return I take"), required=False,
        empty_label=gettext_lazy("nothing"),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: Any, duty: Duty, now: dt.datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["colleague"].queryset = members(duty.team).exclude(pk=duty.person_id)  # type: ignore[attr-defined]
        rows = Duty.objects.filter(team=duty.team_id, starts_at__gt=now, starts_at__lt=now + SOON)
        rows = rows.exclude(person=duty.person_id).select_related("person", "pattern").order_by("starts_at")
        self.fields["in_return"].queryset = rows  # type: ignore[attr-defined]
