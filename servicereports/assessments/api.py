"""Self-assessments of the desk over HTTP, /api/v1/self-assessments/: figures, judgements, opinion."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from accounts.access import require
from itsm.rest import versions
from itsm.rest.fields import Instant, Pick, Text
from itsm.rest.filters import Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly
from servicereports import keeping
from servicereports.assessments import content, services, shown
from servicereports.assessments.models import Assessment, Indicator, Span, State, Verdict


class AssessmentFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(choices=State.choices)
    period = Several(choices=Span.choices)


class AssessmentShape(Shape):
    """The desk's account of itself for a period, for its supervisory body."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    state = Coded(State.choices)
    body = serializers.CharField(source="body.name")
    period = Coded(Span.choices)
    period_from = serializers.DateField()
    period_until = serializers.DateField(help_text="This day is included.")
    lead = PersonShape(source="assignee", allow_null=True)
    submitted_at = Instant(allow_null=True)
    opinion = serializers.CharField()
    answered_by = serializers.CharField()
    answered_at = Instant(allow_null=True)

    def get_url(self, row: Assessment) -> str:
        return reverse("api:self-assessments-detail", [row.number], request=self.context["request"])


class AssessmentDetailShape(AssessmentShape):
    """With its indicators: as they were submitted, or while it is written as they stand."""

    content = serializers.SerializerMethodField(help_text="`indicators`: figure, goal, judgement, remarks.")
    sha256 = serializers.SerializerMethodField(help_text="Of what was submitted; null while it is written.")

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_content(self, row: Assessment) -> Any:
        kept = shown.kept_of(row)
        return keeping.content_of(kept) if kept else content.of(row)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_sha256(self, row: Assessment) -> str | None:
        kept = shown.kept_of(row)
        return kept.sha256 if kept else None


class JudgementForm(Strict):
    indicator = Pick(choices=Indicator.choices)
    verdict = Pick(choices=Verdict.choices)
    remarks = Text(max_length=5000, required=False, allow_blank=True, default="")


class JudgeForm(Strict):
    summary = Text(max_length=20000, required=False, allow_blank=True)
    indicators: Any = serializers.ListField(child=JudgementForm(), required=False)


class HandInForm(Strict):
    sent_how = Text(max_length=200, required=False, allow_blank=True, default="")


class OpinionForm(Strict):
    accept = serializers.BooleanField()
    opinion = Text(max_length=20000)
    answered_by = Text(max_length=150, required=False, allow_blank=True, default="")


@extend_schema_view(list=extend_schema(summary="Self-assessments of the desk", tags=["self-assessments"]))
class Assessments(ReadOnly):
    """For the desk's side."""

    queryset = Assessment.objects.none()
    serializer_class = AssessmentShape
    filterset_class = AssessmentFilters
    orderings = {"period_until": SortKey("period_until"), "id": SortKey("id")}
    ordering = "-period_until"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = {
        "judge": ("illegal-move", "precondition-required"),
        "submit": ("illegal-move",),
        "answer": ("illegal-move",),
    }

    def get_queryset(self) -> QuerySet[Assessment]:
        require(self.actor, "directory")
        rows: QuerySet[Assessment] = Assessment.objects.visible_to(self.actor)
        return rows.select_related("body__person", "assignee")

    def one(self) -> Assessment:
        number = self.kwargs["number"].upper()
        row = self.get_queryset().filter(number=number).first()
        if row is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return row

    def answered(self) -> Response:
        row = self.one()
        data = AssessmentDetailShape(row, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(row.version)})

    def form(self, shape: type[Strict]) -> Any:
        form = shape(data=self.request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        return form.validated_data

    @extend_schema(
        summary="One with its indicators", responses=AssessmentDetailShape, tags=["self-assessments"]
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answered()

    @extend_schema(
        summary="Write judgements, remarks and summary", request=JudgeForm, responses=AssessmentDetailShape,
        tags=["self-assessments"],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def judge(self, request: Request, number: str) -> Response:
        row = self.one()
        entered = self.form(JudgeForm)
        said = {
            each["indicator"]: (each["verdict"], each["remarks"]) for each in entered.get("indicators", ())
        }
        services.judge(
            row, said, summary=entered.get("summary", row.summary), actor=self.actor, now=self.now,
            expected_version=versions.expected(request, row.version, required=True),
        )  # fmt: skip
        return self.answered()

    @extend_schema(
        summary="Submit it to the supervisory body", request=HandInForm, responses=AssessmentDetailShape,
        tags=["self-assessments"],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, number: str) -> Response:
        row = self.one()
        services.submit(row, **self.form(HandInForm), actor=self.actor, now=self.now)
        return self.answered()

    @extend_schema(
        summary="The supervisory body's opinion", request=OpinionForm, responses=AssessmentDetailShape,
        tags=["self-assessments"],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, number: str) -> Response:
        row = self.one()
        services.answer(row, **self.form(OpinionForm), actor=self.actor, now=self.now)
        return self.answered()


router = SimpleRouter()
router.register("self-assessments", Assessments, basename="self-assessments")
urlpatterns = router.urls
