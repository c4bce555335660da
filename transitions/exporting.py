"""Service transitions as files."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import choice, day, moment, named
from exports.record_columns import of_record
from exports.sources import Source, words_of
from transitions import queries
from transitions.models import Transition


def transitions(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Transition]:
    return queries.listed(actor, queries.Choice.read(words_of(query)))


SOURCES = (
    Source(
        "transitions",
        _("Transitions"),
        [
            *of_record("number", "title"), choice("nature", _("Nature")), *of_record("state"),
            named("about", _("Service")), *of_record("customer", "assignee"), day("last_day", _("Last day")),
            moment("live_at", _("Live")), moment("watch_until", _("Watched until")),
            *of_record("opened_at", "done_at"),
        ],
        transitions,
        permission="desk_lists",
        read=lambda rows: rows.select_related("about", "customer", "assignee"),
        page="transitions:list",
    ),
)  # fmt: skip
