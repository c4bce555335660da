"""The shapes of what people enter about admission conditions and checks; the verbs check what it means."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import area, date_field
from sourcing.models import Document
from suppliers.conditions import Asked
from suppliers.models import Condition

YES_NO = (("", _("Choose")), ("yes", _("met")), ("no", _("not met")))


class Row(forms.Form):
    """One condition of a new edition; a row without a name is left out."""

    name_en = forms.CharField(label=_("Condition (English)"), max_length=200, required=False)
    name_zh = forms.CharField(label=_("Condition (Chinese)"), max_length=200, required=False)
    needs_document = forms.BooleanField(label=_("proved by a document"), required=False)
    expires = forms.BooleanField(label=_("proved until a day"), required=False)

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if entered.get("name_zh") and not entered.get("name_en"):
            self.add_error("name_en", _("Give every condition a name in English."))
        return entered


Rows = forms.formset_factory(Row, extra=3, max_num=30, validate_max=True)


def entered(rows: Any) -> list[Asked]:
    """What a valid formset holds, in its order."""
    return [
        Asked(each["name_en"], each["name_zh"], each["needs_document"], each["expires"])
        for each in (row.cleaned_data for row in rows.forms)
        if each.get("name_en")
    ]


class Edition(forms.Form):
    note = area(_("Why the conditions change"), required=False)
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CheckForm(forms.Form):
    """What was found about one condition."""

    is_met = forms.TypedChoiceField(label=_("Result"), choices=YES_NO, coerce=lambda value: value == "yes")
    evidence = area(_("By what it is known"))
    document = forms.ModelChoiceField(
        Document.objects.none(), label=_("Document"), required=False, empty_label=_("none of those kept")
    )
    upload = forms.FileField(label=_("or upload it"), required=False)
    valid_until = date_field(_("Valid until"), required=False)

    def __init__(self, *args: Any, condition: Condition, documents: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"check{condition.pk}-%s")
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = documents  # type: ignore[attr-defined]
        if not condition.expires:
            del self.fields["valid_until"]


class DecideForm(forms.Form):
    """Admitted or not; by somebody who checked nothing."""

    is_admitted = forms.TypedChoiceField(
        label=_("Decision"), coerce=lambda value: value == "yes",
        choices=(("", _("Choose")), ("yes", _("Admit the supplier")), ("no", _("Do not admit it"))),
    )  # fmt: skip
    reason = area(_("Reason"), required=False)
