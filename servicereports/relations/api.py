"""Relationship reports over HTTP, /api/v1/relationship-reports/: what each says of its period."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from itsm.rest import versions
from itsm.rest.fields import Instant
from itsm.rest.filters import NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape
from itsm.rest.views import ReadOnly
from servicereports.relations import shown
from servicereports.relations.models import RelationReport, Span, State


class RelationFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(choices=State.choices)
    period = Several(choices=Span.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")


class RelationShape(Shape):
    """The report on a customer and period; of the provider itself it is over all customers."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    state = Coded(State.choices)
    customer = NamedShape()
    period = Coded(Span.choices)
    period_from = serializers.DateField()
    period_until = serializers.DateField(help_text="This day is included.")
    manager = PersonShape(source="assignee", allow_null=True)
    approved_at = Instant(allow_null=True)
    shown_at = Instant(allow_null=True)

    def get_url(self, report: RelationReport) -> str:
        return reverse("api:relationship-reports-detail", [report.number], request=self.context["request"])


class RelationDetailShape(RelationShape):
    """With its figures and words; customers read what is theirs."""

    content = serializers.SerializerMethodField(
        help_text="`satisfaction`, `complaints`, `callbacks`, `visits`, `attainment`, `actions`."
    )

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_content(self, report: RelationReport) -> Any:
        return shown.content_for(report, self.asker)


@extend_schema_view(
    list=extend_schema(summary="Relationship reports you may see", tags=["relationship-reports"])
)
class Relations(ReadOnly):
    """The desk's side sees all of its customers; customers' contacts what was shown to them."""

    queryset = RelationReport.objects.none()
    serializer_class = RelationShape
    filterset_class = RelationFilters
    orderings = {"period_until": SortKey("period_until"), "id": SortKey("id")}
    ordering = "-period_until"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"

    def get_queryset(self) -> QuerySet[RelationReport]:
        rows: QuerySet[RelationReport] = RelationReport.objects.visible_to(self.actor)
        return rows.select_related("of", "customer", "assignee", "approved_by")

    @extend_schema(summary="One report", responses=RelationDetailShape, tags=["relationship-reports"])
    def retrieve(self, request: Request, number: str) -> Response:
        report = self.get_queryset().filter(number=number.upper()).first()
        if report is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        data = RelationDetailShape(report, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(report.version)})


router = SimpleRouter()
router.register("relationship-reports", Relations, basename="relationship-reports")
urlpatterns = router.urls
