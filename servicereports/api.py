"""Service reports over HTTP, /api/v1/service-reports/: figures with their records, hash, and its check."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import sla.queries
from itsm.rest import versions
from itsm.rest.fields import Instant
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.query import asked
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly
from servicereports import freezing, show
from servicereports.models import FrozenReport, Period, ServiceReport, State


class ReportFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(choices=State.choices)
    period = Several(choices=Period.choices)
    agreement = NamedFilter(rows=sla.queries.agreements, code="code")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    sent = FlagFilter(method="by_sent", label=_("Published, with corrections or without."))

    def by_sent(self, rows: QuerySet[ServiceReport], name: str, value: bool) -> QuerySet[ServiceReport]:
        sent = ServiceReport.objects.sent().values("pk")
        return rows.filter(pk__in=sent) if value else rows.exclude(pk__in=sent)


class ReportShape(Shape):
    """The report of an agreement for a period. Customers' contacts see those that were published."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    kind = serializers.CharField(source="report_kind")
    state = Coded(State.choices)
    agreement = NamedShape()
    customer = NamedShape()
    period = Coded(Period.choices)
    period_from = serializers.DateField()
    period_until = serializers.DateField(help_text="This day is included.")
    due_on = serializers.DateField(help_text="By which the agreement wants it.")
    writer = PersonShape(source="assignee", allow_null=True)
    published_at = Instant(allow_null=True)
    late = serializers.SerializerMethodField(help_text="Published after its day; null while it is not.")

    def get_url(self, report: ServiceReport) -> str:
        return reverse("api:service-reports-detail", [report.number], request=self.context["request"])

    def get_late(self, report: ServiceReport) -> bool | None:
        return show.is_late(report)


class FrozenShape(Shape):
    number = serializers.IntegerField(help_text="1 is what was approved; each further one is a restatement.")
    sha256 = serializers.CharField(help_text="Over the canonical JSON of the edition, as UTF-8.")
    frozen_at = Instant()
    frozen_by = PersonShape()
    reason = serializers.CharField()


class ReportDetailShape(ReportShape):
    """With its figures, the clocks and records behind them, and the hash of what is shown."""

    edition = serializers.IntegerField(source="shown.number", allow_null=True, help_text="Null: not frozen.")
    sha256 = serializers.CharField(source="shown.sha256", allow_null=True)
    content = serializers.SerializerMethodField(
        help_text="`figures`, `sources` (clocks and records behind each), `rules`, `context`, `comments`."
    )
    editions = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_content(self, report: ServiceReport) -> Any:
        return self.context["content"]

    @extend_schema_field(FrozenShape(many=True))
    def get_editions(self, report: ServiceReport) -> Any:
        rows = report.frozen.select_related("frozen_by").order_by("number")
        return FrozenShape(rows, many=True, context=self.context).data


class ChangeShape(Shape):
    figure = serializers.ListField(child=serializers.CharField())
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    records = serializers.ListField(child=serializers.CharField())


class VerifiedShape(Shape):
    """An edition whose text was hashed again; the newest one is also compared with figures computed now."""

    number = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="As stored.")
    recomputed = serializers.CharField(help_text="Of the text as it is now.")
    intact = serializers.BooleanField()
    current = serializers.BooleanField(allow_null=True, help_text="Null: an earlier edition.")
    changes = ChangeShape(many=True)


class DetailQuery(Strict):
    edition = serializers.IntegerField(required=False, min_value=1, max_value=9999)


VERIFIED = {
    "number": 1, "sha256": "9f86d081...", "recomputed": "9f86d081...", "intact": True, "current": True,
    "changes": [],
}  # fmt: skip


@extend_schema_view(list=extend_schema(summary="Service reports you may see", tags=["service-reports"]))
class Reports(ReadOnly):
    """The desk's side sees all of its customers; customers' contacts what was published to them."""

    queryset = ServiceReport.objects.none()
    serializer_class = ReportShape
    filterset_class = ReportFilters
    orderings = {
        "period_until": SortKey("period_until"),
        "due_on": SortKey("due_on"),
        "id": SortKey("id"),
    }
    ordering = "-period_until"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"

    def get_queryset(self) -> QuerySet[ServiceReport]:
        rows: QuerySet[ServiceReport] = ServiceReport.objects.visible_to(self.actor)
        return rows.defer("computed").select_related("agreement", "customer", "assignee", "commented_by")

    def get_object(self) -> ServiceReport:
        self.kwargs["number"] = self.kwargs["number"].upper()
        found: ServiceReport = super().get_object()
        return found

    @extend_schema(
        summary="One report with its figures and the records behind them",
        parameters=[DetailQuery],
        responses=ReportDetailShape,
        tags=["service-reports"],
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        report = self.get_object()
        row = show.frozen_of(report, str(asked(request, DetailQuery).get("edition", "")))
        report.shown = row  # type: ignore[attr-defined]
        context = {**self.get_serializer_context(), "content": show.content_of(report, row)}
        data = ReportDetailShape(report, context=context).data
        return Response(data, headers={"ETag": versions.etag(report.version)})

    @extend_schema(
        summary="Are its frozen editions unchanged, and do the figures still come out the same?",
        responses=VerifiedShape(many=True),
        examples=[OpenApiExample("Unchanged", value=[VERIFIED], response_only=True)],
        tags=["service-reports"],
        filters=False,
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def verify(self, request: Request, number: str) -> Response:
        rows = self.get_object().frozen.select_related("report__agreement").order_by("number")
        return Response(VerifiedShape([self.verified(row) for row in rows], many=True).data)

    def verified(self, row: FrozenReport) -> dict[str, Any]:
        found = freezing.verify(row, now=self.now)
        return {
            "number": row.number,
            "sha256": row.sha256,
            "recomputed": found.recomputed,
            "intact": found.is_intact,
            "current": found.is_current if found.computed else None,
            "changes": freezing.changes_of(found),
        }


router = SimpleRouter()
router.register("service-reports", Reports, basename="service-reports")
urlpatterns = router.urls
