"""What the interface says about items, types and relations, and what it is asked."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
import catalog.queries
from accounts.access import STAFF_ROLES, Actor
from accounts.models import User
from cmdb.models import Alteration, Item, ItemAttribute, ItemType, RelationType
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict

FOR_CUSTOMERS = ("id", "name", "type", "customer", "site", "is_active")
"""What customers read of their own items; the rest is the provider's."""


def items(actor: Actor) -> QuerySet[Item]:
    return Item.objects.visible_to(actor)


def types(actor: Actor) -> QuerySet[ItemType]:
    return ItemType.objects.all()


def relation_types(actor: Actor) -> QuerySet[RelationType]:
    return RelationType.objects.all()


def staff(actor: Actor) -> QuerySet[User]:
    return User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()


class ItemFullShape(Shape):
    """Customers read id, name, type, customer, site and is_active of their own items."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    type = NamedShape()
    customer = NamedShape(allow_null=True, help_text="Null: shared by all customers.")
    site = serializers.CharField()
    is_active = serializers.BooleanField(help_text="False for what is retired.")
    number = serializers.CharField(required=False)
    url = serializers.SerializerMethodField(required=False)
    version = serializers.IntegerField(required=False, help_text="Also in the ETag.")
    state = Coded(Item.State.choices, required=False)
    owner = PersonShape(allow_null=True, required=False)
    revision = serializers.CharField(required=False, help_text="The item's own, such as 2.4.1.")
    attributes = serializers.DictField(required=False, help_text="By code, as the type defines them.")
    is_important = serializers.BooleanField(required=False)

    def get_url(self, item: Item) -> str:
        return reverse("api:items-detail", [item.number], request=self.context["request"])

    def to_representation(self, instance: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(instance)
        if self.asker.is_desk_side:
            return found
        return {name: found[name] for name in FOR_CUSTOMERS}


class ItemForm(Strict):
    """``change``: the approved change by which facts under control are altered."""

    type: Any = Reference(types, code="code", see="item-types")
    name = Text(max_length=200)
    customer: Any = Reference(
        accounts.queries.organisations, code="code", see="organisations", required=False, allow_null=True
    )
    site = Text(max_length=200, required=False, allow_blank=True)
    state = Pick(choices=Item.State.choices, required=False)
    owner: Any = Reference(staff, code="username", see="users", required=False, allow_null=True)
    revision = Text(max_length=100, required=False, allow_blank=True)
    attributes = serializers.DictField(required=False)
    is_important = Flag(required=False)
    change = Text(max_length=20, required=False, allow_blank=True)


class ChangeItemForm(ItemForm):
    """The type stays: attributes are of it."""

    elsewhere = {"number": "The number stays.", "type": "The type stays; add another item instead."}
    type = None


class ServiceOfItemForm(Strict):
    service: Any = Reference(catalog.queries.nameable, code="code", see="services")
    change = Text(max_length=20, required=False, allow_blank=True)


class ItemNumberShape(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    name = serializers.CharField()


class RelationTypeShape(Shape):
    code = serializers.CharField()
    name = serializers.CharField(help_text="Read from the source, in the reader's language.")
    reverse = serializers.CharField(help_text="Read from the target.")
    impact = Coded(RelationType.Impact.choices)
    is_acyclic = serializers.BooleanField()


class ItemRelationShape(Shape):
    id = serializers.IntegerField()
    source = ItemNumberShape()  # type: ignore[assignment]
    target = ItemNumberShape()
    type = RelationTypeShape()


class ItemRelationForm(Strict):
    source: Any = Reference(items, code="number", see="items")
    target: Any = Reference(items, code="number", see="items")
    type: Any = Reference(relation_types, code="code", see="relations")
    change = Text(max_length=20, required=False, allow_blank=True)


class ChoiceShape(Shape):
    code = serializers.CharField()
    en = serializers.CharField()
    zh = serializers.CharField()


class ItemAttributeShape(Shape):
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    kind = Coded(ItemAttribute.Kind.choices)
    choices = ChoiceShape(many=True)
    is_required = serializers.BooleanField()
    is_controlled = serializers.BooleanField()
    position = serializers.IntegerField()


class ItemTypeShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    category = Coded(ItemType.Category.choices)
    prefix = serializers.CharField(help_text="What the numbers of its items begin with.")
    attributes = ItemAttributeShape(many=True, source="attributes.all")


class ItemTypeForm(Strict):
    code = serializers.SlugField(max_length=50)
    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    category = Pick(choices=ItemType.Category.choices)
    prefix = Text(max_length=4, required=False, allow_blank=True)


class ChangeItemTypeForm(ItemTypeForm):
    elsewhere = {"code": "The code stays."}
    code = None  # type: ignore[assignment]


class ChoiceForm(Strict):
    code = Text(max_length=100)
    en = Text(max_length=100, required=False, allow_blank=True)
    zh = Text(max_length=100, required=False, allow_blank=True)


class ItemAttributeForm(Strict):
    code = Text(max_length=40)
    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    kind = Pick(choices=ItemAttribute.Kind.choices)
    choices = ChoiceForm(many=True, required=False)
    is_required = Flag(required=False)
    is_controlled = Flag(required=False)
    position = serializers.IntegerField(min_value=0, max_value=30_000, required=False)


class AlterationShape(Shape):
    """What was done to an item, or refused."""

    id = serializers.IntegerField()
    act = Coded(Alteration.Act.choices)
    at = Instant()
    actor = PersonShape()
    change = serializers.CharField(source="authority", help_text="The change it was done by, if any.")
    before = serializers.DictField()
    after = serializers.DictField()
    is_refused = serializers.BooleanField()
    refusal = Coded(Alteration.Refusal.choices)


class ReachedShape(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    name = serializers.CharField()
    depth = serializers.IntegerField(help_text="Steps from the item that was asked for.")
    via = serializers.IntegerField(help_text="The relation of the last step.")


class OpenTicketShape(Shape):
    number = serializers.CharField()
    title = serializers.CharField()
    priority = serializers.IntegerField()


class ItemImpactShape(Shape):
    """``items`` are the nearest; the rest is of all that were reached."""

    item = ItemNumberShape()
    direction = serializers.CharField()
    depth = serializers.IntegerField(help_text="0: to the end.")
    total = serializers.IntegerField(help_text="How many items were reached.")
    is_cut = serializers.BooleanField(help_text="More are reached than are told of.")
    items = ReachedShape(many=True)
    services = NamedShape(many=True)
    customers = NamedShape(many=True)
    agreements = NamedShape(many=True)
    open_tickets = serializers.IntegerField()
    tickets = OpenTicketShape(many=True, help_text="The most urgent of them.")
