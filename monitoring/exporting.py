"""Alerts as a file."""

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import choice, moment, named, number, text
from exports.sources import Source
from monitoring import queries


def alerts(actor: Actor, query: QueryDict, now: datetime) -> Any:
    return queries.listed(actor, **queries.asked(query))


SOURCES = (
    Source(
        "alerts",
        _("Alerts"),
        [
            text("title", _("Title")), choice("status", _("State")), text("severity", _("Severity")),
            named("source", _("Source")), text("alarm", _("Alarm")), text("item_name", _("Named item")),
            text("item", _("Configuration item"), "item.number"), named("customer", _("Customer")),
            text("incident", _("Ticket"), "incident.number"), choice("why", _("Why no ticket")),
            number("count", _("Times")), moment("started_at", _("Began")),
            moment("received_at", _("Received")), moment("ended_at", _("Ended")), text("text", _("Text")),
        ],
        alerts,
        permission="see_alerts",
        read=lambda rows: rows.select_related("source", "item", "customer", "incident"),
        page="monitoring:list",
    ),
)  # fmt: skip
