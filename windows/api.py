"""Freezes and maintenance windows over HTTP, /api/v1/windows/, for the desk's side."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import catalog.queries
from accounts.access import Actor, require
from cmdb.models import Item
from itsm.rest import versions
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, InstantFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, NamedShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from windows import services
from windows.models import DEFAULT_ZONE, Window

ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
FREEZE = {
    "kind": "freeze", "name_en": "Year-end closing", "name_zh": "年终结账封网", "everything": True,
    "starts_at": "2026-12-28T00:00:00+08:00", "ends_at": "2027-01-03T00:00:00+08:00",
}  # fmt: skip
WEEKLY = {
    "kind": "maintenance", "name_en": "Weekly maintenance", "name_zh": "每周维护窗口", "recurs": "weekly",
    "weekday": 6, "from_time": "02:00", "until_time": "06:00", "time_zone": "Asia/Shanghai",
    "starts_at": "2026-01-01T00:00:00+08:00", "services": ["email"],
}  # fmt: skip


def items(actor: Actor) -> QuerySet[Item]:
    """Items in use that the actor may see."""
    return Item.objects.visible_to(actor).filter(is_active=True)


class WindowFilters(framework.FilterSet):  # type: ignore[misc]
    """``overlaps_after`` and ``overlaps_before`` find what may be open in a span."""

    kind = Several(choices=Window.Kind.choices)
    recurs = Several(choices=Window.Recurs.choices)
    cancelled = FlagFilter(field_name="is_cancelled")
    overlaps_after = InstantFilter(method="by_end")
    overlaps_before = InstantFilter(field_name="starts_at", lookup_expr="lt")

    def by_end(self, rows: QuerySet[Window], name: str, value: Any) -> QuerySet[Window]:
        return rows.exclude(ends_at__lte=value)


class WindowItemShape(Shape):
    number = serializers.CharField()
    name = serializers.CharField()


class WindowShape(Shape):
    """A weekly one is open on its weekday (0 is Monday) by the clocks of its zone."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    kind = Coded(Window.Kind.choices)
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    recurs = Coded(Window.Recurs.choices)
    starts_at = Instant()
    ends_at = Instant(allow_null=True)
    weekday = serializers.IntegerField(allow_null=True, help_text="0 is Monday.")
    from_time = serializers.TimeField(format="%H:%M", allow_null=True)
    until_time = serializers.TimeField(format="%H:%M", allow_null=True)
    time_zone = serializers.CharField()
    everything = serializers.BooleanField()
    services = NamedShape(many=True, source="services.all")
    items = WindowItemShape(many=True, source="items.all")
    reason = serializers.CharField()
    is_cancelled = serializers.BooleanField()
    cancel_reason = serializers.CharField()

    def get_url(self, row: Window) -> str:
        return reverse("api:windows-detail", [row.pk], request=self.context["request"])


class WindowForm(Strict):
    """For everything, or for the services and items that are named."""

    kind = Pick(choices=Window.Kind.choices)
    name_en = Text(max_length=200)
    name_zh = Text(max_length=200)
    recurs = Pick(choices=Window.Recurs.choices, required=False)
    starts_at = Instant()
    ends_at = Instant(required=False, allow_null=True)
    weekday = serializers.IntegerField(min_value=0, max_value=6, required=False, allow_null=True)
    from_time = serializers.TimeField(required=False, allow_null=True)
    until_time = serializers.TimeField(required=False, allow_null=True)
    time_zone = Text(max_length=64, required=False, help_text=f"By default {DEFAULT_ZONE}.")
    everything = serializers.BooleanField(required=False)
    services: Any = serializers.ListField(
        child=Reference(catalog.queries.nameable, code="code", see="services"), required=False
    )
    items: Any = serializers.ListField(child=Reference(items, code="number", see="items"), required=False)
    reason = Text(max_length=500, required=False, allow_blank=True)


class ReasonForm(Strict):
    reason = Text(max_length=300)


@extend_schema_view(
    list=extend_schema(summary="Freezes and maintenance windows", tags=["windows"]),
)
class Windows(ReadOnly):
    """Changes are refused within a freeze, and outside of the maintenance windows of what they touch."""

    queryset = Window.objects.none()
    serializer_class = WindowShape
    filterset_class = WindowFilters
    orderings = {"starts_at": SortKey("starts_at"), "id": SortKey("id")}
    ordering = "-starts_at"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Window]:
        require(self.actor, "see_windows")
        seen = Item.objects.visible_to(self.actor).order_by("name")
        rows = Window.objects.visible_to(self.actor)
        return rows.prefetch_related("services", Prefetch("items", seen))

    def answer(self, pk: int) -> Response:
        row = self.get_queryset().get(pk=pk)
        return Response(self.get_serializer(row).data, headers={"ETag": versions.etag(row.version)})

    @extend_schema(summary="One window", tags=["windows"], parameters=[ID])
    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(
        summary="Enter a window", request=WindowForm, responses={201: WindowShape}, tags=["windows"],
        examples=[
            OpenApiExample("A freeze", value=FREEZE, request_only=True),
            OpenApiExample("A weekly maintenance window", value=WEEKLY, request_only=True),
        ],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_windows")
        form = WindowForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = services.enter(**form.validated_data, actor=self.actor, now=self.now)
        data = self.answer(made.pk).data
        return created(data, data["url"], ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Change a window",
        request=WindowForm,
        responses=WindowShape,
        tags=["windows"],
        parameters=[ID],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "lead_windows")
        form = WindowForm(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        expected = versions.expected(request, row.version, required=True)
        facts = dict(form.validated_data)
        scope = {name: facts.pop(name, None) for name in ("services", "items")}
        try:
            services.alter(row, facts, **scope, actor=self.actor, now=self.now, expected_version=expected)
        except services.Stale as stale:
            raise _stale(stale) from None
        return self.answer(row.pk)

    @extend_schema(
        summary="Cancel a window",
        request=ReasonForm,
        responses=WindowShape,
        tags=["windows"],
        parameters=[ID],
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "lead_windows")
        form = ReasonForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        expected = versions.expected(request, row.version, required=False)
        try:
            services.cancel(
                row, **form.validated_data, actor=self.actor, now=self.now, expected_version=expected
            )
        except services.Stale as stale:
            raise _stale(stale) from None
        return self.answer(row.pk)


def _stale(stale: services.Stale) -> Problem:
    version = stale.window.version
    return Problem("stale", extra={"version": version}, headers={"ETag": versions.etag(version)})


router = SimpleRouter()
router.register("windows", Windows, basename="windows")
urlpatterns = router.urls
