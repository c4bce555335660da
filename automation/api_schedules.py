"""Schedules of recurring work over HTTP: read, written, run once more."""

from datetime import time
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import Actor, require
from automation import scheduling
from automation.api_base import GIVEN, ID, TAGS, Partly, Written, teams
from automation.api_rules import Code, calendars, published
from automation.models import CatchUp, Finding, OnClosed, Rhythm, Schedule, ScheduleRun
from fulfilment.models import Offering
from itsm.rest import schema, versions
from itsm.rest.fields import EARLIEST, LATEST, Flag, Instant, Reference, Text, with_hint
from itsm.rest.filters import FlagFilter, Several
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import created

NEW = {
    "name_en": "Patrol of the server room", "name_zh": "机房巡检", "makes": "incident", "customer": "xinghe",
    "requester": "rita", "service": "workplace", "every": "weekly", "weekdays": [0, 3], "at": "09:00",
    "zone": "Asia/Shanghai", "starts": "2026-03-02",
    "checklist": [{"en": "Temperature", "zh": "温度"}, {"en": "Alarms", "zh": "告警"}],
}  # fmt: skip


class ScheduleShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    customer = NamedShape()
    every = Coded(Rhythm.choices)
    zone = serializers.CharField()
    next_at = Instant(allow_null=True)
    is_active = serializers.BooleanField()
    last_error = serializers.CharField()
    version = serializers.IntegerField()


class ChecklistShape(Shape):
    en = serializers.CharField()
    zh = serializers.CharField(default="")


class ScheduleDetailShape(ScheduleShape):
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    makes = Coded(Schedule.Makes.choices)
    requester = PersonShape()
    offering = NamedShape(allow_null=True)
    service = NamedShape(allow_null=True)
    team = NamedShape(allow_null=True)
    text_en = serializers.CharField()
    text_zh = serializers.CharField()
    checklist = ChecklistShape(many=True)
    weekdays = serializers.ListField(child=serializers.IntegerField())
    day = serializers.IntegerField(help_text="Of the month; 0 for its last working day.")
    at = serializers.TimeField(format="%H:%M")
    starts = serializers.DateField()
    ends = serializers.DateField(allow_null=True)
    calendar = NamedShape(allow_null=True)
    on_closed = Coded(OnClosed.choices)
    catch_up = Coded(CatchUp.choices)
    hours_to_finish = serializers.IntegerField()
    keeper = PersonShape()


class FindingShape(Shape):
    position = serializers.IntegerField()
    text = serializers.CharField()
    outcome = Coded(Finding.Outcome.choices)
    note = serializers.CharField()


class ScheduleRunShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    schedule = serializers.IntegerField(source="schedule_id")
    day = serializers.DateField(allow_null=True, help_text="Null: an extra run.")
    due_at = Instant()
    state = Coded(ScheduleRun.State.choices)
    record = serializers.CharField(source="record.number", default=None, allow_null=True)
    reason = serializers.CharField()
    done_at = Instant(allow_null=True)
    done_by = PersonShape(allow_null=True)
    conclusion = serializers.CharField()
    findings = FindingShape(many=True)
    version = serializers.IntegerField()

    def get_url(self, row: ScheduleRun) -> str:
        return f"/api/v1/schedule-runs/{row.pk}/"


# --- input ---------------------------------------------------------------------------------------


