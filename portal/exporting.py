"""A customer's own tickets as a file, in the words of the portal."""

from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import moment
from exports.columns import Column
from exports.record_columns import of_record
from exports.sources import Source
from portal import queries, words
from records.models import ProcessQuerySet


def tickets(actor: Actor, query: QueryDict, now: datetime) -> ProcessQuerySet:
    return queries.listed(actor, *queries.asked(query, actor)).order_by("-pk")


SOURCES = (
    Source(
        "portal-tickets",
        _("Tickets"),
        [
            *of_record("number", "title", "kind"),
            Column("state", _("State"), lambda row: words.state_of(row).words),
            *of_record("service", "requester", "opened_at", "done_at"),
            moment("confirmed_at", _("Confirmed")),
        ],
        tickets,
        permission="portal",
        page="portal:list",
    ),
)  # fmt: skip
