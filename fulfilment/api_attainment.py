"""Quantities done against planned over HTTP: /api/v1/attainment/?month=2026-03. For the desk side."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Denied
from fulfilment import attainment
from fulfilment.models import PlannedQuantity
from itsm.rest.query import asked
from itsm.rest.serializers import NamedShape, Shape, Strict
from itsm.rest.views import ViewSet


class Month(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        wrong: dict[str, Any] = {"invalid": gettext_lazy("Write a month as 2026-03.")}
        super().__init__(r"^2[0-9]{3}-(0[1-9]|1[0-2])$", error_messages=wrong, **kwargs)


class AttainmentQuery(Strict):
    month = Month(required=False, help_text="The present one if none is named.")


class AttainedRowShape(Shape):
    offering = NamedShape()
    planned = serializers.IntegerField(allow_null=True, help_text="Null: nobody planned it.")
    done = serializers.IntegerField()
    share = serializers.IntegerField(allow_null=True, help_text="Per cent of the plan.")


class AttainedShape(Shape):
    """A service; its sums count what was planned."""

    service = serializers.CharField(source="name")
    planned = serializers.IntegerField()
    done = serializers.IntegerField()
    share = serializers.IntegerField(allow_null=True)
    rows = AttainedRowShape(many=True)


class Attainment(ViewSet):
    """What was done in a month beside what was planned, by service."""

    queryset = PlannedQuantity.objects.none()
    serializer_class = AttainedShape
    pagination_class = None
    filter_backends = []

    @extend_schema(
        summary="Quantities done against planned",
        parameters=[AttainmentQuery],
        responses=AttainedShape(many=True),
        filters=False,
    )
    def list(self, request: Request) -> Response:
        if not self.actor.is_desk_side:
            raise Denied(self.actor, "desk")
        wanted = asked(request, AttainmentQuery).get("month")
        present = timezone.localdate(self.now).replace(day=1)
        month = date.fromisoformat(f"{wanted}-01") if wanted else present
        groups = attainment.of_month(self.actor, month)
        return Response(AttainedShape(groups, many=True, context=self.get_serializer_context()).data)
