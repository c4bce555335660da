"""Announcements over HTTP, /api/v1/announcements/: what is announced, to whom, and the tickets about it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import catalog.queries
from accounts.access import require
from announcements import services
from announcements.models import Announcement, State, Told
from itsm.rest import versions
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, InstantFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, Shape, Strict
from itsm.rest.views import ReadOnly, created

EXAMPLE = {
    "sort": "planned", "title_en": "Mail pauses on Sunday", "title_zh": "邮件系统周日停机维护",
    "text_en": "We replace the storage.", "text_zh": "更换存储设备。", "services": ["mail"],
    "starts_at": "2026-12-06T08:00:00+08:00", "ends_at": "2026-12-06T12:00:00+08:00",
}  # fmt: skip


class AnnouncementFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(choices=State.choices)
    sort = Several(field_name="told__sort", choices=Told.Sort.choices)
    original = FlagFilter(method="by_original")
    starts_after = InstantFilter(field_name="told__starts_at", lookup_expr="gte")
    starts_before = InstantFilter(field_name="told__starts_at", lookup_expr="lt")

    def by_original(self, rows: QuerySet[Announcement], name: str, value: bool) -> QuerySet[Announcement]:
        return rows.filter(original__isnull=value)


class AnnouncementShape(Shape):
    """An original, or the copy of one customer; customers see their own copies only."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    state = Coded(State.choices)
    sort = Coded(Told.Sort.choices, source="told.sort")
    title_en = serializers.CharField(source="told.title_en")
    title_zh = serializers.CharField(source="told.title_zh")
    text_en = serializers.CharField(source="told.text_en")
    text_zh = serializers.CharField(source="told.text_zh")
    third_party = serializers.CharField(source="told.third_party")
    starts_at = Instant(source="told.starts_at")
    ends_at = Instant(source="told.ends_at", allow_null=True)
    services = NamedShape(many=True, source="told.services.all")
    customer = NamedShape(help_text="Of a copy the customer; of an original the provider.")
    is_original = serializers.SerializerMethodField()
    published_at = Instant(allow_null=True)

    def get_url(self, row: Announcement) -> str:
        return reverse("api:announcements-detail", [row.number], request=self.context["request"])

    def get_is_original(self, row: Announcement) -> bool:
        return row.original_id is None


class AnnouncementForm(Strict):
    """A draft; it is told to nobody before it is published."""

    sort = Pick(choices=Told.Sort.choices)
    title_en = Text(max_length=90)
    title_zh = Text(max_length=90)
    text_en = Text(max_length=5000)
    text_zh = Text(max_length=5000)
    third_party = Text(max_length=200, required=False, allow_blank=True)
    starts_at = Instant()
    ends_at = Instant(required=False, allow_null=True)
    services: Any = serializers.ListField(
        child=Reference(catalog.queries.nameable, code="code", see="services"), required=False
    )
    customers: Any = serializers.ListField(
        child=Reference(accounts.queries.customers, code="code", see="organisations"), required=False,
        help_text="Empty: all customers.",
    )  # fmt: skip


class Nothing(Strict):
    """No fields."""


class NewsForm(Strict):
    text_en = Text(max_length=5000)
    text_zh = Text(max_length=5000)


@extend_schema_view(list=extend_schema(summary="Announcements you may see", tags=["announcements"]))
class Announcements(ReadOnly):
    """The desk's side sees originals and copies; customers what was told to them."""

    queryset = Announcement.objects.none()
    serializer_class = AnnouncementShape
    filterset_class = AnnouncementFilters
    orderings = {"starts_at": SortKey("told__starts_at"), "id": SortKey("id")}
    ordering = "-id"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = {"publish": ("illegal-move",), "add": ("illegal-move",), "end": ("illegal-move",)}

    def get_queryset(self) -> QuerySet[Announcement]:
        rows: QuerySet[Announcement] = Announcement.objects.visible_to(self.actor)
        return rows.select_related("told", "customer").prefetch_related("told__services")

    def one(self) -> Announcement:
        number = self.kwargs["number"].upper()
        row = self.get_queryset().filter(number=number).first()
        if row is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return row

    def answer(self) -> Response:
        row = self.one()
        data = AnnouncementShape(row, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(row.version)})

    @extend_schema(summary="One announcement", responses=AnnouncementShape, tags=["announcements"])
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Write a draft", request=AnnouncementForm, responses={201: AnnouncementShape},
        examples=[OpenApiExample("A planned interruption", value=EXAMPLE, request_only=True)],
        tags=["announcements"],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "write_announcement")
        form = AnnouncementForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = services.write(**form.validated_data, actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.answer().data
        url = reverse("api:announcements-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(summary="Publish it", request=Nothing, responses=AnnouncementShape, tags=["announcements"])
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "announce", row)
        services.publish(row, actor=self.actor, now=self.now)
        return self.answer()

    @extend_schema(summary="Add news", request=NewsForm, responses=AnnouncementShape, tags=["announcements"])
    @action(detail=True, methods=["post"])
    def add(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "announce_more", row)
        form = NewsForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        services.add(row, **form.validated_data, actor=self.actor, now=self.now)
        return self.answer()

    @extend_schema(summary="End it", request=Nothing, responses=AnnouncementShape, tags=["announcements"])
    @action(detail=True, methods=["post"])
    def end(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "announce_end", row)
        services.end(row, actor=self.actor, now=self.now)
        return self.answer()


router = SimpleRouter()
router.register("announcements", Announcements, basename="announcements")
urlpatterns = router.urls
