"""Shapes of releases over HTTP: what is answered, and what each act takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import Actor
from changes.models import Change
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from records.kinds import Kind
from records.models import Record
from records.services import MAX_TEXT
from releases import show
from releases.api_parts import PlanCheckShape, PlanMemberShape, PlanNodeShape
from releases.models import Observation, PlanTest, Release, State, StepSort


class ReleaseShape(Shape):
    """A row of a list."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    title_zh = serializers.CharField()
    state = Coded(State.choices)
    outcome = Coded(Release.Outcome.choices)
    customer = NamedShape()
    manager = PersonShape(source="assignee", allow_null=True)
    planned_start_at = Instant(allow_null=True)
    planned_end_at = Instant(allow_null=True)
    deployed_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    monitor_until = Instant(allow_null=True)
    opened_at = Instant()
    updated_at = Instant()

    def get_url(self, row: Release) -> str:
        return reverse("api:releases-detail", [row.number], request=self.context["request"])


class ReleaseStepShape(Shape):
    id = serializers.IntegerField()
    kind = Coded(StepSort.choices, source="sort")
    title = serializers.CharField()
    planned_at = Instant(allow_null=True)
    started_at = Instant(allow_null=True)
    done_at = Instant(allow_null=True)
    done_by = PersonShape(allow_null=True)
    result = serializers.CharField()


class ReleaseItemShape(Shape):
    item = serializers.CharField(source="item.number")
    change = serializers.CharField(source="change.number")
    step = serializers.IntegerField(source="step_id")
    revision = serializers.CharField()
    revision_before = serializers.CharField()
    updated_at = Instant(allow_null=True)
    backed_out_at = Instant(allow_null=True)


class ReleaseDetailShape(ReleaseShape):
    """A release with its plan, what it brings in, its steps and its report."""

    description = serializers.CharField()
    objective = serializers.CharField()
    expected_result = serializers.CharField()
    scope = serializers.CharField()
    effect = serializers.CharField()
    criteria = serializers.CharField(help_text="When it is backed out.")
    decide_at = Instant(allow_null=True)
    decider = PersonShape(allow_null=True)
    decision = Coded(Release.Decision.choices)
    decided_at = Instant(allow_null=True)
    monitor_days = serializers.IntegerField()
    changes = serializers.SerializerMethodField(help_text="Their numbers.")
    items = ReleaseItemShape(source="release_items", many=True)
    steps = ReleaseStepShape(many=True)
    members = PlanMemberShape(many=True, help_text="The team.")
    nodes = PlanNodeShape(many=True, help_text="The timetable.")
    checks = PlanCheckShape(many=True, help_text="Readiness.")
    incidents = serializers.SerializerMethodField(help_text="Those that have to do with it.")
    analysis = serializers.CharField()
    conclusions = serializers.CharField()
    review = serializers.CharField(source="review_words")
    reviewed_by = PersonShape(allow_null=True)
    needs = serializers.SerializerMethodField(help_text="What stands between it and the next step.")
    moves = serializers.SerializerMethodField(help_text="What your role may do with it in this state.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_changes(self, row: Release) -> list[str]:
        return list(row.bundled.values_list("change__number", flat=True))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_incidents(self, row: Release) -> list[str]:
        found = row.incidents.filter(is_related=True).values("incident")
        seen = Record.objects.visible_to(self.asker).filter(pk__in=found)
        return list(seen.order_by("pk").values_list("number", flat=True))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_needs(self, row: Release) -> list[str]:
        return [need.words for need in show.hindrances(row, self.asker, self.context["now"])]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, row: Release) -> list[str]:
        return list(self.context["moves"])


# --- input -----------------------------------------------------------------------------------


def changes(actor: Actor) -> Any:
    return Change.objects.visible_to(actor)


def incidents(actor: Actor) -> Any:
    return Record.objects.visible_to(actor).filter(kind=Kind.INCIDENT)


class ReleaseOpenForm(Strict):
    title = Text(max_length=200)
    title_zh = Text(max_length=200, required=False, allow_blank=True)
    manager = Reference(accounts.queries.assignees, code="username", see="users")
    description = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    customer = Reference(accounts.queries.customers, code="code", see="organisations", required=False)


def _text() -> Any:
    return Text(max_length=MAX_TEXT, required=False, allow_blank=True)


class ReleasePatchForm(Strict):
    """What the plan says; what is left out stays."""

    objective = _text()
    expected_result = _text()
    scope = _text()
    effect = _text()
    criteria = _text()
    planned_start_at = Instant(required=False, allow_null=True)
    planned_end_at = Instant(required=False, allow_null=True)
    decide_at = Instant(required=False, allow_null=True)
    decider = Reference(accounts.queries.assignees, code="username", see="users", required=False)
    monitor_days = serializers.IntegerField(required=False, min_value=1, max_value=365)


class ReleaseReasonForm(Strict):
    reason = Text(max_length=MAX_TEXT)


class ReleaseBundleForm(Strict):
    change = Reference(changes, code="number", see="changes")


class ReleaseTestForm(Strict):
    result = Pick(choices=PlanTest.Result.choices)
    words = Text(max_length=MAX_TEXT)


class ReleaseStepForm(Strict):
    """The step that was done; the items it updates have their new revision with it."""

    step = serializers.IntegerField(min_value=1)
    result = Text(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class ReleaseDecideForm(Strict):
    decision = Pick(choices=Release.Decision.choices)
    words = Text(max_length=MAX_TEXT)


class ReleaseObserveForm(Strict):
    sort = Pick(choices=Observation.Sort.choices)
    words = Text(max_length=MAX_TEXT)
    said_by = Text(max_length=150, required=False, allow_blank=True)


class ReleaseJudgeForm(Strict):
    incident = Reference(incidents, code="number", see="incidents")
    is_related = Flag()
    words = Text(max_length=MAX_TEXT, required=False, allow_blank=True)


class ReleaseReportForm(Strict):
    analysis = Text(max_length=MAX_TEXT)
    conclusions = Text(max_length=MAX_TEXT)


class ReleaseReviewForm(Strict):
    words = Text(max_length=MAX_TEXT)
