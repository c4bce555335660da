"""Reports of processes over HTTP: which are owed, what each says with its rows, its files, its check."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import sla.queries
from accounts.access import Actor, Denied, require
from accounts.models import User
from itsm.rest import schema, versions
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.query import asked
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, ViewSet, created
from processreports import definitions, freezing, shown
from processreports.models import EVERY, ProcessReport, ReportDefinition, ReportEdition, State
from servicereports.show import language_of

DEFINITIONS, REPORTS = ["report-definitions"], ["reports"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)


def _people(actor: Actor) -> QuerySet[User]:
    """Who may be named: people one may know."""
    return accounts.queries.people(actor)


class DefinitionShape(Shape):
    """A report that is owed: about what, how often, with what in it, and who makes it."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    introduction_en = serializers.CharField()
    introduction_zh = serializers.CharField()
    processes = serializers.ListField(child=serializers.CharField(), help_text="As `kpis` calls them.")
    customer = NamedShape(allow_null=True, help_text="Null: about all customers together.")
    agreement = NamedShape(allow_null=True)
    every = Coded(EVERY)
    sections = serializers.ListField(child=serializers.CharField(), help_text="In their order.")
    languages = serializers.ListField(child=serializers.CharField())
    owner = PersonShape()
    approver = PersonShape()
    checker = PersonShape(allow_null=True)
    recipients = PersonShape(many=True)
    due_days = serializers.IntegerField()
    in_portal = serializers.BooleanField()
    active_from = serializers.DateField()
    active_until = serializers.DateField(allow_null=True)

    def get_url(self, row: ReportDefinition) -> str:
        return reverse("api:report-definitions-detail", [row.pk], request=self.context["request"])


class DefinitionPatch(Strict):
    name_en = Text(required=False, max_length=120)
    name_zh = Text(required=False, max_length=120)
    introduction_en = Text(required=False, allow_blank=True)
    introduction_zh = Text(required=False, allow_blank=True)
    processes = serializers.ListField(child=Text(max_length=100), required=False, max_length=60)
    customer = Reference(
        accounts.queries.organisations, code="code", see="organisations", required=False, allow_null=True
    )
    agreement = Reference(
        sla.queries.agreements, code="code", see="agreements", required=False, allow_null=True
    )
    every = Pick(choices=EVERY, required=False)
    sections = serializers.ListField(child=Text(max_length=40), required=False, max_length=40)
    languages = serializers.ListField(child=Text(max_length=2), required=False, max_length=2)
    owner = Reference(_people, code="username", see="users", required=False)
    approver = Reference(_people, code="username", see="users", required=False)
    checker = Reference(_people, code="username", see="users", required=False, allow_null=True)
    recipients = serializers.ListField(
        child=Reference(_people, code="username", see="users"), required=False, max_length=200
    )
    due_days = serializers.IntegerField(required=False, min_value=0, max_value=366)
    in_portal = Flag(required=False)
    active_from = serializers.DateField(required=False)
    active_until = serializers.DateField(required=False, allow_null=True)


class DefinitionNew(DefinitionPatch):
    """What a new one cannot do without."""

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        for name in ("name_en", "name_zh", "every", "sections", "owner", "approver", "active_from"):
            found[name].required = True
        return found


NEW = {
    "name_en": "Incident management, monthly", "name_zh": "事件管理月报", "every": "month",
    "processes": ["Incident management"], "sections": ["overview", "indicators", "comment"],
    "languages": ["zh", "en"], "owner": "agent", "approver": "slm", "active_from": "2026-01-01",
    "due_days": 5, "recipients": ["manager"],
}  # fmt: skip