@extend_schema_field({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "example": "09:00"})
class WallTime(Text):
    """A time of the day in the schedule's zone."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        hour, colon, minute = text.partition(":")
        is_time = len(text) == 5 and colon and text.isascii() and (hour + minute).isdecimal()
        if not is_time or int(hour) > 23 or int(minute) > 59:
            words = with_hint(_("Give it as hours and minutes."), "09:00")
            raise serializers.ValidationError(words, "invalid")
        return time(int(hour), int(minute))


class Day(serializers.DateField):
    """A date that every rhythm can be counted from."""

    def to_internal_value(self, value: Any) -> Any:
        found = super().to_internal_value(value)
        if not EARLIEST.year <= found.year < LATEST.year:
            raise serializers.ValidationError(_("A year from 1970 to 8999 is meant, surely."), "invalid")
        return found


class ChecklistForm(Strict):
    en = Text(max_length=300)
    zh = Text(max_length=300, required=False, allow_blank=True)


def offered(actor: Actor) -> Any:
    return Offering.objects.visible_to(actor).offered()


def requesters(actor: Actor) -> Any:
    customers = accounts.queries.customers(actor)
    return accounts.queries.colleagues(actor).filter(organisation__in=customers)


class ScheduleForm(Strict):
    """New recurring work; its runs begin at the next time of its pattern."""

    elsewhere = dict.fromkeys(("id", "name", "version", "next_at", "last_error", "keeper"), GIVEN)

    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    makes = Code(Schedule.Makes.choices, help_text="`request` (with `offering`) or `incident`.")
    customer = Reference(accounts.queries.customers, code="code", see="organisations")
    requester = Reference(requesters, code="username", see="users")
    offering = Reference(offered, code="code", see="offerings", required=False, allow_null=True)
    service = Reference(published, code="code", see="services", required=False, allow_null=True)
    team = Reference(teams, code="code", see="teams", required=False, allow_null=True)
    text_en = Text(max_length=50_000, required=False, allow_blank=True)
    text_zh = Text(max_length=50_000, required=False, allow_blank=True)
    checklist = ChecklistForm(many=True, max_length=scheduling.MOST_ITEMS)  # type: ignore[call-arg]
    every = Code(Rhythm.choices, help_text=", ".join(f"`{code}`" for code in Rhythm.values))
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), required=False, max_length=7,
        help_text="For `weekly`; 0 is Monday.",
    )  # fmt: skip
    day = serializers.IntegerField(
        min_value=0, max_value=31, required=False, help_text="Of the month; 0 for its last working day."
    )
    at = WallTime()
    zone = Text(max_length=64, required=False)
    starts = Day()
    ends = Day(required=False, allow_null=True)
    calendar = Reference(calendars, code="code", see="calendars", required=False, allow_null=True)
    on_closed = Code(OnClosed.choices, required=False, help_text=", ".join(OnClosed.values))
    catch_up = Code(CatchUp.choices, required=False, help_text=", ".join(CatchUp.values))
    hours_to_finish = serializers.IntegerField(min_value=1, max_value=9999, required=False)
    is_active = Flag(required=False)

    def validate_weekdays(self, given: list[int]) -> list[int]:
        return sorted(set(given))


class SchedulePatch(Partly, ScheduleForm):
    """What to change; what is left out stays. ``checklist`` is always the whole one."""


class ExtraForm(Strict):
    reason = Text(max_length=300)
    key = Text(max_length=100, required=False, help_text="The same key makes the run once.")


class ScheduleFilters(framework.FilterSet):  # type: ignore[misc]
    is_active = FlagFilter(field_name="is_active")
    every = Several(choices=Rhythm.choices)


@extend_schema_view(list=extend_schema(summary="Schedules of recurring work", tags=TAGS))
class Schedules(Written):
    """Of the customers one works for; written by managers."""

    queryset = Schedule.objects.none()
    serializer_class = ScheduleShape
    detail_shape = ScheduleDetailShape
    filterset_class = ScheduleFilters
    parts: ClassVar = ("customer", "requester__organisation", "offering", "service", "team", "calendar",
                       "keeper__organisation")  # fmt: skip

    def get_queryset(self) -> QuerySet[Any]:
        require(self.actor, "api")
        rows: QuerySet[Any] = Schedule.objects.visible_to(self.actor)
        return rows.select_related(*self.parts)

    @extend_schema(summary="One schedule", responses=ScheduleDetailShape, parameters=[ID], tags=TAGS)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(
        summary="Make a schedule",
        request=ScheduleForm,
        responses={201: ScheduleDetailShape},
        examples=[OpenApiExample("A patrol", value=NEW, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        """Kept by whoever makes it."""
        require(self.actor, self.lead)
        row = scheduling.save(None, self.checked(ScheduleForm), actor=self.actor, now=self.now)
        data, headers = self.shown(row)
        return created(data, reverse("api:schedules-detail", [row.pk], request=request), **headers)

    @extend_schema(
        summary="Change, stop or resume a schedule",
        request=SchedulePatch,
        responses=ScheduleDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED, ID],
        examples=[
            OpenApiExample("Later", value={"at": "10:30"}, request_only=True),
            OpenApiExample("Stop", value={"is_active": False}, request_only=True),
        ],
        tags=TAGS,
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Runs there are stay; the next one follows the new pattern."""
        row, expected = self.begin(lambda _row: require(self.actor, self.lead))
        facts = self.checked(SchedulePatch)
        scheduling.save(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(row)

    @extend_schema(
        summary="An extra run, because something happened",
        request=ExtraForm,
        responses={201: ScheduleRunShape},
        parameters=[ID],
        examples=[OpenApiExample("Storm", value={"reason": "Storm", "key": "storm-7"}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def extra(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        run = scheduling.run_extra(row, **self.checked(ExtraForm), actor=self.actor, now=self.now)
        shown = ScheduleRunShape(run, context=self.get_serializer_context()).data
        return created(shown, shown["url"], ETag=versions.etag(run.version))
