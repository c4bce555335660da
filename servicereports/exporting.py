"""Service reports as files: the desk's list, and what a customer received."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import choice, day, moment, named, text
from exports.record_columns import of_record
from exports.sources import Source
from servicereports import lists
from servicereports.models import ServiceReport


def reports(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[ServiceReport]:
    return lists.reports(actor).order_by("-period_until", "-pk")


def published(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[ServiceReport]:
    return lists.published(actor)


SOURCES = (
    Source(
        "service-reports",
        _("Service reports"),
        [
            *of_record("number", "title", "state", "customer"), named("agreement", _("Agreement")),
            choice("period", _("Period")), day("period_from", _("From")), day("period_until", _("To")),
            day("due_on", _("Due on")), *of_record("assignee"), moment("approved_at", _("Approved")),
            moment("published_at", _("Published")), text("submitter", _("Submitted by")),
        ],
        reports,
        permission="desk_lists",
        page="servicereports:list",
    ),
    Source(
        "portal-reports",
        _("Service reports"),
        [
            *of_record("number", "title", "state"), named("agreement", _("Agreement")),
            choice("period", _("Period")), day("period_from", _("From")), day("period_until", _("To")),
            moment("published_at", _("Published")),
        ],
        published,
        permission="portal",
        page="servicereports:portal-list",
    ),
)  # fmt: skip
