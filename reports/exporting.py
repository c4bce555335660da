"""What stands behind the reports' numbers as files: tickets, targets, misses, exclusions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from exports.building import choice, duration, moment, named, text
from exports.columns import Column
from exports.record_columns import of_record
from exports.sources import Source, words_of
from reports import desk_rows, figures, missing
from reports.asking import desk_question, picked, question_of
from sla.models import Breach, Clock, Exclusion, Metric

TICKET = (
    "number", "title", "kind", "state", "priority", "customer", "service", "team", "assignee", "channel",
    "opened_at", "done_at",
)  # fmt: skip
CAUSES = ("reason", "accountable", "team", "tier")


def asked(query: QueryDict, actor: Actor) -> HttpRequest:
    """The request of a page at this address: what the pages' own questions are read from."""
    request = HttpRequest()
    request.method, request.GET = "GET", query  # type: ignore[assignment]
    request.actor = actor  # type: ignore[attr-defined]
    return request


def tickets(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Any]:
    """The tickets a figure counts; ``figure`` is its name."""
    figure = desk_rows.ALL_FIGURES.get(query.get("figure", ""))
    if figure is None:
        raise Http404(_("There is no such figure."))
    return figure.rows(picked(desk_question(asked(query, actor)), figure, words_of(query)))


def targets(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Clock]:
    """The targets a share counts; ``metric`` and ``outcome`` as in the page's path."""
    metric, outcome = query.get("metric", ""), query.get("outcome", "")
    if metric not in (*Metric.values, "all") or outcome not in figures.OUTCOMES:
        raise Http404(_("There is no such figure."))
    question = question_of(asked(query, actor))
    return figures.clock_rows(question, metric="" if metric == "all" else metric, outcome=outcome)


def misses(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Breach]:
    """What was missed in a period, for one cause where the address names one."""
    by = query.get("by", "reason")
    rows = figures.breaches(question_of(asked(query, actor)))
    return missing.of_cause(rows, by if by in CAUSES else "reason", query.get("cause", ""))


def exclusions(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Exclusion]:
    question = question_of(asked(query, actor))
    return missing.exclusions(question.actor, is_decided="decided" in query)


def _address(view: str, *names: str) -> Callable[[QueryDict], str]:
    """A page whose path says some of the query."""

    def address(query: QueryDict) -> str:
        kept, path = query.copy(), []
        for name in names:
            path.append(str(kept.get(name, "")))
            kept.pop(name, None)
        if not all(path):
            return ""
        return f"{reverse(view, args=path)}?{kept.urlencode()}"

    return address


def _related(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related(
        "clock__record__customer", "clock__record__service", "team", "assignee", "agreement"
    )


SOURCES = (
    Source(
        "report-tickets",
        gettext_lazy("Tickets behind a figure"),
        of_record(*TICKET),
        tickets,
        permission="desk",
        read=lambda rows: rows.select_related("customer", "service", "team", "assignee").defer("description"),
        page=_address("reports:records", "figure"),
    ),
    Source(
        "report-targets",
        gettext_lazy("Targets behind a figure"),
        [
            *of_record("number", "title", "priority", "customer", "service", "team", path="record"),
            choice("metric", gettext_lazy("Target")),
            named("agreement", gettext_lazy("Agreement"), "agreement_version.agreement"),
            moment("started_at", gettext_lazy("Began")), moment("due_at", gettext_lazy("Due")),
            moment("decided_at", gettext_lazy("Decided")),
            duration("target_seconds", gettext_lazy("Time allowed")),
            duration("spent", gettext_lazy("Time used")),
            Column("is_missed", gettext_lazy("Missed"), lambda c: c.breached_at is not None, "flag"),
        ],
        targets,
        permission="dashboard",
        read=lambda rows: rows.select_related(
            "record__customer", "record__service", "record__team", "agreement_version__agreement"
        ),
        page=_address("reports:clocks", "metric", "outcome"),
    ),
    Source(
        "misses",
        gettext_lazy("Missed targets and their causes"),
        [
            *of_record("number", "title", "priority", "customer", "service", path="clock.record"),
            choice("metric", gettext_lazy("Target"), "clock"), moment("at", gettext_lazy("Missed at")),
            named("team", gettext_lazy("Team")), choice("tier", gettext_lazy("Tier")),
            named("assignee", gettext_lazy("Assignee")), choice("reason", gettext_lazy("Reason")),
            text("note", gettext_lazy("Note")),
            named("accountable", gettext_lazy("Who answers for it"), "agreement"),
            text("no_action", gettext_lazy("Why nothing is to be done")),
            moment("explained_at", gettext_lazy("Explained")),
        ],
        misses,
        permission="dashboard",
        read=_related,
        page="reports:breaches",
    ),
    Source(
        "exclusions",
        gettext_lazy("What does not count"),
        [
            *of_record("number", "title", "customer", path="clock.record"),
            choice("metric", gettext_lazy("Target"), "clock"), choice("reason", gettext_lazy("Reason")),
            text("evidence", gettext_lazy("Evidence")), named("asked_by", gettext_lazy("Asked by")),
            moment("asked_at", gettext_lazy("Asked")), choice("decision", gettext_lazy("Decision")),
            named("decided_by", gettext_lazy("Decided by")), moment("decided_at", gettext_lazy("Decided")),
            text("decision_note", gettext_lazy("Note")),
        ],
        exclusions,
        permission="dashboard",
        read=lambda rows: rows.select_related("clock__record__customer", "asked_by", "decided_by"),
        page="reports:exclusions",
    ),
)  # fmt: skip
