"""Shapes of problems and known errors: what is answered, and what each act takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import Actor, may
from catalog.models import Service
from cmdb.models import Item
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, ItemShape, NamedShape, PersonShape, Shape, Strict
from problems import reading
from problems.models import (
    Cause,
    KnownError,
    KnownState,
    Outcome,
    Problem,
    Recurrence,
    Severity,
    Source,
    State,
)
from records.kinds import Kind
from records.models import Record
from records.services import MAX_TEXT


class ProblemWhyShape(Shape):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    question = serializers.CharField()
    answer = serializers.CharField()
    evidence = serializers.CharField()


class ProblemCauseShape(Shape):
    """A hypothesis; ``parent`` is the one it leads to."""

    id = serializers.IntegerField()
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    category = Coded(Cause.Category.choices)
    text = serializers.CharField()
    state = Coded(Cause.State.choices)
    check = serializers.CharField(source="check_words", help_text="How it was checked.")
    is_root = serializers.BooleanField()


class ProblemSolutionShape(Shape):
    id = serializers.IntegerField()
    text = serializers.CharField()
    effort = serializers.CharField()
    is_chosen = serializers.BooleanField()
    verified_at = Instant(allow_null=True)
    verification = serializers.CharField()


class ProblemRecurrenceShape(Shape):
    id = serializers.IntegerField()
    incident = serializers.CharField(source="incident.number")
    state = Coded(Recurrence.State.choices)
    found_at = Instant()
    by_item = serializers.BooleanField(help_text="The same item; else the same service and words.")
    reason = serializers.CharField()


class ProblemLinkedShape(Shape):
    """Another record, with its state in words."""

    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField(help_text="In words.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"number": instance.number, "title": instance.title, "state": reading.state_of(instance)}


class ProblemShape(Shape):
    """A row of a list."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    title_zh = serializers.CharField()
    description = serializers.CharField()
    state = Coded(State.choices)
    source = Coded(Source.choices)  # type: ignore[assignment]
    outcome = Coded(Outcome.choices, help_text="Null until it is closed.")
    severity = Coded(Severity.choices)
    customer = NamedShape()
    service = NamedShape(allow_null=True)
    requester = PersonShape(help_text="Who raised it.")
    expert = PersonShape(source="assignee", allow_null=True)
    opened_at = Instant()
    decided_at = Instant(allow_null=True, help_text="When it was accepted or rejected.")
    expert_since = Instant(allow_null=True)
    done_at = Instant(allow_null=True)
    updated_at = Instant()

    def get_url(self, row: Problem) -> str:
        return reverse("api:problems-detail", [row.number], request=self.context["request"])


class ProblemDetailShape(ProblemShape):
    """With cause, effect and solutions, what stands behind it, and what it was passed to."""

    scope = serializers.CharField()
    summary = serializers.CharField()
    outcome_reason = serializers.CharField()
    prevention = serializers.CharField(help_text="Why no preventive measure is needed.")
    items = ItemShape(many=True)
    whys = ProblemWhyShape(many=True)
    causes = ProblemCauseShape(many=True)
    solutions = ProblemSolutionShape(many=True)
    known_errors = serializers.SerializerMethodField()
    incidents = serializers.SerializerMethodField(help_text="The newest hundred behind it that you may see.")
    changes = serializers.SerializerMethodField(help_text="What it was passed to, with its state.")
    measures = serializers.SerializerMethodField(help_text="Preventive measures.")
    recurrences = serializers.SerializerMethodField()
    lacking = serializers.SerializerMethodField(help_text="By outcome: what is missing, in words.")
    moves = serializers.SerializerMethodField(help_text="What your role may do with it in this state.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_known_errors(self, row: Problem) -> list[str]:
        return list(row.known_errors.order_by("pk").values_list("number", flat=True))

    @extend_schema_field(ProblemLinkedShape(many=True))
    def get_incidents(self, row: Problem) -> Any:
        return ProblemLinkedShape(reading.incidents_of(row, self.asker)[:100], many=True).data

    @extend_schema_field(ProblemLinkedShape(many=True))
    def get_changes(self, row: Problem) -> Any:
        return ProblemLinkedShape(
            [each["record"] for each in reading.changes_of(row, self.asker)], many=True
        ).data

    @extend_schema_field(ProblemLinkedShape(many=True))
    def get_measures(self, row: Problem) -> Any:
        return ProblemLinkedShape(reading.measures_of(row), many=True).data

    @extend_schema_field(ProblemRecurrenceShape(many=True))
    def get_recurrences(self, row: Problem) -> Any:
        seen = Record.objects.visible_to(self.asker)
        rows = row.recurrences.filter(incident__in=seen).select_related("incident")[:100]
        return ProblemRecurrenceShape(rows, many=True, context=self.context).data

    @extend_schema_field(serializers.DictField(child=serializers.ListField(child=serializers.CharField())))
    def get_lacking(self, row: Problem) -> dict[str, list[str]]:
        if row.state not in ("analysing", "solving"):
            return {}
        return {o.value: list(reading.lacking(row, o).values()) for o in Outcome}

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, row: Problem) -> list[str]:
        return list(self.context["moves"])


