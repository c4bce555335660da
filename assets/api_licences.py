"""Licences, and unauthorised software that was found, over HTTP."""

from typing import Any, ClassVar

from django.db.models import QuerySet
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
from assets import installations, licences, pages, register
from assets.api_assets import GIVEN, items
from assets.api_base import DIGITS, ID, NUMBER, TAGS, Kept, Partly
from assets.models import (
    Licence,
    SoftwareFinding,
)
from assets.words import VERDICTS
from itsm.rest import schema
from itsm.rest.fields import Pick, Reference, Text
from itsm.rest.filters import FlagFilter, NamedFilter
from itsm.rest.serializers import Coded, ItemShape, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import created


class LicenceShape(Shape):
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    software = base.NumberedNameShape()
    customer = NamedShape(allow_null=True)
    metric = Coded(Licence.Metric.choices)
    quantity = serializers.IntegerField(allow_null=True, help_text="Null: as many as one likes.")
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True, help_text="The last day.")
    supplier = NamedShape(allow_null=True)
    reference = serializers.CharField()
    cost = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    note = serializers.CharField()
    is_ended = serializers.BooleanField()

    def get_url(self, row: Licence) -> str:
        return reverse("api:licences-detail", [row.number], request=self.context["request"])


class LicenceUseShape(Shape):
    """How the software of a licence stands against all its licences."""

    verdict = Coded(VERDICTS)
    metric = Coded(Licence.Metric.choices)
    used = serializers.IntegerField()
    entitled = serializers.IntegerField(allow_null=True)
    over = serializers.IntegerField()
    ends_on = serializers.DateField(allow_null=True)


class LicenceForm(Strict):
    elsewhere = dict.fromkeys(("number", "url", "version", "customer", "is_ended"), GIVEN)

    software = Reference(installations.software, code="number", see="items")
    metric = Pick(Licence.Metric.choices)
    quantity = serializers.IntegerField(min_value=1, max_value=2_000_000_000, required=False, allow_null=True)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(required=False, allow_null=True)
    supplier = Reference(base.suppliers, code="code", see="suppliers", required=False, allow_null=True)
    reference = Text(max_length=100, required=False, allow_blank=True)
    cost = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = Text(max_length=3, required=False)
    note = Text(max_length=50_000, required=False, allow_blank=True)


class LicencePatch(Partly, LicenceForm):
    """What to change; what is left out stays."""


class LicenceEndForm(Strict):
    reason = Text(max_length=500)


class LicenceFilters(framework.FilterSet):  # type: ignore[misc]
    software = NamedFilter(rows=installations.software, code="number")
    customer = NamedFilter(field_name="software__customer", rows=accounts.queries.organisations, code="code")
    is_ended = FlagFilter()
    valid_until_before = framework.DateFilter(field_name="valid_until", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Licences", tags=TAGS),
    retrieve=extend_schema(summary="One licence", parameters=[NUMBER], tags=TAGS),
)
class Licences(Kept):
    queryset = Licence.objects.none()
    serializer_class = LicenceShape
    filterset_class = LicenceFilters
    lookup_field = "number"
    lookup_value_regex = base.NUMBERS
    ordering = "-id"
    named = ("software__customer", "supplier")
    problems_of: ClassVar = {"partial_update": ("stale",)}

    def rows(self) -> QuerySet[Any]:
        return Licence.objects.visible_to(self.actor)

    @extend_schema(summary="Enter a licence", request=LicenceForm, responses={201: LicenceShape}, tags=TAGS)
    def create(self, request: Request) -> Response:
        require(self.actor, licences.LEAD)
        data, headers = self.shown(
            licences.save(None, self.checked(LicenceForm), actor=self.actor, now=self.now)
        )
        return created(data, data["url"], **headers)

    @extend_schema(
        summary="Change a licence", request=LicencePatch, responses=LicenceShape, tags=TAGS,
        parameters=[schema.IF_MATCH_REQUIRED, NUMBER],
    )  # fmt: skip
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        require(self.actor, licences.LEAD)
        expected = self.seen(row)
        facts = self.checked(LicencePatch)
        return self.answer(
            licences.save(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        )

    @extend_schema(
        summary="Give a licence up", request=LicenceEndForm, responses=LicenceShape, parameters=[NUMBER],
        tags=TAGS, filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], pagination_class=None)
    def end(self, request: Request, number: str) -> Response:
        row = self.get_object()
        require(self.actor, licences.LEAD)
        return self.answer(licences.end(row, **self.checked(LicenceEndForm), actor=self.actor, now=self.now))

    @extend_schema(
        summary="How its software is used",
        responses=LicenceUseShape,
        parameters=[NUMBER],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def use(self, request: Request, number: str) -> Response:
        """Installations are counted from the relations of items."""
        found = installations.uses([self.get_object().software], today=pages.today())[0]
        standing = found.standing
        facts = {
            "verdict": standing.verdict, "metric": found.metric, "used": standing.used,
            "entitled": standing.entitled, "over": standing.over, "ends_on": standing.ends_on,
        }  # fmt: skip
        return Response(LicenceUseShape(facts, context=self.get_serializer_context()).data)


class SoftwareFindingShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    software = base.NumberedNameShape(allow_null=True)
    asset = base.NumberedNameShape(allow_null=True)
    device = ItemShape(allow_null=True)
    found_on = serializers.DateField()
    note = serializers.CharField()
    recorded_by = PersonShape()
    action = serializers.CharField(source="action.number", default=None, allow_null=True)

    def get_url(self, row: SoftwareFinding) -> str:
        return reverse("api:software-findings-detail", [row.pk], request=self.context["request"])


class SoftwareFindingForm(Strict):
    """Software that may not be where it is; a name, or a software item."""

    name = Text(max_length=200, required=False, allow_blank=True, default="")
    software = Reference(
        installations.software, code="number", see="items", required=False, allow_null=True, default=None
    )
    asset = Reference(base.assets, code="number", see="assets", required=False, allow_null=True, default=None)
    device = Reference(items, code="number", see="items", required=False, allow_null=True, default=None)
    found_on = serializers.DateField()
    note = Text(max_length=50_000, required=False, allow_blank=True, default="")
    responsible = Reference(accounts.queries.assignees, code="username", see="users")
    due_on = serializers.DateField()


@extend_schema_view(
    list=extend_schema(summary="Unauthorised software that was found", tags=TAGS),
    retrieve=extend_schema(summary="One finding", parameters=[ID], tags=TAGS),
)
class Findings(Kept):
    queryset = SoftwareFinding.objects.none()
    serializer_class = SoftwareFindingShape
    lookup_value_regex = DIGITS
    ordering = "-id"
    named = ("software", "asset", "device", "recorded_by__organisation", "action")

    def rows(self) -> QuerySet[Any]:
        return SoftwareFinding.objects.visible_to(self.actor)

    @extend_schema(
        summary="Record unauthorised software",
        request=SoftwareFindingForm,
        responses={201: SoftwareFindingShape},
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        """The same software at the same place on the same day is the same finding."""
        require(self.actor, register.KEEP)
        made = licences.record_finding(**self.checked(SoftwareFindingForm), actor=self.actor, now=self.now)
        data, headers = self.shown(made)
        return created(data, data["url"], **headers)
