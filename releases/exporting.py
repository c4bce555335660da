"""Releases as files."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import choice, moment
from exports.record_columns import of_record
from exports.sources import Source, words_of
from releases import queries
from releases.models import Release


def releases(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Release]:
    return queries.listed(actor, queries.Choice.read(words_of(query)))


SOURCES = (
    Source(
        "releases",
        _("Releases"),
        [
            *of_record("number", "title", "state", "customer", "assignee"),
            moment("planned_start_at", _("Planned start")), moment("planned_end_at", _("Planned end")),
            choice("decision", _("Decision")), moment("deployed_at", _("Deployed")),
            moment("in_service_at", _("In service")), choice("outcome", _("Outcome")),
            *of_record("opened_at", "done_at"),
        ],
        releases,
        permission="desk_lists",
        read=lambda rows: rows.select_related("customer", "assignee"),
        page="releases:list",
    ),
)  # fmt: skip
