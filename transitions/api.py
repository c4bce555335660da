"""Service transitions over HTTP, /api/v1/transitions/: begun, written, taken through their states."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from catalog.models import Service
from itsm.rest import schema, versions
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Strict
from itsm.rest.views import created
from records import api as below
from records.kinds import Kind
from releases import api_parts
from releases.api_base import NUMBER, NothingForm, operation
from transitions import lifecycle, services, templates
from transitions.api_shapes import (
    TransitionConcludeForm,
    TransitionDetailShape,
    TransitionExemptForm,
    TransitionObserveForm,
    TransitionOpenForm,
    TransitionPatchForm,
    TransitionReasonForm,
    TransitionShape,
)
from transitions.models import Nature, State, Transition

NEW = {"title": "New mail", "nature": "new", "lead": "slm", "template": "std-new"}


class TransitionFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=State.choices)
    nature = Several(choices=Nature.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    service = NamedFilter(field_name="about", rows=lambda actor: Service.objects.all(), code="code")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lt")


def act(summary: str, form: type[Strict], example: dict[str, Any]) -> Callable[..., Any]:
    return operation(summary, form, TransitionDetailShape, "transitions", example)


@api_parts.described(TransitionDetailShape, "transitions")
@extend_schema_view(list=extend_schema(summary="Service transitions", tags=["transitions"]))
class Transitions(api_parts.Parts):
    rules = services.RULES
    queryset = Transition.objects.none()
    serializer_class = TransitionShape
    detail_shape = TransitionDetailShape
    filterset_class = TransitionFilters
    orderings = {"opened_at": SortKey("opened_at"), "updated_at": SortKey("updated_at")}
    ordering = "-opened_at"
    problems_of = {
        "partial_update": ("illegal-move",),
        **dict.fromkeys(lifecycle.LIFECYCLE.moves, ("illegal-move", "stale")),
        **dict.fromkeys(("exempt", "observe"), ("illegal-move",)),
        **api_parts.PROBLEMS,
    }

    def get_queryset(self) -> QuerySet[Transition]:
        rows: QuerySet[Transition] = Transition.objects.visible_to(self.actor)
        return rows.select_related("customer", "about", "predecessor", "assignee", "agreement", "requirement")

    @extend_schema(
        summary="One transition", responses=TransitionDetailShape, tags=["transitions"], filters=False
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Begin a transition",
        request=TransitionOpenForm,
        responses={201: TransitionDetailShape},
        examples=[OpenApiExample("A new service", value=NEW, request_only=True)],
        tags=["transitions"],
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_transitions")
        asked = self.read(TransitionOpenForm)
        template = asked.pop("template", None)
        edition = templates.newest(template) if template else None
        made = services.open_transition(**asked, template=edition, actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.shown(self.one())
        url = reverse("api:transitions-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Write what design and plan say",
        request=TransitionPatchForm,
        responses=TransitionDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("The goals", value={"goals": "Mail on the phone."}, request_only=True)],
        tags=["transitions"],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "work_transition", row)
        expected = versions.expected(request, row.version, required=True)
        services.write(
            row, self.read(TransitionPatchForm), actor=self.actor, now=self.now, expected_version=expected
        )
        return self.answer()

    @act("Settle the design", NothingForm, {})
    def settle_design(self, request: Request, number: str) -> Response:
        return self.move("settle_design", NothingForm, services.settle_design)

    @act("Begin the implementation", NothingForm, {})
    def begin_switch(self, request: Request, number: str) -> Response:
        return self.move("begin_switch", NothingForm, services.begin_switch)

    @act("Go live", NothingForm, {})
    def go_live(self, request: Request, number: str) -> Response:
        return self.move("go_live", NothingForm, services.go_live)

    @act("Take the service out", NothingForm, {})
    def take_out(self, request: Request, number: str) -> Response:
        return self.move("take_out", NothingForm, services.take_out)

    @act("Go back to the preparation", TransitionReasonForm, {"reason": "The line is not there yet."})
    def step_back(self, request: Request, number: str) -> Response:
        return self.move("step_back", TransitionReasonForm, services.step_back)

    @act("Close it after the watch", TransitionConcludeForm, {"conclusion": "It went well."})
    def end_watch(self, request: Request, number: str) -> Response:
        return self.move("end_watch", TransitionConcludeForm, services.end_watch)

    @act("Give it up", TransitionReasonForm, {"reason": "There is no budget."})
    def abandon(self, request: Request, number: str) -> Response:
        return self.move("abandon", TransitionReasonForm, services.abandon)

    @act(
        "Go live without something",
        TransitionExemptForm,
        {"point": "knowledge", "reason": "Written next week."},
    )
    def exempt(self, request: Request, number: str) -> Response:
        return self.do("exempt_gate", TransitionExemptForm, services.exempt)

    @act(
        "Record an observation",
        TransitionObserveForm,
        {"sort": "operation", "words": "No complaint in a week."},
    )
    def observe(self, request: Request, number: str) -> Response:
        return self.do("work_transition", TransitionObserveForm, services.observe)


class Activities(below.Activities):
    """The timeline of a transition."""

    kind = Kind.TRANSITION.value


router = SimpleRouter()
router.register("transitions", Transitions, basename="transitions")
router.register(f"transitions/(?P<number>{NUMBER})/activities", Activities, basename="transition-activities")
urlpatterns = router.urls
