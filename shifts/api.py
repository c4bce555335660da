"""The roster over HTTP: /api/v1/shifts/ (who is on duty) and /api/v1/handovers/, for the desk's side."""

import uuid
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
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
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, CodedNumber, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records.models import Priority, Record
from records.services import refuse
from shifts import handing, queries, services
from shifts.models import Duty, Handover, HandoverLine, ShiftPattern

ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
DUTY = {"team": "desk", "person": "emma", "pattern": "day", "date": "2026-12-01", "kind": "on_call"}
GIVEN = {"team": "desk", "note": "Quiet.", "notes": [{"number": "INC0001042", "note": "Waits for a call."}]}


def patterns(actor: Actor) -> QuerySet[ShiftPattern]:
    """The shifts that are in use."""
    return ShiftPattern.objects.filter(is_active=True)


class DutyFilters(framework.FilterSet):  # type: ignore[misc]
    """``at`` finds who is on duty at an instant."""

    team = NamedFilter(rows=accounts.queries.teams, code="code")
    person = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)
    kind = Several(choices=Duty.Kind.choices)
    starts_before = InstantFilter(field_name="starts_at", lookup_expr="lt")
    ends_after = InstantFilter(field_name="ends_at", lookup_expr="gt")
    at = InstantFilter(method="by_instant")

    def by_instant(self, rows: QuerySet[Duty], name: str, value: Any) -> QuerySet[Duty]:
        return rows.filter(starts_at__lte=value, ends_at__gt=value)


class DutyShape(Shape):
    """Somebody on duty, with the telephone number to ring."""

    id = serializers.IntegerField()
    team = NamedShape()
    person = PersonShape()
    phone = serializers.CharField(source="person.phone")
    pattern = NamedShape()
    kind = Coded(Duty.Kind.choices)
    date = serializers.DateField(help_text="The day on which it begins, where the team works.")
    starts_at = Instant()
    ends_at = Instant()


class DutyForm(Strict):
    team = Reference(accounts.queries.teams, code="code", see="teams")
    person = Reference(accounts.queries.assignees, code="username", see="users")
    pattern = Reference(patterns, code="code", see="shifts")
    date = serializers.DateField()
    kind = Pick(choices=Duty.Kind.choices, default="seat")


