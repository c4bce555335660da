"""Configuration items, to read."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

import accounts.queries
from cmdb.models import Item, ItemType
from itsm.rest.filters import FlagFilter, NamedFilter
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import NamedShape, Shape
from itsm.rest.views import ReadOnly


class ItemFullShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    type = NamedShape()
    customer = NamedShape(allow_null=True, help_text="Null: shared by all customers.")
    site = serializers.CharField()
    is_active = serializers.BooleanField()


class ItemFilters(framework.FilterSet):  # type: ignore[misc]
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    type = NamedFilter(rows=lambda actor: ItemType.objects.all(), code="code")
    is_active = FlagFilter()
    q = framework.CharFilter(
        field_name="name", lookup_expr="icontains", max_length=100, label=_("Part of a name.")
    )


@extend_schema_view(
    list=extend_schema(summary="Configuration items"),
    retrieve=extend_schema(summary="One configuration item"),
)
class Items(ReadOnly):
    queryset = Item.objects.none()
    serializer_class = ItemFullShape
    filterset_class = ItemFilters
    orderings = {"name": SortKey("name"), "id": SortKey("id")}
    ordering = "name"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Item]:
        return Item.objects.visible_to(self.actor).select_related("type", "customer")


router = SimpleRouter()
router.register("items", Items, basename="items")
urlpatterns = router.urls
