"""Baselines over HTTP, /api/v1/baselines/: taken, read, and compared with the present or another one."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
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
from catalog.models import Service
from cmdb.models import ItemType
from itsm.rest import query
from itsm.rest.fields import Instant, Reference, Text
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from verifications import baselines, scopes
from verifications.comparing import Difference
from verifications.models import Baseline

TAGS = ["baselines"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)


class ScopeForm(Strict):
    """Which items: several answers narrow one another; none of them means all."""

    types = serializers.ListField(
        child=Reference(lambda actor: ItemType.objects.all(), code="code", see="item-types"), default=list
    )
    services = serializers.ListField(
        child=Reference(lambda actor: Service.objects.all(), code="code", see="services"), default=list
    )
    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False, allow_null=True,
        default=None,
    )  # fmt: skip
    items = serializers.ListField(
        child=serializers.CharField(max_length=20), default=list, max_length=scopes.MOST_CHOSEN,
        help_text="Numbers of chosen items.",
    )  # fmt: skip

    def scope(self) -> dict[str, Any]:
        """As it is kept. ValidationError where it cannot be."""
        asked = dict(self.validated_data)
        parts = {name: asked[name] for name in ("types", "services", "customer")}
        return scopes.make(**parts, numbers=asked["items"], actor=self.asker)


class ItemBaselineForm(ScopeForm):
    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True, default="")
    description = Text(max_length=5000, required=False, allow_blank=True, default="")


class ItemBaselineShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField(help_text="In the reader's language.")
    description = serializers.CharField()
    scope = serializers.JSONField(help_text="Labels of types and services, the customer, chosen numbers.")
    customer = NamedShape(allow_null=True)
    item_count = serializers.IntegerField()
    relation_count = serializers.IntegerField()
    taken_by = PersonShape()
    taken_at = Instant()

    def get_url(self, baseline: Baseline) -> str:
        return reverse("api:baselines-detail", [baseline.pk], request=self.context.get("request"))


class BaselineItemShape(Shape):
    number = serializers.CharField()
    facts = serializers.JSONField(help_text="As they were, by name; choices as labels in both languages.")


class BaselineAlteredShape(Shape):
    number = serializers.CharField()
    fact = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class BaselineRelationShape(Shape):
    source = serializers.SerializerMethodField()  # type: ignore[assignment]
    type = serializers.SerializerMethodField()
    target = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_source(self, edge: tuple[str, str, str]) -> str:
        return edge[0]

    @extend_schema_field(serializers.CharField())
    def get_type(self, edge: tuple[str, str, str]) -> str:
        return edge[1]

    @extend_schema_field(serializers.CharField())
    def get_target(self, edge: tuple[str, str, str]) -> str:
        return edge[2]


class BaselineDifferenceShape(Shape):
    added = serializers.ListField(child=serializers.CharField(), help_text="Numbers of items.")
    gone = serializers.ListField(child=serializers.CharField())
    altered = BaselineAlteredShape(many=True)
    related = BaselineRelationShape(many=True, help_text="Relations that are new.")
    unrelated = BaselineRelationShape(many=True, help_text="Relations that are gone.")


class CompareQuery(Strict):
    other = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**62
    )


@extend_schema_view(
    list=extend_schema(summary="Baselines", tags=TAGS),
    retrieve=extend_schema(summary="One baseline", parameters=[ID], tags=TAGS),
)
class Baselines(ReadOnly):
    """For the desk's side. Nothing of a baseline can be changed."""

    queryset = Baseline.objects.none()
    serializer_class = ItemBaselineShape
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id"), "taken_at": SortKey("taken_at")}
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Baseline]:
        require(self.actor, "see_items")
        return Baseline.objects.visible_to(self.actor).select_related("taken_by__organisation", "customer")

    @extend_schema(
        summary="Take a baseline",
        request=ItemBaselineForm,
        responses={201: ItemBaselineShape},
        examples=[
            OpenApiExample(
                "Of all servers", value={"name_en": "Before the move", "types": ["server"]}, request_only=True
            )
        ],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, baselines.ACT)
        form = ItemBaselineForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        made = baselines.take(
            name_en=asked["name_en"], name_zh=asked["name_zh"], description=asked["description"],
            scope=form.scope(), actor=self.actor, now=self.now,
        )  # fmt: skip
        data = dict(self.get_serializer(self.get_queryset().get(pk=made.pk)).data)
        return created(data, data["url"])

    @extend_schema(
        summary="Its items as they were", responses=BaselineItemShape(many=True), parameters=[ID],
        filters=False, tags=TAGS,
    )  # fmt: skip
    @action(detail=True, methods=["get"], orderings={"number": SortKey("number")}, ordering="number")
    def items(self, request: Request, pk: str) -> Response:
        page = self.paginate_queryset(self.get_object().items.order_by())
        return self.get_paginated_response(BaselineItemShape(page, many=True).data)

    @extend_schema(
        summary="What is otherwise now, or in another baseline",
        responses=BaselineDifferenceShape,
        parameters=[ID, OpenApiParameter("other", int, description="Another baseline; none: the present.")],
        filters=False,
        tags=TAGS,
    )
    @action(detail=True, methods=["get"])
    def compare(self, request: Request, pk: str) -> Response:
        rows = self.get_queryset()
        baseline = get_object_or_404(rows, pk=pk)
        number = query.asked(request, CompareQuery)["other"]
        other = get_object_or_404(rows, pk=number) if number else None
        found: Difference = baselines.difference(baseline, other, self.actor)
        return Response(BaselineDifferenceShape(found).data)


router = SimpleRouter()
router.register("baselines", Baselines, "baselines")
urlpatterns = router.urls
