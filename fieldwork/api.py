"""On-site work over HTTP: /api/v1/appointments/ with their steps, and /api/v1/service-forms/."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import Actor, require
from fieldwork import content, papers, services
from fieldwork.models import Appointment, ServiceForm
from itsm.rest import schema, versions
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records.models import Record

ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
TAGS = ["appointments"]
STATES = Appointment.State.choices
ASKED = Appointment.Asked.choices
MADE = {
    "ticket": "INC0001042", "engineer": "first", "starts_at": "2026-12-01T10:00:00+08:00",
    "ends_at": "2026-12-01T11:00:00+08:00", "travel_minutes": 30, "site": "Building 3, room 214",
    "is_agreed": True,
}  # fmt: skip


def _tickets(actor: Actor) -> QuerySet[Any]:
    return Record.objects.visible_to(actor).tickets()


class AppointmentShape(Shape):
    """`promised_at` is what was agreed with the customer and binds; it need not be `starts_at`."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    ticket = serializers.CharField(source="ticket.number")
    customer = NamedShape()
    engineer = PersonShape(allow_null=True)
    team = NamedShape(allow_null=True)
    state = Coded(STATES)
    starts_at = Instant()
    ends_at = Instant()
    travel_minutes = serializers.IntegerField()
    site = serializers.CharField()
    contact_name = serializers.CharField()
    contact_phone = serializers.CharField()
    task = serializers.CharField()
    promised_at = Instant(allow_null=True)
    agreed_at = Instant(allow_null=True)
    wish = serializers.CharField()
    wished_for = Instant(allow_null=True)
    arrived_at = Instant(allow_null=True)
    left_at = Instant(allow_null=True)
    version = serializers.IntegerField()

    def get_url(self, row: Appointment) -> str:
        return reverse("api:appointments-detail", [row.pk], request=self.context.get("request"))


class MakeInput(Strict):
    ticket = Reference(_tickets, code="number", see="incidents")
    engineer = Reference(
        accounts.queries.assignees,
        code="username",
        see="users",
        required=False,
        allow_null=True,
        default=None,
    )
    starts_at = Instant()
    ends_at = Instant()
    travel_minutes = serializers.IntegerField(min_value=0, max_value=1440, default=0)
    site = Text(max_length=200)
    contact_name = Text(max_length=120, required=False, allow_blank=True, default="")
    contact_phone = Text(max_length=50, required=False, allow_blank=True, default="")
    task = Text(max_length=500, required=False, allow_blank=True, default="")
    is_agreed = Flag(default=False, help_text="The customer has agreed: it becomes the target of arriving.")
    agreed_with = Text(max_length=120, required=False, allow_blank=True, default="")
    is_held = Flag(default=False, help_text="The ticket waits for the appointment.")
    override_reason = Text(max_length=300, required=False, allow_blank=True, default="")
    key = serializers.UUIDField(required=False, help_text="The same key makes the same appointment.")


class MoveInput(Strict):
    starts_at = Instant()
    ends_at = Instant()
    travel_minutes = serializers.IntegerField(min_value=0, max_value=1440, required=False)
    asked = Pick(choices=ASKED, help_text="Who wanted it. `us`: the promise does not move.")
    reason = Text(max_length=500)
    override_reason = Text(max_length=300, required=False, allow_blank=True, default="")


class GiveInput(Strict):
    engineer = Reference(accounts.queries.assignees, code="username", see="users", allow_null=True)
    reason = Text(max_length=500, required=False, allow_blank=True, default="")
    override_reason = Text(max_length=300, required=False, allow_blank=True, default="")


class AgreeInput(Strict):
    agreed_with = Text(max_length=120, required=False, allow_blank=True, default="")
    is_held = Flag(default=False)


class EndInput(Strict):
    asked = Pick(choices=ASKED)
    reason = Text(max_length=500)


class ArriveInput(Strict):
    at = Instant(required=False, allow_null=True, default=None)


class FinishInput(Strict):
    left_at = Instant(required=False, allow_null=True, default=None)


class NothingInput(Strict):
    """No fields."""


class PartInput(Strict):
    name = Text(max_length=200)
    number = Text(max_length=100, required=False, allow_blank=True, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=9999, default=1)


