"""Imports of items over HTTP, /api/v1/item-imports/: what discovery found, tried out first or brought in."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
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
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from cmdb.models import ItemType
from itsm.rest.fields import Flag, Instant, Reference, Text
from itsm.rest.filters import NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records.services import refuse
from verifications import imports, reading, running, words
from verifications.facts import fact_names, said, targets_of
from verifications.models import ImportLine, ItemImport

TAGS = ["item-imports"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
EXAMPLE = {
    "item_type": "server", "match": "attributes.serial", "customer": "acme", "dry_run": True,
    "items": [
        {"name": "web-1", "site": "Hall 1", "attributes": {"serial": "SN-001", "ram": 64}},
        {"name": "web-2", "attributes": {"serial": "SN-002", "ram": 128}},
    ],
}  # fmt: skip


class ItemImportForm(Strict):
    item_type = Reference(lambda actor: ItemType.objects.all(), code="code", see="item-types")
    match = Text(
        max_length=60, help_text="By what an item is found again: `number`, `name` or `attributes.…`."
    )
    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False, allow_null=True,
        default=None, help_text="Whose items these are, where they do not say so.",
    )  # fmt: skip
    change = Text(
        max_length=20, required=False, allow_blank=True, default="",
        help_text="The approved change by which controlled facts are altered.",
    )  # fmt: skip
    is_emptying = Flag(default=False, help_text="null and empty texts take a fact away.")
    dry_run = Flag(default=False, help_text="Only tell what would be done; `run/` does it.")
    items = serializers.ListField(
        child=serializers.DictField(), min_length=1, max_length=reading.MAX_LINES,
        help_text="Facts by name; `attributes` by code.",
    )  # fmt: skip


class ItemImportShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    state = Coded(ItemImport.State.choices)
    item_type = NamedShape(source="type")
    file_name = serializers.CharField(help_text="Empty: it came over HTTP.")
    match = serializers.CharField()
    change = serializers.CharField(source="authority")
    customer = NamedShape(allow_null=True)
    total = serializers.IntegerField()
    counts = serializers.SerializerMethodField(
        help_text="How many lines are at what; before it ran: would be."
    )
    asked_by = PersonShape()
    asked_at = Instant()
    confirmed_at = Instant(allow_null=True)
    finished_at = Instant(allow_null=True)

    def get_url(self, job: ItemImport) -> str:
        return reverse("api:item-imports-detail", [job.pk], request=self.context.get("request"))

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, job: ItemImport) -> dict[str, int]:
        return imports.counts(job)


class ImportEffectShape(Shape):
    fact = serializers.CharField()
    label = serializers.CharField(help_text="In the reader's language.")  # type: ignore[assignment]
    before = serializers.CharField()
    after = serializers.CharField()


class ImportFaultShape(Shape):
    code = serializers.CharField()
    column = serializers.CharField(help_text="The fact, or the file's column; empty: the line as a whole.")
    message = serializers.CharField()


class ImportLineShape(Shape):
    number = serializers.IntegerField(
        help_text="Of the line in the file, or of the item in the list, from 1."
    )
    verdict = Coded(ImportLine.Verdict.choices)
    state = Coded(ImportLine.State.choices)
    item = serializers.SerializerMethodField(help_text="The item's number.")
    effects = serializers.SerializerMethodField()
    faults = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_item(self, line: ImportLine) -> str | None:
        return line.item.number if line.item else None

    @extend_schema_field(ImportEffectShape(many=True))
    def get_effects(self, line: ImportLine) -> Any:
        names = self.context["names"]
        return [
            {
                "fact": each["fact"],
                "label": names.get(each["fact"], each["fact"]),
                "before": said(each["before"]),
                "after": said(each["after"]),
            }
            for each in line.effects
        ]

    @extend_schema_field(ImportFaultShape(many=True))
    def get_faults(self, line: ImportLine) -> Any:
        return [
            {"code": each["code"], "column": each["column"], "message": words.of_fault(each)}
            for each in line.faults
        ]


class ItemImportFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=ItemImport.State.choices)
    item_type = NamedFilter(field_name="type", rows=lambda actor: ItemType.objects.all(), code="code")


class ImportLineFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=ImportLine.State.choices)
    verdict = Several(choices=ImportLine.Verdict.choices)


@extend_schema_view(
    list=extend_schema(summary="Imports of items", tags=TAGS),
    retrieve=extend_schema(summary="One import and how far it is", parameters=[ID], tags=TAGS),
)
class ItemImports(ReadOnly):
    """One's own; managers of all customers see everybody's. Each line by the register's own permissions."""

    queryset = ItemImport.objects.none()
    serializer_class = ItemImportShape
    filterset_class = ItemImportFilters
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id")}
    ordering = "-id"

    def get_queryset(self) -> QuerySet[ItemImport]:
        require(self.actor, imports.ACT)
        return imports.of(self.actor).select_related("asked_by__organisation", "type", "customer")

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, imports.Over):
            exc = Problem("conflict", _("It was stopped, or is over."))
        return super().handle_exception(exc)

    def shown(self, job: ItemImport) -> dict[str, Any]:
        return dict(self.get_serializer(self.get_queryset().get(pk=job.pk)).data)

    @extend_schema(
        summary="Bring items in, or try it out",
        description="Found by the matching key, an item is altered; otherwise it is added. The same again "
        "changes nothing. Up to 20 items are brought in at once, more by a worker: read how far it is.",
        request=ItemImportForm,
        responses={201: ItemImportShape},
        examples=[OpenApiExample("Tried out", value=EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, imports.ACT)
        form = ItemImportForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        sheet = imports.sheet_from(asked["items"])
        self._check_names(sheet.columns, asked["item_type"])
        job = imports.keep(sheet, name="", item_type=asked["item_type"], actor=self.actor, now=self.now)
        try:
            imports.preview(
                job, laid=sheet.columns, match=asked["match"], customer=asked["customer"],
                is_emptying=asked["is_emptying"], authority=asked["change"], actor=self.actor, now=self.now,
            )  # fmt: skip
        except ValidationError as refused:
            job.delete()
            names = {"authority": "change", "laid": "items"}
            raise ValidationError(
                {names.get(name, name): errors for name, errors in refused.error_dict.items()}
            ) from refused
        if not asked["dry_run"]:
            self._run(job)
        data = self.shown(job)
        return created(data, data["url"])

    def _check_names(self, names: tuple[str, ...], item_type: ItemType) -> None:
        known = targets_of(item_type, self.actor)
        if strange := [name for name in names if name not in known]:
            said_ = _("There is no “%(name)s”. Known are: %(names)s.")
            raise refuse(
                "items", said_ % {"name": strange[0][:60], "names": ", ".join(known)}, "unknown_field"
            )

    def _run(self, job: ItemImport) -> None:
        imports.confirm(job, actor=self.actor, now=self.now)
        if job.total <= imports.AT_ONCE and running.run(job.pk, seconds=running.SLICE_SECONDS):
            imports.wake(job.pk)

    @extend_schema(summary="Let it run", request=None, responses=ItemImportShape, parameters=[ID], tags=TAGS)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        job = self.get_object()
        self._run(job)
        return Response(self.shown(job))

    @extend_schema(summary="Stop it", request=None, responses=ItemImportShape, parameters=[ID], tags=TAGS)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        job = self.get_object()
        imports.cancel(job, actor=self.actor, now=self.now)
        return Response(self.shown(job))

    @extend_schema(
        summary="Its lines, what each would do and what became of it",
        responses=ImportLineShape(many=True),
        parameters=[ID],
        tags=TAGS,
    )
    @action(
        detail=True, methods=["get"], filterset_class=ImportLineFilters,
        orderings={"number": SortKey("number")}, ordering="number",
    )  # fmt: skip
    def lines(self, request: Request, pk: str) -> Response:
        job = get_object_or_404(self.get_queryset(), pk=pk)
        rows = self.filter_queryset(job.lines.select_related("item").order_by())
        page = self.paginate_queryset(rows)
        context = {**self.get_serializer_context(), "names": fact_names([job.type_id])}
        return self.get_paginated_response(ImportLineShape(page, many=True, context=context).data)


router = SimpleRouter()
router.register("item-imports", ItemImports, "item-imports")
urlpatterns = router.urls
