"""What putting an edition in force does to open tickets, over HTTP."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from agreements import impact, lifecycle
from agreements.models import Edition
from itsm.rest.fields import Instant
from itsm.rest.problems import Problem
from itsm.rest.serializers import Shape
from itsm.rest.views import Base
from sla.api_impact import CountsShape, MoveShape, moves


class RepricedShape(Shape):
    id = serializers.IntegerField(help_text="Of the ticket.")
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class ImpactShape(Shape):
    at = Instant(help_text="When it would begin to matter.")
    dated_back = serializers.BooleanField(help_text="In force from an instant that is past.")
    pinned_records = serializers.IntegerField(help_text="Open tickets that stay with editions of before.")
    pinned_clocks = serializers.IntegerField()
    counts = CountsShape(help_text="Of the clocks that something happens to.")
    repriced = RepricedShape(many=True, help_text="Tickets that get another priority at their next edit.")
    begun = serializers.IntegerField(help_text="Tickets without a clock that get one at their next act.")
    in_hand = serializers.IntegerField(help_text="OLA, UC: tickets its party has now without a clock of it.")
    clocks = MoveShape(many=True, help_text="The worst first; at most 500.")


class Impact(Base):
    """An edition that is not in force yet, and the tickets that are open now."""

    @extend_schema(
        operation_id="editions_impact",
        summary="What putting it in force does to open tickets",
        description="Tickets stay with the version they were opened under; the few that something happens to"
        " are listed. What past tickets would have become is told by `replay/`.",
        responses=ImpactShape,
        tags=["agreements"],
    )
    def get(self, request: Request, number: str) -> Response:
        edition = Edition.objects.visible_to(self.actor).filter(number=number.upper()).first()
        if not isinstance(edition, Edition):
            raise Problem("not-found")
        require(self.actor, "draft_agreement")
        if edition.state not in lifecycle.IN_MAKING:
            raise Problem("conflict")
        found = impact.of(edition, actor=self.actor, now=self.now)
        return Response(ImpactShape(_shown(found), context={"request": request}).data)


def _shown(found: impact.Impact) -> dict[str, Any]:
    return {
        "at": found.at,
        "dated_back": found.is_dated_back,
        "pinned_records": found.pinned_tickets,
        "pinned_clocks": found.pinned_clocks,
        "counts": found.counts,
        "repriced": [
            {"id": pk, "before": before, "after": after} for pk, (before, after) in found.repriced.items()
        ],
        "begun": found.begun,
        "in_hand": found.in_hand,
        "clocks": moves(found.moving),
    }


urlpatterns = [path("editions/<str:number>/impact/", Impact.as_view(), name="edition-impact")]
