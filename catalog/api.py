"""The catalogue's services, to read."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from accounts.api import NameFilters
from catalog import queries
from catalog.models import Service
from itsm.rest.filters import FlagFilter
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import NamedShape, Shape
from itsm.rest.views import ReadOnly


class ServiceShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    description = serializers.CharField(help_text="In the reader's language.")
    support_team = NamedShape(allow_null=True)
    second_line_team = NamedShape(allow_null=True)
    is_published = serializers.BooleanField()


class ServiceFilters(NameFilters):
    is_published = FlagFilter()


@extend_schema_view(
    list=extend_schema(summary="Services you may name"), retrieve=extend_schema(summary="One service")
)
class Services(ReadOnly):
    queryset = Service.objects.none()
    serializer_class = ServiceShape
    filterset_class = ServiceFilters
    orderings = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
    ordering = "name"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Service]:
        return queries.services(self.actor).select_related("support_team", "second_line_team")


router = SimpleRouter()
router.register("services", Services, basename="services")
urlpatterns = router.urls
