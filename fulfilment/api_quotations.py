"""Quotations of chargeable requests over HTTP: /api/v1/requests/<number>/quotations/."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django.core.exceptions
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

import records.services
from accounts.access import require
from fulfilment import charging
from fulfilment.api_blueprint import Amount, Currency, several
from fulfilment.api_moves import available, is_legal
from fulfilment.api_shapes import long
from fulfilment.charging import Line
from fulfilment.models import Quotation, ServiceRequest
from itsm.rest import schema, versions
from itsm.rest.fields import Instant, Pick, Text
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, PersonShape, Shape, Strict
from itsm.rest.views import ViewSet, created
from records import api as below
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.services import Stale

MOST_LINES = 50
EXAMPLE = {
    "lines": [
        {"kind": "labour", "what": "Repair", "quantity": "2.5", "price": "300.00"},
        {"kind": "parts", "what": "Battery", "price": "500.00"},
    ],
    "currency": "CNY", "valid_until": "2026-04-30",
}  # fmt: skip


class QuotationLineShape(Shape):
    kind = Coded(Quotation.Line.choices)
    what = serializers.CharField()
    quantity = serializers.CharField()
    price = serializers.CharField(help_text="Of one.")
    amount = serializers.CharField()


class QuotationShape(Shape):
    """An offer of a price. Amounts are texts."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    request = serializers.CharField(source="request.number")
    state = Coded(Quotation.State.choices)
    lines = QuotationLineShape(many=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2)
    currency = serializers.CharField()
    valid_until = serializers.DateField()
    note = serializers.CharField()
    sent_by = PersonShape()
    sent_at = Instant()
    decided_by = PersonShape(allow_null=True)
    decided_at = Instant(allow_null=True)
    reason = serializers.CharField(help_text="What was said when it was decided.")

    def get_url(self, row: Quotation) -> str:
        where = [row.request.number, row.pk]
        return reverse("api:request-quotations-detail", where, request=self.context["request"])


class LineForm(Strict):
    kind = Pick(choices=Quotation.Line.choices)
    what = Text(max_length=200, required=False, allow_blank=True, default="")
    quantity = Amount(max_digits=8, required=False, default=Decimal(1), help_text="Left out: 1.")
    price = Amount(help_text="Of one, at most two decimals.")


class QuoteForm(Strict):
    lines = several(LineForm, MOST_LINES, allow_empty=False)
    currency = Currency(required=False, help_text="Left out: that of the entry.")
    valid_until = serializers.DateField()
    note = long(required=False, allow_blank=True, default="", help_text="The customer reads it.")


class AcceptForm(Strict):
    note = long(
        required=False, allow_blank=True, default="",
        help_text="Needed of a manager who records what the customer said elsewhere.",
    )  # fmt: skip


class DeclineForm(Strict):
    reason = long(help_text="The request ends with it.")


def decision(summary: str, form: type[Strict], example: dict[str, Any]) -> Callable[..., Any]:
    """What the customer says to a quotation, as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=QuotationShape, filters=False,
            examples=[OpenApiExample(summary, value=example, request_only=True)],
        )(handler)  # fmt: skip
        return action(detail=True, methods=["post"])(described)

    return decorate


@extend_schema_view(
    list=extend_schema(summary="What was quoted, the latest first"),
    retrieve=extend_schema(summary="One quotation"),
)
class Quotations(mixins.ListModelMixin, mixins.RetrieveModelMixin, ViewSet):
    """Sent by the desk; accepted or declined by the customer's contact."""

    queryset = Quotation.objects.none()
    serializer_class = QuotationShape
    filter_backends = []
    orderings = {"id": SortKey("id")}
    ordering = "-id"
    lookup_value_regex = "[0-9]{1,18}"
    problems_of = {
        "create": ("illegal-move", "stale"),
        **dict.fromkeys(("accept", "decline"), ("conflict",)),
    }

    def ordered(self) -> ServiceRequest:
        number = self.kwargs["number"].upper()
        rows = ServiceRequest.objects.visible_to(self.actor).select_related("ordered_version", "customer")
        found: ServiceRequest | None = rows.filter(number=number).first()
        if found is None:
            raise Http404(_("There is no service request %(number)s.") % {"number": number})
        return found

    def get_queryset(self) -> QuerySet[Quotation]:
        rows = Quotation.objects.filter(request=self.ordered().pk)
        return rows.select_related("request", "sent_by", "decided_by")

    def get_serializer_context(self) -> dict[str, Any]:
        number = self.kwargs.get("number", "").upper()
        return {**super().get_serializer_context(), "number": number, "kind": Kind.REQUEST.value}

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def checked(self, form: type[Strict]) -> dict[str, Any]:
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    @extend_schema(
        summary="Send a quotation",
        request=QuoteForm,
        responses={201: QuotationShape},
        parameters=[schema.IF_MATCH],
        filters=False,
        examples=[OpenApiExample("Labour and a part", value=EXAMPLE, request_only=True)],
    )
    def create(self, request: Request, number: str) -> Response:
        """Of a request marked as chargeable. One that still waits is replaced. `If-Match`: of the request."""
        ordered = self.ordered()
        require(self.actor, "quote", ordered)
        expected = versions.expected(request, ordered.version, required=False)
        if expected is not None and expected != ordered.version:
            raise Stale(ordered, expected)
        if not is_legal(ordered, "quote"):
            raise IllegalMove("quote", ordered.state, available(ordered, self.actor))
        asked = self.checked(QuoteForm)
        asked.setdefault("currency", ordered.ordered_version.blueprint.currency)
        lines = [Line(**line) for line in asked.pop("lines")]
        charging.quote(
            ordered, lines, **asked, actor=self.actor, now=self.now, expected_version=expected
        )  # fmt: skip
        made = self.get_queryset().order_by("-pk")[0]
        data = self.get_serializer(made).data
        return created(data, data["url"])

    def decide(self, act: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """Refuse in the order invisible, not allowed, not possible now, wrongly asked; or do it."""
        quotation: Quotation = self.get_object()
        require(self.actor, act, records.services.get_record(self.actor, quotation.request.number))
        if quotation.state != Quotation.State.SENT:
            raise _decided()
        asked = self.checked(form)
        try:
            verb(quotation, **asked, actor=self.actor, now=self.now)
        except django.core.exceptions.ValidationError as refused:
            if any(error.code == "decided" for error in _errors(refused)):  # somebody was quicker
                raise _decided() from None
            raise
        return Response(self.get_serializer(self.get_queryset().get(pk=quotation.pk)).data)

    @decision("Accept it, as the customer's contact", AcceptForm, {})
    def accept(self, request: Request, number: str, pk: str) -> Response:
        return self.decide("accept_quote", AcceptForm, charging.accept)

    @decision("Decline it: the request ends", DeclineForm, {"reason": "Too expensive."})
    def decline(self, request: Request, number: str, pk: str) -> Response:
        return self.decide("decline_quote", DeclineForm, charging.decline)


def _errors(refused: django.core.exceptions.ValidationError) -> list[Any]:
    return [error for found in refused.error_dict.values() for error in found]


def _decided() -> Problem:
    return Problem("conflict", _("This quotation does not wait for a decision any more."))
