"""Saved views over HTTP: /api/v1/views/. Lists of tickets take one by ``view=``, and its filters by name."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.access import Actor, require
from accounts.models import Team
from itsm.rest import schema, versions
from itsm.rest.fields import Instant, Reference, Text
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import NamedShape, Shape, Strict
from itsm.rest.views import ViewSet, created
from records import desk_page, queues, saved
from records.models import SavedView

TAGS = ["views"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
EXAMPLE = {
    "name_en": "Urgent mail", "name_zh": "紧急邮件", "base": "team", "filters": {"priority": ["1", "2"]},
    "sort": "due", "columns": ["number", "title", "sla", "owner"],
}  # fmt: skip


def _teams(actor: Actor) -> QuerySet[Team]:
    return saved.teams_for(actor)


class FiltersField(serializers.DictField):
    child = serializers.ListField(child=serializers.CharField(max_length=200), max_length=50)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_a_dict", input_type=type(data).__name__)
        found: dict[str, Any] = super().to_internal_value(dict(data))
        return found


class ViewShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    key = serializers.CharField(help_text="How `view=` names it.")
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    team = NamedShape(allow_null=True, help_text="Who shares it; null for one's own.")
    base = serializers.CharField(help_text="The named view it narrows.")
    filters = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    sort = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    may_change = serializers.SerializerMethodField()
    count = serializers.SerializerMethodField(
        help_text="Tickets in it, 1001 for more than 1,000; null where it was not counted."
    )
    version = serializers.IntegerField()
    updated_at = Instant()

    def to_representation(self, instance: SavedView) -> Any:
        data = super().to_representation(instance)
        content = saved.content_of(instance)
        return {**data, **{name: getattr(content, name) for name in ("base", "filters", "sort", "columns")}}

    def get_url(self, row: SavedView) -> str:
        return f"/api/v1/views/{row.pk}/"

    def get_may_change(self, row: SavedView) -> bool:
        writable: set[int] = self.context["writable"]
        own = row.team_id is None and row.owner_id == self.asker.user_id
        return own or (row.team_id in writable)

    def get_count(self, row: SavedView) -> int | None:
        counts: Mapping[str, int] = self.context["counts"]
        return counts.get(row.key)


class ViewPatch(Strict):
    name_en = Text(required=False, allow_blank=True, max_length=200)
    name_zh = Text(required=False, allow_blank=True, max_length=200)
    team = Reference(
        _teams, code="code", see="teams", required=False, allow_null=True,
        help_text="One you lead; managers any.",
    )  # fmt: skip
    base = Text(required=False, max_length=40, help_text="`team`, `mine`, `all` …")
    filters = FiltersField(required=False, help_text="As in the address of the queue: lists by name.")
    sort = Text(required=False, max_length=40, help_text="`priority`, `due`, `-updated`, `opened`.")
    columns = serializers.ListField(child=Text(max_length=40), required=False, max_length=50)


@extend_schema_view(list=extend_schema(summary="Saved views: one's own and those of one's teams", tags=TAGS))
class Views(mixins.ListModelMixin, ViewSet):
    """Filters, order and columns of the queue under a name. What a view shows depends on who reads it."""

    queryset = SavedView.objects.none()
    serializer_class = ViewShape
    filter_backends = []
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"id": SortKey("id"), "updated_at": SortKey("updated_at")}

    def get_queryset(self) -> QuerySet[SavedView]:
        return saved.visible_to(self.actor)

    def get_object(self) -> SavedView:
        return saved.get(self.actor, int(self.kwargs["pk"]))

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, saved.Changed):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.view.version)})
        return super().handle_exception(exc)

    def shapes(self, rows: Sequence[SavedView]) -> list[Any]:
        context = {
            **self.get_serializer_context(),
            "counts": queues.count_all(desk_page.countable(rows, self.actor, self.now)),
            "writable": set(saved.teams_for(self.actor).values_list("pk", flat=True)),
        }
        return list(ViewShape(rows, many=True, context=context).data)

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self.shapes(page))

    @extend_schema(summary="One saved view", parameters=[ID], responses=ViewShape, tags=TAGS)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    def answer(self, row: SavedView) -> Response:
        return Response(self.shapes([row])[0], headers={"ETag": versions.etag(row.version)})

    def read(self, **more: Any) -> dict[str, Any]:
        form = ViewPatch(data=self.request.data, context=self.get_serializer_context(), **more)
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)

    def content(self, facts: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> saved.Content:
        return saved.checked(
            base=facts.get("base", "all"), values=facts.get("filters", {}), sort=facts.get("sort", ""),
            keys=facts.get("columns", []), actor=self.actor, now=self.now, known=known,
        )  # fmt: skip

    @extend_schema(
        summary="Save a view",
        request=ViewPatch,
        responses={201: ViewShape},
        examples=[OpenApiExample("Of one's own", value=EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "save_view")
        facts = self.read()
        row = saved.save(
            name_en=facts.get("name_en", ""), name_zh=facts.get("name_zh", ""), team=facts.get("team"),
            content=self.content(facts), actor=self.actor, now=self.now,
        )  # fmt: skip
        return created(self.shapes([row])[0], f"/api/v1/views/{row.pk}/", ETag=versions.etag(row.version))

    @extend_schema(
        summary="Change a view", request=ViewPatch, responses=ViewShape,
        parameters=[ID, schema.IF_MATCH_REQUIRED], tags=TAGS,
        examples=[OpenApiExample("Another order", value={"sort": "due"}, request_only=True)],
    )  # fmt: skip
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        expected = versions.expected(request, row.version, required=True)
        stored = saved.content_of(row)
        whole = {"name_en": row.name_en, "name_zh": row.name_zh, "team": row.team, **vars(stored)}
        facts = {**whole, **self.read(partial=True)}
        changed = saved.change(
            row, name_en=facts["name_en"], name_zh=facts["name_zh"], team=facts["team"],
            content=self.content(facts, stored.filters), expected_version=expected, actor=self.actor,
            now=self.now,
        )  # fmt: skip
        return self.answer(changed)

    @extend_schema(summary="Delete a view", parameters=[ID], responses={204: None}, tags=TAGS)
    def destroy(self, request: Request, pk: str) -> Response:
        saved.delete(self.get_object(), actor=self.actor)
        return Response(status=204)


router = SimpleRouter()
router.register("views", Views, basename="views")
urlpatterns = router.urls
