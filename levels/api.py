"""Levels over HTTP: outages, planned interruptions, measured values, standings and the ledger."""

import zoneinfo
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import may, require
from catalog.models import Service
from itsm.rest import schema, versions
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem, refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import ReadOnly, created
from levels import api_shapes as shapes
from levels import credits as ledger
from levels import queries, services, values
from levels.models import CreditEntry, MeasuredValue, Outage, PlannedInterruption, Source
from levels.standing import standings
from records import spans
from sla.models import Agreement, MeasuredTarget

ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
TAGS = ["levels"]
DOWN = {
    "service": "erp", "started_at": "2026-03-02T02:00:00Z", "ended_at": "2026-03-02T03:10:00Z",
    "told_at": "2026-03-02T03:20:00Z", "source": "monitoring", "reference": "alert-4711",
}  # fmt: skip
CALLS = {
    "service": "workplace", "measure": "answer_rate", "started_at": "2026-03-01T16:00:00Z",
    "ended_at": "2026-03-02T16:00:00Z", "numerator": "57", "denominator": "61", "source": "calls",
}  # fmt: skip
PLANNED = {
    "services": ["erp"], "customers": ["xinghe"], "starts_at": "2026-03-07T12:00:00Z",
    "ends_at": "2026-03-07T15:00:00Z", "reason_en": "Database maintenance", "reason_zh": "数据库维护",
    "agreed_with": "He Jing",
}  # fmt: skip
MOVED = {
    "starts_at": "2026-03-14T12:00:00Z", "ends_at": "2026-03-14T15:00:00Z", "reason": "Parts are late",
}  # fmt: skip


def every_service(actor: Any) -> QuerySet[Service]:
    return Service.objects.all()


class Writes(ReadOnly):
    """What the views that write share."""

    lookup_value_regex = "[0-9]{1,18}"

    def read(self, form: type[Strict], **more: Any) -> dict[str, Any]:
        """The checked body of the request."""
        found = form(data=self.request.data, context=self.get_serializer_context(), **more)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def shown(self, pk: int) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=pk)).data

    def answer(self, pk: int) -> Response:
        data = self.shown(pk)
        return Response(data, headers={"ETag": versions.etag(data["version"])})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object().pk)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.Stale):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.row.version)})
        return super().handle_exception(exc)


# --- outages --------------------------------------------------------------------------------------


class OutageFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    service = NamedFilter(rows=every_service, code="code")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    source = Several(choices=Source.choices)
    open = FlagFilter(field_name="ended_at", lookup_expr="isnull", label=gettext_lazy("It goes on."))
    withdrawn = FlagFilter(field_name="withdrawn_at", lookup_expr="isnull", exclude=True)
    started_after = InstantFilter(field_name="started_at", lookup_expr="gte")
    started_before = InstantFilter(field_name="started_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Outages of services", tags=TAGS),
    retrieve=extend_schema(summary="One outage", tags=TAGS),
)
class Outages(Writes):
    """For the desk side. Corrections need the ETag; the history keeps what was said before."""

    queryset = Outage.objects.none()
    serializer_class = shapes.OutageShape
    filterset_class = OutageFilters
    orderings = {"started_at": SortKey("started_at"), "id": SortKey("id")}
    ordering = "-started_at"

    def get_queryset(self) -> QuerySet[Outage]:
        rows: QuerySet[Outage] = Outage.objects.visible_to(self.actor)
        return rows.select_related("service", "customer", "record", "recorded_by").prefetch_related(
            "exclusions"
        )

    @extend_schema(
        summary="Record an outage",
        request=shapes.OutageForm,
        responses={201: shapes.OutageShape, 200: shapes.OutageShape},
        examples=[OpenApiExample("From monitoring", value=DOWN, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "record_outage")
        made = services.record_outage(**self.read(shapes.OutageForm), actor=self.actor, now=self.now)
        data = self.shown(made.pk)
        tag = versions.etag(data["version"])
        # the same reference is the same outage, told as it is
        return created(data, data["url"], ETag=tag) if made.is_new else Response(data, headers={"ETag": tag})

    @extend_schema(
        summary="End or correct an outage",
        request=shapes.OutageTimes,
        responses=shapes.OutageShape,
        parameters=[ID, schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("It is over", value={"ended_at": DOWN["ended_at"]}, request_only=True)],
        tags=TAGS,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "record_outage")
        expected = versions.expected(request, row.version, required=True)
        changes = self.read(shapes.OutageTimes, partial=True)
        services.correct_outage(row, changes, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(row.pk)

    @extend_schema(
        summary="Withdraw an outage recorded by mistake",
        request=shapes.Because,
        responses=shapes.OutageShape,
        parameters=[ID],
        examples=[OpenApiExample("A mistake", value={"reason": "Recorded twice"}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "record_outage")
        services.withdraw_outage(row, **self.read(shapes.Because), actor=self.actor, now=self.now)
        return self.answer(row.pk)


# --- planned interruptions ---------------------------------------------------------------------------


class InterruptionFilters(framework.FilterSet):  # type: ignore[misc]
    service = NamedFilter(field_name="services", rows=every_service, code="code")
    cancelled = FlagFilter(field_name="cancelled_at", lookup_expr="isnull", exclude=True)
    starts_after = InstantFilter(field_name="starts_at", lookup_expr="gte")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Planned interruptions", tags=TAGS),
    retrieve=extend_schema(summary="One planned interruption", tags=TAGS),
)
class Interruptions(Writes):
    """For the desk side; announced and cancelled by managers and programs."""

    queryset = PlannedInterruption.objects.none()
    serializer_class = shapes.InterruptionShape
    filterset_class = InterruptionFilters
    orderings = {"starts_at": SortKey("starts_at"), "id": SortKey("id")}
    ordering = "-starts_at"

    def get_queryset(self) -> QuerySet[PlannedInterruption]:
        rows: QuerySet[PlannedInterruption] = PlannedInterruption.objects.visible_to(self.actor)
        return rows.select_related("announced_by").prefetch_related("services", "customers")

    @extend_schema(
        summary="Announce an interruption to come",
        request=shapes.InterruptionForm,
        responses={201: shapes.InterruptionShape},
        examples=[OpenApiExample("Maintenance", value=PLANNED, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "plan_interruption")
        made = services.announce(**self.read(shapes.InterruptionForm), actor=self.actor, now=self.now)
        data = self.shown(made.pk)
        return created(data, data["url"], ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Cancel an interruption before it begins",
        request=shapes.Because,
        responses=shapes.InterruptionShape,
        parameters=[ID, schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("Postponed", value={"reason": "Postponed to May"}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "plan_interruption")
        expected = versions.expected(request, row.version, required=True)
        because = self.read(shapes.Because)
        services.cancel(row, **because, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(row.pk)

    @extend_schema(
        summary="Give it another time: the old one is cancelled, the new one is answered",
        request=shapes.MoveForm,
        responses={201: shapes.InterruptionShape},
        parameters=[ID, schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("A week later", value=MOVED, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "plan_interruption")
        expected = versions.expected(request, row.version, required=True)
        times = self.read(shapes.MoveForm)
        made = services.move(row, **times, actor=self.actor, now=self.now, expected_version=expected)
        data = self.shown(made.pk)
        return created(data, data["url"], ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Announce it to the customers it is for",
        request=None,
        responses=shapes.InterruptionShape,
        parameters=[ID],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def tell(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "plan_interruption")
        services.tell_customers(row, actor=self.actor, now=self.now)
        return self.answer(row.pk)


# --- measured values -----------------------------------------------------------------------------------


class ValueFilters(framework.FilterSet):  # type: ignore[misc]
    service = NamedFilter(rows=every_service, code="code")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    measure = Several(choices=MeasuredTarget.Measure.choices)
    source = Several(choices=Source.choices)
    started_after = InstantFilter(field_name="started_at", lookup_expr="gte")
    started_before = InstantFilter(field_name="started_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Measured values of services", tags=TAGS),
    retrieve=extend_schema(summary="One measured value", tags=TAGS),
)
class Values(Writes):
    """For the desk side; delivered by programs and managers. The same once more changes nothing (200)."""

    queryset = MeasuredValue.objects.none()
    serializer_class = shapes.ValueShape
    filterset_class = ValueFilters
    orderings = {"started_at": SortKey("started_at"), "id": SortKey("id")}
    ordering = "-started_at"

    def get_queryset(self) -> QuerySet[MeasuredValue]:
        rows: QuerySet[MeasuredValue] = MeasuredValue.objects.visible_to(self.actor)
        return rows.select_related("service", "customer", "recorded_by")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Deliver a value",
        request=shapes.ValueForm,
        responses={201: shapes.ValueShape, 200: shapes.ValueShape},
        examples=[OpenApiExample("Calls of a day", value=CALLS, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "deliver_values")
        row, is_new = values.deliver(**self.read(shapes.ValueForm), actor=self.actor, now=self.now)
        data = self.shown(row.pk)
        return created(data, data["url"]) if is_new else Response(data)


# --- standings and credits -------------------------------------------------------------------------------


class LevelFilters(framework.FilterSet):  # type: ignore[misc]
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    month = framework.CharFilter(
        method="pass_by", max_length=20, label=gettext_lazy("Such as 2026-03; default: this month.")
    )

    def pass_by(self, rows: QuerySet[Agreement], name: str, value: str) -> QuerySet[Agreement]:
        """The month chooses no agreements; it says when they are looked at."""
        return rows


@extend_schema_view(
    list=extend_schema(summary="Agreements with their standing in a month", tags=TAGS),
    retrieve=extend_schema(
        summary="One agreement with its standing in a month",
        parameters=[
            OpenApiParameter("code", str, OpenApiParameter.PATH),
            OpenApiParameter("month", str, description="Such as 2026-03; default: this month."),
        ],
        tags=TAGS,
    ),
)
class Levels(ReadOnly):
    """For managers."""

    queryset = Agreement.objects.none()
    serializer_class = shapes.LevelShape
    filterset_class = LevelFilters
    orderings = {"code": SortKey("code"), "id": SortKey("id")}
    ordering = "code"
    lookup_field = "code"
    lookup_value_regex = "[-0-9A-Za-z_]{1,50}"

    def get_queryset(self) -> QuerySet[Agreement]:
        return queries.agreements(self.actor)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        require(self.actor, "dashboard")
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.shown(page or []))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        require(self.actor, "dashboard")
        return Response(self.shown([self.get_object()])[0])

    def shown(self, agreements: Sequence[Agreement]) -> Any:
        month = self.month()
        found = standings(agreements, start=month.start, end=month.end, now=self.now)
        return self.get_serializer(found, many=True).data

    def month(self) -> spans.Span:
        zone = zoneinfo.ZoneInfo(timezone.get_current_timezone_name())
        words = self.request.query_params.get("month", "")
        try:
            return spans.given(words, ("month",), today=timezone.localdate(self.now), zone=zone)
        except spans.BadSpan as bad:
            raise refuse("month", _("“month” must be a month such as 2026-03.")) from bad


class CreditFilters(framework.FilterSet):  # type: ignore[misc]
    agreement = NamedFilter(rows=queries.agreements, code="code")
    side = Several(choices=CreditEntry.Side.choices)
    kind = Several(choices=CreditEntry.Kind.choices)


@extend_schema_view(
    list=extend_schema(summary="The ledger of service credits and rewards", tags=TAGS),
    retrieve=extend_schema(summary="One line of the ledger", tags=TAGS),
)
class Credits(ReadOnly):
    """For managers. Lines are never changed; a correction is a line with the difference."""

    queryset = CreditEntry.objects.none()
    serializer_class = shapes.CreditLineShape
    filterset_class = CreditFilters
    orderings = {"month": SortKey("month"), "id": SortKey("id")}
    ordering = "-month"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[CreditEntry]:
        if not may(self.actor, "keep_credits"):
            return CreditEntry.objects.none()
        return ledger.visible(self.actor).select_related("agreement", "version")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        require(self.actor, "keep_credits")
        return super().list(request, *args, **kwargs)


router = SimpleRouter()
router.register("outages", Outages, basename="outages")
router.register("planned-interruptions", Interruptions, basename="planned-interruptions")
router.register("measured-values", Values, basename="measured-values")
router.register("credits", Credits, basename="credits")
router.register("levels", Levels, basename="levels")
urlpatterns = router.urls
