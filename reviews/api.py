"""Review meetings over HTTP, /api/v1/reviews/: when, of what, who takes part, minutes and figures."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import sla.queries
from itsm.rest import versions
from itsm.rest.fields import Instant
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape
from itsm.rest.views import ReadOnly
from records.lifecycle import Phase
from reviews import lifecycle, show
from reviews.models import Participant, Review, State
from sla.api_agreements import suppliers

SENT = frozenset({lifecycle.MINUTES_SENT, lifecycle.CLOSED})


class ReviewFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    meeting = Several(choices=Review.Meeting.choices)
    state = Several(choices=State.choices)
    open = FlagFilter(method="by_open")
    agreement = NamedFilter(rows=sla.queries.agreements, code="code")
    supplier = NamedFilter(rows=suppliers, code="code")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    chair = NamedFilter(field_name="assignee", rows=accounts.queries.everybody, code="username", people=True)
    meets_after = InstantFilter(field_name="meets_at", lookup_expr="gte")
    meets_before = InstantFilter(field_name="meets_at", lookup_expr="lt")

    def by_open(self, rows: QuerySet[Review], name: str, value: bool) -> QuerySet[Review]:
        return rows.exclude(phase=Phase.DONE) if value else rows.filter(phase=Phase.DONE)


class ReviewShape(Shape):
    """A review meeting: of an agreement, or of a supplier, which then has a score of 100."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    meeting = Coded(Review.Meeting.choices)
    state = Coded(State.choices)
    agreement = NamedShape(allow_null=True)
    supplier = NamedShape(allow_null=True)
    customer = NamedShape()
    chair = PersonShape(source="assignee", allow_null=True)
    meets_at = Instant()
    held_at = Instant(allow_null=True)
    place = serializers.CharField()
    period_from = serializers.DateField()
    period_until = serializers.DateField(help_text="This day is included.")
    satisfaction = serializers.IntegerField(allow_null=True, help_text="The customer's, 1 to 5.")
    score = serializers.IntegerField(allow_null=True, help_text="The supplier's, of 100.")
    conclusion = serializers.CharField()

    def get_url(self, review: Review) -> str:
        return reverse("api:reviews-detail", [review.number], request=self.context["request"])


class ParticipantShape(Shape):
    name = serializers.CharField()
    side = Coded(Participant.Side.choices)
    role = serializers.CharField()
    user = PersonShape(allow_null=True)


class AgendaItemShape(Shape):
    title = serializers.CharField()
    notes = serializers.CharField(help_text="In the reader's language; empty until the minutes were sent.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"title": instance.title, "notes": instance.notes if self.context["may_read"] else ""}


class ReviewDetailShape(ReviewShape):
    """With who takes part, the agenda with the minutes, and the figures it looks at."""

    participants = ParticipantShape(many=True)
    agenda = AgendaItemShape(many=True)
    figures = serializers.SerializerMethodField(help_text="Frozen with the minutes; null until you may know.")

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_figures(self, review: Review) -> Any:
        return show.figures(review) if self.context["may_read"] else None


@extend_schema_view(list=extend_schema(summary="Review meetings you may see", tags=["reviews"]))
class Reviews(ReadOnly):
    """The desk's side sees those of its customers; customers those they take part in."""

    queryset = Review.objects.none()
    serializer_class = ReviewShape
    filterset_class = ReviewFilters
    orderings = {"meets_at": SortKey("meets_at"), "id": SortKey("id")}
    ordering = "-meets_at"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"

    def get_queryset(self) -> QuerySet[Review]:
        rows: QuerySet[Review] = Review.objects.visible_to(self.actor)
        return rows.select_related("agreement", "supplier", "customer", "assignee")

    @extend_schema(summary="One review", responses=ReviewDetailShape, tags=["reviews"])
    def retrieve(self, request: Request, number: str) -> Response:
        people = Participant.objects.select_related("user").order_by("side", "pk")
        rows = self.get_queryset().prefetch_related("agenda", Prefetch("participants", people))
        review = rows.filter(number=number.upper()).first()
        if review is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        # as in the portal: a customer reads minutes and figures once they were sent
        may_read = self.actor.is_desk_side or review.state in SENT
        context = {**self.get_serializer_context(), "may_read": may_read}
        data = ReviewDetailShape(review, context=context).data
        return Response(data, headers={"ETag": versions.etag(review.version)})


router = SimpleRouter()
router.register("reviews", Reviews, basename="reviews")
urlpatterns = router.urls
