"""Lists as files over HTTP: ask for one, see how far it is, fetch it, stop it."""

import secrets
from typing import Any, ClassVar

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.access import Denied, require
from exports import fetching, services, sources
from exports.models import Export
from itsm.rest.fields import Instant, Text
from itsm.rest.filters import Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, Shape, Strict
from itsm.rest.views import ReadOnly
from records.services import refuse

TAGS = ["exports"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
EXAMPLE = {"source": "tickets", "query": "view=all&customer=3", "format": "csv"}


class ExportForm(Strict):
    """`source`: one of `/api/v1/exports/sources/`; `query`: what the address of its page says after `?`."""

    source = Text(max_length=60)  # type: ignore[assignment]  # the field, not DRF's own word
    query = Text(max_length=services.LONGEST_QUERY, required=False, allow_blank=True)
    format = serializers.ChoiceField(choices=Export.Format.choices, default=Export.Format.CSV)
    language = Text(max_length=10, required=False, help_text="The account's where it is left out.")
    zone = Text(max_length=64, required=False, help_text="The account's where it is left out.")


class ExportShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    source = serializers.CharField()  # type: ignore[assignment]
    query = serializers.CharField()
    format = Coded(Export.Format.choices)
    language = serializers.CharField()
    zone = serializers.CharField()
    state = Coded(Export.State.choices)
    total = serializers.IntegerField(allow_null=True, help_text="Rows of the list; null before it is known.")
    position = serializers.IntegerField(help_text="Rows gone through.")
    rows = serializers.IntegerField(source="done_rows", help_text="Rows written.")
    reason = serializers.CharField(help_text="Why it failed, in words.")
    asked_at = Instant()
    finished_at = Instant(allow_null=True)
    expires_at = Instant(allow_null=True, help_text="Until then the file is kept.")
    size = serializers.IntegerField(help_text="Bytes.")
    file = serializers.SerializerMethodField(help_text="Where the file is; null while there is none.")

    def get_url(self, export: Export) -> str:
        return f"/api/v1/exports/{export.pk}/"

    def get_file(self, export: Export) -> str | None:
        return f"{self.get_url(export)}file/" if export.state == Export.State.DONE else None


class ColumnShape(Shape):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.CharField(help_text="text, number, moment, date, duration or flag.")


class SourceShape(Shape):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    page = serializers.SerializerMethodField(help_text="The list's page, whose address says the query.")
    columns = serializers.SerializerMethodField(help_text="Empty where they depend on what the query names.")

    def get_page(self, source: sources.Source) -> str:
        return source.address(services.query_of(""))

    @extend_schema(responses=ColumnShape(many=True))
    def get_columns(self, source: sources.Source) -> list[dict[str, Any]]:
        try:
            columns = source.columns_for(self.context["actor"], services.query_of(""))
        except (Http404, Denied, BadRequest):  # a list of something has columns when it is said of what
            columns = []
        return [{"name": c.name, "label": str(c.label), "kind": c.kind} for c in columns]


class ExportFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=Export.State.choices)


@extend_schema_view(
    list=extend_schema(summary="One's exports", tags=TAGS),
    retrieve=extend_schema(summary="One export and how far it is", parameters=[ID], tags=TAGS),
)
class Exports(ReadOnly):
    """One's own, nobody else's. A file holds what its list shows the asker when it is made."""

    queryset = Export.objects.none()
    serializer_class = ExportShape
    filterset_class = ExportFilters
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id")}
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Export]:
        require(self.actor, services.ACT)
        return services.of(self.actor).order_by()

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.Over):
            exc = Problem("conflict", _("It was finished or stopped before."))
        return super().handle_exception(exc)

    @extend_schema(
        summary="Ask for a list as a file",
        request=ExportForm,
        responses={202: ExportShape},
        examples=[OpenApiExample("The open tickets of a customer", value=EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, services.ACT)
        form = ExportForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        source = sources.get(asked["source"])
        if source is None:
            raise refuse("source", _("There is no such list."), "invalid")
        export, _is_new = services.ask(
            source, asked.get("query", ""), asked["format"], once=f"api-{secrets.token_hex(16)}",
            actor=self.actor, now=self.now, language=asked.get("language", ""), zone=asked.get("zone", ""),
        )  # fmt: skip
        data = dict(self.get_serializer(export).data)
        return Response(data, status=202, headers={"Location": data["url"]})

    @extend_schema(
        summary="The lists one may export, with their columns",
        responses=SourceShape(many=True),
        filters=False,
        tags=TAGS,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def sources(self, request: Request) -> Response:
        require(self.actor, services.ACT)
        offered = sources.offered_to(self.actor)
        shapes = SourceShape(offered, many=True, context={"actor": self.actor})
        return Response({"results": shapes.data})

    @extend_schema(
        summary="The finished file",
        responses={200: OpenApiTypes.BINARY},
        parameters=[ID],
        tags=TAGS,
    )
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        return fetching.answer(self.get_object(), self.actor)

    @extend_schema(summary="Stop it", request=None, responses=ExportShape, parameters=[ID], tags=TAGS)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        export = self.get_object()
        services.cancel(export, actor=self.actor, now=self.now)
        return Response(self.get_serializer(export).data)


router = SimpleRouter()
router.register("exports", Exports, "exports")
urlpatterns = router.urls
