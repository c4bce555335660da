"""Problems and known errors as files."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import choice, moment, number, text
from exports.record_columns import of_record
from exports.sources import Source, words_of
from problems import queries, show


def problems(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Any]:
    return show.with_counts(queries.listed(actor, queries.Choice.read(words_of(query))))


def known_errors(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Any]:
    return show.with_matches(queries.known_errors(actor, *queries.known_asked(query)))


SOURCES = (
    Source(
        "problems",
        _("Problems"),
        [
            *of_record("number", "title", "state", "priority", "customer", "service", "assignee", "owner"),
            choice("source", _("Source")), choice("severity", _("Severity")),
            choice("outcome", _("Outcome")), number("behind", _("Tickets behind it")),
            *of_record("opened_at"), moment("decided_at", _("Decided")), *of_record("done_at", "updated_at"),
        ],
        problems,
        permission="desk_lists",
        read=lambda rows: rows.select_related("customer", "service", "assignee", "owner"),
        page="problems:list",
    ),
    Source(
        "known-errors",
        _("Known errors"),
        [
            *of_record("number", "title", "state", "service", "assignee"),
            text("workaround", _("Workaround")), text("problem", _("Problem"), "of_problem.number"),
            number("matched", _("Incidents matched")), *of_record("opened_at", "updated_at"),
        ],
        known_errors,
        permission="desk_lists",
        read=lambda rows: rows.select_related("service", "assignee", "of_problem"),
        page="problems:known-errors",
    ),
)  # fmt: skip
