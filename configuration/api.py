"""The register over HTTP: /api/v1/items/, item-types/ and relations/.

Programs read and write by number or, as before there were numbers, by id. What is under control asks for the
``change`` by number; what is refused for the want of one stays in the item's history.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import catalog.queries
from accounts.access import require
from cmdb import designing, queries
from cmdb import services as verbs
from cmdb.control import Stale
from cmdb.models import Alteration, Item, ItemAttribute, ItemService, ItemType, Relation, RelationType
from configuration import api_shapes as shapes
from configuration import impact as analysis
from configuration.authorities import authority_of
from configuration.prefixes import free_prefix
from itsm.rest import errors, versions
from itsm.rest.fields import find
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem, refuse
from itsm.rest.serializers import NamedShape, Strict
from itsm.rest.views import ByIdOrCode, ReadOnly, created

ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="A number or an id.")
CODE = OpenApiParameter("id", str, OpenApiParameter.PATH, description="An id or a code.")
NUMBERS = "[A-Za-z]{2,4}[0-9]{6,12}|[0-9]{1,18}"


def _stale(error: Stale) -> Problem:
    version = error.item.version
    return Problem("stale", extra={"version": version}, headers={"ETag": versions.etag(version)})


errors.register(Stale, _stale)


class ItemFilters(framework.FilterSet):  # type: ignore[misc]
    """``owner=none`` finds what nobody owns, ``customer=none`` what all share."""

    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    type = NamedFilter(rows=shapes.types, code="code")
    category = Several(field_name="type__category", choices=ItemType.Category.choices)
    state = Several(choices=Item.State.choices)
    owner = NamedFilter(rows=shapes.staff, code="username", people=True)
    service = NamedFilter(field_name="item_services__service", rows=catalog.queries.services, code="code")
    is_important = FlagFilter()
    is_active = FlagFilter()
    q = framework.CharFilter(
        method="by_text", max_length=100, label=_("Part of a number, name, site or attribute.")
    )

    def by_text(self, rows: Any, name: str, value: str) -> Any:
        is_desk = self.request.actor.is_desk_side
        return queries.searched(rows, value) if is_desk else rows.filter(name__icontains=value)


class Writing:
    """What the views of the register that write have in common."""

    def read(self, form: type[Strict], *, partial: bool = False) -> dict[str, Any]:
        """What was sent; a ``change`` becomes the authority it gives."""
        view: Any = self
        sent = form(data=view.request.data, partial=partial, context=view.get_serializer_context())
        sent.is_valid(raise_exception=True)
        facts = dict(sent.validated_data)
        number = facts.pop("change", "")
        if "change" in sent.fields:
            facts["authority"] = authority_of(number, actor=view.actor)
        return facts


@extend_schema_view(list=extend_schema(summary="Configuration items", tags=["items"]))
class Items(Writing, ReadOnly):
    """What services run on."""

    queryset = Item.objects.none()
    serializer_class = shapes.ItemFullShape
    filterset_class = ItemFilters
    orderings = {"name": SortKey("name"), "number": SortKey("number"), "id": SortKey("id")}
    ordering = "name"
    lookup_value_regex = NUMBERS

    def get_queryset(self) -> QuerySet[Item]:
        return Item.objects.visible_to(self.actor).select_related("type", "customer", "owner").distinct()

    def get_object(self) -> Item:
        return queries.get_item(self.actor, self.kwargs["pk"])

    def answer(self, item: Item) -> Response:
        data = self.get_serializer(queries.get_item(self.actor, item.number)).data
        headers = {"ETag": versions.etag(item.version)} if self.actor.is_desk_side else {}
        return Response(data, headers=headers)

    @extend_schema(summary="One configuration item", tags=["items"], parameters=[ID])
    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @extend_schema(
        summary="Add an item", tags=["items"], request=shapes.ItemForm,
        responses={201: shapes.ItemFullShape},
        examples=[
            OpenApiExample(
                "A server", request_only=True,
                value={"type": "server", "name": "DB-7", "owner": "alice", "attributes": {"ram_gb": 256}},
            )
        ],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "see_items")
        facts = self.read(shapes.ItemForm)
        kind = facts.pop("type")
        item = verbs.add_item(item_type=kind, **facts, actor=self.actor, now=self.now)
        data = self.answer(item).data
        return created(data, data["url"], ETag=versions.etag(item.version))

    @extend_schema(
        summary="Alter an item",
        tags=["items"],
        request=shapes.ChangeItemForm,
        responses=shapes.ItemFullShape,
        parameters=[ID],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        item = self.get_object()
        require(self.actor, "see_items")
        facts = self.read(shapes.ChangeItemForm, partial=True)
        authority = facts.pop("authority")
        expected = versions.expected(request, item.version, required=True)
        done = verbs.alter_item(
            item, facts, authority=authority, actor=self.actor, now=self.now, expected_version=expected
        )
        return self.answer(done)

    @extend_schema(
        summary="What hangs on it, and whom that concerns",
        tags=["items"],
        responses=shapes.ItemImpactShape,
        parameters=[
            ID,
            OpenApiParameter(
                "direction", str, enum=list(analysis.DIRECTIONS), description="Default: impact."
            ),
            OpenApiParameter("depth", int, description="1 to 20 steps; 0 or none: to the end."),
        ],
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def impact(self, request: Request, pk: str) -> Response:
        item = self.get_object()
        require(self.actor, "see_items")
        direction = request.query_params.get("direction", "impact")
        if direction not in analysis.DIRECTIONS:
            raise refuse(
                "direction", _("Not one of the possible values."), "invalid_choice", "impact, depends"
            )
        depth = request.query_params.get("depth", "0")
        if not (depth.isascii() and depth.isdigit() and len(depth) < 3 and int(depth) <= analysis.DEEPEST):
            raise refuse("depth", _("A whole number from 0 to 20."), "invalid", "3")
        found = analysis.analyse(item, self.actor, direction=direction, depth=int(depth), now=self.now)
        context = self.get_serializer_context()
        return Response(shapes.ItemImpactShape(analysis.told(found), context=context).data)

    @extend_schema(
        summary="What was done to it, and refused",
        tags=["items"],
        responses=shapes.AlterationShape(many=True),
        parameters=[ID],
    )
    @action(detail=True, filterset_class=None)
    def alterations(self, request: Request, pk: str) -> Response:
        item = self.get_object()
        require(self.actor, "see_items")
        self.__dict__.update(orderings={"at": SortKey("at")}, ordering="-at")
        rows = Alteration.objects.visible_to(self.actor).filter(item=item).select_related("actor")
        page = self.paginate_queryset(rows)
        shape = shapes.AlterationShape(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shape.data)

    @extend_schema(
        summary="Services that run on it; POST names one",
        tags=["items"],
        request=shapes.ServiceOfItemForm,
        responses=NamedShape(many=True),
        parameters=[ID],
    )
    @action(detail=True, methods=["get", "post"], filterset_class=None, pagination_class=None)
    def services(self, request: Request, pk: str) -> Response:
        item = self.get_object()
        require(self.actor, "see_items")
        if request.method == "POST":
            facts = self.read(shapes.ServiceOfItemForm)
            verbs.name_service(item, **facts, actor=self.actor, now=self.now)
        return self._services(item)

    @extend_schema(
        summary="Take a service away from it",
        tags=["items"],
        request=shapes.ServiceOfItemForm,
        responses=NamedShape(many=True),
        parameters=[ID],
    )
    @action(detail=True, methods=["post"], filterset_class=None, pagination_class=None)
    def remove_service(self, request: Request, pk: str) -> Response:
        item = self.get_object()
        require(self.actor, "see_items")
        facts = self.read(shapes.ServiceOfItemForm)
        row = ItemService.objects.filter(item=item, service=facts.pop("service")).first()
        if row is not None:
            verbs.remove_service(row, **facts, actor=self.actor, now=self.now)
        return self._services(item)

    def _services(self, item: Item) -> Response:
        rows = ItemService.objects.filter(item=item).select_related("service").order_by("pk")
        context = self.get_serializer_context()
        return Response(NamedShape([row.service for row in rows], many=True, context=context).data)


class RelationFilters(framework.FilterSet):  # type: ignore[misc]
    source = NamedFilter(rows=shapes.items, code="number")
    target = NamedFilter(rows=shapes.items, code="number")
    type = NamedFilter(rows=shapes.relation_types, code="code")


@extend_schema_view(
    list=extend_schema(summary="Relations of items", tags=["relations"]),
    retrieve=extend_schema(summary="One relation", tags=["relations"]),
)
class Relations(Writing, ReadOnly):
    """Source, type, target; to be read from both sides."""

    queryset = Relation.objects.none()
    serializer_class = shapes.ItemRelationShape
    filterset_class = RelationFilters
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id")}
    ordering = "id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Relation]:
        require(self.actor, "see_items")
        rows = Relation.objects.select_related("source", "target", "type")
        if self.actor.scope is None:
            return rows
        seen = Item.objects.visible_to(self.actor)
        return rows.filter(source__in=seen, target__in=seen)

    @extend_schema(
        summary="Relate two items",
        tags=["relations"],
        request=shapes.ItemRelationForm,
        responses={201: shapes.ItemRelationShape},
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "see_items")
        facts = self.read(shapes.ItemRelationForm)
        made = verbs.relate(
            facts["source"], facts["target"], facts["type"], authority=facts["authority"],
            actor=self.actor, now=self.now,
        )  # fmt: skip
        row = self.get_queryset().get(pk=made.pk)
        url = reverse("api:relations-detail", [made.pk], request=request)
        return created(self.get_serializer(row).data, url)

    @extend_schema(
        summary="Remove a relation",
        tags=["relations"],
        responses={204: None},
        parameters=[OpenApiParameter("change", str, description="The approved change, where one is needed.")],
    )
    def destroy(self, request: Request, pk: str) -> Response:
        relation = self.get_object()
        authority = authority_of(request.query_params.get("change", "")[:20], actor=self.actor)
        verbs.unrelate(relation, authority=authority, actor=self.actor, now=self.now)
        return Response(status=204)

    @extend_schema(
        summary="The types of relations", tags=["relations"], responses=shapes.RelationTypeShape(many=True)
    )
    @action(detail=False, filterset_class=None, pagination_class=None)
    def types(self, request: Request) -> Response:
        require(self.actor, "see_items")
        rows = RelationType.objects.order_by("code")
        context = self.get_serializer_context()
        return Response(shapes.RelationTypeShape(rows, many=True, context=context).data)


@extend_schema_view(
    list=extend_schema(summary="Item types with their attributes", tags=["item-types"]),
    retrieve=extend_schema(summary="One item type", tags=["item-types"], parameters=[CODE]),
)
class ItemTypes(Writing, ByIdOrCode):
    """Types and attributes are rows: a new one is there at once."""

    queryset = ItemType.objects.none()
    serializer_class = shapes.ItemTypeShape
    orderings: ClassVar[dict[str, SortKey]] = {"code": SortKey("code"), "id": SortKey("id")}
    ordering = "code"

    def get_queryset(self) -> QuerySet[ItemType]:
        require(self.actor, "see_items")
        return ItemType.objects.prefetch_related("attributes")

    def _answer(self, kind: ItemType) -> dict[str, Any]:
        data: dict[str, Any] = self.get_serializer(self.get_queryset().get(pk=kind.pk)).data
        return data

    @extend_schema(
        summary="Make an item type", tags=["item-types"], request=shapes.ItemTypeForm,
        responses={201: shapes.ItemTypeShape},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "design_items")
        facts = {"name_zh": "", "prefix": "", **self.read(shapes.ItemTypeForm)}
        free_prefix(facts["prefix"])
        made = designing.add_type(**facts, actor=self.actor)
        return created(self._answer(made), reverse("api:item-types-detail", [made.code], request=request))

    @extend_schema(
        summary="Change an item type", tags=["item-types"], request=shapes.ChangeItemTypeForm,
        responses=shapes.ItemTypeShape, parameters=[CODE],
    )  # fmt: skip
    def partial_update(self, request: Request, pk: str) -> Response:
        kind = self.get_object()
        require(self.actor, "design_items")
        names = ("name_en", "name_zh", "category", "prefix")
        facts = {name: getattr(kind, name) for name in names}
        facts |= self.read(shapes.ChangeItemTypeForm, partial=True)
        free_prefix(facts["prefix"])
        return Response(self._answer(designing.edit_type(kind, **facts, actor=self.actor)))

    @extend_schema(
        summary="Give a type an attribute", tags=["item-types"], request=shapes.ItemAttributeForm,
        responses={201: shapes.ItemTypeShape}, parameters=[CODE],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def attributes(self, request: Request, pk: str) -> Response:
        kind = self.get_object()
        require(self.actor, "design_items")
        designing.add_attribute(kind, self.read(shapes.ItemAttributeForm), actor=self.actor)
        return Response(self._answer(kind), status=201)

    @extend_schema(
        methods=["patch"], summary="Change an attribute", tags=["item-types"],
        request=shapes.ItemAttributeForm, responses=shapes.ItemTypeShape,
        parameters=[CODE, OpenApiParameter("slug", str, OpenApiParameter.PATH)],
    )  # fmt: skip
    @extend_schema(
        methods=["delete"], summary="Remove an attribute that no item has a value of", tags=["item-types"],
        responses=shapes.ItemTypeShape,
        parameters=[CODE, OpenApiParameter("slug", str, OpenApiParameter.PATH)],
    )  # fmt: skip
    @action(detail=True, methods=["patch", "delete"], url_path="attributes/(?P<slug>[a-z0-9_]{1,40})")
    def attribute(self, request: Request, pk: str, slug: str) -> Response:
        kind = self.get_object()
        require(self.actor, "design_items")
        row = find(ItemAttribute.objects.filter(type=kind).select_related("type"), slug, "code")
        if not isinstance(row, ItemAttribute) or row.code != slug:
            raise Http404
        if request.method == "DELETE":
            designing.drop_attribute(row, actor=self.actor)
        else:
            sent = self.read(shapes.ItemAttributeForm, partial=True)
            designing.edit_attribute(row, sent, actor=self.actor)
        return Response(self._answer(kind))


router = SimpleRouter()
router.register("items", Items, basename="items")
router.register("item-types", ItemTypes, basename="item-types")
router.register("relations", Relations, basename="relations")
urlpatterns = router.urls
