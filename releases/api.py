"""Releases over HTTP, /api/v1/releases/: planned, deployed step by step, decided, reported on; figures."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from itsm.rest import schema, versions
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import created
from records import api as below
from records import spans
from records.kinds import Kind
from releases import api_parts, deploying, figures, lifecycle, reporting, services
from releases import api_shapes as shapes
from releases.api_base import NUMBER, NothingForm, operation
from releases.api_shapes import ReleaseDetailShape, ReleaseShape
from releases.models import Release, State

NEW = {"title": "Mail 2.4", "manager": "manager"}


class ReleaseFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=State.choices)
    outcome = Several(choices=Release.Outcome.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    ended_after = InstantFilter(field_name="ended_at", lookup_expr="gte")
    ended_before = InstantFilter(field_name="ended_at", lookup_expr="lt")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")


def act(summary: str, form: type[Strict], example: dict[str, Any]) -> Callable[..., Any]:
    return operation(summary, form, ReleaseDetailShape, "releases", example)


@api_parts.described(ReleaseDetailShape, "releases")
@extend_schema_view(list=extend_schema(summary="Releases", tags=["releases"]))
class Releases(api_parts.Parts):
    rules = services.RULES
    queryset = Release.objects.none()
    serializer_class = ReleaseShape
    detail_shape = ReleaseDetailShape
    filterset_class = ReleaseFilters
    orderings = {"opened_at": SortKey("opened_at"), "updated_at": SortKey("updated_at")}
    ordering = "-opened_at"
    problems_of = {
        "partial_update": ("illegal-move",),
        **dict.fromkeys(lifecycle.LIFECYCLE.moves, ("illegal-move", "stale")),
        **dict.fromkeys(
            ("bundle", "record_test", "finish_step", "decide", "observe", "judge_incident"), ("illegal-move",)
        ),
        **api_parts.PROBLEMS,
    }

    def get_queryset(self) -> QuerySet[Release]:
        rows: QuerySet[Release] = Release.objects.visible_to(self.actor)
        return rows.select_related("customer", "assignee", "decider", "reviewed_by")

    @extend_schema(summary="One release", responses=ReleaseDetailShape, tags=["releases"], filters=False)
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Begin a release",
        request=shapes.ReleaseOpenForm,
        responses={201: ReleaseDetailShape},
        examples=[OpenApiExample("For several customers", value=NEW, request_only=True)],
        tags=["releases"],
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_releases")
        made = services.open_release(**self.read(shapes.ReleaseOpenForm), actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.shown(self.one())
        url = reverse("api:releases-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Write the plan",
        request=shapes.ReleasePatchForm,
        responses=ReleaseDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("The scope", value={"scope": "Both mail servers."}, request_only=True)],
        tags=["releases"],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "work_release", row)
        expected = versions.expected(request, row.version, required=True)
        facts = self.read(shapes.ReleasePatchForm)
        services.write(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer()

    @act("Take an approved change in", shapes.ReleaseBundleForm, {"change": "CHG0000042"})
    def bundle(self, request: Request, number: str) -> Response:
        return self.do("work_release", shapes.ReleaseBundleForm, services.bundle)

    @act("Record a test of the plan", shapes.ReleaseTestForm, {"result": "passed", "words": "On the copy."})
    def record_test(self, request: Request, number: str) -> Response:
        return self.do("work_release", shapes.ReleaseTestForm, services.record_test)

    @act("Find it ready for deployment", NothingForm, {})
    def make_ready(self, request: Request, number: str) -> Response:
        return self.move("make_ready", NothingForm, services.make_ready)

    @act("Go back to the plan", shapes.ReleaseReasonForm, {"reason": "One more server."})
    def replan(self, request: Request, number: str) -> Response:
        return self.move("replan", shapes.ReleaseReasonForm, services.replan)

    @act("Begin the deployment", NothingForm, {})
    def deploy(self, request: Request, number: str) -> Response:
        return self.move("deploy", NothingForm, deploying.deploy)

    @act("A step is done", shapes.ReleaseStepForm, {"step": 7, "result": "Installed in ten minutes."})
    def finish_step(self, request: Request, number: str) -> Response:
        def finish(row: Release, *, step: int, **facts: Any) -> None:
            deploying.finish_step(row, step, **facts)

        return self.do("work_release", shapes.ReleaseStepForm, finish)

    @act(
        "Decide: go on or back out",
        shapes.ReleaseDecideForm,
        {"decision": "go", "words": "All tests passed."},
    )
    def decide(self, request: Request, number: str) -> Response:
        return self.do("decide_release", shapes.ReleaseDecideForm, deploying.decide)

    @act("Put it into service", NothingForm, {})
    def put_in_service(self, request: Request, number: str) -> Response:
        return self.move("put_in_service", NothingForm, deploying.put_in_service)

    @act("It is backed out", NothingForm, {})
    def back_out(self, request: Request, number: str) -> Response:
        return self.move("back_out", NothingForm, deploying.back_out)

    @act("It failed and is not backed out", shapes.ReleaseReasonForm, {"reason": "The data cannot go back."})
    def give_up(self, request: Request, number: str) -> Response:
        return self.move("give_up", shapes.ReleaseReasonForm, deploying.give_up)

    @act("Record an observation", shapes.ReleaseObserveForm, {"sort": "operation", "words": "No complaint."})
    def observe(self, request: Request, number: str) -> Response:
        return self.do("work_release", shapes.ReleaseObserveForm, reporting.observe)

    @act("Say whether an incident has to do with it", shapes.ReleaseJudgeForm,
         {"incident": "INC0000042", "is_related": True})  # fmt: skip
    def judge_incident(self, request: Request, number: str) -> Response:
        return self.do("work_release", shapes.ReleaseJudgeForm, reporting.judge_incident)

    @act("End the monitoring", NothingForm, {})
    def end_monitoring(self, request: Request, number: str) -> Response:
        return self.move("end_monitoring", NothingForm, reporting.end_monitoring)

    @act(
        "Hand the report in",
        shapes.ReleaseReportForm,
        {"analysis": "As planned.", "conclusions": "Do it again."},
    )
    def hand_in_report(self, request: Request, number: str) -> Response:
        return self.move("hand_in_report", shapes.ReleaseReportForm, reporting.hand_in)

    @act("Give the report back", shapes.ReleaseReasonForm, {"reason": "Why was it slow?"})
    def return_report(self, request: Request, number: str) -> Response:
        return self.move("return_report", shapes.ReleaseReasonForm, reporting.return_report)

    @act("Review the conclusions", shapes.ReleaseReviewForm, {"words": "I agree."})
    def review_report(self, request: Request, number: str) -> Response:
        return self.move("review_report", shapes.ReleaseReviewForm, reporting.review)

    @act("Call it off", shapes.ReleaseReasonForm, {"reason": "The supplier withdrew it."})
    def call_off_release(self, request: Request, number: str) -> Response:
        return self.move("call_off_release", shapes.ReleaseReasonForm, services.call_off)

    @extend_schema(
        summary="Figures of a quarter or a year",
        responses=OpenApiTypes.OBJECT,
        parameters=[
            OpenApiParameter("period", str, description="2026-Q1 or 2026; the present quarter if missing.")
        ],
        filters=False,
        tags=["releases"],
    )
    @action(detail=False, methods=["get"])
    def figures(self, request: Request) -> Response:
        require(self.actor, "directory")
        asked = request.query_params.get("period", "")
        zone, today = timezone.get_default_timezone(), timezone.localdate(self.now)
        period = spans.read(asked, figures.SPANS, today=today, zone=zone)
        if asked and period.code != asked:
            raise refuse("period", _("Write a period as 2026-Q1 or 2026."), "invalid")
        return Response({"period": period.code, **figures.of(period, self.actor).dump()})


class Activities(below.Activities):
    """The timeline of a release."""

    kind = Kind.RELEASE.value


router = SimpleRouter()
router.register("releases", Releases, basename="releases")
router.register(f"releases/(?P<number>{NUMBER})/activities", Activities, basename="release-activities")
urlpatterns = router.urls
