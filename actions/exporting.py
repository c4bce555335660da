"""Actions and improvement plans as files."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, may
from actions import queries
from actions.models import Action, ImprovementPlan
from exports.building import choice, day, flag, moment, named, text
from exports.record_columns import of_record
from exports.sources import Source, words_of


def actions(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Action]:
    choice_ = queries.Choice.read(words_of(query), mine=not may(actor, "lead_actions"))
    return queries.listed(actor, choice_, timezone.localdate(now))


def plans(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[ImprovementPlan]:
    return queries.plans(actor, query.get("state", ""))


SOURCES = (
    Source(
        "actions",
        _("Actions"),
        [
            *of_record("number", "title", "state"), choice("source", _("Source")),
            *of_record("assignee", "owner"), day("due_on", _("Due on")), *of_record("done_at"),
            text("outcome", _("Result")), day("effect_check_on", _("Effect checked on")),
            flag("effective", _("Effective")), text("effect", _("Effect")),
            named("agreement", _("Agreement")), text("plan", _("Improvement plan"), "plan.number"),
            *of_record("opened_at"),
        ],
        actions,
        permission="desk_lists",
        read=lambda rows: rows.select_related("assignee", "owner", "agreement", "plan"),
        page="actions:list",
    ),
    Source(
        "improvement-plans",
        _("Improvement plans"),
        [
            *of_record("number", "title", "state", "assignee"), named("agreement", _("Agreement")),
            day("starts_on", _("Begins")), day("ends_on", _("Ends")), text("indicator", _("Indicator")),
            text("value_before", _("Before")), text("value_wanted", _("Wanted")),
            text("value_after", _("After")), text("result", _("Result")),
            moment("approved_at", _("Approved")), *of_record("done_at"),
        ],
        plans,
        permission="desk_lists",
        read=lambda rows: rows.select_related("assignee", "agreement"),
        page="actions:plans",
    ),
)  # fmt: skip
