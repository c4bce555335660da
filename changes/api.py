"""Changes over HTTP, /api/v1/changes/, with their models and the unauthorised ones. For the desk's side."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import catalog.queries
from accounts.access import require
from changes import api_shapes as shapes
from changes import lifecycle, queries, services, unauthorised, writing
from changes.api_moves import Moves, available
from changes.models import Change, ChangeTemplate, State, UnauthorisedChange
from itsm.rest import schema, versions
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.views import ReadOnly, created
from records import api as below
from records.kinds import Kind
from records.services import Stale

NUMBER = "[A-Za-z]{1,6}[0-9]{1,15}"
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
RAISED = {
    "title": "Upgrade the mail gateway to 2.4", "category": "normal", "nature": "component",
    "description": "From 2.3 to 2.4.", "reason": "2.3 is no longer supported.",
    "expected_effect": "Mail is delivered within a minute.", "items": ["SRV000012"], "services": ["email"],
    "caused_by": "INC0001042",
}  # fmt: skip
TAKEN = {"category": "standard", "model": "gateway-restart", "reason": "The queue grows."}
REWRITTEN = {"plan": "1. Snapshot. 2. Install. 3. Check.", "planned_start_at": "2026-03-04T22:00:00+08:00",
             "planned_end_at": "2026-03-05T00:00:00+08:00"}  # fmt: skip


class ChangeFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit. ``planned_after`` and
    ``planned_before`` find what is planned with a part in a span."""

    state = Several(choices=State.choices)
    category = Several(choices=Change.Category.choices)
    nature = Several(choices=Change.Nature.choices)
    outcome = Several(choices=Change.Outcome.choices)
    risk = framework.NumberFilter(min_value=1, max_value=4)
    major = FlagFilter(field_name="is_major")
    open = FlagFilter(method="by_open")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    service = NamedFilter(field_name="change_services__service", rows=catalog.queries.nameable, code="code")
    item = NamedFilter(field_name="change_items__item", rows=shapes.items, code="number")
    assignee = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)
    planned_after = InstantFilter(field_name="planned_end_at", lookup_expr="gt")
    planned_before = InstantFilter(field_name="planned_start_at", lookup_expr="lt")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")

    def by_open(self, rows: QuerySet[Change], name: str, value: bool) -> QuerySet[Change]:
        held = lifecycle.UNFINISHED
        return rows.filter(state__in=held) if value else rows.exclude(state__in=held)


