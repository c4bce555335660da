"""Service level requirements over HTTP: /api/v1/requirements/, from a need to a draft agreement.

Customers raise needs and read what the portal shows them; everything else is for the desk's side.
"""

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
from accounts.models import User
from itsm.rest import schema, versions
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet, created
from planning import agreeing, designs, lifecycle, services
from planning.api_shapes import (
    DeclineForm,
    DefineForm,
    DraftForm,
    FixForm,
    NothingForm,
    PatchForm,
    RaiseForm,
    RequirementDetailShape,
    RequirementShape,
)
from planning.models import ServiceLevelRequirement, State
from records import api as below
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.services import Stale

NUMBER = "[A-Za-z]{1,6}[0-9]{1,15}"
PATCH = {"content": {"calendar": "office-8x5"}, "reason": "The plant runs in shifts now."}
NEED = {"title": "Mail at weekends", "expectation": "Mail must run at weekends too.", "service": "email"}


class RequirementFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=State.choices)
    trigger = Several(choices=ServiceLevelRequirement.Trigger.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lt")


def operation(summary: str, form: type[Strict], example: Mapping[str, Any]) -> Callable[..., Any]:
    """A move as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=RequirementDetailShape, parameters=[schema.IF_MATCH],
            examples=[OpenApiExample(summary, value=dict(example), request_only=True)], filters=False,
            tags=["requirements"],
        )(handler)  # fmt: skip
        name = handler.__name__
        return action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))(
            described
        )

    return decorate


@extend_schema_view(list=extend_schema(summary="Service level requirements", tags=["requirements"]))
class Requirements(mixins.ListModelMixin, ViewSet):
    queryset = ServiceLevelRequirement.objects.none()
    serializer_class = RequirementShape
    filterset_class = RequirementFilters
    orderings = {"opened_at": SortKey("opened_at"), "updated_at": SortKey("updated_at")}
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER
    problems_of = {
        "partial_update": ("illegal-move",),
        **dict.fromkeys(lifecycle.LIFECYCLE.moves, ("illegal-move", "stale")),
    }

    def get_queryset(self) -> QuerySet[ServiceLevelRequirement]:
        rows: QuerySet[ServiceLevelRequirement] = ServiceLevelRequirement.objects.visible_to(self.actor)
        return rows.select_related("customer", "service", "agreement", "requester", "assignee")

    def requirement(self) -> ServiceLevelRequirement:
        """The requirement of the path; 404 where it is invisible."""
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def shown(self, row: ServiceLevelRequirement) -> Any:
        context = {**self.get_serializer_context(), "moves": self.moves(row)}
        shape = RequirementDetailShape if self.actor.is_desk_side else RequirementShape
        return shape(row, context=context).data

    def moves(self, row: ServiceLevelRequirement) -> list[str]:
        return [act for act in lifecycle.LIFECYCLE.legal_moves(row.state) if may(self.actor, act, row)]

    def answer(self) -> Response:
        row = self.requirement()
        return Response(self.shown(row), headers={"ETag": versions.etag(row.version)})

    @extend_schema(
        summary="One requirement", responses=RequirementDetailShape, tags=["requirements"], filters=False
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Raise a need",
        request=RaiseForm,
        responses={201: RequirementDetailShape},
        examples=[OpenApiExample("As a customer", value=NEED, request_only=True)],
        tags=["requirements"],
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "raise_need")
        form = RaiseForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        customer = asked.pop("customer", None)
        if customer is None:
            if self.actor.is_desk_side:
                raise refuse("customer", _("Say whose need it is."), "required")
            customer = User.objects.select_related("organisation").get(pk=self.actor.user_id).organisation
        made = services.raise_need(**asked, customer=customer, actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.shown(self.requirement())
        url = reverse("api:requirements-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Write what it says",
        request=PatchForm,
        responses=RequirementDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("Other hours", value=PATCH, request_only=True)],
        tags=["requirements"],
    )  # fmt: skip
    def partial_update(self, request: Request, number: str) -> Response:
        row = self.requirement()
        require(self.actor, "amend", row)
        expected = versions.expected(request, row.version, required=True)
        form = PatchForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data["content"]
        whole = {**row.content, **given} if isinstance(given, Mapping) else given
        reason = form.validated_data["reason"]
        services.amend(row, whole, reason=reason, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer()

    def move(
        self, name: str, form: type[Strict], verb: Callable[..., Any], *, versioned: bool = True
    ) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        row = self.requirement()
        require(self.actor, name, row)
        expected = versions.expected(self.request, row.version, required=False)
        if expected is not None and expected != row.version:
            raise Stale(row, expected)
        if name not in lifecycle.LIFECYCLE.legal_moves(row.state):
            raise IllegalMove(name, row.state, tuple(self.moves(row)))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing = {"expected_version": expected} if versioned else {}
        verb(row, **asked.validated_data, **doing, actor=self.actor, now=self.now)
        return self.answer()

    @operation("Begin to define it", DefineForm, {"responsible": "slm"})
    def define(self, request: Request, number: str) -> Response:
        return self.move("define", DefineForm, services.define, versioned=False)

    @operation("Fix the baseline", FixForm, {"reason": "The plant runs in shifts now."})
    def fix_baseline(self, request: Request, number: str) -> Response:
        return self.move("fix_baseline", FixForm, services.fix_baseline)

    @operation("Finish the planning", NothingForm, {})
    def plan_service(self, request: Request, number: str) -> Response:
        return self.move("plan_service", NothingForm, designs.plan_service)

    @operation(
        "Draft the agreement",
        DraftForm,
        {"agreement": "acme-sla", "package": "desk-rule", "effective_from": "2026-04-01T00:00:00+08:00"},
    )
    def make_agreement(self, request: Request, number: str) -> Response:
        return self.move("make_agreement", DraftForm, agreeing.draft, versioned=False)

    @operation("Decline it", DeclineForm, {"reason": "There is no staff at weekends."})
    def decline(self, request: Request, number: str) -> Response:
        return self.move("decline", DeclineForm, services.decline)


class Activities(below.Activities):
    """The timeline of a requirement; customers read what is public."""

    kind = Kind.REQUIREMENT.value


router = SimpleRouter()
router.register("requirements", Requirements, basename="requirements")
router.register(
    f"requirements/(?P<number>{NUMBER})/activities", Activities, basename="requirement-activities"
)
urlpatterns = router.urls
