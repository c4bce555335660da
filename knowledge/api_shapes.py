"""Shapes of articles: what is answered, to whom, and what each act takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import Actor
from catalog.models import Service
from cmdb.models import ItemType
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from knowledge.models import TEXTS, Article, ArticleState, ArticleUse, Audience, Genre
from knowledge.writing import SHORT
from records.models import Record
from records.services import MAX_TEXT


class ArticleShape(Shape):
    """A row of a list: its published version, at the desk else the latest."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Of the whole article; also in the ETag.")
    genre = serializers.SerializerMethodField(help_text="solution, how_to, known_error, case.")
    title = serializers.SerializerMethodField(help_text="In the reader's language.")
    summary = serializers.SerializerMethodField(help_text="In the reader's language.")
    services = serializers.SerializerMethodField()
    updated_at = Instant()

    def get_url(self, row: Article) -> str:
        return reverse("api:articles-detail", [row.number], request=self.context["request"])

    @extend_schema_field(Coded(Genre.choices))
    def get_genre(self, row: Article) -> dict[str, str]:
        code = row.shown_to(self.asker).genre
        return {"code": code, "label": str(Genre(code).label)}

    def get_title(self, row: Article) -> str:
        return row.shown_to(self.asker).name

    def get_summary(self, row: Article) -> str:
        return row.shown_to(self.asker).gist

    @extend_schema_field(NamedShape(many=True))
    def get_services(self, row: Article) -> Any:
        return NamedShape(row.shown_to(self.asker).services.all(), many=True, context=self.context).data


class ArticleDeskShape(ArticleShape):
    """A row with what only the desk's side sees."""

    state = Coded(ArticleState.choices)
    audience = serializers.SerializerMethodField(help_text="internal, customers, named.")
    owner = PersonShape(allow_null=True)
    review_on = serializers.DateField()
    use_count = serializers.IntegerField()
    helpful_count = serializers.IntegerField()
    unhelpful_count = serializers.IntegerField()

    @extend_schema_field(Coded(Audience.choices))
    def get_audience(self, row: Article) -> dict[str, str]:
        code = row.shown_to(self.asker).audience
        return {"code": code, "label": str(Audience(code).label)}


class TextsShape(Shape):
    """What it says in one language."""

    title = serializers.CharField()
    summary = serializers.CharField()
    symptom = serializers.CharField()
    cause = serializers.CharField()
    workaround = serializers.CharField()
    body = serializers.CharField(help_text="Markdown.")
    lesson = serializers.CharField()


class BothShape(Shape):
    en = TextsShape()
    zh = TextsShape()


def _both(version: Any) -> dict[str, dict[str, str]]:
    return {
        tongue: {name: getattr(version, f"{name}{ending}") for name in TEXTS}
        for tongue, ending in (("en", ""), ("zh", "_zh"))
    }


class ArticleReadShape(ArticleShape):
    """An article with its texts in both languages."""

    texts = serializers.SerializerMethodField()

    @extend_schema_field(BothShape())
    def get_texts(self, row: Article) -> Any:
        return _both(row.shown_to(self.asker))


class ArticleVersionShape(Shape):
    """A version: never changed."""

    number = serializers.IntegerField()
    genre = Coded(Genre.choices)
    audience = Coded(Audience.choices)
    customers = NamedShape(many=True)
    services = NamedShape(many=True)
    item_type = NamedShape(allow_null=True)
    keywords = serializers.CharField()
    department = serializers.CharField()
    one_language_reason = serializers.CharField()
    review_on = serializers.DateField()
    change_note = serializers.CharField()
    written_by = PersonShape()
    written_at = Instant()
    texts = serializers.SerializerMethodField()

    @extend_schema_field(BothShape())
    def get_texts(self, row: Any) -> Any:
        return _both(row)


class ArticleDetailShape(ArticleDeskShape):
    """An article as the desk's side sees it: what is published, and what is being worked on."""

    published = ArticleVersionShape(allow_null=True)
    latest = ArticleVersionShape()
    moves = serializers.SerializerMethodField(help_text="What your role may do with it in this state.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, row: Article) -> list[str]:
        return list(self.context["moves"])


class SuggestionShape(Shape):
    number = serializers.CharField()
    title = serializers.CharField()
    genre = serializers.CharField(help_text="In the reader's language.")
    summary = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="The page for people.")

    def get_url(self, row: dict[str, Any]) -> str:
        return str(self.context["request"].build_absolute_uri(row["url"]))


class SuggestionsShape(Shape):
    results = SuggestionShape(many=True)


# --- input -----------------------------------------------------------------------------------


def services(actor: Actor) -> Any:
    return Service.objects.published()


def customers(actor: Actor) -> Any:
    return accounts.queries.customers(actor)


def item_types(actor: Actor) -> Any:
    return ItemType.objects.all()


def tickets(actor: Actor) -> Any:
    return Record.objects.visible_to(actor).tickets()


def _text(name: str, **more: Any) -> Text:
    most = SHORT.get(name, MAX_TEXT)
    return Text(max_length=most, required=False, allow_blank=True, trim_whitespace=False, **more)


class WriteForm(Strict):
    """A version. In a PATCH what is left out stays as it is. ``_zh`` is the Chinese text."""

    genre = Pick(choices=Genre.choices)
    audience = Pick(choices=Audience.choices)
    review_on = serializers.DateField()
    title, title_zh = _text("title"), _text("title_zh")
    summary, summary_zh = _text("summary"), _text("summary_zh")
    symptom, symptom_zh = _text("symptom"), _text("symptom_zh")
    cause, cause_zh = _text("cause"), _text("cause_zh")
    workaround, workaround_zh = _text("workaround"), _text("workaround_zh")
    body, body_zh = _text("body", help_text="Markdown."), _text("body_zh", help_text="Markdown.")
    lesson, lesson_zh = _text("lesson"), _text("lesson_zh")
    department = _text("department")
    keywords = _text("keywords")
    one_language_reason = _text("one_language_reason")
    change_note = _text("change_note")
    services = serializers.ListField(
        child=Reference(services, code="code", see="services"), required=False, max_length=50
    )
    customers = serializers.ListField(
        child=Reference(customers, code="code", see="organisations"), required=False, max_length=200
    )
    item_type = Reference(item_types, code="code", see="items", required=False, allow_null=True)


class NothingForm(Strict):
    """No fields."""


class SendForm(Strict):
    reviewer = Reference(accounts.queries.assignees, code="username", see="users", required=False)


class NoteForm(Strict):
    note = Text(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class ReasonForm(Strict):
    reason = Text(max_length=MAX_TEXT)


class CheckForm(Strict):
    review_on = serializers.DateField(help_text="The next day of review.")
    note = Text(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class VoteForm(Strict):
    is_helpful = Flag()
    comment = Text(max_length=500, required=False, allow_blank=True, default="")


class UseForm(Strict):
    record = Reference(tickets, code="number", see="incidents", help_text="The ticket it helped with.")
    how = Pick(choices=ArticleUse.How.choices, required=False, default=ArticleUse.How.SEARCHED.value)