@extend_schema_view(list=extend_schema(summary="Definitions one may see", tags=DEFINITIONS))
class Definitions(mixins.ListModelMixin, ViewSet):
    """Read by the desk's side, each of the customers one covers; written by managers."""

    queryset = ReportDefinition.objects.none()
    serializer_class = DefinitionShape
    filter_backends = []
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id")}

    def get_queryset(self) -> QuerySet[ReportDefinition]:
        if not self.actor.is_desk_side:
            raise Denied(self.actor, "view_internal")
        rows = definitions.visible(self.actor).prefetch_related("recipients")
        return rows.select_related("customer", "agreement", "owner", "approver", "checker")

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, definitions.Changed):
            exc = Problem("stale")
        return super().handle_exception(exc)

    @extend_schema(summary="One definition", parameters=[ID], responses=DefinitionShape, tags=DEFINITIONS)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self.shown(self.get_object())

    def shown(self, row: ReportDefinition) -> Response:
        return Response(self.get_serializer(row).data, headers={"ETag": versions.etag(row.version)})

    def read(self, form: type[DefinitionPatch], **more: Any) -> dict[str, Any]:
        found = form(data=self.request.data, context=self.get_serializer_context(), **more)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    @extend_schema(
        summary="Define a report", request=DefinitionNew, responses={201: DefinitionShape}, tags=DEFINITIONS,
        examples=[OpenApiExample("Monthly", value=NEW, request_only=True)],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_process_reports")
        facts = {"languages": ["zh", "en"], "due_days": 5, **self.read(DefinitionNew)}
        row = definitions.keep(None, facts, actor=self.actor, now=self.now)
        data = self.get_serializer(row).data
        return created(data, data["url"], ETag=versions.etag(row.version))

    @extend_schema(
        summary="Change a definition", request=DefinitionPatch, responses=DefinitionShape, tags=DEFINITIONS,
        parameters=[ID, schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("Due later", value={"due_days": 7}, request_only=True)],
    )  # fmt: skip
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "lead_process_reports")
        expected = versions.expected(request, row.version, required=True)
        facts = self.read(DefinitionPatch, partial=True)
        definitions.keep(row, facts, actor=self.actor, now=self.now, expected=expected)
        return self.shown(self.get_object())

    @extend_schema(
        summary="Take back a definition nothing was made of", parameters=[ID], responses={204: None},
        tags=DEFINITIONS,
    )  # fmt: skip
    def destroy(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        versions.expected(request, row.version, required=False)
        definitions.remove(row, actor=self.actor)
        return Response(status=204)


# --- the reports --------------------------------------------------------------------------------------


class ReportFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(choices=State.choices)
    every = Several(choices=EVERY)
    definition = framework.NumberFilter(field_name="definition")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    sent = FlagFilter(method="by_sent", label=_("Published, or sent to its recipients."))

    def by_sent(self, rows: QuerySet[ProcessReport], name: str, value: bool) -> QuerySet[ProcessReport]:
        sent = ProcessReport.objects.sent().values("pk")
        return rows.filter(pk__in=sent) if value else rows.exclude(pk__in=sent)


class ProcessReportShape(Shape):
    """The report of a definition for a period, or about one event."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    definition = serializers.IntegerField(source="definition_id")
    name = serializers.CharField(source="definition.name")
    state = Coded(State.choices)
    customer = NamedShape(source="definition.customer", allow_null=True)
    every = Coded(EVERY)
    period_from = serializers.DateField()
    period_until = serializers.DateField(help_text="This day is included.")
    subject = serializers.CharField(source="subject.number", default=None, help_text="Of one event.")
    due_on = serializers.DateField()
    writer = PersonShape(source="assignee", allow_null=True)
    published_at = Instant(allow_null=True)
    late = serializers.SerializerMethodField(help_text="Sent after its day; null while it is not sent.")

    def get_url(self, report: ProcessReport) -> str:
        return reverse("api:reports-detail", [report.number], request=self.context["request"])

    def get_late(self, report: ProcessReport) -> bool | None:
        return shown.is_late(report)


class ReportEditionShape(Shape):
    number = serializers.IntegerField(help_text="1 is what was approved; each further one is a correction.")
    sha256 = serializers.CharField(help_text="Over the canonical JSON of the edition, as UTF-8.")
    frozen_at = Instant()
    frozen_by = PersonShape()
    reason = serializers.CharField()


class ProcessReportDetailShape(ProcessReportShape):
    """With its content and editions."""

    edition = serializers.IntegerField(source="shown.number", allow_null=True, help_text="Null: not frozen.")
    sha256 = serializers.CharField(source="shown.sha256", allow_null=True)
    content = serializers.SerializerMethodField(
        help_text="`figures` and `context` by section, `rows` (number and hash of the ids behind each "
        "figure; not for customers), `words`."
    )
    editions = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_content(self, report: ProcessReport) -> Any:
        return self.context["content"]

    @extend_schema_field(ReportEditionShape(many=True))
    def get_editions(self, report: ProcessReport) -> Any:
        rows = report.editions.defer("rows", "content").select_related("frozen_by").order_by("number")
        return ReportEditionShape(rows, many=True, context=self.context).data


class DifferenceShape(Shape):
    figure = serializers.ListField(child=serializers.CharField())
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class VerifiedReportShape(Shape):
    """An edition whose text and rows were hashed again; the newest is also compared with figures of now."""

    number = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="As stored.")
    recomputed = serializers.CharField(help_text="Of the text as it is now.")
    intact = serializers.BooleanField()
    current = serializers.BooleanField(allow_null=True, help_text="Null: an earlier edition.")
    changes = DifferenceShape(many=True)


class DetailQuery(Strict):
    edition = serializers.IntegerField(required=False, min_value=1, max_value=9999)


class FileQuery(DetailQuery):
    lang = Pick(choices=(("zh", "zh"), ("en", "en")), required=False)


@extend_schema_view(list=extend_schema(summary="Reports of processes you may see", tags=REPORTS))
class Reports(ReadOnly):
    """The desk's side sees those of its customers; a customer's contacts what was published to them."""

    queryset = ProcessReport.objects.none()
    serializer_class = ProcessReportShape
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

    def get_queryset(self) -> QuerySet[ProcessReport]:
        rows: QuerySet[ProcessReport] = ProcessReport.objects.visible_to(self.actor)
        return rows.defer("computed").select_related("definition__customer", "assignee", "subject")

    def get_object(self) -> ProcessReport:
        self.kwargs["number"] = self.kwargs["number"].upper()
        found: ProcessReport = super().get_object()
        return found

    def edition(self, report: ProcessReport, form: type[Strict] = DetailQuery) -> ReportEdition | None:
        return shown.edition_of(report, str(asked(self.request, form).get("edition", "")))

    @extend_schema(
        summary="One report with its content", parameters=[DetailQuery], responses=ProcessReportDetailShape,
        tags=REPORTS,
    )  # fmt: skip
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        report = self.get_object()
        row = self.edition(report)
        found = shown.content_for(report, row)
        report.shown = row  # type: ignore[attr-defined]
        content = found if self.actor.is_desk_side else shown.public(found)
        context = {**self.get_serializer_context(), "content": content}
        data = ProcessReportDetailShape(report, context=context).data
        return Response(data, headers={"ETag": versions.etag(report.version)})

    @extend_schema(
        summary="Are its editions unchanged, and do the figures still come out the same?",
        responses=VerifiedReportShape(many=True), tags=REPORTS, filters=False,
    )  # fmt: skip
    @action(detail=True, filter_backends=[], pagination_class=None)
    def verify(self, request: Request, number: str) -> Response:
        report = self.get_object()
        require(self.actor, "view_internal", report)
        rows = report.editions.select_related("report__definition").order_by("number")
        return Response(VerifiedReportShape([self.verified(row) for row in rows], many=True).data)

    def verified(self, row: ReportEdition) -> dict[str, Any]:
        found = freezing.verify(row, now=self.now)
        return {
            "number": row.number, "sha256": row.sha256, "recomputed": found.recomputed,
            "intact": found.is_intact, "current": found.is_current if found.built else None,
            "changes": freezing.changes_of(found),
        }  # fmt: skip

    @extend_schema(
        summary="The report as PDF", parameters=[FileQuery], responses={(200, "application/pdf"): bytes},
        tags=REPORTS, filters=False,
    )  # fmt: skip
    @action(detail=True, filter_backends=[], pagination_class=None)
    def pdf(self, request: Request, number: str) -> HttpResponse:
        return self.file("pdf")

    @extend_schema(
        summary="The report as an Excel workbook", parameters=[FileQuery],
        responses={(200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): bytes},
        tags=REPORTS, filters=False,
    )  # fmt: skip
    @action(detail=True, filter_backends=[], pagination_class=None)
    def xlsx(self, request: Request, number: str) -> HttpResponse:
        return self.file("xlsx")

    def file(self, form: str) -> HttpResponse:
        report = self.get_object()
        given = asked(self.request, FileQuery)
        row = shown.edition_of(report, str(given.get("edition", "")))
        return shown.file(report, row, language_of(given.get("lang", "")), form, self.actor)


router = SimpleRouter()
router.register("report-definitions", Definitions, basename="report-definitions")
router.register("reports", Reports, basename="reports")
urlpatterns = router.urls
