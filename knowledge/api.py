"""The knowledge base over HTTP: /api/v1/articles/, and what is suggested for a text.

Customers read, find and judge what is published for them; everything else is for the desk's side.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import may, require
from itsm.rest import schema, versions
from itsm.rest.fields import find
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet, created
from knowledge import api_shapes as shapes
from knowledge import found, lifecycle, queries, show, using
from knowledge import services as verbs
from knowledge.found import About
from knowledge.models import Article, ArticleState, Audience, Genre, VersionService
from knowledge.writing import PLAIN, Content
from records import api as below
from records.lifecycle import IllegalMove
from records.services import Stale

NUMBER = "[A-Za-z]{1,6}[0-9]{1,15}"
SUGGESTED = 5
# what an act is in the lifecycle, whichever of these is legal
MOVES = {
    "send_to_review": ("send_draft", "send_revision"),
    "publish": ("publish_article",),
    "send_back": ("return_draft", "return_revision"),
    "revise": ("begin_revision",),
    "drop_revision": ("drop_revision",),
    "retire": ("retire",),
}
DRAFT = {
    "genre": "how_to", "audience": "customers", "review_on": "2027-03-01", "title": "Set up the VPN client",
    "title_zh": "安装 VPN 客户端", "body": "Install it.", "body_zh": "安装客户端。", "services": ["vpn"],
}  # fmt: skip


class ArticleFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    q = framework.CharFilter(method="by_words", help_text="Words that must all be there.")
    state = Several(choices=ArticleState.choices)
    genre = Several(choices=Genre.choices, field_name="latest__genre")
    audience = Several(choices=Audience.choices, field_name="latest__audience")
    service = framework.CharFilter(method="by_service", help_text="Its id or code.")
    owner = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)
    overdue = FlagFilter(method="by_overdue", help_text="Whether its review is due.")
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lt")

    def by_words(self, rows: QuerySet[Article], name: str, value: str) -> QuerySet[Article]:
        actor = self.request.actor
        is_published = not actor.is_desk_side
        matches = found.matching(value, actor=actor, is_published=is_published)
        return rows.filter(pk__in=[match.article_id for match in matches])

    def by_service(self, rows: QuerySet[Article], name: str, value: str) -> QuerySet[Article]:
        service = find(shapes.services(self.request.actor), value, "code")
        if service is None:
            return rows.none()
        of_it = VersionService.objects.filter(version=OuterRef("published"), service=service.pk)
        return rows.filter(Exists(of_it))

    def by_overdue(self, rows: Any, name: str, value: bool) -> Any:
        due = Article.objects.overdue(timezone.localdate())
        return rows.filter(pk__in=due.values("pk")) if value else rows.exclude(pk__in=due.values("pk"))


def operation(summary: str, form: type[Strict], example: Mapping[str, Any]) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=shapes.ArticleDetailShape,
            parameters=[schema.IF_MATCH], filters=False, tags=["articles"],
            examples=[OpenApiExample(summary, value=dict(example), request_only=True)],
        )(handler)  # fmt: skip
        name = handler.__name__
        return action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))(
            described
        )

    return decorate


@extend_schema_view(list=extend_schema(summary="Articles you may read", tags=["articles"]))
class Articles(mixins.ListModelMixin, ViewSet):
    queryset = Article.objects.none()
    serializer_class = shapes.ArticleDeskShape
    filterset_class = ArticleFilters
    orderings = {
        "id": SortKey("id"),
        "updated_at": SortKey("updated_at"),
        "use_count": SortKey("use_count"),
        "review_on": SortKey("review_on"),
    }
    ordering = "-updated_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER
    problems_of = {
        "partial_update": ("illegal-move",),
        **dict.fromkeys(MOVES, ("illegal-move", "stale")),
    }

    def get_queryset(self) -> QuerySet[Article]:
        rows: QuerySet[Article] = queries.with_versions(Article.objects.readable_by(self.actor))
        return rows

    def get_serializer_class(self) -> Any:
        if getattr(self, "swagger_fake_view", False) or self.actor.is_desk_side:
            return shapes.ArticleDeskShape
        return shapes.ArticleShape

    def article(self) -> Article:
        """The article of the path; 404 where the actor may not read it."""
        number = self.kwargs["number"].upper()
        chosen = self.get_queryset().filter(number=number).first()
        if chosen is None:
            raise Http404(_("There is no article %(number)s.") % {"number": number[:20]})
        return chosen

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def moves(self, row: Article) -> list[str]:
        legal = lifecycle.LIFECYCLE.legal_moves(row.state)
        possible = {name for name in legal if may(self.actor, name, row)}
        return [act for act, names in MOVES.items() if possible & set(names)]

    def shown(self, row: Article) -> Any:
        context = {**self.get_serializer_context(), "moves": self.moves(row)}
        shape = shapes.ArticleDetailShape if self.actor.is_desk_side else shapes.ArticleReadShape
        return shape(row, context=context).data

    def answer(self) -> Response:
        row = self.article()
        return Response(self.shown(row), headers={"ETag": versions.etag(row.version)})

    @extend_schema(
        summary="One article", responses=shapes.ArticleDetailShape, tags=["articles"], filters=False
    )
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Begin an article as a draft",
        request=shapes.WriteForm,
        responses={201: shapes.ArticleDetailShape},
        examples=[OpenApiExample("Instructions in both languages", value=DRAFT, request_only=True)],
        tags=["articles"],
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "write_article")
        form = shapes.WriteForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = verbs.begin_article(_content(form.validated_data), actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.shown(self.article())
        url = reverse("api:articles-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(
        summary="Write the next version",
        request=shapes.WriteForm,
        responses=shapes.ArticleDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("Another text", value={"body": "1. Restart it."}, request_only=True)],
        tags=["articles"],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        row = self.article()
        require(self.actor, "write_article", row)
        expected = versions.expected(request, row.version, required=True)
        form = shapes.WriteForm(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        base = Content.of(row.latest) if row.latest else None
        content = _content(form.validated_data, base)
        verbs.write(row, content, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer()

    def act(self, name: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        row = self.article()
        require(self.actor, MOVES[name][0], row)
        expected = versions.expected(self.request, row.version, required=False)
        if expected is not None and expected != row.version:
            raise Stale(row, expected)
        if not set(MOVES[name]) & set(lifecycle.LIFECYCLE.legal_moves(row.state)):
            raise IllegalMove(name, row.state, tuple(self.moves(row)))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        verb(row, **asked.validated_data, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer()

    @operation("Send to review", shapes.SendForm, {"reviewer": "manager"})
    def send_to_review(self, request: Request, number: str) -> Response:
        return self.act("send_to_review", shapes.SendForm, verbs.send_to_review)

    @operation("Approve and publish", shapes.NoteForm, {"note": "Tried it."})
    def publish(self, request: Request, number: str) -> Response:
        return self.act("publish", shapes.NoteForm, verbs.approve)

    @operation("Send back to the author", shapes.ReasonForm, {"reason": "Name the version."})
    def send_back(self, request: Request, number: str) -> Response:
        return self.act("send_back", shapes.ReasonForm, verbs.send_back)

    @operation("Begin a revision", shapes.NothingForm, {})
    def revise(self, request: Request, number: str) -> Response:
        return self.act("revise", shapes.NothingForm, verbs.revise)

    @operation("Drop the revision", shapes.NothingForm, {})
    def drop_revision(self, request: Request, number: str) -> Response:
        return self.act("drop_revision", shapes.NothingForm, verbs.drop)

    @operation("Retire", shapes.ReasonForm, {"reason": "The old client is gone."})
    def retire(self, request: Request, number: str) -> Response:
        return self.act("retire", shapes.ReasonForm, verbs.retire)

    def told(self, permission: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """An act that is no move."""
        row = self.article()
        require(self.actor, permission, row)
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        verb(row, **asked.validated_data, actor=self.actor, now=self.now)
        return self.answer()

    @operation("It still holds", shapes.CheckForm, {"review_on": "2027-09-01"})
    def check(self, request: Request, number: str) -> Response:
        return self.told("check_article", shapes.CheckForm, verbs.check)

    @operation("Say whether it helped", shapes.VoteForm, {"is_helpful": True})
    def vote(self, request: Request, number: str) -> Response:
        return self.told("vote_article", shapes.VoteForm, using.vote)

    @operation("It was used for a ticket", shapes.UseForm, {"record": "INC0000042"})
    def use(self, request: Request, number: str) -> Response:
        def verb(row: Article, *, record: Any, **doing: Any) -> None:
            using.use(record, row, **doing)

        return self.told("write_article", shapes.UseForm, verb)

    @extend_schema(
        summary="What fits a text, at most five published articles",
        parameters=[
            OpenApiParameter("q", str, description="What somebody writes; from three characters."),
            OpenApiParameter("service", str, description="Its id or code: articles about it stand higher."),
        ],
        responses=shapes.SuggestionsShape,
        filters=False,
        tags=["articles"],
    )
    @action(detail=False, methods=["get"], filterset_class=None, pagination_class=None)
    def suggestions(self, request: Request) -> Response:
        text = request.query_params.get("q", "").replace("\0", "").strip()
        service = find(shapes.services(self.actor), request.query_params.get("service", ""), "code")
        about = About(frozenset({service.pk}) if service else frozenset())
        matches = (
            found.suggested(text, actor=self.actor, about=about, limit=SUGGESTED) if len(text) > 2 else []
        )
        rows = [show.brief(article, self.actor) for article in found.rows_of(matches)]
        return Response(
            {"results": shapes.SuggestionShape(rows, many=True, context=self.get_serializer_context()).data}
        )


def _content(given: Mapping[str, Any], base: Content | None = None) -> Content:
    """What was sent, over what was there."""
    texts = {**(base.texts if base else {}), "change_note": ""}
    texts |= {name: given[name] for name in PLAIN if name in given}

    def of(name: str, default: Any) -> Any:
        return given.get(name, getattr(base, name) if base else default)

    return Content(
        genre=of("genre", ""), audience=of("audience", ""), review_on=of("review_on", None), texts=texts,
        services=tuple(of("services", ())), customers=tuple(of("customers", ())),
        item_type=of("item_type", None),
    )  # fmt: skip


router = SimpleRouter()
router.register("articles", Articles, basename="articles")
urlpatterns = router.urls
