"""Shapes of service transitions over HTTP: what is answered, and what each act takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
import sla.queries
from accounts.access import Actor
from catalog.models import Service
from itsm.rest.fields import Instant as Moment
from itsm.rest.fields import Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from planning.models import ServiceLevelRequirement
from records.services import MAX_TEXT
from releases.api_parts import PlanCheckShape, PlanMemberShape, PlanNodeShape
from transitions import gate, needs, show
from transitions.models import Nature, Observation, State, Template, Transition


class TransitionShape(Shape):
    """A row of a list."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    title_zh = serializers.CharField()
    nature = Coded(Nature.choices)
    state = Coded(State.choices)
    service = NamedShape(source="about", allow_null=True)
    replaces = NamedShape(source="predecessor", allow_null=True)
    customer = NamedShape()
    lead = PersonShape(source="assignee", allow_null=True)
    live_at = Moment(allow_null=True)
    watch_until = Moment(allow_null=True)
    opened_at = Moment()
    updated_at = Moment()

    def get_url(self, row: Transition) -> str:
        return reverse("api:transitions-detail", [row.number], request=self.context["request"])


class GatePointShape(Shape):
    """One thing a service needs before it is live."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_there = serializers.BooleanField()
    words = serializers.CharField(help_text="What was found, or what is missing.")
    exempted_by = serializers.SerializerMethodField()

    @extend_schema_field(PersonShape(allow_null=True))
    def get_exempted_by(self, point: gate.Point) -> Any:
        if point.exempted is None:
            return None
        return PersonShape(point.exempted.decided_by, context=self.context).data


class TransitionDetailShape(TransitionShape):
    """A transition with what it says, what it still needs, and the go-live gate as it is now."""

    description = serializers.CharField()
    agreement = NamedShape(allow_null=True)
    requirement = serializers.CharField(source="requirement.number", allow_null=True, default=None)
    design = serializers.SerializerMethodField()
    plan = serializers.SerializerMethodField()
    watch_days = serializers.IntegerField()
    last_day = serializers.DateField(allow_null=True)
    conclusion = serializers.CharField()
    members = PlanMemberShape(many=True, help_text="The team.")
    nodes = PlanNodeShape(many=True, help_text="The timetable.")
    checks = PlanCheckShape(many=True, help_text="Readiness.")
    needs = serializers.SerializerMethodField(help_text="What stands between it and the next step.")
    gate = serializers.SerializerMethodField(help_text="Of a new or changed service.")
    moves = serializers.SerializerMethodField(help_text="What your role may do with it in this state.")

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_design(self, row: Transition) -> dict[str, str]:
        return {name: getattr(row, name) for name in (*needs.DESIGN, *needs.SERVICE_PLAN)}

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_plan(self, row: Transition) -> dict[str, str]:
        return {name: getattr(row, name) for name in (*needs.PLAN, "continuity")}

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_needs(self, row: Transition) -> list[str]:
        return [need.words for need in show.hindrances(row, self.asker, self.context["now"])]

    @extend_schema_field(GatePointShape(many=True))
    def get_gate(self, row: Transition) -> Any:
        points = [] if row.is_retirement else gate.points(row, self.context["now"])
        return GatePointShape(points, many=True, context=self.context).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, row: Transition) -> list[str]:
        return list(self.context["moves"])


# --- input -----------------------------------------------------------------------------------


def services(actor: Actor) -> Any:
    return Service.objects.filter(withdrawn_at=None)


def requirements(actor: Actor) -> Any:
    return ServiceLevelRequirement.objects.visible_to(actor)


def in_use(actor: Actor) -> Any:
    return Template.objects.filter(is_active=True)


class TransitionOpenForm(Strict):
    """A transition begun; ``template`` by its code: its newest edition is kept."""

    title = Text(max_length=200)
    title_zh = Text(max_length=200, required=False, allow_blank=True)
    nature = Pick(choices=Nature.choices)
    lead = Reference(accounts.queries.assignees, code="username", see="users")
    description = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    customer = Reference(accounts.queries.customers, code="code", see="organisations", required=False)
    service = Reference(services, code="code", see="services", required=False, source="about")
    replaces = Reference(services, code="code", see="services", required=False, source="predecessor")
    requirement = Reference(requirements, code="number", see="requirements", required=False)
    agreement = Reference(sla.queries.agreements, code="code", see="agreements", required=False)
    template = Reference(in_use, code="code", see="transitions", required=False)


def _text() -> Any:
    return Text(max_length=MAX_TEXT, required=False, allow_blank=True)


class TransitionPatchForm(Strict):
    """What design and plan say; what is left out stays."""

    business_process = _text()
    goals = _text()
    indicators = _text()
    content = _text()
    level = _text()
    cost = _text()
    period = _text()
    staffing = _text()
    standard = _text()
    plan_goals = _text()
    scope = _text()
    effect = _text()
    continuity = _text()
    last_day = serializers.DateField(required=False, allow_null=True)
    watch_days = serializers.IntegerField(required=False, min_value=1, max_value=365)
    service = Reference(services, code="code", see="services", required=False, source="about")
    replaces = Reference(services, code="code", see="services", required=False, source="predecessor")
    agreement = Reference(sla.queries.agreements, code="code", see="agreements", required=False)


class TransitionReasonForm(Strict):
    reason = Text(max_length=MAX_TEXT)


class TransitionConcludeForm(Strict):
    conclusion = Text(max_length=MAX_TEXT)


class TransitionExemptForm(Strict):
    point = Pick(choices=tuple(gate.LABELS.items()))
    reason = Text(max_length=MAX_TEXT)


class TransitionObserveForm(Strict):
    sort = Pick(choices=Observation.Sort.choices)
    words = Text(max_length=MAX_TEXT)
    said_by = Text(max_length=150, required=False, allow_blank=True)
