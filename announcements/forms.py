"""The shape of what is typed into an announcement; meaning is for the verbs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from announcements.models import Announcement, Told
from catalog.models import Service


def _moment(**options: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, **options)


def _text(label: Any, **options: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, widget=area, max_length=5000, **options)


class Written(forms.Form):
    """An announcement as it is written and changed."""

    sort = forms.ChoiceField(choices=Told.Sort, label=_("Kind"))
    third_party = forms.CharField(
        label=_("Third party"), max_length=200, required=False,
        help_text=_("Only for an interruption by a third party, such as a carrier."),
    )  # fmt: skip
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=90)
    title_en = forms.CharField(label=_("Title (English)"), max_length=90)
    text_zh = _text(_("Text (Chinese)"))
    text_en = _text(_("Text (English)"))
    starts_at = _moment(label=_("Begins"))
    ends_at = _moment(
        label=_("Ends"), required=False, help_text=_("Empty while nobody knows; end it by hand then.")
    )
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(), label=_("Affected services"), required=False,
        widget=forms.CheckboxSelectMultiple(), help_text=_("None: it is about all services."),
    )  # fmt: skip
    customers = forms.ModelMultipleChoiceField(
        Organisation.objects.none(), label=_("Customers"), required=False,
        widget=forms.CheckboxSelectMultiple(), help_text=_("None: it is for all customers."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        customers = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
        self.fields["services"].queryset = Service.objects.published()  # type: ignore[attr-defined]
        self.fields["customers"].queryset = customers  # type: ignore[attr-defined]


def begin_with(announcement: Announcement) -> dict[str, Any]:
    """What a draft says, as the form starts from it."""
    told = announcement.told
    many = ("services", "customers")
    plain = {name: getattr(told, name) for name in Written.base_fields if name not in many}
    return {
        **plain,
        "services": list(told.services.values_list("pk", flat=True)),
        "customers": list(told.customers.values_list("pk", flat=True)),
    }


class News(forms.Form):
    """What is added to a published announcement."""

    text_zh = _text(_("Text (Chinese)"))
    text_en = _text(_("Text (English)"))


class Ending(forms.Form):
    """Last words, if there are any."""

    text_zh = _text(_("Last words (Chinese)"), required=False)
    text_en = _text(_("Last words (English)"), required=False)