@extend_schema_view(list=extend_schema(summary="Changes", tags=["changes"]))
class Changes(mixins.ListModelMixin, Moves):
    queryset = Change.objects.none()
    serializer_class = shapes.ChangeRowShape
    filterset_class = ChangeFilters
    orderings = {
        "opened_at": SortKey("opened_at"), "updated_at": SortKey("updated_at"), "id": SortKey("id"),
    }  # fmt: skip
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER

    def get_queryset(self) -> QuerySet[Change]:
        require(self.actor, "directory")
        rows = queries.with_counts(Change.objects.visible_to(self.actor))
        return rows.select_related("customer", "requester", "assignee", "owner", "agreement").distinct()

    def change(self) -> Change:
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def shown(self, row: Change) -> Any:
        is_open = row.state in lifecycle.WRITABLE and row.category != lifecycle.STANDARD
        known = {"moves": available(row, self.actor), "now": self.now, "is_open": is_open}
        return shapes.ChangeDetailShape(row, context={**self.get_serializer_context(), **known}).data

    def answer(self) -> Response:
        row = self.change()
        return Response(self.shown(row), headers={"ETag": versions.etag(row.version)})

    @extend_schema(summary="One change", responses=shapes.ChangeDetailShape, tags=["changes"], filters=False)
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Ask for a change", request=shapes.RaiseChangeForm, responses={201: shapes.ChangeDetailShape},
        tags=["changes"],
        examples=[
            OpenApiExample("A normal change", value=RAISED, request_only=True),
            OpenApiExample("A standard change", value=TAKEN, request_only=True),
        ],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "raise_change")
        form = shapes.RaiseChangeForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = services.open_change(**form.facts(), actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.shown(self.change())
        url = reverse("api:changes-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Write facts and plan of a change", request=shapes.ChangeFactsForm,
        responses=shapes.ChangeDetailShape, parameters=[schema.IF_MATCH], tags=["changes"], filters=False,
        description="What was approved and is altered has to be approved anew.",
        examples=[OpenApiExample("A plan", value=REWRITTEN, request_only=True)],
    )  # fmt: skip
    def partial_update(self, request: Request, number: str) -> Response:
        row = self.change()
        require(self.actor, "work_change", row)
        expected = versions.expected(request, row.version, required=True)
        form = shapes.ChangeFactsForm(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        writing.write(row, form.validated_data, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer()


class Activities(below.Activities):
    """The timeline of a change."""

    kind = Kind.CHANGE.value


@extend_schema_view(
    list=extend_schema(summary="Models of standard changes", tags=["change-models"]),
    retrieve=extend_schema(summary="One edition of a model", tags=["change-models"], parameters=[ID]),
)
class Templates(ReadOnly):
    queryset = ChangeTemplate.objects.none()
    serializer_class = shapes.ChangeModelShape
    orderings = {"id": SortKey("id")}
    ordering = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ChangeTemplate]:
        require(self.actor, "directory")
        return ChangeTemplate.objects.select_related("service")


class FoundFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=UnauthorisedChange.State.choices)
    item = NamedFilter(rows=shapes.items, code="number")
    found_after = InstantFilter(field_name="found_at", lookup_expr="gte")
    found_before = InstantFilter(field_name="found_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Unauthorised changes", tags=["unauthorised-changes"]),
    retrieve=extend_schema(summary="One unauthorised change", tags=["unauthorised-changes"], parameters=[ID]),
)
class Unauthorised(ReadOnly):
    queryset = UnauthorisedChange.objects.none()
    serializer_class = shapes.UnauthorisedShape
    filterset_class = FoundFilters
    orderings = {"found_at": SortKey("found_at"), "id": SortKey("id")}
    ordering = "-found_at"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[UnauthorisedChange]:
        require(self.actor, "directory")
        return UnauthorisedChange.objects.shown_to(self.actor)

    def answer(self, pk: int) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data)

    @extend_schema(
        summary="Report an unauthorised change", request=shapes.UnauthorisedForm,
        responses={201: shapes.UnauthorisedShape}, tags=["unauthorised-changes"],
        examples=[OpenApiExample(
            "Found by a scan", value={"item": "SRV000012", "found": "Port 25 is open"}, request_only=True
        )],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "report_unauthorised")
        form = shapes.UnauthorisedForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        facts = {"cause": None, **form.validated_data}
        made = unauthorised.record(**facts, actor=self.actor, now=self.now)
        url = reverse("api:unauthorised-changes-detail", [made.pk], request=request)
        return created(self.answer(made.pk).data, url)

    @extend_schema(
        summary="Make it a regular emergency change", request=shapes.RegulariseForm,
        responses=shapes.UnauthorisedShape, tags=["unauthorised-changes"], parameters=[ID], filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def regularise(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "settle_unauthorised")
        form = shapes.RegulariseForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        unauthorised.regularise(row, **form.validated_data, actor=self.actor, now=self.now)
        return self.answer(row.pk)

    @extend_schema(
        summary="Record it as backed out", request=shapes.BackOutForm,
        responses=shapes.UnauthorisedShape, tags=["unauthorised-changes"], parameters=[ID], filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def back_out(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "settle_unauthorised")
        form = shapes.BackOutForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        unauthorised.back_out(row, **form.validated_data, actor=self.actor, now=self.now)
        return self.answer(row.pk)


router = SimpleRouter()
router.register("changes", Changes, basename="changes")
router.register(f"changes/(?P<number>{NUMBER})/activities", Activities, basename="change-activities")
router.register("change-models", Templates, basename="change-models")
router.register("unauthorised-changes", Unauthorised, basename="unauthorised-changes")
urlpatterns = router.urls
