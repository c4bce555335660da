"""Service packages over HTTP: the levels from which agreements start."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from accounts.access import may
from accounts.api import NameFilters
from itsm.rest.filters import FlagFilter
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Shape
from itsm.rest.views import ByIdOrCode
from sla.api_calendars import BY_NAME, ID_OR_CODE
from sla.api_terms import EXAMPLE, TermsField
from sla.models import ServicePackage
from sla.terms import Terms

PACKAGE = {
    "id": 1, "code": "desk-rule", "name": "Service desk rule", "family": "desk", "rank": 1,
    "source": "ITSS 服务台管理制度", "description": "", "price": None, "is_active": True,
    "terms": {"calendar": "always-24x7", "targets": EXAMPLE["targets"]},
}  # fmt: skip


class PriceShape(Shape):
    amount = serializers.CharField(help_text="A decimal number.")
    unit = serializers.CharField(help_text="Per what.")


class PackageShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    family = serializers.CharField(help_text="Ranks compare within it.")
    rank = serializers.IntegerField(help_text="1 is the best of its family.")
    source = serializers.CharField(help_text="Where it comes from.")  # type: ignore[assignment]
    description = serializers.CharField(help_text="In the reader's language.")
    price = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField(help_text="To start an edition from.")
    is_active = serializers.BooleanField()

    @extend_schema_field(PriceShape(allow_null=True))
    def get_price(self, package: ServicePackage) -> dict[str, str] | None:
        if package.price is None:
            return None
        return {"amount": f"{package.price.normalize():f}", "unit": package.price_unit}

    @extend_schema_field(TermsField)
    def get_terms(self, package: ServicePackage) -> dict[str, Any]:
        return Terms.parse(package.terms).dump()


class PackageFilters(NameFilters):
    family = framework.CharFilter(lookup_expr="iexact")
    is_active = FlagFilter()


@extend_schema_view(
    list=extend_schema(summary="Service packages with their terms, rank and price", tags=["sla"]),
    retrieve=extend_schema(
        summary="One service package",
        parameters=[ID_OR_CODE],
        examples=[OpenApiExample("A package", value=PACKAGE, response_only=True)],
        tags=["sla"],
    ),
)
class Packages(ByIdOrCode):
    """For those who may know the calendars too: managers, agents and integrations."""

    queryset = ServicePackage.objects.none()
    serializer_class = PackageShape
    filterset_class = PackageFilters
    orderings = {**BY_NAME, "rank": SortKey("rank"), "family": SortKey("family")}
    ordering = "family"

    def get_queryset(self) -> QuerySet[ServicePackage]:
        is_known = may(self.actor, "simulate")
        return ServicePackage.objects.all() if is_known else ServicePackage.objects.none()
