"""Automation over HTTP: runs of schedules; the rest in api_rules, api_schedules and api_words."""

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
from automation.api_schedules import ScheduleRunShape, Schedules
from automation.api_words import Macros, Templates
from automation.models import Finding, ScheduleRun
from itsm.rest import schema, versions
from itsm.rest.fields import Pick, Text
from itsm.rest.filters import FlagFilter, Several
from itsm.rest.serializers import Strict
from itsm.rest.views import ReadOnly


class FoundForm(Strict):
    position = serializers.IntegerField(min_value=1)
    outcome = Pick(Finding.Outcome.choices)
    note = Text(max_length=2000, required=False)


class RunFinishForm(Strict):
    findings = FoundForm(many=True)
    conclusion = Text(max_length=50_000, required=False)


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