class KnownErrorShape(Shape):
    """A known error; the texts without an ending are English, those with ``_zh`` Chinese."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    state = Coded(KnownState.choices)
    title = serializers.CharField()
    title_zh = serializers.CharField()
    symptom = serializers.CharField(source="description")
    symptom_zh = serializers.CharField()
    workaround = serializers.CharField()
    workaround_zh = serializers.CharField()
    lacks = serializers.ListField(
        child=serializers.CharField(), help_text="The languages in which the workaround is missing."
    )
    problem = serializers.SerializerMethodField(help_text="The number of the problem that left it.")
    customer = serializers.SerializerMethodField(help_text="Null: of all customers.")
    service = NamedShape(allow_null=True)
    items = ItemShape(many=True)
    matched = serializers.IntegerField(help_text="How many incidents matched it.")
    opened_at = Instant()
    updated_at = Instant()

    def get_url(self, row: KnownError) -> str:
        return reverse("api:known-errors-detail", [row.number], request=self.context["request"])

    def get_problem(self, row: KnownError) -> str | None:
        seen = row.of_problem if row.of_problem and may(self.asker, "link", row.of_problem) else None
        return seen.number if seen else None

    @extend_schema_field(NamedShape(allow_null=True))
    def get_customer(self, row: KnownError) -> Any:
        is_shared = row.customer.kind == "provider"
        return None if is_shared else NamedShape(row.customer, context=self.context).data


# --- input -----------------------------------------------------------------------------------


def services(actor: Actor) -> Any:
    return Service.objects.published()


def items(actor: Actor) -> Any:
    return Item.objects.visible_to(actor)


def customers(actor: Actor) -> Any:
    return accounts.queries.organisations(actor).filter(kind="customer")


def tickets(actor: Actor) -> Any:
    return Record.objects.visible_to(actor).tickets()


def changes(actor: Actor) -> Any:
    return Record.objects.visible_to(actor).filter(kind=Kind.CHANGE.value)


def problems(actor: Actor) -> Any:
    return Problem.objects.visible_to(actor)


def _text(**options: Any) -> Text:
    return Text(**{"max_length": MAX_TEXT, "trim_whitespace": False, **options})


def _some(most: int = MAX_TEXT) -> Text:
    return Text(max_length=most, required=False, allow_blank=True, default="")


class ProblemRaiseForm(Strict):
    title = Text(max_length=200)
    title_zh = _some(200)
    description = _some()
    source = Pick(choices=Source.choices)  # type: ignore[assignment]
    incident = Reference(
        tickets,
        code="number",
        see="incidents",
        required=False,
        default=None,
        help_text="It is behind this one.",
    )
    customer = Reference(customers, code="code", see="organisations", required=False, default=None)
    service = Reference(services, code="code", see="services", required=False, default=None)
    item = Reference(items, code="number", see="items", required=False, default=None)

    def facts(self) -> dict[str, Any]:
        """As the verb takes them."""
        facts = dict(self.validated_data)
        item, incident = facts.pop("item"), facts.pop("incident")
        return {**facts, "caused_by": incident, "items": [item] if item else []}


class ProblemExpertForm(Strict):
    expert = Reference(accounts.queries.assignees, code="username", see="users")


class ProblemReasonForm(Strict):
    reason = _text()


class ProblemNothingForm(Strict):
    """No fields."""


class ProblemEffectForm(Strict):
    scope = _text()
    severity = Pick(choices=Severity.choices)


class ProblemWhyForm(Strict):
    question = Text(max_length=300)
    answer = _text()
    evidence = _some()


class ProblemCauseForm(Strict):
    """A hypothesis on a branch, or below another one."""

    text = _text()
    category = Pick(choices=Cause.Category.choices, required=False, default="")
    parent = serializers.IntegerField(required=False, allow_null=True, default=None)  # type: ignore[assignment]


class ProblemJudgeCauseForm(Strict):
    cause = serializers.IntegerField()
    state = Pick(choices=Cause.State.choices)
    check_words = _some()
    is_root = Flag(required=False, default=False)


class ProblemSolutionForm(Strict):
    text = _text()
    effort = _some(300)


class ProblemChooseForm(Strict):
    solution = serializers.IntegerField()


class ProblemVerifyForm(Strict):
    verification = _text()


class ProblemCloseForm(Strict):
    outcome = Pick(choices=Outcome.choices)
    summary = _text()
    reason = _some()
    prevention = _some()


class ProblemGatherForm(Strict):
    incident = Reference(tickets, code="number", see="incidents")


class ProblemPassForm(Strict):
    change = Reference(changes, code="number", see="changes")


class ProblemJudgeRecurrenceForm(Strict):
    recurrence = serializers.IntegerField()
    came_again = Flag()
    reason = _text()


class KnownErrorForm(Strict):
    """Title and workaround in one language at least."""

    title = _some(200)
    title_zh = _some(200)
    symptom = _some()
    symptom_zh = _some()
    workaround = _some()
    workaround_zh = _some()
    service = Reference(services, code="code", see="services", required=False, allow_null=True, default=None)
    item = Reference(items, code="number", see="items", required=False, default=None)
    problem = Reference(problems, code="number", see="problems", required=False, default=None)
    customer = Reference(customers, code="code", see="organisations", required=False, default=None)

    def facts(self) -> dict[str, Any]:
        facts = dict(self.validated_data)
        item = facts.pop("item")
        return {**facts, "items": [item] if item else []}


class KnownErrorPatch(Strict):
    """What is left out stays."""

    title = Text(max_length=200, required=False, allow_blank=True)
    title_zh = Text(max_length=200, required=False, allow_blank=True)
    symptom = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    symptom_zh = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    workaround = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    workaround_zh = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    service = Reference(services, code="code", see="services", required=False, allow_null=True)
