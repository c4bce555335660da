"""The shapes of what people enter about items; the verbs of cmdb check what it means."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import STAFF_ROLES, Actor, may
from accounts.models import Organisation, User
from accounts.pages import add_errors
from catalog.models import Service
from cmdb.control import held
from cmdb.models import Item, ItemAttribute, ItemType, RelationType
from records.fields import RemoteChoice

CHANGE_HELP = _("Facts under control are altered only through an approved change that names the item.")
PREFIX = "attr_"


class ChangeField(forms.CharField):
    """The number of the change by which somebody alters what is under control."""

    def __init__(self, **options: Any) -> None:
        base = {"label": _("Approved change"), "max_length": 20, "required": False, "help_text": CHANGE_HELP}
        widget = forms.TextInput(attrs={"placeholder": "CHG0000000", "autocomplete": "off"})
        super().__init__(**{**base, "widget": widget, **options})


def customers(actor: Actor) -> Any:
    rows = Organisation.objects.filter(is_active=True, kind=Organisation.Kind.CUSTOMER)
    return rows if actor.scope is None else rows.filter(pk__in=actor.scope)


class ItemForm(forms.Form):
    """An item of a type: the facts all have, and the attributes of the type as fields of their own."""

    name = forms.CharField(label=_("Name"), max_length=200)
    customer = RemoteChoice(
        Organisation.objects.none(), what="customers", label=_("Customer"), required=False,
        help_text=_("Empty: shared by all customers."),
    )  # fmt: skip
    site = forms.CharField(label=_("Site"), max_length=200, required=False)
    state = forms.ChoiceField(label=_("State"), choices=Item.State.choices)
    owner = RemoteChoice(User.objects.none(), what="agents", label=_("Item owner"), required=False)
    revision = forms.CharField(
        label=_("Revision"), max_length=100, required=False, help_text=_("The item's own, such as 2.4.1.")
    )
    is_important = forms.BooleanField(
        label=_("Important: its relations are under control as well"), required=False
    )
    change = ChangeField()

    field_order = None

    def __init__(
        self, *args: Any, actor: Actor, item_type: ItemType, item: Item | None = None, **kw: Any
    ) -> None:
        self.item, self.attributes = item, list(item_type.attributes.all())
        super().__init__(*args, **{**kw, "initial": _facts(item)})
        fields: dict[str, Any] = self.fields
        own = Organisation.objects.filter(pk=item.customer_id or 0 if item else 0)
        fields["customer"].queryset = customers(actor) | own
        if item is not None and not may(actor, "lead_items", held(item)):
            for name in ("customer", "is_important"):
                fields[name].disabled = True
        staff = Q(is_active=True, grants__role__in=STAFF_ROLES)
        mine = Q(pk=item.owner_id) if item and item.owner_id else Q()
        fields["owner"].queryset = User.objects.filter(staff | mine if mine else staff).distinct()
        change = fields.pop("change")
        for attribute in self.attributes:
            value = item.attributes.get(attribute.code) if item else None
            fields[PREFIX + attribute.code] = attribute_field(attribute, value)
        fields["change"] = change
        for name in ("customer", "owner"):
            fields[name].show_only(self[name].value() if self.is_bound else getattr(item, name, None))
        if item is None:
            fields["change"].help_text = _("The change by which it comes in, if there is one.")

    @property
    def facts(self) -> dict[str, Any]:
        """What cmdb.services takes."""
        names = ("name", "customer", "site", "state", "owner", "revision", "is_important")
        found = {name: self.cleaned_data[name] for name in names}
        found["attributes"] = {a.code: self.cleaned_data[PREFIX + a.code] for a in self.attributes}
        return found

    def take(self, refused: ValidationError) -> None:
        """Put what a verb refused at its field."""
        for name, words in refused.message_dict.items():
            field = PREFIX + name.removeprefix("attributes.") if name.startswith("attributes.") else name
            for each in words:
                self.add_error(field if field in self.fields else None, each)


def _facts(item: Item | None) -> dict[str, Any]:
    if item is None:
        return {"state": Item.State.IN_USE}
    names = ("name", "customer", "site", "state", "owner", "revision", "is_important")
    return {name: getattr(item, name) for name in names}


def attribute_field(attribute: ItemAttribute, value: Any) -> forms.Field:
    """The field of one attribute. What it takes is decided by cmdb.values; here only how it is asked."""
    notes = [str(_("Under control."))] if attribute.is_controlled else []
    options: dict[str, Any] = {
        "label": attribute.name, "required": attribute.is_required, "initial": value,
        "help_text": " ".join(notes),
    }  # fmt: skip
    match attribute.kind:
        case ItemAttribute.Kind.NUMBER:
            return forms.CharField(
                **options, max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"})
            )
        case ItemAttribute.Kind.DATE:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.CharField(**options, max_length=40, widget=widget)
        case ItemAttribute.Kind.CHOICE:
            words = [(choice["code"], attribute.words(choice["code"])) for choice in attribute.choices]
            return forms.ChoiceField(**options, choices=[("", "—"), *words])
        case ItemAttribute.Kind.FLAG:
            options["initial"] = {True: "true", False: "false"}.get(value, "")
            return forms.ChoiceField(**options, choices=[("", "—"), ("true", _("yes")), ("false", _("no"))])
    return forms.CharField(**options, max_length=500)


class RelateForm(forms.Form):
    """«This item» runs on / carries … another one: each type can be chosen in both directions."""

    way = forms.ChoiceField(label=_("This item"))
    other = RemoteChoice(Item.objects.none(), what="items", label=_("Other item"))
    change = ChangeField()

    def __init__(self, *args: Any, actor: Actor, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.types = {row.pk: row for row in RelationType.objects.all()}
        ways = [(f"out-{row.pk}", f"{row.name} …") for row in self.types.values()]
        ways += [(f"in-{row.pk}", f"{row.reverse} …") for row in self.types.values()]
        fields: dict[str, Any] = self.fields
        fields["way"].choices = ways
        fields["other"].queryset = Item.objects.visible_to(actor)
        fields["other"].show_only(self["other"].value() if self.is_bound else None)
        if not item.is_important:
            fields["change"].help_text = _("Needed where one of the two items is important.")

    def relation(self, item: Item) -> tuple[Item, Item, RelationType]:
        """Source, target and type."""
        side, _dash, pk = self.cleaned_data["way"].partition("-")
        other = self.cleaned_data["other"]
        ends = (item, other) if side == "out" else (other, item)
        return (*ends, self.types[int(pk)])

    def take(self, refused: ValidationError) -> None:
        for name, words in refused.message_dict.items():
            field = "other" if name == "target" else name
            for each in words:
                self.add_error(field if field in self.fields else None, each)


class ServiceForm(forms.Form):
    service = forms.ModelChoiceField(Service.objects.none(), label=_("Service that runs on it"))
    change = ChangeField()

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = item.item_services.values("service")
        rows = Service.objects.filter(withdrawn_at=None).exclude(pk__in=known).order_by("name_en")
        self.fields["service"].queryset = rows  # type: ignore[attr-defined]
        if not item.is_important:
            self.fields["change"].help_text = _("Needed only for important items.")

    def take(self, refused: ValidationError) -> None:
        add_errors(self, refused)


class WithChange(forms.Form):
    """An act that asks for nothing but the change it is done by."""

    change = ChangeField()

    def take(self, refused: ValidationError) -> None:
        for name, words in refused.message_dict.items():
            for each in words:
                self.add_error("change" if name in ("state", "relation", "service", "change") else None, each)


class TypeForm(forms.Form):
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    code = forms.SlugField(label=_("Code"), max_length=50, help_text=_("For programs and imports; it stays."))
    category = forms.ChoiceField(label=_("Category"), choices=ItemType.Category.choices)
    prefix = forms.CharField(  # type: ignore[assignment]
        label=_("Prefix of the numbers"), max_length=4, required=False,
        help_text=_("Two to four capital letters; empty: the category's."),
    )  # fmt: skip

    def __init__(self, *args: Any, item_type: ItemType | None = None, **kwargs: Any) -> None:
        initial = {}
        if item_type is not None:
            initial = {name: getattr(item_type, name) for name in self.base_fields}
        super().__init__(*args, **{**kwargs, "initial": initial})
        if item_type is not None:
            self.fields.pop("code")

    def clean_prefix(self) -> str:
        return str(self.cleaned_data["prefix"]).strip().upper()


class AttributeForm(forms.Form):
    name_en = forms.CharField(label=_("Name (English)"), max_length=200)
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=200, required=False)
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Small letters, digits and underscores; it stays.")
    )
    kind = forms.ChoiceField(label=_("Kind of value"), choices=ItemAttribute.Kind.choices)
    choices = forms.CharField(
        label=_("Choices"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For a choice, one to a line: code | English | 中文"),
    )  # fmt: skip
    is_required = forms.BooleanField(label=_("Required"), required=False)
    is_controlled = forms.BooleanField(
        label=_("Under control: altered only through an approved change"), required=False
    )
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=30_000, initial=100)

    def __init__(self, *args: Any, attribute: ItemAttribute | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {}
        if attribute is not None:
            initial = {name: getattr(attribute, name) for name in self.base_fields}
            initial["choices"] = "\n".join(
                f"{choice['code']} | {choice['en']} | {choice['zh']}" for choice in attribute.choices
            )
        super().__init__(*args, **{**kwargs, "initial": initial})
        if attribute is not None:
            self.fields.pop("code")

    def clean_choices(self) -> list[dict[str, str]]:
        found = []
        for line in str(self.cleaned_data["choices"]).splitlines():
            if line.strip():
                code, en, zh = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
                found.append({"code": code, "en": en, "zh": zh})
        return found
