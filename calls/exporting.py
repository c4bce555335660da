"""Calls as a file."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from calls import queries
from calls.asking import part_of, question_of
from calls.models import CallRecord
from exports.building import choice, moment, named, text
from exports.columns import Column
from exports.sources import Source


def calls(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[CallRecord]:
    return queries.shown(question_of(query, actor, now).rows(part_of(query)))


SOURCES = (
    Source(
        "calls",
        _("Calls"),
        [
            moment("offered_at", _("Offered")), choice("direction", _("Direction")),
            named("hotline", _("Hotline")), named("branch", _("Menu branch")), text("number", _("Number")),
            named("agent", _("Agent")), moment("answered_at", _("Answered")),
            moment("abandoned_at", _("Abandoned")), moment("ended_at", _("Ended")),
            Column("lasted", _("Talked"), lambda call: queries.line(call)["lasted"], "duration"),
            named("person", _("Person")), named("customer", _("Customer")),
            text("ticket", _("Ticket"), "ticket.number"),
        ],
        calls,
        permission="desk_lists",
        page="calls:list",
    ),
)  # fmt: skip
