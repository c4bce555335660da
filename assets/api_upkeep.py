"""Maintenance plans and checks over HTTP."""

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
from assets import pages, upkeep
from assets.api_assets import GIVEN
from assets.api_base import DIGITS, ID, TAGS, Kept, Partly
from assets.models import (
    Check,
    MaintenancePlan,
)
from itsm.rest import schema
from itsm.rest.fields import Flag, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import created


class MaintenanceLineShape(Shape):
    en = serializers.CharField()
    zh = serializers.CharField(default="")


class MaintenancePlanShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    device_class = NamedShape()
    checklist = MaintenanceLineShape(many=True)
    every = serializers.IntegerField()
    unit = Coded(MaintenancePlan.Unit.choices)
    team = NamedShape(allow_null=True)
    person = PersonShape(allow_null=True)
    lead_days = serializers.IntegerField()
    starts_on = serializers.DateField()
    is_active = serializers.BooleanField()

    def get_url(self, row: MaintenancePlan) -> str:
        return reverse("api:maintenance-plans-detail", [row.pk], request=self.context["request"])


class MaintenanceLineForm(Strict):
    en = Text(max_length=300)
    zh = Text(max_length=300, required=False, allow_blank=True)


class MaintenancePlanForm(Strict):
    """What is looked at on every device of a class, how often and by whom."""

    elsewhere = dict.fromkeys(("id", "url", "version", "name"), GIVEN)

    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    device_class = Reference(base.classes, code="code", see="item-types")
    checklist = MaintenanceLineForm(many=True, max_length=upkeep.MOST_LINES)  # type: ignore[call-arg]
    every = serializers.IntegerField(min_value=1, max_value=upkeep.MOST_EVERY)
    unit = Pick(MaintenancePlan.Unit.choices)
    team = Reference(base.teams, code="code", see="teams", required=False, allow_null=True)
    person = Reference(
        accounts.queries.assignees, code="username", see="users", required=False, allow_null=True
    )
    lead_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    starts_on = serializers.DateField()
    is_active = Flag(required=False)


class MaintenancePlanPatch(Partly, MaintenancePlanForm):
    """What to change; ``checklist`` is always the whole one."""


@extend_schema_view(
    list=extend_schema(summary="Maintenance plans of device classes", tags=TAGS),
    retrieve=extend_schema(summary="One maintenance plan", parameters=[ID], tags=TAGS),
)
class Plans(Kept):
    queryset = MaintenancePlan.objects.none()
    serializer_class = MaintenancePlanShape
    lookup_value_regex = DIGITS
    named = ("device_class", "team", "person__organisation")
    problems_of: ClassVar = {"partial_update": ("stale",)}

    def rows(self) -> QuerySet[Any]:
        return MaintenancePlan.objects.all()

    @extend_schema(
        summary="Make a plan", request=MaintenancePlanForm, responses={201: MaintenancePlanShape}, tags=TAGS
    )
    def create(self, request: Request) -> Response:
        require(self.actor, upkeep.LEAD)
        data, headers = self.shown(
            upkeep.save_plan(None, self.checked(MaintenancePlanForm), actor=self.actor, now=self.now)
        )
        return created(data, data["url"], **headers)

    @extend_schema(
        summary="Change a plan", request=MaintenancePlanPatch, responses=MaintenancePlanShape, tags=TAGS,
        parameters=[schema.IF_MATCH_REQUIRED, ID],
    )  # fmt: skip
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        require(self.actor, upkeep.LEAD)
        expected = self.seen(row)
        facts = self.checked(MaintenancePlanPatch)
        saved = upkeep.save_plan(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(saved)


class AssetCheckResultShape(MaintenanceLineShape):
    is_ok = serializers.BooleanField()
    note = serializers.CharField()


class AssetCheckShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField()
    plan = serializers.IntegerField(source="plan_id")
    asset = base.NumberedNameShape()
    due_on = serializers.DateField()
    state = Coded(Check.State.choices)
    is_overdue = serializers.SerializerMethodField()
    action = serializers.CharField(source="action.number", default=None, allow_null=True)
    results = AssetCheckResultShape(many=True)
    has_findings = serializers.BooleanField()
    conclusion = serializers.CharField()
    done_on = serializers.DateField(allow_null=True)
    done_by = PersonShape(allow_null=True)
    next_on = serializers.DateField(allow_null=True)

    def get_url(self, row: Check) -> str:
        return reverse("api:asset-checks-detail", [row.pk], request=self.context["request"])

    def get_is_overdue(self, row: Check) -> bool:
        return row.is_overdue(pages.today())


class AssetCheckResultForm(Strict):
    is_ok = Flag()
    note = Text(max_length=2000, required=False, allow_blank=True)


class AssetCheckForm(Strict):
    results = AssetCheckResultForm(  # type: ignore[call-arg]
        many=True, max_length=upkeep.MOST_LINES, help_text="One for each line, in their order."
    )
    done_on = serializers.DateField()
    next_on = serializers.DateField(required=False, allow_null=True, help_text="Left out: by the plan.")
    conclusion = Text(max_length=50_000, required=False, allow_blank=True, default="")


class CheckFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=Check.State.choices)
    asset = NamedFilter(rows=base.assets, code="number")
    has_findings = FlagFilter()
    due_before = framework.DateFilter(field_name="due_on", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Checks of assets", tags=TAGS),
    retrieve=extend_schema(summary="One check", parameters=[ID], tags=TAGS),
)
class Checks(Kept):
    queryset = Check.objects.none()
    serializer_class = AssetCheckShape
    filterset_class = CheckFilters
    lookup_value_regex = DIGITS
    orderings: ClassVar[dict[str, SortKey]] = {"due_on": SortKey("due_on"), "id": SortKey("id")}
    named = ("plan", "asset", "action", "done_by__organisation")

    def rows(self) -> QuerySet[Any]:
        return Check.objects.visible_to(self.actor)

    @extend_schema(
        summary="Record what was found", request=AssetCheckForm, responses=AssetCheckShape, tags=TAGS,
        parameters=[schema.IF_MATCH, ID], filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"], pagination_class=None)
    def record(self, request: Request, pk: str) -> Response:
        """The task is finished and the next check planned."""
        row = self.get_object()
        expected = self.seen(row, required=False)
        facts = self.checked(AssetCheckForm)
        found = [upkeep.Result(**line) for line in facts.pop("results")]
        done = upkeep.record(row, found, **facts, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(done)
