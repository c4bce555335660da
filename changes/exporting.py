"""Changes as files."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from changes import queries
from changes.models import UnauthorisedChange
from exports.building import choice, day, flag, moment, named, number, text
from exports.record_columns import of_record
from exports.sources import Source, words_of


def changes(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Any]:
    return queries.listed(actor, queries.Choice.read(words_of(query)))


def unauthorised(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[UnauthorisedChange]:
    return queries.unauthorised(actor, query.get("state", ""))


SOURCES = (
    Source(
        "changes",
        _("Changes"),
        [
            *of_record("number", "title", "state"), choice("category", _("Category")),
            choice("nature", _("Nature")), choice("risk", _("Risk")), flag("is_major", _("Major")),
            *of_record("customer", "requester", "assignee", "owner"), day("wanted_on", _("Wanted on")),
            moment("planned_start_at", _("Planned start")), moment("planned_end_at", _("Planned end")),
            moment("actual_start_at", _("Begun")), moment("actual_end_at", _("Ended")),
            choice("outcome", _("Outcome")), number("caused", _("Incidents caused")),
            *of_record("opened_at", "done_at"),
        ],
        changes,
        permission="desk_lists",
        read=lambda rows: rows.select_related("customer", "requester", "assignee", "owner"),
        page="changes:list",
    ),
    Source(
        "unauthorised-changes",
        _("Changes nobody approved"),
        [
            text("item", _("Configuration item"), "item.number"), named("item_name", _("Name"), "item"),
            text("found", _("What was found")), choice("state", _("State")),
            text("change", _("Change"), "change.number"), named("found_by", _("Found by")),
            moment("found_at", _("Found at")), named("settled_by", _("Settled by")),
            moment("settled_at", _("Settled at")), text("words", _("Explanation")),
        ],
        unauthorised,
        permission="desk_lists",
        read=lambda rows: rows.select_related("item", "change", "found_by", "settled_by"),
        page="changes:unauthorised",
    ),
)  # fmt: skip
