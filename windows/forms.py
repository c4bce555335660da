"""The shape of what is entered about windows; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

import catalog.queries
from accounts.access import Actor
from catalog.models import Service
from cmdb.models import Item
from records.fields import Moment
from windows.models import Window


def clock(label: Any, help_text: Any = "") -> forms.TimeField:
    """A wall time in whole minutes."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, required=False, help_text=help_text)


class WindowForm(forms.Form):
    """A freeze or a maintenance window."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Window.Kind.choices)
    recurs = forms.ChoiceField(label=_("Repeated"), choices=Window.Recurs.choices)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200)
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    starts_at = Moment(
        label=_("Begins"), required=True, help_text=_("Of a weekly window: from when on it is in force.")
    )
    ends_at = Moment(
        label=_("Ends"), help_text=_("Of a weekly window: until when it is in force; empty: for good.")
    )
    weekday = forms.TypedChoiceField(
        label=_("Weekday"), choices=[("", "–"), *Window.Weekday.choices], coerce=int, empty_value=None,
        required=False, help_text=_("Of a weekly window."),
    )  # fmt: skip
    from_time = clock(_("From"), _("Of a weekly window, on the clocks of its time zone."))
    until_time = clock(_("Until"), _("Not after the beginning: on the next day."))
    time_zone = forms.CharField(
        label=_("Time zone"), max_length=64, initial="Asia/Shanghai",
        help_text=_("An IANA name such as Asia/Shanghai."),
    )  # fmt: skip
    everything = forms.BooleanField(label=_("For everything"), required=False)
    services = forms.ModelMultipleChoiceField(Service.objects.none(), label=_("Services"), required=False)
    items = forms.CharField(
        label=_("Items"), required=False, max_length=2000,
        help_text=_("Names or numbers of configuration items, with commas between them."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["services"].queryset = catalog.queries.nameable(actor)  # type: ignore[attr-defined]

    def clean_items(self) -> list[Item]:
        """Each word is the number or the name of one item the actor may see."""
        words = [word.strip() for word in self.cleaned_data["items"].replace("，", ",").split(",")]
        seen, found = Item.objects.visible_to(self.actor).filter(is_active=True), []
        for word in dict.fromkeys(filter(None, words)):
            rows = list(seen.filter(number__iexact=word)[:1]) or list(seen.filter(name__iexact=word)[:2])
            if len(rows) != 1:
                message = _("“%(name)s” is not the number or name of one item.")
                raise forms.ValidationError(message % {"name": word[:60]})
            found += rows
        return found


class Because(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)
