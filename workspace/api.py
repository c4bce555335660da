"""Bulk edits over HTTP: put one together, read what it would do, let it run, see how far it is, stop it."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
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
from rest_framework.routers import SimpleRouter

from accounts.access import require
from itsm.rest.fields import Flag, Instant, Text
from itsm.rest.filters import Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records import changes
from records.desk import Desk
from records.keyset import DUE
from records.models import Record
from records.services import refuse
from workspace import bulk, running
from workspace.making import Wanted
from workspace.models import BulkEdit, BulkItem

TAGS = ["bulk-edits"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
EXAMPLE = {
    "tickets": ["INC0001042", "INC0001043"],
    "changes": [
        {"name": "priority", "value": {"priority": 1, "reason": "All sites are affected"}},
        {"name": "note", "value": "See the major incident."},
    ],
}


class ChangeForm(Strict):
    name = Text(max_length=60, help_text="Such as `priority`, `team`, `note`, `incident.attach`.")
    value = serializers.JSONField(
        required=False,
        allow_null=True,
        help_text="An id, a text, or parts by name; none where it needs none.",
    )


class BulkEditForm(Strict):
    """`tickets` by number, or `view`: a queue as its page's address asks for it, `view=all&customer=3`."""

    tickets = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=bulk.MOST
    )
    view = Text(max_length=2000, required=False)
    changes = ChangeForm(many=True)
    run = Flag(default=False, help_text="Let it run at once, without looking at the preview.")


class BulkForecastShape(Shape):
    judged = serializers.IntegerField(default=0, help_text="Tickets the preview looked at, the first ones.")
    changed = serializers.IntegerField(default=0)
    reasons = serializers.ListField(default=list, help_text="Pairs: why tickets are left out, how many.")
    to_customers = serializers.IntegerField(default=0, help_text="Messages that will be sent.")
    to_colleagues = serializers.IntegerField(default=0)
    is_estimate = serializers.BooleanField(default=False)


class BulkEditShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    state = Coded(BulkEdit.State.choices)
    changes = serializers.ListField(help_text="As they were asked for.")
    total = serializers.IntegerField()
    counts = serializers.SerializerMethodField(help_text="How many tickets are at what.")
    forecast = BulkForecastShape()
    asked_by = PersonShape()
    asked_at = Instant()
    confirmed_at = Instant(allow_null=True)
    finished_at = Instant(allow_null=True)

    def get_url(self, edit: BulkEdit) -> str:
        return f"/api/v1/bulk-edits/{edit.pk}/"

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, edit: BulkEdit) -> dict[str, int]:
        return dict(edit.items.order_by().values_list("state").annotate(n=Count("pk")))


class EffectShape(Shape):
    change = serializers.CharField(source="label", help_text="In words.")
    before = serializers.CharField()
    after = serializers.CharField()


class BulkItemShape(Shape):
    ticket = serializers.CharField(source="record.number")
    state = Coded(BulkItem.State.choices)
    effects = EffectShape(many=True, help_text="What was changed; before it ran, what would be.")
    reason = serializers.CharField(help_text="Why it was left out.")
    done_at = Instant(allow_null=True)


class BulkEditFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=BulkEdit.State.choices)


@extend_schema_view(
    list=extend_schema(summary="Bulk edits", tags=TAGS),
    retrieve=extend_schema(summary="One bulk edit and how far it is", parameters=[ID], tags=TAGS),
)
class BulkEdits(ReadOnly):
    """One's own; managers of all customers see everybody's. Each ticket is changed by its own permission."""

    queryset = BulkEdit.objects.none()
    serializer_class = BulkEditShape
    filterset_class = BulkEditFilters
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id")}
    ordering = "-id"

    def get_queryset(self) -> QuerySet[BulkEdit]:
        require(self.actor, bulk.ACT)
        return bulk.of(self.actor).select_related("asked_by__organisation")

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, bulk.Over):
            exc = Problem("conflict", _("It was stopped, or is over."))
        return super().handle_exception(exc)

    def shown(self, edit: BulkEdit) -> dict[str, Any]:
        return dict(self.get_serializer(self.get_queryset().get(pk=edit.pk)).data)

    @extend_schema(
        summary="Put a bulk edit together and preview it",
        request=BulkEditForm,
        responses={201: BulkEditShape},
        examples=[OpenApiExample("Two changes on two tickets", value=EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, bulk.ACT)
        form = BulkEditForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        edit = bulk.prepare(
            self._tickets(asked), self._wanted(asked["changes"]), actor=self.actor, now=self.now,
            source=asked.get("view", ""),
        )  # fmt: skip
        if asked["run"]:
            self._run(edit)
        data = self.shown(edit)
        return created(data, data["url"])

    def _tickets(self, asked: dict[str, Any]) -> QuerySet[Record]:
        if ("view" in asked) == ("tickets" in asked):
            raise refuse("tickets", _("Give either tickets or a view."), "required")
        if "tickets" in asked:
            return bulk.tickets_named(asked["tickets"], self.actor)
        rows: QuerySet[Record] = Desk.asked(QueryDict(asked["view"]), self.actor, self.now).records
        return rows.order_by(DUE.expression(), "pk")

    def _wanted(self, asked: list[dict[str, Any]]) -> Wanted:
        wanted = []
        for entry in asked:
            change = changes.get(entry["name"])
            if change is None:
                raise refuse("changes", _("There is no change “%(name)s”.") % {"name": entry["name"]})
            try:
                wanted.append((change, change.clean(entry.get("value"), self.actor)))
            except ValidationError as refused:
                words = f"{entry['name']}: {' '.join(refused.messages)}"
                raise refuse("changes", words) from refused
        return wanted

    def _run(self, edit: BulkEdit) -> None:
        bulk.confirm(edit, actor=self.actor, now=self.now)
        if edit.total <= bulk.AT_ONCE and running.run(edit.pk, seconds=running.SLICE_SECONDS):
            bulk.wake(edit.pk)

    @extend_schema(summary="Let it run", request=None, responses=BulkEditShape, parameters=[ID], tags=TAGS)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        edit = self.get_object()
        self._run(edit)
        return Response(self.shown(edit))

    @extend_schema(summary="Stop it", request=None, responses=BulkEditShape, parameters=[ID], tags=TAGS)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        edit = self.get_object()
        bulk.cancel(edit, actor=self.actor, now=self.now)
        return Response(self.shown(edit))

    @extend_schema(
        summary="Its tickets and what became of each",
        responses=BulkItemShape(many=True),
        parameters=[ID],
        filters=False,
        tags=TAGS,
    )
    @action(detail=True, methods=["get"])
    def tickets(self, request: Request, pk: str) -> Response:
        rows = bulk.items_of(self.get_object(), self.actor).order_by()
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(BulkItemShape(page, many=True).data)


router = SimpleRouter()
router.register("bulk-edits", BulkEdits, "bulk-edits")
urlpatterns = router.urls