class ReportInput(Strict):
    arrived_at = Instant(required=False, allow_null=True, default=None)
    left_at = Instant(required=False, allow_null=True, default=None)
    travel_minutes = serializers.IntegerField(min_value=0, max_value=1440, default=0)
    fault = Text(max_length=content.MOST_WORDS, required=False, allow_blank=True, default="")
    work_done = Text(max_length=content.MOST_WORDS)
    parts = PartInput(many=True, required=False, default=list)
    result = Pick(choices=ServiceForm.Result.choices)
    remarks = Text(max_length=content.MOST_WORDS, required=False, allow_blank=True, default="")


class AppointmentFilters(framework.FilterSet):  # type: ignore[misc]
    ticket = framework.CharFilter(field_name="ticket__number", max_length=20)
    engineer = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)
    team = NamedFilter(rows=accounts.queries.teams, code="code")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    state = Several(choices=STATES)
    starts_after = InstantFilter(field_name="starts_at", lookup_expr="gte")
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")


Verb = Callable[..., Any]


@extend_schema_view(
    list=extend_schema(summary="Appointments on site", tags=TAGS),
    retrieve=extend_schema(summary="One appointment", parameters=[ID], tags=TAGS),
)
class Appointments(ReadOnly):
    """Of tickets you may see. One engineer is never at two places; a clash names what is in the way."""

    queryset = Appointment.objects.none()
    serializer_class = AppointmentShape
    filterset_class = AppointmentFilters
    orderings = {"starts_at": SortKey("starts_at"), "id": SortKey("id")}
    ordering = "-starts_at"
    lookup_value_regex = "[0-9]{1,18}"
    problems_of: Mapping[str, tuple[str, ...]] = dict.fromkeys(
        ("agree", "move", "give", "set_out", "arrive", "miss", "call_off", "finish"),
        ("illegal-move", "stale"),
    )

    def get_queryset(self) -> QuerySet[Appointment]:
        return Appointment.objects.visible_to(self.actor).shown()

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.Stale):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.row.version)})
        return super().handle_exception(exc)

    def read(self, form: type[Strict]) -> dict[str, Any]:
        found = form(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def shown(self, pk: int) -> Response:
        data = self.get_serializer(self.get_queryset().get(pk=pk)).data
        return Response(data, headers={"ETag": versions.etag(data["version"])})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object().pk)

    def step(self, form: type[Strict], verb: Verb) -> Response:
        """One step of the appointment in the address; If-Match is heeded where it is given."""
        row = self.get_object()
        expected = versions.expected(self.request, row.version, required=False)
        verb(row, **self.read(form), actor=self.actor, now=self.now, expected_version=expected)
        return self.shown(row.pk)

    @extend_schema(
        summary="Make an appointment", request=MakeInput, responses={201: AppointmentShape}, tags=TAGS,
        examples=[OpenApiExample("Agreed with the customer", value=MADE, request_only=True)],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        facts = self.read(MakeInput)
        ticket, key = facts.pop("ticket"), facts.pop("key", None) or uuid.uuid4()
        row = services.make(ticket, **facts, key=key, actor=self.actor, now=self.now)
        answer = self.shown(row.pk)
        return created(answer.data, answer.data["url"], ETag=answer.headers["ETag"])

    @extend_schema(
        summary="The customer agreed", request=AgreeInput, parameters=[ID], tags=TAGS, filters=False
    )
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        return self.step(AgreeInput, services.agree)

    @extend_schema(
        summary="Move it to another time", request=MoveInput, parameters=[ID, schema.IF_MATCH_REQUIRED],
        tags=TAGS, filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        expected = versions.expected(request, row.version, required=True)
        services.change(
            row, **self.read(MoveInput), actor=self.actor, now=self.now, expected_version=expected
        )
        return self.shown(row.pk)

    @extend_schema(
        summary="Give it to another engineer", request=GiveInput, parameters=[ID], tags=TAGS, filters=False
    )
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        return self.step(GiveInput, services.give)

    @extend_schema(
        summary="The engineer sets out", request=NothingInput, parameters=[ID], tags=TAGS, filters=False
    )
    @action(detail=True, methods=["post"], url_path="set-out")
    def set_out(self, request: Request, pk: str) -> Response:
        return self.step(NothingInput, services.set_out)

    @extend_schema(
        summary="Record the arrival", request=ArriveInput, parameters=[ID], tags=TAGS, filters=False
    )
    @action(detail=True, methods=["post"])
    def arrive(self, request: Request, pk: str) -> Response:
        return self.step(ArriveInput, services.arrive)

    @extend_schema(
        summary="It did not take place", request=EndInput, parameters=[ID], tags=TAGS, filters=False
    )
    @action(detail=True, methods=["post"])
    def miss(self, request: Request, pk: str) -> Response:
        return self.step(EndInput, lambda row, **facts: services.end(row, "miss", **facts))

    @extend_schema(summary="Call it off", request=EndInput, parameters=[ID], tags=TAGS, filters=False)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request: Request, pk: str) -> Response:
        return self.step(EndInput, lambda row, **facts: services.end(row, "cancel", **facts))

    @extend_schema(
        summary="Write the service form", request=ReportInput, parameters=[ID], tags=TAGS, filters=False
    )
    @action(detail=True, methods=["post"])
    def report(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        facts = self.read(ReportInput)
        facts["parts"] = [dict(part) for part in facts["parts"]]
        papers.write(row, facts, actor=self.actor, now=self.now)
        return self.shown(row.pk)

    @extend_schema(summary="Finish the visit", request=FinishInput, parameters=[ID], tags=TAGS, filters=False)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        return self.step(FinishInput, papers.finish)


class FormShape(Shape):
    """An edition of an on-site service form; customers see what was signed."""

    id = serializers.IntegerField()
    appointment = serializers.IntegerField(source="appointment_id")
    ticket = serializers.CharField(source="appointment.ticket.number")
    edition = serializers.IntegerField()
    correction = serializers.CharField()
    arrived_at = Instant()
    left_at = Instant(allow_null=True)
    travel_minutes = serializers.IntegerField()
    fault = serializers.CharField()
    work_done = serializers.CharField()
    parts = serializers.ListField(child=serializers.DictField())
    result = Coded(ServiceForm.Result.choices)
    remarks = serializers.CharField()
    satisfaction = serializers.IntegerField(allow_null=True, help_text="1 to 5; null: no answer.")
    collected_by = PersonShape(allow_null=True, help_text="Who typed the score in from the signed paper.")
    signer = serializers.CharField()
    signed_at = Instant(allow_null=True)
    way = Coded(ServiceForm.Way.choices)
    sha256 = serializers.CharField()
    pdf = serializers.SerializerMethodField()

    def get_pdf(self, form: ServiceForm) -> str:
        return reverse("fieldwork:form-pdf", [form.pk], request=self.context.get("request"))


class FormFilters(framework.FilterSet):  # type: ignore[misc]
    ticket = framework.CharFilter(field_name="appointment__ticket__number", max_length=20)
    appointment = framework.CharFilter(method="by_appointment", max_length=18)
    signed_after = InstantFilter(field_name="signed_at", lookup_expr="gte")
    signed_before = InstantFilter(field_name="signed_at", lookup_expr="lt")

    def by_appointment(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if not (value.isascii() and value.isdecimal()):
            raise ValidationError({"appointment": "A number is expected."})
        return rows.filter(appointment=int(value))


@extend_schema_view(
    list=extend_schema(summary="On-site service forms", tags=["service-forms"]),
    retrieve=extend_schema(summary="One service form", parameters=[ID], tags=["service-forms"]),
)
class ServiceForms(ReadOnly):
    """Written through the appointment; signed on the engineer's device."""

    queryset = ServiceForm.objects.none()
    serializer_class = FormShape
    filterset_class = FormFilters
    orderings = {"id": SortKey("id")}
    ordering = "-id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ServiceForm]:
        require(self.actor, "api")
        rows = ServiceForm.objects.visible_to(self.actor)
        return rows.select_related("appointment__ticket", "collected_by")


router = SimpleRouter()
router.register("appointments", Appointments, basename="appointments")
router.register("service-forms", ServiceForms, basename="service-forms")
urlpatterns = router.urls
