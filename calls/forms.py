"""The shape of what agents type about calls."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from calls.models import Branch, CallRecord, Hotline
from incidents.forms import people_of, show_chosen
from records.fields import Moment, RemoteChoice
from records.models import Record

OUTCOMES = (("answered", _("Answered")), ("abandoned", _("Abandoned")))


class TicketField(forms.CharField):
    """The number of a ticket the actor may see, as its record."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, label=_("Number of the ticket"), **options)
        self.actor: Actor | None = None

    def clean(self, value: Any) -> Any:
        number = super().clean(value).strip().upper()
        if not number or self.actor is None:
            return None
        found = Record.objects.visible_to(self.actor).tickets().filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no ticket of this number."), code="invalid")
        return found


class NewCall(forms.Form):
    """A call logged by hand; ``facts`` are the arguments of ``services.store``."""

    once = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=64)
    hotline = forms.ModelChoiceField(Hotline.objects.none(), label=_("Hotline"))
    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Menu branch"), required=False, empty_label=_("Not known")
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=CallRecord.Direction.choices)
    number = forms.CharField(label=_("Number of the other side"), max_length=50)
    offered_at = Moment(label=_("When it rang"), required=True)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES)
    minutes = forms.IntegerField(
        label=_("Minutes it lasted"), min_value=0, max_value=1440, required=False,
        help_text=_("Of an abandoned call: until the other side gave up."),
    )  # fmt: skip
    recording = forms.CharField(
        label=_("Recording"), max_length=500, required=False,
        help_text=_("Where it is kept: its number or address."),
    )  # fmt: skip
    ticket = TicketField(required=False)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["hotline"].queryset = Hotline.objects.filter(is_active=True)
        fields["branch"].queryset = Branch.objects.filter(hotline__is_active=True).select_related("hotline")
        fields["branch"].label_from_instance = lambda row: f"{row.hotline} · {row}"
        fields["ticket"].actor = actor
        self.actor = actor

    @property
    def facts(self) -> dict[str, Any]:
        """By hand nobody knows the second of answering: it counts as answered when it rang."""
        data = dict(self.cleaned_data)
        once, outcome, minutes = data.pop("once"), data.pop("outcome"), data.pop("minutes")
        began: datetime = data["offered_at"]
        over = began + timedelta(minutes=minutes or 0)
        if outcome == "answered":
            data |= {"answered_at": began, "ended_at": over if minutes is not None else None}
        else:
            data |= {"abandoned_at": over, "ended_at": over}
        mark = f"hand:{once}" if once else ""
        return {**data, "agent": User.objects.get(pk=self.actor.user_id), "reference": mark}


class Attach(forms.Form):
    """The ticket a call is put on."""

    ticket = TicketField()

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["ticket"]
        field.actor = actor


class WhoIsIt(forms.Form):
    """The person an unknown number belongs to."""

    requester = RemoteChoice(User.objects.none(), what="people", label=_("Person affected"))

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["requester"].queryset = people_of(actor)  # type: ignore[attr-defined]
        show_chosen(self)
