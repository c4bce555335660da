"""Calendars over HTTP: their versions, and the working time they come to."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Actor, may, require
from accounts.api import NameFilters
from itsm.rest.fields import Instant
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.query import QueryInstant, asked
from itsm.rest.serializers import Shape, Strict
from itsm.rest.views import ByIdOrCode
from sla import calendar as working_time
from sla import calendar_editing, services
from sla.api_impact import ASKED, PreviewForm, PreviewShape, previewed
from sla.cases import stamp
from sla.models import Calendar, CalendarVersion

BY_NAME = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
ID_OR_CODE = OpenApiParameter("id", str, OpenApiParameter.PATH, description="An id or a code.")
LONGEST = timedelta(days=400)
HOURS = {
    "calendar": "office-8x5", "version": 1, "timezone": "Asia/Shanghai", "from": "2026-03-02T00:00:00Z",
    "to": "2026-03-03T00:00:00Z", "seconds": 28_800,
    "spans": [
        {"from": "2026-03-02T01:00:00Z", "to": "2026-03-02T04:00:00Z", "detail": "mon 09:00-12:00"},
        {"from": "2026-03-02T05:00:00Z", "to": "2026-03-02T10:00:00Z", "detail": "mon 13:00-18:00"},
    ],
}  # fmt: skip


class CalendarVersionShape(Shape):
    number = serializers.IntegerField()
    effective_from = Instant()
    definition = serializers.JSONField(help_text="As in the simulator's case format.")
    holidays_known_until = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class CalendarShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    versions = CalendarVersionShape(many=True)


class SpanShape(Shape):
    to = Instant()
    detail = serializers.CharField(help_text="The window of the calendar's week.")

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's own
        return {"from": Instant(), **super().get_fields()}


class HoursShape(Shape):
    """The working time of one calendar version between two instants."""

    calendar = serializers.CharField()
    version = serializers.IntegerField()
    timezone = serializers.CharField()
    to = Instant()
    seconds = serializers.IntegerField(help_text="Of all spans together.")
    spans = SpanShape(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {"from": Instant(), **super().get_fields()}


class HoursQuery(Strict):
    to = QueryInstant(help_text="Not part of it. At most 400 days after `from`.")
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Default: the one in force at `from`."
    )

    def get_fields(self) -> dict[str, Any]:
        return {"from": QueryInstant(), **super().get_fields()}


def calendars(actor: Actor) -> QuerySet[Calendar]:
    """Who may simulate may know the calendars."""
    return Calendar.objects.all() if may(actor, "simulate") else Calendar.objects.none()


@extend_schema_view(
    list=extend_schema(summary="Calendars with their versions", tags=["sla"]),
    retrieve=extend_schema(summary="One calendar", tags=["sla"], parameters=[ID_OR_CODE]),
)
class Calendars(ByIdOrCode):
    # the only POST is the preview: it computes and changes nothing, so a token that may only read may ask
    post_is_safe = True

    queryset = Calendar.objects.none()
    serializer_class = CalendarShape
    filterset_class = NameFilters
    orderings = BY_NAME
    ordering = "name"

    def get_queryset(self) -> QuerySet[Calendar]:
        return calendars(self.actor).prefetch_related("versions")

    @extend_schema(
        summary="The working hours between two instants",
        description="By the very function the clocks use. One version throughout, as a clock keeps its own.",
        parameters=[ID_OR_CODE, HoursQuery],
        responses=HoursShape,
        examples=[OpenApiExample("A Monday", value=HOURS, response_only=True)],
        tags=["sla"],
        filters=False,
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def hours(self, request: Request, pk: str) -> Response:
        calendar = self.get_object()
        wanted = asked(request, HoursQuery)
        begin, end = wanted["from"], wanted["to"]
        if end <= begin:
            raise refuse("to", _("The end must lie after the beginning."))
        if end - begin > LONGEST:
            raise refuse("to", _("At most %(days)s days at a time.") % {"days": LONGEST.days}, "too_long")
        version = self.version_of(calendar, wanted)
        hours = services.hours_of(version.pk)
        spans = [span for span in working_time.spans(hours, begin, end) if span.counted]
        return Response(
            {
                "calendar": calendar.code,
                "version": version.number,
                "timezone": hours.timezone,
                "from": stamp(begin),
                "to": stamp(end),
                "seconds": working_time.between(hours, begin, end),
                "spans": [{"from": stamp(s.start), "to": stamp(s.end), "detail": s.detail} for s in spans],
            }
        )

    @extend_schema(
        summary="Which open clocks the next edition would move, and which would be missed",
        description="Nothing is saved. For who may edit calendars.",
        parameters=[ID_OR_CODE],
        request=PreviewForm,
        responses=PreviewShape,
        examples=[ASKED],
        tags=["sla"],
        filters=False,
    )
    @action(detail=True, methods=["post"], filter_backends=[], pagination_class=None)
    def preview(self, request: Request, pk: str) -> Response:
        require(self.actor, "calendar")
        calendar = self.get_object()
        form = PreviewForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        found = calendar_editing.preview(
            calendar, wanted["definition"], effective_from=wanted.get("effective_from"),
            actor=self.actor, now=self.now,
        )  # fmt: skip
        return Response(PreviewShape(previewed(found), context=self.get_serializer_context()).data)

    @staticmethod
    def version_of(calendar: Calendar, wanted: dict[str, Any]) -> CalendarVersion:
        """The version asked for by number, else the one in force at the beginning."""
        rows = {row.number: row for row in calendar.versions.all()}
        if not rows:
            raise Http404(_("This calendar has no version yet; give it working hours first."))
        number = wanted.get("version")
        if number is None:
            in_force = services.calendar_version_at(calendar.pk, wanted["from"])
            return next(row for row in rows.values() if row.pk == in_force)
        if number not in rows:
            hint = _("One of: %(names)s.") % {"names": ", ".join(map(str, sorted(rows)))}
            raise refuse("version", _("This calendar has no such version."), "does_not_exist", hint)
        return rows[number]
