"""Rights granted by access requests over HTTP: /api/v1/access-rights/. For the desk side."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import accounts.queries
from accounts.access import require
from fulfilment import rights
from fulfilment.models import AccessRight
from itsm.rest.fields import Instant, Text
from itsm.rest.filters import FlagFilter, NamedFilter
from itsm.rest.serializers import NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly


class AccessRightShape(Shape):
    id = serializers.IntegerField()
    request = serializers.CharField(source="request.number")
    customer = NamedShape(source="request.customer")
    person = PersonShape(help_text="Who holds it.")
    right = serializers.CharField(help_text="Empty until it is granted.")
    identity_how = serializers.CharField()
    identity_at = Instant()
    identity_by = PersonShape()
    authorised_by = PersonShape(allow_null=True)
    authorised_at = Instant(allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text="Null: without an end.")
    granted_at = Instant(allow_null=True)
    granted_by = PersonShape(allow_null=True)
    withdrawn_at = Instant(allow_null=True)
    withdrawn_by = PersonShape(allow_null=True)
    withdrawal_reason = serializers.CharField()


class WithdrawRightForm(Strict):
    reason = Text(max_length=300)


class RightFilters(framework.FilterSet):  # type: ignore[misc]
    in_force = FlagFilter(method="by_force", label="Granted, begun, and neither over nor withdrawn.")
    to_withdraw = FlagFilter(method="by_end", label="Over, and not withdrawn yet.")
    person = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code", field_name="request__customer")

    def by_force(self, rows: Any, name: str, value: bool) -> Any:
        found = rows.in_force(timezone.localdate())
        return found if value else rows.exclude(pk__in=found)

    def by_end(self, rows: Any, name: str, value: bool) -> Any:
        found = rows.to_withdraw(timezone.localdate())
        return found if value else rows.exclude(pk__in=found)


@extend_schema_view(
    list=extend_schema(summary="Rights granted by access requests"),
    retrieve=extend_schema(summary="One right"),
)
class AccessRights(ReadOnly):
    """They are granted at the request: `/requests/<number>/grant_right/`."""

    queryset = AccessRight.objects.none()
    serializer_class = AccessRightShape
    filterset_class = RightFilters
    lookup_value_regex = "[0-9]{1,18}"
    ordering = "-id"

    def get_queryset(self) -> QuerySet[AccessRight]:
        people = ("person", "identity_by", "authorised_by", "granted_by", "withdrawn_by")
        return AccessRight.objects.visible_to(self.actor).select_related("request__customer", *people)

    @extend_schema(
        summary="Take it away, at its end or before",
        request=WithdrawRightForm,
        responses=AccessRightShape,
        filters=False,
        examples=[OpenApiExample("At its end", value={"reason": "The project is over."}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        right: AccessRight = self.get_object()
        require(self.actor, "keep_right", right.request)
        form = WithdrawRightForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        rights.withdraw(right, **form.validated_data, actor=self.actor, now=self.now)
        return Response(self.get_serializer(self.get_queryset().get(pk=right.pk)).data)
