"""What a customer says to an agreement it was offered. Shape only; meaning is checked by agreements.party."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.sections import NAMES
from portal.forms import FILE_HELP, FilesField
from records.files import MAX_SIZE
from records.services import MAX_TEXT


def _area(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )


class Decision(forms.Form):
    """Each names the offer its reader had before him, and acts once however often it is sent."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    offer = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("once", uuid.uuid4())


def _sections() -> list[tuple[str, Any]]:
    numbered = [(code, f"{n} {name}") for n, (code, name) in enumerate(NAMES.items(), 1)]
    return [("", _("The whole agreement")), *numbered]


class Remark(Decision):
    section = forms.ChoiceField(label=_("About"), choices=_sections, required=False)
    text = _area(_("Your remark"))


class Agree(Decision):
    note = _area(_("A word with it"), required=False)


class AskChanges(Decision):
    reason = _area(_("What has to change?"))


class Sign(Decision):
    """``person`` starts as who is logged in; the signed document may come with it."""

    person = forms.CharField(label=_("Signed by"), max_length=150)
    role = forms.CharField(label=_("Role"), max_length=150, help_text=_("For example: head of IT"))
    # in the form a browser's own date field takes, whatever the language
    signed_on = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    attachments = FilesField(label=_("Signed document"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("signed_on", timezone.localdate())
        self.fields["attachments"].help_text = FILE_HELP % {"n": MAX_SIZE // 2**20}
