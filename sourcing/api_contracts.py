"""Contracts with suppliers and the reviews that score them, over HTTP: /contracts/ and /supplier-reviews/."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from accounts.access import require
from itsm.rest import versions
from itsm.rest.fields import Instant, Text
from itsm.rest.filters import NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ByIdOrCode, ReadOnly
from records.services import MAX_TEXT
from reviews.models import Review, State
from sla.models import Agreement
from sourcing import contracts, overview, rating

STATES = [(key, words) for key, (words, _tone) in contracts.STATES.items()]


class ContractFilters(framework.FilterSet):  # type: ignore[misc]
    supplier = NamedFilter(rows=contracts.suppliers, code="code")


class RestShape(Shape):
    agreement = NamedShape()
    until = Instant(allow_null=True)
    is_longer = serializers.BooleanField(help_text="It holds longer than the contract it rests on.")


class ContractShape(Shape):
    """A support contract (UC) as it stands now."""

    id = serializers.IntegerField(source="contract.agreement.pk")
    url = serializers.SerializerMethodField()
    code = serializers.CharField(source="contract.agreement.code")
    name = serializers.CharField(source="contract.agreement.name")
    supplier = NamedShape()
    state = Coded(STATES, source="contract.state")
    effective_from = Instant(source="contract.version.effective_from", default=None, allow_null=True)
    until = Instant(source="contract.until", allow_null=True, help_text="Null: open-ended, or not signed.")
    days_left = serializers.IntegerField(source="contract.days_left", allow_null=True)
    warn_days = serializers.IntegerField(
        source="contract.warn_days",
        allow_null=True,
        help_text="The smallest of 30, 60 and 90 within which it ends.",
    )
    responsible = PersonShape(allow_null=True)
    documents = serializers.IntegerField(source="files", help_text="How many files are kept about it.")
    rests = RestShape(
        source="contract.rests", many=True, help_text="The agreements in force that rest on it."
    )

    def get_url(self, row: dict[str, Any]) -> str:
        return reverse(
            "api:contracts-detail", [row["contract"].agreement.pk], request=self.context["request"]
        )


@extend_schema_view(list=extend_schema(summary="Contracts with suppliers", tags=["suppliers"]))
class Contracts(ByIdOrCode):
    """For those at the desk's side who cover every customer. Their terms are at /api/v1/agreements/."""

    queryset = Agreement.objects.none()
    serializer_class = ContractShape
    filterset_class = ContractFilters
    orderings = {"code": SortKey("code"), "id": SortKey("id")}
    ordering = "code"

    def get_queryset(self) -> QuerySet[Agreement]:
        rows = Agreement.objects.filter(kind=Agreement.Kind.UC, supplier__in=contracts.suppliers(self.actor))
        return rows.select_related("supplier__responsible")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return None if page is None else self._rows(list(page))

    def _rows(self, page: Sequence[Agreement]) -> list[dict[str, Any]]:
        found = {each.supplier_id: each.supplier for each in page if each.supplier}
        rows = overview.contract_rows(found.values(), now=self.now)
        by_pk = {row["contract"].agreement.pk: row for row in rows}
        return [by_pk[each.pk] for each in page]

    @extend_schema(summary="One contract", responses=ContractShape, tags=["suppliers"])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        [row] = self._rows([self.get_object()])
        return Response(ContractShape(row, context=self.get_serializer_context()).data)


# --- reviews --------------------------------------------------------------------------------------


class SupplierReviewFilters(framework.FilterSet):  # type: ignore[misc]
    supplier = NamedFilter(rows=contracts.suppliers, code="code")
    state = Several(choices=State.choices)


class PartShape(Shape):
    key = serializers.CharField()
    weight = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="0 to 100; null where nothing was there.")
    counts = serializers.DictField(child=serializers.IntegerField())


class ScoreShape(Shape):
    """A score with the parts it was proposed from."""

    proposed = serializers.IntegerField(allow_null=True)
    score = serializers.IntegerField()
    reason = serializers.CharField(help_text="Why it is not the proposed one.")
    rated_by = PersonShape()
    rated_at = Instant()
    parts = PartShape(many=True)


class SupplierReviewShape(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    supplier = NamedShape()
    state = Coded(State.choices)
    meets_at = Instant()
    held_at = Instant(allow_null=True)
    period_from = serializers.DateField()
    period_until = serializers.DateField(help_text="This day is included.")
    score = serializers.IntegerField(allow_null=True)
    conclusion = serializers.CharField()

    def get_url(self, review: Review) -> str:
        return reverse("api:supplier-reviews-detail", [review.number], request=self.context["request"])


class SupplierReviewDetailShape(SupplierReviewShape):
    """With the score that would be proposed now, and those given, the latest first."""

    proposal = serializers.SerializerMethodField(help_text="{score, parts} by the rule that holds.")
    ratings = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_proposal(self, review: Review) -> Any:
        found = rating.propose(review, now=self.context["now"])
        return {"score": found.score, "parts": PartShape(found.parts, many=True).data}

    @extend_schema_field(ScoreShape(many=True))
    def get_ratings(self, review: Review) -> Any:
        rows: Any = review.ratings.select_related("rated_by").order_by("-pk")
        return ScoreShape(rows, many=True, context=self.context).data


class GradeForm(Strict):
    score = serializers.IntegerField(min_value=0, max_value=100)
    conclusion = Text(max_length=MAX_TEXT)
    reason = Text(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


@extend_schema_view(list=extend_schema(summary="Reviews of suppliers with their scores", tags=["suppliers"]))
class SupplierReviews(ReadOnly):
    queryset = Review.objects.none()
    serializer_class = SupplierReviewShape
    filterset_class = SupplierReviewFilters
    orderings = {"period_until": SortKey("period_until"), "id": SortKey("id")}
    ordering = "-period_until"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = {"grade": ("illegal-move",)}

    def get_queryset(self) -> QuerySet[Review]:
        rows: QuerySet[Review] = Review.objects.visible_to(self.actor)
        return rows.filter(supplier__in=contracts.suppliers(self.actor)).select_related("supplier")

    def one(self) -> Review:
        number = self.kwargs["number"].upper()
        row = self.get_queryset().filter(number=number).first()
        if row is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return row

    def answer(self) -> Response:
        row = self.one()
        context = {**self.get_serializer_context(), "now": self.now}
        data = SupplierReviewDetailShape(row, context=context).data
        return Response(data, headers={"ETag": versions.etag(row.version)})

    @extend_schema(
        summary="One review of a supplier", responses=SupplierReviewDetailShape, tags=["suppliers"]
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Give the score: the proposed one, or another with its reason", request=GradeForm,
        responses=SupplierReviewDetailShape, tags=["suppliers"],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def grade(self, request: Request, number: str) -> Response:
        review = self.one()
        require(self.actor, "grade", review)
        form = GradeForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        rating.rate(review, **form.validated_data, actor=self.actor, now=self.now)
        return self.answer()


router = SimpleRouter()
router.register("contracts", Contracts, basename="contracts")
router.register("supplier-reviews", SupplierReviews, basename="supplier-reviews")
urlpatterns = router.urls
