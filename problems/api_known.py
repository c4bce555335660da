"""Known errors over HTTP: read, offered for a ticket, recorded, written, matched, ended."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.access import require
from itsm.rest import schema, versions
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet, created
from problems import api_shapes as shapes
from problems import known, lifecycle, matching, show
from problems.models import KnownError, KnownState
from records import api as below
from records import search
from records.lifecycle import IllegalMove
from records.services import Stale, get_record

RECORDED = {
    "title": "Outbox blocked by a large mail",
    "workaround": "Delete it.",
    "workaround_zh": "删除它。",
}
MOST_OFFERED = 10


class KnownErrorFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=KnownState.choices)
    service = NamedFilter(rows=shapes.services, code="code")
    q = framework.CharFilter(method="by_words", max_length=100, label="Words, English or Chinese.")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lt")

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        return search.find(rows, value.replace("\0", ""), actor=self.request.actor)


def operation(summary: str, form: type[Strict], example: Mapping[str, Any]) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=shapes.KnownErrorShape, parameters=[schema.IF_MATCH],
            examples=[OpenApiExample(summary, value=dict(example), request_only=True)], filters=False,
            tags=["known-errors"],
        )(handler)  # fmt: skip
        name = handler.__name__
        return action(detail=True, methods=["post"], url_path=name, url_name=name)(described)

    return decorate


@extend_schema_view(list=extend_schema(summary="Known errors", tags=["known-errors"]))
class KnownErrors(mixins.ListModelMixin, ViewSet):
    """What is known is the provider's own; of one customer it is for who works for it."""

    queryset = KnownError.objects.none()
    serializer_class = shapes.KnownErrorShape
    filterset_class = KnownErrorFilters
    orderings = {"opened_at": SortKey("opened_at"), "updated_at": SortKey("updated_at")}
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"

    def get_queryset(self) -> QuerySet[KnownError]:
        require(self.actor, "directory")
        rows = show.with_matches(KnownError.objects.readable_by(self.actor))
        return rows.select_related("customer", "service", "of_problem").prefetch_related("items")

    def row(self) -> KnownError:
        """The known error of the path; 404 where it may not be read."""
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def answer(self) -> Response:
        row = self.row()
        data = shapes.KnownErrorShape(row, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(row.version)})

    @extend_schema(
        summary="One known error", responses=shapes.KnownErrorShape, tags=["known-errors"], filters=False
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Record a known error",
        request=shapes.KnownErrorForm,
        responses={201: shapes.KnownErrorShape},
        examples=[OpenApiExample("In two languages", value=RECORDED, request_only=True)],
        tags=["known-errors"],
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "write_known_error")
        form = shapes.KnownErrorForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = known.record_error(**form.facts(), actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.answer().data
        url = reverse("api:known-errors-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Write what it says",
        request=shapes.KnownErrorPatch,
        responses=shapes.KnownErrorShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[
            OpenApiExample("The Chinese words", value={"workaround_zh": "删除它。"}, request_only=True)
        ],
        tags=["known-errors"],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        row = self.row()
        require(self.actor, "write_known_error", row)
        expected = versions.expected(request, row.version, required=True)
        form = shapes.KnownErrorPatch(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        told = {name: getattr(row, name) for name in (*known.TEXTS, "service") if name != "description"}
        facts = {**told, "symptom": row.description, **form.validated_data}
        known.write(
            row, **facts, items=list(row.items.all()), actor=self.actor, now=self.now,
            expected_version=expected,
        )  # fmt: skip
        return self.answer()

    @extend_schema(
        summary="Those that fit a ticket, best first",
        responses=shapes.KnownErrorShape(many=True),
        parameters=[OpenApiParameter("ticket", required=True, description="The number of the ticket.")],
        filters=False,
        tags=["known-errors"],
    )
    @action(detail=False, methods=["get"], url_path="fitting", url_name="fitting")
    def fitting(self, request: Request) -> Response:
        rows = self.get_queryset()
        record: Any = get_record(self.actor, request.query_params.get("ticket", ""))
        fits = matching.known_errors_for(
            text=f"{record.title} {record.description}", item_id=getattr(record, "item_id", None),
            service_id=record.service_id, customer_id=record.customer_id, actor=self.actor,
            limit=MOST_OFFERED,
        )  # fmt: skip
        order = [fit.known_error.pk for fit in fits]
        by_id = {row.pk: row for row in rows.filter(pk__in=order)}
        found = [by_id[pk] for pk in order if pk in by_id]
        return Response(shapes.KnownErrorShape(found, many=True, context=self.get_serializer_context()).data)

    def take(self, act: str, verb: Callable[..., Any]) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        row = self.row()
        require(self.actor, act, row)
        expected = versions.expected(self.request, row.version, required=False)
        if expected is not None and expected != row.version:
            raise Stale(row, expected)
        if act not in lifecycle.KNOWN.legal_moves(row.state):
            raise IllegalMove(act, row.state, lifecycle.KNOWN.legal_moves(row.state))
        asked = shapes.ProblemReasonForm(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        verb(row, **asked.validated_data, expected_version=expected, actor=self.actor, now=self.now)
        return self.answer()

    @operation("Match it with a ticket", shapes.ProblemGatherForm, {"incident": "INC0001042"})
    def match(self, request: Request, number: str) -> Response:
        row = self.row()
        asked = shapes.ProblemGatherForm(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        known.match(asked.validated_data["incident"], row, actor=self.actor, now=self.now)
        return self.answer()

    @operation("The fault is gone", shapes.ProblemReasonForm, {"reason": "Patched."})
    def end(self, request: Request, number: str) -> Response:
        return self.take("end_known_error", known.end)

    @operation("The fault is there again", shapes.ProblemReasonForm, {"reason": "The patch was taken back."})
    def renew(self, request: Request, number: str) -> Response:
        return self.take("renew_known_error", known.renew)

    @operation("It is no known error", shapes.ProblemReasonForm, {"reason": "A typing mistake."})
    def drop(self, request: Request, number: str) -> Response:
        return self.take("drop_known_error", known.drop)
