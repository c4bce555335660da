"""The shapes of what people enter about meetings; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from actions.forms import StaffField, area, staff
from boards.models import AgendaItem, BoardMeeting, Vote
from changes.models import Change
from records.fields import Moment

MOST_VOTES = 100


class New(forms.Form):
    meets_at = Moment(label=_("Meets at"), required=True)
    ends_at = Moment(label=_("Planned until"), help_text=_("Empty: an hour later."))
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    chair = StaffField(_("Chair"))
    quorum = forms.IntegerField(
        label=_("Quorum"), min_value=1, max_value=MOST_VOTES, required=False,
        help_text=_("So many who vote must be there to decide; empty: more than half."),
    )  # fmt: skip


class Prepare(forms.Form):
    meets_at = Moment(label=_("Meets at"), required=True)
    ends_at = Moment(label=_("Planned until"), required=True)
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    chair = StaffField(_("Chair"))
    quorum = forms.IntegerField(label=_("Quorum"), min_value=1, max_value=MOST_VOTES)


class Join(forms.Form):
    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"), required=False)
    name = forms.CharField(
        label=_("Name"), max_length=150, required=False, help_text=_("Of somebody without an account.")
    )
    part = forms.CharField(label=_("Role"), max_length=150, required=False)
    has_vote = forms.BooleanField(label=_("Votes"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = staff()  # type: ignore[attr-defined]


class Add(forms.Form):
    """A change by its number, as far as the actor may know it."""

    number = forms.CharField(label=_("Number of the change"), max_length=20)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_number(self) -> Change:
        number = self.cleaned_data["number"].strip().upper()
        found: Change | None = Change.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no change of this number."))
        return found


class Invite(forms.Form):
    note = area(_("Words to go with it"), required=False)


class Because(forms.Form):
    reason = area(_("Reason"))


class Cast(forms.Form):
    choice = forms.ChoiceField(label=_("Vote"), choices=Vote.Choice.choices)
    words = forms.CharField(label=_("In words"), max_length=500, required=False)


class Ruling(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=AgendaItem.Decision.choices)
    conditions = area(_("Conditions"), required=False)
    words = area(_("In words"), required=False)


class Notes(forms.Form):
    text = area(_("Discussion"), required=False)


class Minutes(forms.Form):
    minutes_zh = area(_("Minutes (Chinese)"), rows=18)
    minutes_en = area(_("Minutes (English)"), rows=18)
    version = forms.IntegerField(widget=forms.HiddenInput())


class Seat(forms.Form):
    person = StaffField(_("Person"))
    part = forms.CharField(label=_("Part on the board"), max_length=150, required=False)
    has_vote = forms.BooleanField(label=_("Votes"), required=False, initial=True)


PREPARED = ("meets_at", "ends_at", "place", "quorum")


def prepared(meeting: BoardMeeting) -> dict[str, Any]:
    """What the form of a meeting starts from."""
    return {**{name: getattr(meeting, name) for name in PREPARED}, "chair": meeting.assignee_id}
