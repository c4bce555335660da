"""What customers type: a report, a reply, a reason to reopen. Shape only; meaning is checked by the verbs."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from catalog.models import Service
from records.files import MAX_SIZE
from records.models import Level
from records.services import MAX_TEXT

FILE_HELP = _("At most %(n)s MB per file.")


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; what may be attached is checked by the verb."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        return [file for file in data or [] if file] if isinstance(data, Sequence) else []


AFFECTED = (
    (Level.LOW.value, _("Only me, or one person")),
    (Level.MEDIUM.value, _("Several colleagues")),
    (Level.HIGH.value, _("A whole site, department or everybody")),
)
HURRY = (
    (Level.LOW.value, _("Work goes on; it can wait a little")),
    (Level.MEDIUM.value, _("Work is hindered")),
    (Level.HIGH.value, _("Work stands still")),
)


class ReportForm(forms.Form):
    """A new report. Only the title is required; everything else has a sensible default."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label=_("What is wrong, in a few words?"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autofocus": True, "placeholder": _("For example: cannot send e-mail")}
        ),
    )
    description = forms.CharField(
        label=_("What happened, and since when?"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Error messages, what you have tried, how we can reach you."),
    )
    service = forms.ModelChoiceField(
        label=_("Which service is it about?"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=_("I do not know"),
    )
    requester = forms.ModelChoiceField(
        label=_("Who is affected?"), queryset=User.objects.none(), required=False, empty_label=_("Myself")
    )
    affected = forms.TypedChoiceField(
        label=_("How many are affected?"),
        choices=AFFECTED,
        coerce=int,
        initial=Level.LOW.value,
        widget=forms.RadioSelect,
    )
    hurry = forms.TypedChoiceField(
        label=_("How urgent is it?"),
        choices=HURRY,
        coerce=int,
        initial=Level.MEDIUM.value,
        widget=forms.RadioSelect,
    )
    attachments = FilesField(label=_("Files"), required=False)

    # where an error of the verb's belongs in this form
    places = {"impact": "affected", "urgency": "hurry"}

    def __init__(self, *args: Any, organisation: Organisation, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("once", uuid.uuid4())
        _choose_from(self, "service", Service.objects.published())
        if for_others:
            people = User.objects.filter(organisation=organisation, is_active=True)
            _choose_from(self, "requester", people.order_by("display_name"))
        else:
            del self.fields["requester"]
        self.fields["attachments"].help_text = FILE_HELP % {"n": MAX_SIZE // 2**20}


def _choose_from(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = rows


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("What still does not work?"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what still does not work.")},
    )


def take_errors(form: forms.Form, error: ValidationError) -> None:
    """Put what a verb refused beside the field it is about, or above the form."""
    places: dict[str, str] = getattr(form, "places", {})
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, errors in by_field.items():
        place = places.get(name, name)
        for each in errors:
            form.add_error(place if place in form.fields else None, each)
