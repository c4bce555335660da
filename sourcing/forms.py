"""The shapes of what people enter about suppliers; what it means is checked by the verbs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import StaffField, area, date_field, staff
from agreements.terms_words import within
from sla.models import Agreement
from sla.naming import Names, unit_words
from sla.terms import MeasureTerm, TargetTerm
from sourcing.models import Claim, SupplierReport
from sourcing.services import Claimed
from suppliers.models import Supplier


class Facts(forms.ModelForm):  # type: ignore[type-arg]
    """A supplier's facts; saved by suppliers.services."""

    class Meta:
        model = Supplier
        fields = (
            "name_en", "name_zh", "kind", "responsible", "contact", "email", "phone", "admission_note",
            "is_active",
        )  # fmt: skip
        widgets = {"admission_note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].queryset = staff()  # type: ignore[attr-defined]
        supplier: Supplier = self.instance
        if supplier.pk and not supplier.is_active and supplier.admission != Supplier.Admission.ADMITTED:
            del self.fields["is_active"]  # it becomes active by its admission


class New(Facts):
    """A new one is a candidate: it becomes active by its admission."""

    class Meta(Facts.Meta):
        fields = ("code", *(name for name in Facts.Meta.fields if name != "is_active"))  # type: ignore[assignment]


class Upload(forms.Form):
    """A file about a supplier."""

    upload = forms.FileField(label=_("File"))
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Contract"), required=False, empty_label=_("The supplier as such")
    )

    def __init__(self, *args: Any, contracts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agreement"].queryset = contracts  # type: ignore[attr-defined]


class Report(forms.Form):
    """A supplier's report: when it came, the file, and a claim for each target of the contract."""

    received_on = date_field(_("Received on"))
    upload = forms.FileField(label=_("File"), required=False)
    note = area(_("Note"), required=False)

    def __init__(
        self,
        *args: Any,
        terms: Sequence[TargetTerm | MeasureTerm],
        report: SupplierReport | None,
        names: Names,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.terms = terms
        claims = {claim.key: claim for claim in report.claims.all()} if report else {}
        if report:
            self.initial = {**self.initial, "received_on": report.received_on, "note": report.note}
        for n, term in enumerate(terms):
            self._add(n, term, claims.get(term.key), names)
        self.order_fields([name for name in self.fields if name != "note"])

    def _add(self, n: int, term: TargetTerm | MeasureTerm, claim: Claim | None, names: Names) -> None:
        is_share = isinstance(term, TargetTerm)
        unit = _("% in time") if isinstance(term, TargetTerm) else unit_words(term.unit)
        label = names.key(term.key)
        self.fields[f"value-{n}"] = forms.DecimalField(
            label=label, required=False, min_value=0, max_value=100 if is_share else None, max_digits=15,
            decimal_places=4, help_text=_("%(unit)s; promised: %(promise)s") % {
                "unit": unit, "promise": within(term)
            },
        )  # fmt: skip
        self.initial[f"value-{n}"] = claim.value.normalize() if claim and claim.value is not None else None
        if is_share:
            self.fields[f"handled-{n}"] = forms.IntegerField(
                label=_("%(target)s: tickets") % {"target": label}, required=False, min_value=0,
                max_value=10**9,
            )  # fmt: skip
            self.initial[f"handled-{n}"] = claim.handled if claim else None

    @property
    def claims(self) -> Mapping[str, Claimed]:
        """What was entered, by the keys of the targets; once the form is valid."""
        entered = self.cleaned_data
        return {
            term.key: Claimed(entered.get(f"value-{n}"), entered.get(f"handled-{n}"))
            for n, term in enumerate(self.terms)
        }


YES_NO = (("", _("Choose")), ("yes", _("Yes, an external service is needed")), ("no", _("No")))


class Decide(forms.Form):
    """External service needed?"""

    is_needed = forms.TypedChoiceField(
        label=_("Is an external service needed?"), choices=YES_NO, coerce=lambda value: value == "yes"
    )
    reason = area(_("Reason"))
    responsible = StaffField(_("Who selects the supplier"))
    due_on = date_field(_("By when"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].required = False


class Link(forms.Form):
    contract = forms.ModelChoiceField(Agreement.objects.none(), label=_("Contract"), empty_label=_("Choose"))

    def __init__(self, *args: Any, contracts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].queryset = contracts  # type: ignore[attr-defined]
