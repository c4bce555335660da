"""The shapes of what people enter about procurements; what it means is checked by the verbs."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from actions.forms import Because, StaffField, area, date_field
from cmdb.models import Item
from records.models import Record
from sla.models import Agreement
from sla.queries import agreements
from sourcing import tenders
from sourcing.models import Criterion, Offer, Purchase
from sourcing.tenders import Weighed
from suppliers.models import Supplier

__all__ = ["Because"]


def money(label: Any, *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=required, min_value=0, max_digits=14, decimal_places=2)


class New(forms.Form):
    """What is to be bought; the address may bring the ticket, the agreement or the item it is for."""

    title = forms.CharField(label=_("What is to be bought"), max_length=200)
    reason = area(_("Why"), rows=4)
    amount = money(_("Amount, about"))
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="CNY")
    needed_on = date_field(_("Needed on the day"), required=False)
    buyer = StaffField(_("Who buys it"))
    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("For agreement"), required=False, empty_label=_("none")
    )
    cause = forms.CharField(
        label=_("Because of ticket"), max_length=20, required=False, help_text=_("The number of a record.")
    )
    item = forms.CharField(
        label=_("For item"),
        max_length=100,
        required=False,
        help_text=_("The name of an item, as it is kept."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["buyer"].required = False
        self.fields["agreement"].queryset = agreements(actor)  # type: ignore[attr-defined]

    def clean_cause(self) -> Record | None:
        number = self.cleaned_data["cause"].strip().upper()
        if not number:
            return None
        found: Record | None = Record.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no record of this number."))
        return found

    def clean_item(self) -> Item | None:
        name = self.cleaned_data["item"].strip()
        if not name:
            return None
        found = Item.objects.filter(name=name, is_active=True).order_by("pk").first()
        if found is None:
            raise forms.ValidationError(_("There is no item of this name."))
        return found


class Note(forms.Form):
    note = area(_("Note"), required=False)


class Change(forms.Form):
    title = forms.CharField(label=_("What is to be bought"), max_length=200)
    reason = area(_("Why"), rows=4)
    amount = money(_("Amount, about"))
    needed_on = date_field(_("Needed on the day"), required=False)
    buyer = StaffField(_("Who buys it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyer"].required = False


class Decide(forms.Form):
    approve = forms.TypedChoiceField(
        label=_("Decision"), coerce=lambda value: value == "yes",
        choices=(("", _("Choose")), ("yes", _("Approve")), ("no", _("Do not approve"))),
    )  # fmt: skip
    comment = area(_("Comment"), required=False)


class SupplierField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One active supplier whose admission holds."""

    def __init__(self, label: Any) -> None:
        super().__init__(Supplier.objects.none(), label=label, empty_label=_("Choose"))

    def __deepcopy__(self, memo: Any) -> Any:
        copied = super().__deepcopy__(memo)
        copied.queryset = tenders.eligible(timezone.localdate())
        return copied


class Direct(forms.Form):
    supplier = SupplierField(_("Supplier"))
    reason = area(_("Why this one, and why without a tender"))


class ChooseOffer(forms.Form):
    of_record = True
    offer = forms.ModelChoiceField(Offer.objects.none(), label=_("Offer"), empty_label=_("Choose"))
    reason = area(_("Reasons"))

    def __init__(self, *args: Any, record: Purchase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = record.offers.exclude(price=None).select_related("supplier")
        field: Any = self.fields["offer"]
        field.queryset = rows
        field.label_from_instance = lambda offer: f"{offer.supplier.name} · {offer.price:,.2f}"


class Order(forms.Form):
    of_record = True
    order_number = forms.CharField(label=_("Order number"), max_length=100)
    ordered_on = date_field(_("Ordered on"))
    expected_on = date_field(_("Expected on"), required=False)
    price = money(_("Price"))
    contract = forms.ModelChoiceField(
        Agreement.objects.none(), label=_("Contract (UC)"), required=False, empty_label=_("none")
    )
    no_contract_reason = area(_("Why no contract is needed"), required=False)

    def __init__(self, *args: Any, record: Purchase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Agreement.objects.filter(
            kind=Agreement.Kind.UC, supplier=record.supplier_id, versions__isnull=False, ended_at=None
        )
        self.fields["contract"].queryset = rows.distinct()  # type: ignore[attr-defined]


class Reject(forms.Form):
    reason = area(_("What is wrong"))
    settlement = forms.ChoiceField(label=_("What we ask for"), choices=Purchase.Settlement.choices)
    settle_by = date_field(_("By when"))


class Settle(forms.Form):
    settlement = forms.ChoiceField(label=_("Settled by"), choices=Purchase.Settlement.choices)
    note = area(_("How it was settled"))
    discount = money(_("Discount"), required=False)


# --- the tender ---------------------------------------------------------------------------------


class Tender(forms.Form):
    """Whom we invite and until when; the criteria are rows of their own."""

    invited = forms.ModelMultipleChoiceField(
        Supplier.objects.none(), label=_("Invited suppliers"), widget=forms.CheckboxSelectMultiple
    )
    until = date_field(_("Offers until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = tenders.eligible(timezone.localdate())
        self.fields["invited"].queryset = rows  # type: ignore[attr-defined]


class CriterionRow(forms.Form):
    name_en = forms.CharField(label=_("Criterion (English)"), max_length=200, required=False)
    name_zh = forms.CharField(label=_("Criterion (Chinese)"), max_length=200, required=False)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=100, required=False)

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or {}
        if bool(entered.get("name_en")) != bool(entered.get("weight")) and not self.errors:
            self.add_error(None, _("Every criterion has a name and a weight from 1 to 100."))
        return entered


CriterionRows = forms.formset_factory(CriterionRow, extra=2, max_num=12, validate_max=True)


def weighed(rows: Any) -> list[Weighed]:
    """What a valid formset of criteria holds."""
    return [
        Weighed(each["name_en"], each["name_zh"], each["weight"])
        for each in (row.cleaned_data for row in rows.forms)
        if each.get("name_en")
    ]


class OfferForm(forms.Form):
    """An offer that came: price, day, file, and points by criterion."""

    price = money(_("Price"))
    received_on = date_field(_("Received on"))
    upload = forms.FileField(label=_("File"), required=False)
    note = area(_("Note"), required=False)

    def __init__(self, *args: Any, criteria: list[Criterion], offer: Offer, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"offer{offer.pk}-%s")
        super().__init__(*args, **kwargs)
        given = {mark.criterion_id: mark.points for mark in offer.marks.all()}
        self.criteria = criteria
        if offer.recorded_at:
            self.initial = {"price": offer.price, "received_on": offer.received_on, "note": offer.note}
        for each in criteria:
            name = f"points-{each.pk}"
            self.fields[name] = forms.IntegerField(
                label=_("%(criterion)s, points of 100") % {"criterion": each.name}, min_value=0,
                max_value=100, required=False, help_text=_("Weight %(n)s") % {"n": each.weight},
            )  # fmt: skip
            self.initial[name] = given.get(each.pk)

    @property
    def points(self) -> dict[int, int]:
        """What was entered, by the criterion's id; once the form is valid."""
        found = {each.pk: self.cleaned_data.get(f"points-{each.pk}") for each in self.criteria}
        return {pk: value for pk, value in found.items() if value is not None}
