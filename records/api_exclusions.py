"""Exclusions over HTTP, /api/v1/exclusions/: asked with evidence, decided by a second person (SLM-32)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import Denied, require
from itsm.rest.fields import Instant, Pick, Text
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.serializers import Coded, CodedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records import exclusions
from records.api_breaches import OfClocks, version_of, visible
from records.api_clock_list import ClockRecordShape
from records.api_clocks import VersionShape
from records.services import MAX_TEXT
from sla.models import Clock, Exclusion, Metric

PENDING = "pending"
STATES = {PENDING: _("to be decided"), **dict(Exclusion.Decision.choices)}
ASK = {
    "clock": 7,
    "reason": "force_majeure",
    "evidence": "Notice of the power company, file 3 on the ticket.",
}
DECIDE = {"decision": "rejected", "note": "The notice is about another building."}
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)


class ExclusionFilters(OfClocks):
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(method="by_state", choices=list(STATES.items()))
    reason = Several(choices=Exclusion.Reason.choices)
    asked_by = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)
    asked_after = InstantFilter(field_name="asked_at", lookup_expr="gte")
    asked_before = InstantFilter(field_name="asked_at", lookup_expr="lt")

    def by_state(self, rows: QuerySet[Exclusion], name: str, value: list[str]) -> QuerySet[Exclusion]:
        return rows.filter(Q(decision__in=["" if state == PENDING else state for state in value]))


class ExclusionShape(Shape):
    """A clock that does not count, or that somebody asks not to count."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    clock = serializers.IntegerField(source="clock_id", help_text="At /api/v1/clocks/.")
    record = ClockRecordShape(source="clock.record")
    metric = Coded(Metric.choices, source="clock.metric")
    agreement = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    reason = Coded(Exclusion.Reason.choices)
    evidence = serializers.CharField()
    asked_by = PersonShape()
    asked_at = Instant()
    decision_note = serializers.CharField()
    decided_by = PersonShape(allow_null=True)
    decided_at = Instant(allow_null=True)

    def get_url(self, exclusion: Exclusion) -> str:
        return reverse("api:exclusions-detail", [exclusion.pk], request=self.context["request"])

    @extend_schema_field(CodedShape())
    def get_state(self, exclusion: Exclusion) -> dict[str, str]:
        code = exclusion.decision or PENDING
        return {"code": code, "label": str(STATES[code])}

    @extend_schema_field(VersionShape())
    def get_agreement(self, exclusion: Exclusion) -> dict[str, Any]:
        return version_of(exclusion.clock)


def long(**kwargs: Any) -> Text:
    return Text(max_length=MAX_TEXT, trim_whitespace=False, **kwargs)


class AskForm(Strict):
    clock = serializers.IntegerField(help_text="The id of the clock that shall not count.")
    reason = Pick(choices=Exclusion.Reason.choices)
    evidence = long(help_text="What proves it: a file on the ticket, a mail, a notice.")


class DecideExclusionForm(Strict):
    decision = Pick(choices=Exclusion.Decision.choices, help_text="Only what is approved can be revoked.")
    note = long(required=False, allow_blank=True, default="", help_text="Needed unless it is approved.")


@extend_schema_view(
    list=extend_schema(summary="Exclusions of clocks of all records you may see", tags=["clocks"]),
    retrieve=extend_schema(summary="One exclusion", tags=["clocks"]),
)
class Exclusions(ReadOnly):
    """For the desk side. Who asked cannot decide."""

    queryset = Exclusion.objects.none()
    serializer_class = ExclusionShape
    filterset_class = ExclusionFilters
    orderings = {"asked_at": SortKey("asked_at"), "id": SortKey("id")}
    ordering = "-asked_at"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Exclusion]:
        rows = Exclusion.objects.select_related(
            "clock__record__customer", "clock__agreement_version__agreement", "asked_by", "decided_by"
        )
        return visible(self.actor, rows, "clock")

    @extend_schema(
        summary="Ask that a clock does not count",
        request=AskForm,
        responses={201: ExclusionShape},
        examples=[OpenApiExample("A power cut", value=ASK, request_only=True)],
        tags=["clocks"],
    )
    def create(self, request: Request) -> Response:
        if not self.actor.is_desk_side:
            raise Denied(self.actor, "ask_exclusion")
        form = AskForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        clock = self.clock(asked.pop("clock"))
        made = exclusions.ask(clock.record, clock, **asked, actor=self.actor, now=self.now)
        data = self.get_serializer(self.get_queryset().get(pk=made.pk)).data
        return created(data, data["url"])

    def clock(self, pk: int) -> Clock:
        """A clock the actor may know of; what is unknown and what is invisible are refused alike."""
        rows = visible(self.actor, Clock.every.select_related("record"))
        found: Clock | None = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
        if found is None:
            message = _("There is nothing you may name here under that id or code.")
            raise refuse("clock", message, "does_not_exist", _("Choose one of /api/v1/clocks/, by id."))
        return found

    @extend_schema(
        summary="Approve, reject or revoke an exclusion",
        request=DecideExclusionForm,
        responses=ExclusionShape,
        parameters=[ID],
        examples=[OpenApiExample("A refusal", value=DECIDE, request_only=True)],
        tags=["clocks"],
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        asked = self.get_object()
        record = asked.clock.record
        require(self.actor, "decide_exclusion", record)
        form = DecideExclusionForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        exclusions.decide(record, asked, **form.validated_data, actor=self.actor, now=self.now)
        return Response(self.get_serializer(self.get_queryset().get(pk=asked.pk)).data)


router = SimpleRouter()
router.register("exclusions", Exclusions, basename="exclusions")
urlpatterns = router.urls
