"""Automation over HTTP: rules with what they did, macros, texts, schedules and their runs.

Rules, macros, texts and schedules are written on their pages, where they are looked at before they work; over
HTTP they are read and used.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.access import require
from automation import filling, forms, scheduling, services, steps, telling
from automation.models import Finding, Macro, ReplyTemplate, Rhythm, Rule, Run, Schedule, ScheduleRun, When
from automation.steps import Line
from itsm.rest import schema, versions
from itsm.rest.fields import Instant, Pick, Text
from itsm.rest.filters import FlagFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records.models import Record
from records.services import Stale, get_record

TAGS = ["automation"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
DIGITS = "[0-9]{1,18}"


class StepLineShape(Shape):
    change = serializers.CharField(help_text="Stable; for programs.")
    label = serializers.CharField()  # type: ignore[assignment]
    words = serializers.CharField(help_text="Its value, in words.")
    before = serializers.CharField()
    after = serializers.CharField()
    refused = serializers.CharField(help_text="Why it was skipped; empty where it was done.")


def _lines(lines: list[Line]) -> Any:
    return StepLineShape(lines, many=True).data


# --- rules ---------------------------------------------------------------------------------------


class RuleShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    position = serializers.IntegerField(help_text="Rules are asked from the smallest to the largest.")
    is_on = serializers.SerializerMethodField()
    edition = serializers.IntegerField(source="active.number", default=None, allow_null=True)
    when = serializers.SerializerMethodField(help_text="Of the edition in force.")
    keeper = PersonShape(allow_null=True, help_text="Who switched it on; it may do what that person may.")
    failures = serializers.IntegerField(help_text="In a row; five pause it.")
    paused_reason = serializers.CharField()
    version = serializers.IntegerField()

    def get_is_on(self, row: Rule) -> bool:
        return row.active_id is not None

    def get_when(self, row: Rule) -> str | None:
        return When(row.active.when).value if row.active else None


class RuleRunShape(Shape):
    id = serializers.IntegerField()
    at = Instant()
    record = serializers.CharField(source="record.number")
    edition = serializers.IntegerField(source="edition.number")
    outcome = Coded(Run.Outcome.choices)
    error = serializers.CharField()
    lines = serializers.SerializerMethodField()

    def get_lines(self, run: Run) -> list[dict[str, Any]]:
        return [dict(StepLineShape(line).data) for line in telling.read(run.lines)]


@extend_schema_view(
    list=extend_schema(summary="Automation rules, in their order", tags=TAGS),
    retrieve=extend_schema(summary="One rule", parameters=[ID], tags=TAGS),
)
class Rules(ReadOnly):
    """For managers."""

    queryset = Rule.objects.none()
    serializer_class = RuleShape
    lookup_value_regex = DIGITS
    orderings: ClassVar[dict[str, SortKey]] = {"position": SortKey("position"), "id": SortKey("id")}
    ordering = "position"

    def get_queryset(self) -> QuerySet[Rule]:
        require(self.actor, "lead_automation")
        return Rule.objects.select_related("active", "keeper__organisation")

    @extend_schema(
        summary="Its last 100 runs", responses=RuleRunShape(many=True), parameters=[ID], tags=TAGS,
        filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["get"], pagination_class=None)
    def runs(self, request: Request, pk: str) -> Response:
        seen = Record.objects.visible_to(self.actor)
        rows = self.get_object().runs.filter(record__in=seen).select_related("record", "edition")
        return Response(RuleRunShape(rows.order_by("-pk")[:100], many=True).data)


# --- macros and texts ----------------------------------------------------------------------------


class MacroShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    team = NamedShape(allow_null=True)
    is_personal = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    template = serializers.IntegerField(source="template_id", allow_null=True)
    is_note = serializers.BooleanField(help_text="Its text becomes an internal note.")

    def get_is_personal(self, row: Macro) -> bool:
        return row.owner_id is not None

    def get_steps(self, row: Macro) -> list[dict[str, Any]]:
        lines = steps.words_of(row.steps, self.asker)
        return [{"change": line.change, "label": line.label, "words": line.words} for line in lines]


class UseMacroForm(Strict):
    record = Text(max_length=20, help_text="Number of the ticket.")
    version = serializers.IntegerField(min_value=1, help_text="Of the ticket, as it was seen.")
    text = Text(max_length=50_000, required=False, help_text="The reply or note that goes with it.")


@extend_schema_view(
    list=extend_schema(summary="Macros one may use", tags=TAGS),
    retrieve=extend_schema(summary="One macro", parameters=[ID], tags=TAGS),
)
class Macros(ReadOnly):
    """One's own, everybody's and one's teams'."""

    queryset = Macro.objects.none()
    serializer_class = MacroShape
    lookup_value_regex = DIGITS

    def get_queryset(self) -> QuerySet[Macro]:
        require(self.actor, "use_automation")
        return Macro.objects.usable_by(self.actor).select_related("team")

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.record.version)})
        return super().handle_exception(exc)

    @extend_schema(
        summary="Use a macro on a ticket",
        description="All of it in one transaction; 412 where the ticket was saved since `version`.",
        request=UseMacroForm,
        responses=StepLineShape(many=True),
        parameters=[ID],
        examples=[OpenApiExample("Use", value={"record": "INC0000042", "version": 3}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def use(self, request: Request, pk: str) -> Response:
        macro = self.get_object()
        form = UseMacroForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data
        lines = services.use_macro(
            macro, get_record(self.actor, given["record"]), actor=self.actor, now=self.now,
            expected_version=given["version"], text=given.get("text", ""),
        )  # fmt: skip
        return Response(_lines(lines))


class TemplateShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    text_en = serializers.CharField()
    text_zh = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    team = NamedShape(allow_null=True)


class FilledShape(Shape):
    language = serializers.CharField()
    text = serializers.CharField()


RECORD = OpenApiParameter("record", str, required=True, description="Number of the ticket.")


@extend_schema_view(
    list=extend_schema(summary="Reply templates one may use", tags=TAGS),
    retrieve=extend_schema(summary="One reply template", parameters=[ID], tags=TAGS),
)
class Templates(ReadOnly):
    queryset = ReplyTemplate.objects.none()
    serializer_class = TemplateShape
    lookup_value_regex = DIGITS

    def get_queryset(self) -> QuerySet[ReplyTemplate]:
        require(self.actor, "use_automation")
        return ReplyTemplate.objects.usable_by(self.actor).select_related("team")

    @extend_schema(
        summary="Its text for a ticket, in the language of the person affected",
        responses=FilledShape,
        parameters=[ID, RECORD],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def filled(self, request: Request, pk: str) -> Response:
        require(self.actor, "use_automation")
        record = get_record(self.actor, request.query_params.get("record", ""))
        require(self.actor, "note", record)
        template = get_object_or_404(forms.templates_for(self.actor, record.kind), pk=pk)
        text = filling.text_of(template, record, actor=self.actor, now=self.now)
        return Response({"language": filling.language_of(record), "text": text})


# --- recurring work ------------------------------------------------------------------------------


class ScheduleShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    customer = NamedShape()
    every = Coded(Rhythm.choices)
    zone = serializers.CharField()
    next_at = Instant(allow_null=True)
    is_active = serializers.BooleanField()
    last_error = serializers.CharField()


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


class ExtraForm(Strict):
    reason = Text(max_length=300)
    key = Text(max_length=100, required=False, help_text="The same key makes the run once.")


class FoundForm(Strict):
    position = serializers.IntegerField(min_value=1)
    outcome = Pick(Finding.Outcome.choices)
    note = Text(max_length=2000, required=False)


class RunFinishForm(Strict):
    findings = FoundForm(many=True)
    conclusion = Text(max_length=50_000, required=False)


class ScheduleFilters(framework.FilterSet):  # type: ignore[misc]
    is_active = FlagFilter(field_name="is_active")
    every = Several(choices=Rhythm.choices)


@extend_schema_view(
    list=extend_schema(summary="Schedules of recurring work", tags=TAGS),
    retrieve=extend_schema(summary="One schedule", parameters=[ID], tags=TAGS),
)
class Schedules(ReadOnly):
    queryset = Schedule.objects.none()
    serializer_class = ScheduleShape
    filterset_class = ScheduleFilters
    lookup_value_regex = DIGITS

    def get_queryset(self) -> QuerySet[Any]:
        require(self.actor, "api")
        rows: QuerySet[Any] = Schedule.objects.visible_to(self.actor)
        return rows.select_related("customer")

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
        form = ExtraForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        run = scheduling.run_extra(row, **form.validated_data, actor=self.actor, now=self.now)
        shown = ScheduleRunShape(run, context=self.get_serializer_context()).data
        return created(shown, shown["url"], ETag=versions.etag(run.version))


class RunFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=ScheduleRun.State.choices)
    has_findings = FlagFilter(field_name="has_findings")


@extend_schema_view(
    list=extend_schema(summary="Runs of recurring work, with their findings", tags=TAGS),
    retrieve=extend_schema(summary="One run", parameters=[ID], tags=TAGS),
)
class ScheduleRuns(ReadOnly):
    queryset = ScheduleRun.objects.none()
    serializer_class = ScheduleRunShape
    filterset_class = RunFilters
    lookup_value_regex = DIGITS

    def get_queryset(self) -> QuerySet[Any]:
        require(self.actor, "api")
        rows: QuerySet[Any] = ScheduleRun.objects.visible_to(self.actor)
        return rows.select_related("record", "schedule", "done_by__organisation").prefetch_related("findings")

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.Stale) and isinstance(exc.row, ScheduleRun):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.row.version)})
        return super().handle_exception(exc)

    def answer(self, pk: int) -> Response:
        data = self.get_serializer(self.get_queryset().get(pk=pk)).data
        return Response(data, headers={"ETag": versions.etag(data["version"])})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(
        summary="A run is done, with a finding for each line of its checklist",
        request=RunFinishForm,
        responses=ScheduleRunShape,
        parameters=[ID, schema.IF_MATCH],
        examples=[
            OpenApiExample("Done", value={"findings": [{"position": 1, "outcome": "ok"}]}, request_only=True)
        ],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def finish(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        expected = versions.expected(request, row.version, required=False)
        form = RunFinishForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data
        scheduling.finish(
            row, given["findings"], conclusion=given.get("conclusion", ""), actor=self.actor, now=self.now,
            expected_version=expected,
        )  # fmt: skip
        return self.answer(row.pk)


router = SimpleRouter()
router.register("automation-rules", Rules, "automation-rules")
router.register("macros", Macros, "macros")
router.register("reply-templates", Templates, "reply-templates")
router.register("schedules", Schedules, "schedules")
router.register("schedule-runs", ScheduleRuns, "schedule-runs")
urlpatterns = router.urls
