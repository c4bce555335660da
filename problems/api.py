"""Problems over HTTP, /api/v1/problems/, with the routes of known errors. For the desk's side only."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import may, require
from itsm.rest import schema, versions
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet, created
from problems import analysis, api_known, lifecycle, services
from problems import api_shapes as shapes
from problems.models import Outcome, Problem, Source, State
from records import api as below
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.services import Stale

NUMBER = "[A-Za-z]{1,6}[0-9]{1,15}"
WORKED_ON = lifecycle.WORKED_ON
RAISED = {"title": "The outbox fills up", "source": "second_line", "incident": "INC0001042"}


class ProblemFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(choices=State.choices)
    source = Several(choices=Source.choices)
    outcome = Several(choices=Outcome.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    service = NamedFilter(rows=shapes.services, code="code")
    expert = NamedFilter(field_name="assignee", rows=accounts.queries.everybody, code="username", people=True)
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lt")


def operation(summary: str, form: type[Strict], example: Mapping[str, Any]) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=shapes.ProblemDetailShape,
            parameters=[schema.IF_MATCH],
            examples=[OpenApiExample(summary, value=dict(example), request_only=True)], filters=False,
            tags=["problems"],
        )(handler)  # fmt: skip
        name = handler.__name__
        return action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))(
            described
        )

    return decorate


@extend_schema_view(list=extend_schema(summary="Problems", tags=["problems"]))
class Problems(mixins.ListModelMixin, ViewSet):
    queryset = Problem.objects.none()
    serializer_class = shapes.ProblemShape
    filterset_class = ProblemFilters
    orderings = {"opened_at": SortKey("opened_at"), "updated_at": SortKey("updated_at")}
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER

    def get_queryset(self) -> QuerySet[Problem]:
        require(self.actor, "directory")
        rows: QuerySet[Problem] = Problem.objects.visible_to(self.actor)
        return rows.select_related("customer", "service", "requester", "assignee")

    def problem(self) -> Problem:
        """The problem of the path; 404 where it is invisible."""
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def shown(self, row: Problem) -> Any:
        moves = [m for m in lifecycle.LIFECYCLE.legal_moves(row.state) if may(self.actor, m, row)]
        context = {**self.get_serializer_context(), "moves": moves}
        return shapes.ProblemDetailShape(row, context=context).data

    def answer(self) -> Response:
        row = self.problem()
        return Response(self.shown(row), headers={"ETag": versions.etag(row.version)})

    @extend_schema(
        summary="One problem", responses=shapes.ProblemDetailShape, tags=["problems"], filters=False
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Raise a problem",
        request=shapes.ProblemRaiseForm,
        responses={201: shapes.ProblemDetailShape},
        examples=[OpenApiExample("Behind an incident", value=RAISED, request_only=True)],
        tags=["problems"],
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "raise_problem")
        form = shapes.ProblemRaiseForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = services.open_problem(**form.facts(), actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.shown(self.problem())
        url = reverse("api:problems-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    def take(
        self,
        act: str,
        form: type[Strict],
        verb: Callable[..., Any],
        *,
        states: frozenset[str] | None = None,
        versioned: bool = True,
    ) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        row = self.problem()
        require(self.actor, act, row)
        expected = versions.expected(self.request, row.version, required=False)
        if expected is not None and expected != row.version:
            raise Stale(row, expected)
        if row.state not in (lifecycle.LIFECYCLE.moves[act][0] if states is None else states):
            raise IllegalMove(act, row.state, lifecycle.LIFECYCLE.legal_moves(row.state))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing = {"expected_version": expected} if versioned else {}
        verb(row, **asked.validated_data, **doing, actor=self.actor, now=self.now)
        return self.answer()

    def analyse(self, form: type[Strict], verb: Callable[..., Any], **how: Any) -> Response:
        """An act on cause, effect and solutions."""
        return self.take("analyse_problem", form, verb, **{"states": WORKED_ON, **how})

    @operation("Accept it and assign the expert", shapes.ProblemExpertForm, {"expert": "li.na"})
    def accept(self, request: Request, number: str) -> Response:
        return self.take("accept_problem", shapes.ProblemExpertForm, services.accept)

    @operation("Reject it", shapes.ProblemReasonForm, {"reason": "One user, one click."})
    def reject(self, request: Request, number: str) -> Response:
        return self.take("reject_problem", shapes.ProblemReasonForm, services.reject)

    @operation("Give it to another expert", shapes.ProblemExpertForm, {"expert": "li.na"})
    def assign_expert(self, request: Request, number: str) -> Response:
        return self.take("assign_expert", shapes.ProblemExpertForm, services.assign_expert, states=WORKED_ON)

    @operation("Write the effect", shapes.ProblemEffectForm, {"scope": "All of Acme", "severity": "serious"})
    def effect(self, request: Request, number: str) -> Response:
        return self.take(
            "analyse_problem", shapes.ProblemEffectForm, services.write_effect, states=lifecycle.OPEN
        )

    @operation("Add a why", shapes.ProblemWhyForm, {"question": "Why?", "answer": "The disk was full."})
    def why(self, request: Request, number: str) -> Response:
        return self.analyse(shapes.ProblemWhyForm, analysis.write_why)

    @operation("Add a hypothesis", shapes.ProblemCauseForm, {"text": "The queue", "category": "technology"})
    def cause(self, request: Request, number: str) -> Response:
        return self.analyse(shapes.ProblemCauseForm, analysis.add_cause)

    @operation(
        "Judge a hypothesis",
        shapes.ProblemJudgeCauseForm,
        {"cause": 7, "state": "confirmed", "check_words": "Read the log.", "is_root": True},
    )
    def judge_cause(self, request: Request, number: str) -> Response:
        return self.take(
            "analyse_problem", shapes.ProblemJudgeCauseForm, analysis.judge_cause, states=WORKED_ON
        )

    @operation("Propose a solution", shapes.ProblemSolutionForm, {"text": "A bigger queue", "effort": "Low"})
    def solution(self, request: Request, number: str) -> Response:
        return self.take(
            "analyse_problem", shapes.ProblemSolutionForm, analysis.add_solution, states=WORKED_ON
        )

    @operation("Choose a solution", shapes.ProblemChooseForm, {"solution": 3})
    def choose_solution(self, request: Request, number: str) -> Response:
        return self.take(
            "analyse_problem", shapes.ProblemChooseForm, analysis.choose_solution, states=WORKED_ON
        )

    @operation("Begin the solution", shapes.ProblemNothingForm, {})
    def begin_solution(self, request: Request, number: str) -> Response:
        return self.take("begin_solution", shapes.ProblemNothingForm, services.begin_solution)

    @operation("Verify the chosen solution", shapes.ProblemVerifyForm, {"verification": "A week without."})
    def verify_solution(self, request: Request, number: str) -> Response:
        return self.take(
            "verify_solution", shapes.ProblemVerifyForm, analysis.verify_solution, states=WORKED_ON
        )

    @operation("Back to the analysis", shapes.ProblemReasonForm, {"reason": "It filled up again."})
    def resume_analysis(self, request: Request, number: str) -> Response:
        return self.take("resume_analysis", shapes.ProblemReasonForm, services.resume_analysis)

    @operation(
        "Close it with one outcome",
        shapes.ProblemCloseForm,
        {"outcome": "solved", "summary": "The queue was too small.", "prevention": "Capacity is watched."},
    )
    def close(self, request: Request, number: str) -> Response:
        return self.take("solve_problem", shapes.ProblemCloseForm, services.close)

    @operation("Reopen it", shapes.ProblemReasonForm, {"reason": "It came again."})
    def reopen(self, request: Request, number: str) -> Response:
        return self.take("reopen_problem", shapes.ProblemReasonForm, services.reopen)

    @operation("Put an incident behind it", shapes.ProblemGatherForm, {"incident": "INC0001042"})
    def gather(self, request: Request, number: str) -> Response:
        return self.take(
            "link", shapes.ProblemGatherForm, services.add_incident, states=lifecycle.OPEN, versioned=False
        )

    @operation("Pass it to a change", shapes.ProblemPassForm, {"change": "CHG0000007"})
    def pass_to_change(self, request: Request, number: str) -> Response:
        return self.take(
            "analyse_problem",
            shapes.ProblemPassForm,
            services.pass_to_change,
            states=WORKED_ON,
            versioned=False,
        )

    @operation(
        "Judge what looks like it came again",
        shapes.ProblemJudgeRecurrenceForm,
        {"recurrence": 5, "came_again": True, "reason": "The same log."},
    )
    def judge_recurrence(self, request: Request, number: str) -> Response:
        return self.take(
            "judge_recurrence", shapes.ProblemJudgeRecurrenceForm, services.judge_recurrence,
            states=lifecycle.LIFECYCLE.states(), versioned=False,
        )  # fmt: skip


class Activities(below.Activities):
    """The timeline of a problem."""

    kind = Kind.PROBLEM.value


router = SimpleRouter()
router.register("problems", Problems, basename="problems")
router.register(f"problems/(?P<number>{NUMBER})/activities", Activities, basename="problem-activities")
router.register("known-errors", api_known.KnownErrors, basename="known-errors")
urlpatterns = router.urls