@extend_schema_view(
    list=extend_schema(summary="Duties on the rosters", tags=["shifts"]),
    retrieve=extend_schema(summary="One duty", tags=["shifts"], parameters=[ID]),
)
class Shifts(ReadOnly):
    """Written by managers. The same duty twice is one duty; two seats at one time are refused."""

    queryset = Duty.objects.none()
    serializer_class = DutyShape
    filterset_class = DutyFilters
    orderings = {"starts_at": SortKey("starts_at"), "id": SortKey("id")}
    ordering = "-starts_at"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Duty]:
        require(self.actor, "see_roster")
        return Duty.objects.select_related("team", "person", "pattern")

    @extend_schema(
        summary="Put somebody on duty", request=DutyForm, responses={201: DutyShape}, tags=["shifts"],
        examples=[OpenApiExample("On call", value=DUTY, request_only=True)],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_roster")
        form = DutyForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        facts = dict(form.validated_data)
        day = facts.pop("date")
        services.add(**facts, days=[day], actor=self.actor, now=self.now)
        row = self.get_queryset().get(**facts, date=day)
        url = reverse("api:shifts-detail", [row.pk], request=request)
        return created(self.get_serializer(row).data, url)

    @extend_schema(
        summary="Take a duty off", request=None, responses={204: None}, tags=["shifts"], parameters=[ID]
    )
    def destroy(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        services.remove(row, actor=self.actor, now=self.now)
        return Response(status=204)


class LineShape(Shape):
    """A ticket as it was when it was handed over."""

    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField(source="record_state")
    priority = CodedNumber(Priority.choices)
    assignee = PersonShape(allow_null=True)
    next_due_at = Instant(allow_null=True)
    note = serializers.CharField()


class HandoverShape(Shape):
    """Tickets of customers you do not cover are left out of the list."""

    id = serializers.IntegerField()
    team = NamedShape()
    state = Coded(Handover.State.choices)
    given_by = PersonShape()
    given_at = Instant()
    note = serializers.CharField()
    accepted_by = PersonShape(allow_null=True)
    accepted_at = Instant(allow_null=True)
    lines = LineShape(many=True)


class NoteForm(Strict):
    number = Text(max_length=20)
    note = Text(max_length=500)


class HandoverForm(Strict):
    """All open tickets of the team are handed over, with a note or without."""

    team = Reference(accounts.queries.teams, code="code", see="teams")
    note = Text(max_length=5000, required=False, allow_blank=True, default="")
    notes = NoteForm(many=True, required=False)


class NothingForm(Strict):
    """No fields."""


class HandoverFilters(framework.FilterSet):  # type: ignore[misc]
    team = NamedFilter(rows=accounts.queries.teams, code="code")
    state = Several(choices=Handover.State.choices)
    given_after = InstantFilter(field_name="given_at", lookup_expr="gte")
    given_before = InstantFilter(field_name="given_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Hand-overs", tags=["handovers"]),
    retrieve=extend_schema(summary="One hand-over", tags=["handovers"], parameters=[ID]),
)
class Handovers(ReadOnly):
    """Given and accepted by members of the team."""

    queryset = Handover.objects.none()
    serializer_class = HandoverShape
    filterset_class = HandoverFilters
    orderings = {"given_at": SortKey("given_at"), "id": SortKey("id")}
    ordering = "-given_at"
    lookup_value_regex = "[0-9]{1,18}"
    problems_of = {"accept": ("illegal-move",)}

    def get_queryset(self) -> QuerySet[Handover]:
        require(self.actor, "see_roster")
        seen = Record.objects.visible_to(self.actor).values("pk")
        lines = HandoverLine.objects.filter(record__in=seen).select_related("assignee").order_by("pk")
        rows = Handover.objects.filter(team__in=queries.rostered_teams(self.actor))
        return rows.select_related("team", "given_by", "accepted_by").prefetch_related(
            Prefetch("lines", lines)
        )

    @extend_schema(
        summary="Hand over", request=HandoverForm, responses={201: HandoverShape}, tags=["handovers"],
        examples=[OpenApiExample("At the end of a shift", value=GIVEN, request_only=True)],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "hand_over")
        form = HandoverForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        facts = form.validated_data
        notes = {each["number"].upper(): each["note"] for each in facts.get("notes", [])}
        # checked before anything is written: a note nobody will read must not be lost in silence
        known = list(handing.open_tickets(facts["team"]).visible_to(self.actor).filter(number__in=notes))
        if strange := sorted(set(notes) - {row.number for row in known}):
            message = _("These are no open tickets of the team: %(numbers)s.")
            raise refuse("notes", message % {"numbers": ", ".join(strange)}, "unknown")
        made = handing.hand_over(
            facts["team"], note=facts["note"], notes={r.pk: notes[r.number] for r in known}, key=uuid.uuid4(),
            actor=self.actor, now=self.now,
        )  # fmt: skip
        row = self.get_queryset().get(pk=made.pk)
        url = reverse("api:handovers-detail", [row.pk], request=request)
        return created(self.get_serializer(row).data, url)

    @extend_schema(
        summary="Accept it", request=NothingForm, filters=False, tags=["handovers"], parameters=[ID]
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        require(self.actor, "hand_over")
        form = NothingForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        handing.accept(row, actor=self.actor, now=self.now)
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)


router = SimpleRouter()
router.register("shifts", Shifts, basename="shifts")
router.register("handovers", Handovers, basename="handovers")
urlpatterns = router.urls
