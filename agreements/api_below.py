"""What an edition has below its own path: its timeline, and what it asks of the OLAs and UCs behind it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import sla.queries
from accounts.access import require
from agreements import follow_up
from agreements.api_shapes import FinishForm, FollowUpShape
from agreements.models import Edition, FollowUp
from itsm.rest.filters import FlagFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.views import ViewSet
from records import api as below
from records.kinds import Kind

NUMBER = "[A-Za-z]{1,6}[0-9]{1,15}"


class BelowEdition(mixins.ListModelMixin, ViewSet):
    """A list below an edition."""

    orderings = {"id": SortKey("id")}
    lookup_value_regex = "[0-9]{1,18}"

    def edition(self) -> Edition:
        """The edition of the path; 404 where it is invisible."""
        number = self.kwargs["number"].upper()
        found = Edition.objects.visible_to(self.actor).filter(number=number).first()
        if not isinstance(found, Edition) or not self.actor.is_desk_side:
            raise Http404(_("There is no edition %(number)s.") % {"number": number})
        return found


class FollowUpFilters(framework.FilterSet):  # type: ignore[misc]
    kind = Several(choices=FollowUp.Kind.choices)
    outcome = Several(choices=FollowUp.Outcome.choices)
    open = FlagFilter(method="by_open")

    def by_open(self, rows: QuerySet[FollowUp], name: str, value: bool) -> QuerySet[FollowUp]:
        return rows.filter(outcome="") if value else rows.exclude(outcome="")


@extend_schema_view(
    list=extend_schema(summary="What an edition asks of the OLAs and UCs behind it", tags=["agreements"]),
    retrieve=extend_schema(summary="One follow-up", tags=["agreements"]),
)
class FollowUps(mixins.RetrieveModelMixin, BelowEdition):
    queryset = FollowUp.objects.none()
    serializer_class = FollowUpShape
    filterset_class = FollowUpFilters
    ordering = "id"

    def get_queryset(self) -> QuerySet[FollowUp]:
        known = sla.queries.agreements(self.actor)
        rows = FollowUp.objects.filter(edition=self.edition(), agreement__in=known)
        return rows.select_related("agreement", "responsible", "finished_by")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "number": self.kwargs.get("number", "").upper()}

    @extend_schema(
        summary="Finish a follow-up",
        request=FinishForm,
        responses=FollowUpShape,
        examples=[
            OpenApiExample(
                "Not affected", value={"outcome": "unaffected", "reason": "Same figures."}, request_only=True
            )
        ],
        tags=["agreements"],
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, number: str, pk: str) -> Response:
        require(self.actor, "follow_up", self.edition())
        item = self.get_object()
        form = FinishForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        follow_up.finish(item, **form.validated_data, actor=self.actor, now=self.now)
        return Response(self.get_serializer(self.get_object()).data)


class Activities(below.Activities):
    """The timeline of an edition."""

    kind = Kind.AGREEMENT.value
