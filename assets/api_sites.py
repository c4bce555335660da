"""Service sites over HTTP: planned and kept; opened and closed by application."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import require
from assets import api_base as base
from assets import applications, sites
from assets.api_assets import GIVEN, AssetApplicationShape
from assets.api_base import TAGS, Kept, Partly
from assets.models import (
    Application,
    ServiceSite,
    SiteState,
)
from itsm.rest import schema
from itsm.rest.fields import Pick, Reference, Text
from itsm.rest.filters import NamedFilter, Several
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import created


class ServiceSiteShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    address_en = serializers.CharField()
    address_zh = serializers.CharField()
    phone = serializers.CharField()
    calendar = NamedShape(help_text="Its opening hours.")
    team = NamedShape(allow_null=True)
    keeper = PersonShape(allow_null=True)
    note = serializers.CharField()
    state = Coded(SiteState.choices)
    opened_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)

    def get_url(self, row: ServiceSite) -> str:
        return reverse("api:service-sites-detail", [row.code], request=self.context["request"])


class ServiceSiteFacts(Strict):
    elsewhere = {
        **dict.fromkeys(("id", "url", "version", "name", "opened_on", "closed_on"), GIVEN),
        "state": _("Apply for its opening or closing."),
    }

    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    address_en = Text(max_length=300)
    address_zh = Text(max_length=300, required=False, allow_blank=True)
    phone = Text(max_length=50, required=False, allow_blank=True)
    calendar = Reference(base.calendars, code="code", see="calendars")
    team = Reference(base.teams, code="code", see="teams", required=False, allow_null=True)
    keeper = Reference(
        accounts.queries.assignees, code="username", see="users", required=False, allow_null=True
    )
    note = Text(max_length=50_000, required=False, allow_blank=True)


class ServiceSitePatch(Partly, ServiceSiteFacts):
    """What to change; what is left out stays."""


class ServiceSiteForm(ServiceSiteFacts):
    """A planned site."""

    code = serializers.SlugField(max_length=50, help_text="For good.")


class ServiceSiteApplyForm(Strict):
    kind = Pick([(k.value, k.label) for k in (Application.Kind.OPEN_SITE, Application.Kind.CLOSE_SITE)])
    on = serializers.DateField()
    reason = Text(max_length=50_000)


class SiteFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=SiteState.choices)
    team = NamedFilter(rows=base.teams, code="code")


@extend_schema_view(
    list=extend_schema(summary="Service sites", tags=TAGS),
    retrieve=extend_schema(summary="One service site", tags=TAGS),
)
class Sites(Kept):
    """Opened and closed by an application that somebody else approves."""

    queryset = ServiceSite.objects.none()
    serializer_class = ServiceSiteShape
    filterset_class = SiteFilters
    lookup_field = "code"
    lookup_value_regex = "[0-9A-Za-z_-]{1,50}"
    named = ("calendar", "team", "keeper__organisation")
    problems_of: ClassVar = {"partial_update": ("stale",)}

    def rows(self) -> QuerySet[Any]:
        return ServiceSite.objects.all()

    @extend_schema(
        summary="Plan a site", request=ServiceSiteForm, responses={201: ServiceSiteShape}, tags=TAGS
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "ask_for_site")
        facts = self.checked(ServiceSiteForm)
        data, headers = self.shown(sites.plan(facts.pop("code"), facts, actor=self.actor, now=self.now))
        return created(data, data["url"], **headers)

    @extend_schema(
        summary="Change a site", request=ServiceSitePatch, responses=ServiceSiteShape, tags=TAGS,
        parameters=[schema.IF_MATCH_REQUIRED],
    )  # fmt: skip
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        require(self.actor, "lead_sites")
        expected = self.seen(row)
        facts = self.checked(ServiceSitePatch)
        return self.answer(
            sites.change(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        )

    @extend_schema(
        summary="Apply for its opening or closing", request=ServiceSiteApplyForm,
        responses={201: AssetApplicationShape},
        tags=TAGS, filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], pagination_class=None)
    def apply(self, request: Request, code: str) -> Response:
        """Somebody else decides: see asset-applications."""
        row = self.get_object()
        require(self.actor, "ask_for_site")
        facts = self.checked(ServiceSiteApplyForm)
        asked = applications.ask_for_site(row, facts.pop("kind"), **facts, actor=self.actor, now=self.now)
        shown = AssetApplicationShape(asked, context=self.get_serializer_context()).data
        return created(shown, shown["url"])
