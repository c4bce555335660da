"""The shapes of what people enter about quality problems; the verbs check what it means."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import StaffField, area, date_field
from sourcing.models import Defect, Purchase
from suppliers.models import Supplier


class Raise(forms.Form):
    """What is wrong with something bought, at a ticket."""

    supplier = forms.ModelChoiceField(Supplier.objects.none(), label=_("Vendor"), empty_label=_("Choose"))
    what = area(_("What is wrong"))
    buyer = StaffField(_("Who passes it to the vendor"))
    due_on = date_field(_("Answer due"))
    purchase = forms.CharField(
        label=_("Bought by"), max_length=20, required=False, help_text=_("The number of the procurement.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "defect-%s")
        super().__init__(*args, **kwargs)
        # whoever sold it, even if nothing more is bought there
        rows = Supplier.objects.exclude(admission=Supplier.Admission.CANDIDATE).order_by("name_en", "pk")
        self.fields["supplier"].queryset = rows  # type: ignore[attr-defined]

    def clean_purchase(self) -> Purchase | None:
        number = self.cleaned_data["purchase"].strip().upper()
        if not number:
            return None
        found: Purchase | None = Purchase.objects.filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no procurement of this number."))
        return found


class Pass(forms.Form):
    reference = forms.CharField(label=_("Vendor's number"), max_length=100, required=False)
    note = area(_("Note"), required=False)


class Answer(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Defect.Outcome.choices)
    answer = area(_("What the vendor answered"))


class Postpone(forms.Form):
    due_on = date_field(_("Answer due"))
    reason = area(_("Reason"))
