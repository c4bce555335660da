"""The shape of what is typed about assets and service sites; meaning is for the verbs."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, Team, User
from accounts.queries import assignees, customers
from actions.forms import date_field
from assets.models import Asset, DisposalWay, ServiceSite, SiteState
from cmdb.models import Item, ItemType
from incidents.forms import show_chosen, text
from records.fields import RemoteChoice
from records.pages import now_utc
from sla.models import Calendar
from suppliers.models import Supplier

CURRENCY_ERROR = {"invalid": _("Write three capital letters, such as CNY.")}


def day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    """A calendar day, in the browser's own picker."""
    field = date_field(label, required=required)
    field.help_text = help_text
    return field


def money(label: Any, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=14, decimal_places=2, **{"required": False, **options}
    )


def currency() -> forms.RegexField:
    return forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), initial="CNY", error_messages=CURRENCY_ERROR)


class AssetForm(forms.Form):
    """An asset; ``received_on`` only while it is new."""

    tag = forms.CharField(label=_("Asset tag"), max_length=50)
    name = forms.CharField(label=_("Name"), max_length=200)
    device_class = forms.ModelChoiceField(ItemType.objects.all(), label=_("Device class"))
    customer = RemoteChoice(
        Organisation.objects.none(), what="customers", label=_("Customer"), required=False,
        help_text=_("Empty: our own."),
    )  # fmt: skip
    item = RemoteChoice(
        Item.objects.none(), what="items", depends="#id_customer", label=_("Configuration item"),
        required=False,
    )  # fmt: skip
    make = forms.CharField(label=_("Make and model"), max_length=200, required=False)
    serial = forms.CharField(label=_("Serial number"), max_length=100, required=False)
    is_important = forms.BooleanField(label=_("Important"), required=False)
    supplier = forms.ModelChoiceField(Supplier.objects.none(), label=_("Supplier"), required=False)
    purchased_on = day(_("Purchased on"))
    order_reference = forms.CharField(label=_("Order reference"), max_length=100, required=False)
    received_on = day(_("Received on"), help_text=_("Empty: it is ordered and has not come yet."))
    cost = money(_("Cost"))
    currency = currency()
    residual = money(_("Residual value"), initial=0)
    life_months = forms.IntegerField(
        label=_("Useful life in months"), min_value=0, max_value=1200, initial=36
    )
    warranty_until = day(_("Warranty until"))
    location = forms.CharField(label=_("Location"), max_length=200, required=False)
    site = forms.ModelChoiceField(
        ServiceSite.objects.exclude(state=SiteState.CLOSED), label=_("Service site"), required=False
    )
    keeper = RemoteChoice(
        User.objects.none(), what="agents", label=_("Responsible person"), required=False,
        help_text=_("Who is told of the end of its warranty; empty: the service level manager."),
    )  # fmt: skip
    note = text(_("Note"), 2)

    def __init__(self, *args: Any, actor: Actor, asset: Asset | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["customer"].queryset = customers(actor)
        fields["item"].queryset = Item.objects.visible_to(actor)
        fields["keeper"].queryset = assignees(actor)
        fields["supplier"].queryset = Supplier.objects.filter(is_active=True)
        if asset is not None:
            del fields["received_on"]
            if asset.supplier_id:
                fields["supplier"].queryset |= Supplier.objects.filter(pk=asset.supplier_id)
            if asset.site_id:
                fields["site"].queryset |= ServiceSite.objects.filter(pk=asset.site_id)
        show_chosen(self)

    def clean_residual(self) -> Any:
        return self.cleaned_data["residual"] or 0


# --- acts ------------------------------------------------------------------------------------------


class Act(forms.Form):
    """A step of an asset; ``of`` is the asset, for what may be chosen."""

    def __init__(self, *args: Any, of: Asset, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.prepare(of, actor)
        show_chosen(self)

    def prepare(self, of: Asset, actor: Actor) -> None:
        """Choices and first values that depend on the asset."""


class Receive(Act):
    on = day(_("Received on"), required=True)
    location = forms.CharField(label=_("Kept at"), max_length=200)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def prepare(self, of: Asset, actor: Actor) -> None:
        self.fields["on"].initial = timezone.localdate(now_utc())
        self.fields["location"].initial = of.location


class HandOut(Act):
    customer = forms.CharField(widget=forms.HiddenInput(), required=False)
    user = RemoteChoice(
        User.objects.none(), what="people", depends="#hand_out-customer", label=_("To whom"), required=False
    )
    location = forms.CharField(label=_("Where it is put to use"), max_length=200, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def prepare(self, of: Asset, actor: Actor) -> None:
        self.fields["customer"].initial = of.customer_id
        field: Any = self.fields["user"]
        field.queryset = User.objects.filter(is_active=True, organisation=of.customer_id)
        if of.customer_id is None:
            field.queryset, field.what, field.depends = assignees(actor), "agents", ""


class TakeBack(Act):
    location = forms.CharField(label=_("Kept at"), max_length=200)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class Repair(Act):
    note = forms.CharField(label=_("What is broken and who repairs it"), max_length=500)


class Repaired(Act):
    location = forms.CharField(label=_("Kept at"), max_length=200)
    note = forms.CharField(label=_("What was done"), max_length=500)


class Dispose(Act):
    on = day(_("From"), required=True)
    way = forms.ChoiceField(label=_("Way of disposal"), choices=DisposalWay.choices)
    data_wiped = forms.BooleanField(label=_("Its data were wiped"), required=False)
    data_note = forms.CharField(label=_("How the data were wiped, or why not"), max_length=300)
    reason = text(_("Reason"), 2, required=True)

    def prepare(self, of: Asset, actor: Actor) -> None:
        self.fields["on"].initial = timezone.localdate(now_utc())


# --- sites and applications ------------------------------------------------------------------------


class SiteForm(forms.Form):
    """A service site; its code only while it is new."""

    code = forms.SlugField(
        label=_("Code"), max_length=50, help_text=_("Letters, digits, hyphen and underscore; for good.")
    )
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    address_en = forms.CharField(label=_("Address (English)"), max_length=300)
    address_zh = forms.CharField(label=_("Address (Chinese)"), max_length=300, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=50, required=False)
    calendar = forms.ModelChoiceField(Calendar.objects.all(), label=_("Opening hours"))
    team = forms.ModelChoiceField(Team.objects.filter(is_active=True), label=_("Team"), required=False)
    keeper = RemoteChoice(User.objects.none(), what="agents", label=_("Responsible person"), required=False)
    note = text(_("Note"), 2)

    def __init__(self, *args: Any, actor: Actor, is_new: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        keeper: Any = self.fields["keeper"]
        keeper.queryset = assignees(actor)
        if not is_new:
            del self.fields["code"]
        show_chosen(self)


class AskForSite(forms.Form):
    on = day(_("From"), required=True)
    reason = text(_("Reason"), 3, required=True)


class Decide(forms.Form):
    note = text(_("Reason of the decision"), 2, help_text=_("Needed where it is refused."))
