"""What belongs to requests, over HTTP: approvals asked of the reader, and the tasks of the desk."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.pages import actor_of
from fulfilment import approvals, work
from fulfilment.api_shapes import long
from fulfilment.models import Approval, ApprovalStage, Task
from itsm.rest.fields import Flag, Instant, Pick
from itsm.rest.filters import FlagFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly

RESULTS = [(Approval.Result.APPROVED.value, "approved"), (Approval.Result.REJECTED.value, "rejected")]


class ApprovalShape(Shape):
    id = serializers.IntegerField()
    request = serializers.CharField(source="stage.request.number")
    title = serializers.CharField(source="stage.request.title")
    stage = serializers.CharField(source="stage.name")
    rule = Coded(ApprovalStage.Rule.choices, source="stage.rule")
    asked_at = Instant(source="stage.opened_at")
    result = Coded(Approval.Result.choices)
    comment = serializers.CharField()
    decided_at = Instant(allow_null=True)


class DecideForm(Strict):
    result = Pick(choices=RESULTS)
    comment = long(required=False, allow_blank=True, default="", help_text="Needed to reject.")


class ApprovalFilters(framework.FilterSet):  # type: ignore[misc]
    waiting = FlagFilter(method="by_waiting", label="Not answered, and still needed.")

    def by_waiting(self, rows: Any, name: str, value: bool) -> Any:
        return rows.waiting() if value else rows.exclude(result="")


@extend_schema_view(
    list=extend_schema(summary="Approvals asked of you"), retrieve=extend_schema(summary="One of them")
)
class Approvals(ReadOnly):
    """Yours alone; how a request stands is told by its activities."""

    queryset = Approval.objects.none()
    serializer_class = ApprovalShape
    filterset_class = ApprovalFilters
    lookup_value_regex = "[0-9]{1,18}"
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Approval]:
        return Approval.objects.of(self.actor).select_related("stage__request")

    @extend_schema(
        summary="Approve or reject",
        request=DecideForm,
        responses=ApprovalShape,
        filters=False,
        examples=[OpenApiExample("Yes", value={"result": "approved"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        form = DecideForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        approvals.decide(row, **form.validated_data, actor=self.actor, now=self.now)
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)


class TaskShape(Shape):
    id = serializers.IntegerField()
    request = serializers.CharField(source="request.number")
    title = serializers.CharField()
    step = serializers.IntegerField(source="order", help_text="Those of one step stand side by side.")
    state = Coded(Task.State.choices)
    team = NamedShape(allow_null=True)
    assignee = PersonShape(allow_null=True)
    result = serializers.CharField()
    ready_at = Instant(allow_null=True)
    started_at = Instant(allow_null=True)
    done_at = Instant(allow_null=True)


class FinishTaskForm(Strict):
    result = long(help_text="What was done, or why it is not needed.")
    is_needed = Flag(default=True)


class NothingForm(Strict):
    """No fields."""


class TaskFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=Task.State.choices)
    request = framework.CharFilter(field_name="request__number", lookup_expr="iexact", max_length=20)
    mine = FlagFilter(method="by_mine", label="Given to you, or to nobody in one of your teams.")

    def by_mine(self, rows: Any, name: str, value: bool) -> Any:
        return rows.of(actor_of(self.request)) if value else rows


@extend_schema_view(
    list=extend_schema(summary="Tasks of requests"), retrieve=extend_schema(summary="One task")
)
class Tasks(ReadOnly):
    """The desk side's; customers see how far a request is on its page."""

    queryset = Task.objects.none()
    serializer_class = TaskShape
    filterset_class = TaskFilters
    lookup_value_regex = "[0-9]{1,18}"
    orderings = {"id": SortKey("id"), "step": SortKey("order")}
    ordering = "id"

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.visible_to(self.actor).select_related("request", "team", "assignee")

    def _answer(self, task: Task) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=task.pk)).data)

    @extend_schema(summary="Begin it", request=NothingForm, responses=TaskShape, filters=False)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        task = self.get_object()
        require(self.actor, "work_task", task.request)
        return self._answer(work.start(task, actor=self.actor, now=self.now))

    @extend_schema(
        summary="It is done, or not needed",
        request=FinishTaskForm,
        responses=TaskShape,
        filters=False,
        examples=[OpenApiExample("Done", value={"result": "Installed."}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        task = self.get_object()
        require(self.actor, "work_task", task.request)
        form = FinishTaskForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        return self._answer(work.finish(task, **form.validated_data, actor=self.actor, now=self.now))
