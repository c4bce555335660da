"""Automation over HTTP: schedules and their runs; the rest in api_rules and api_words."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.access import require
from automation import scheduling
from automation.api_base import DIGITS, ID, TAGS
from automation.api_rules import Rules
from automation.api_words import Macros, Templates
from automation.models import Finding, Rhythm, Schedule, ScheduleRun
from itsm.rest import schema, versions
from itsm.rest.fields import Instant, Pick, Text
from itsm.rest.filters import FlagFilter, Several
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created

# --- recurring work ------------------------------------------------------------------------------


class ScheduleShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    customer = NamedShape()
    every = Coded(Rhythm.choices)
    zone = serializers.CharField()
    next_at = Instant(allow_null=True)
    is_active = serializers.BooleanField()
    last_error = serializers.CharField()


class FindingShape(Shape):
    position = serializers.IntegerField()
    text = serializers.CharField()
    outcome = Coded(Finding.Outcome.choices)
    note = serializers.CharField()


class ScheduleRunShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    schedule = serializers.IntegerField(source="schedule_id")
    day = serializers.DateField(allow_null=True, help_text="Null: an extra run.")
    due_at = Instant()
    state = Coded(ScheduleRun.State.choices)
    record = serializers.CharField(source="record.number", default=None, allow_null=True)
    reason = serializers.CharField()
    done_at = Instant(allow_null=True)
    done_by = PersonShape(allow_null=True)
    conclusion = serializers.CharField()
    findings = FindingShape(many=True)
    version = serializers.IntegerField()

    def get_url(self, row: ScheduleRun) -> str:
        return f"/api/v1/schedule-runs/{row.pk}/"


class ExtraForm(Strict):
    reason = Text(max_length=300)
    key = Text(max_length=100, required=False, help_text="The same key makes the run once.")


class FoundForm(Strict):
    position = serializers.IntegerField(min_value=1)
    outcome = Pick(Finding.Outcome.choices)
    note = Text(max_length=2000, required=False)


class RunFinishForm(Strict):
    findings = FoundForm(many=True)
    conclusion = Text(max_length=50_000, required=False)


class ScheduleFilters(framework.FilterSet):  # type: ignore[misc]
    is_active = FlagFilter(field_name="is_active")
    every = Several(choices=Rhythm.choices)


@extend_schema_view(
    list=extend_schema(summary="Schedules of recurring work", tags=TAGS),
    retrieve=extend_schema(summary="One schedule", parameters=[ID], tags=TAGS),
)
class Schedules(ReadOnly):
    queryset = Schedule.objects.none()
    serializer_class = ScheduleShape
    filterset_class = ScheduleFilters
    lookup_value_regex = DIGITS

    def get_queryset(self) -> QuerySet[Any]:
        require(self.actor, "api")
        rows: QuerySet[Any] = Schedule.objects.visible_to(self.actor)
        return rows.select_related("customer")

    @extend_schema(
        summary="An extra run, because something happened",
        request=ExtraForm,
        responses={201: ScheduleRunShape},
        parameters=[ID],
        examples=[OpenApiExample("Storm", value={"reason": "Storm", "key": "storm-7"}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def extra(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        form = ExtraForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        run = scheduling.run_extra(row, **form.validated_data, actor=self.actor, now=self.now)
        shown = ScheduleRunShape(run, context=self.get_serializer_context()).data
        return created(shown, shown["url"], ETag=versions.etag(run.version))


class RunFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=ScheduleRun.State.choices)
    has_findings = FlagFilter(field_name="has_findings")


@extend_schema_view(
    list=extend_schema(summary="Runs of recurring work, with their findings", tags=TAGS),
    retrieve=extend_schema(summary="One run", parameters=[ID], tags=TAGS),
)
class ScheduleRuns(ReadOnly):
    queryset = ScheduleRun.objects.none()
    serializer_class = ScheduleRunShape
    filterset_class = RunFilters
    lookup_value_regex = DIGITS

    def get_queryset(self) -> QuerySet[Any]:
        require(self.actor, "api")
        rows: QuerySet[Any] = ScheduleRun.objects.visible_to(self.actor)
        return rows.select_related("record", "schedule", "done_by__organisation").prefetch_related("findings")

    def answer(self, pk: int) -> Response:
        data = self.get_serializer(self.get_queryset().get(pk=pk)).data
        return Response(data, headers={"ETag": versions.etag(data["version"])})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(
        summary="A run is done, with a finding for each line of its checklist",
        request=RunFinishForm,
        responses=ScheduleRunShape,
        parameters=[ID, schema.IF_MATCH],
        examples=[
            OpenApiExample("Done", value={"findings": [{"position": 1, "outcome": "ok"}]}, request_only=True)
        ],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def finish(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        expected = versions.expected(request, row.version, required=False)
        form = RunFinishForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data
        scheduling.finish(
            row, given["findings"], conclusion=given.get("conclusion", ""), actor=self.actor, now=self.now,
            expected_version=expected,
        )  # fmt: skip
        return self.answer(row.pk)


router = SimpleRouter()
router.register("automation-rules", Rules, "automation-rules")
router.register("macros", Macros, "macros")
router.register("reply-templates", Templates, "reply-templates")
router.register("schedules", Schedules, "schedules")
router.register("schedule-runs", ScheduleRuns, "schedule-runs")
urlpatterns = router.urls
