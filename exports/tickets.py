"""The desk's queue as a file: the view, the filters and the order of its address."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.columns import Column
from exports.record_columns import JOINS, of_record
from exports.sources import Source
from records import facets, keyset
from records.desk import Desk
from records.models import Record

TICKET = (
    "number", "title", "kind", "state", "waiting_for", "priority", "impact", "urgency", "customer", "service",
    "requester", "team", "assignee", "owner", "channel", "opened_at", "next_due_at", "done_at", "updated_at",
)  # fmt: skip


def columns(actor: Actor, query: QueryDict) -> list[Column]:
    """What all tickets have, then what processes add to the queue."""
    more = [Column(shown.key, shown.label, shown.value) for shown in facets.columns()]
    own = of_record(*TICKET)
    return own + [column for column in more if column.name not in {each.name for each in own}]


def rows(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Record]:
    desk = Desk.asked(query, actor, now)
    return keyset.ordered(desk.records, desk.sort)


def read(found: QuerySet[Any]) -> QuerySet[Any]:
    joins = {*JOINS, *(join for shown in facets.columns() for join in shown.joins)}
    return found.select_related(*joins).defer("description")


QUEUE = Source(
    "tickets", _("Tickets"), columns, rows, permission="desk_lists", read=read, page="records:queue"
)
