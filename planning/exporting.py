"""Service level requirements as a file."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import choice, named, text
from exports.record_columns import of_record
from exports.sources import Source, words_of
from planning import queries
from planning.models import ServiceLevelRequirement


def requirements(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[ServiceLevelRequirement]:
    return queries.listed(actor, queries.Choice.read(words_of(query)))


SOURCES = (
    Source(
        "requirements",
        _("Service level requirements"),
        [
            *of_record("number", "title", "state"), choice("trigger", _("Reason")),
            *of_record("customer", "service", "requester", "assignee"), named("agreement", _("Agreement")),
            text("wished_hours", _("Wished hours")), text("why", _("Why")), text("answer", _("Answer")),
            *of_record("opened_at", "done_at"),
        ],
        requirements,
        permission="desk_lists",
        read=lambda rows: rows.select_related("customer", "service", "requester", "assignee", "agreement"),
        page="planning:list",
    ),
)  # fmt: skip
