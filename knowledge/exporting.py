"""The list of articles as a file."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import coded, day, number, text
from exports.record_columns import of_record
from exports.sources import Source, words_of
from knowledge import queries
from knowledge.models import Article, Audience, Genre


def articles(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Article]:
    return queries.listed(actor, queries.Choice.read(words_of(query)), timezone.localdate(now))


SOURCES = (
    Source(
        "articles",
        _("Knowledge articles"),
        [
            *of_record("number", "title", "state"), coded("genre", _("Kind"), Genre, "latest.genre"),
            coded("audience", _("Audience"), Audience, "latest.audience"), *of_record("owner", "assignee"),
            day("review_on", _("Review on")), number("use_count", _("Used")),
            number("helpful_count", _("Helpful")), number("unhelpful_count", _("Not helpful")),
            text("source", _("Written from"), "source.number"), *of_record("opened_at", "updated_at"),
        ],
        articles,
        permission="desk_lists",
        read=lambda rows: rows.select_related("latest", "owner", "assignee", "source"),
        page="knowledge:list",
    ),
)  # fmt: skip
