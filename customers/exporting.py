"""Complaints, call-backs, customers and the answers to surveys as files."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from customers import opinions, queries
from customers.models import Complaint, Invitation
from exports.building import choice, flag, moment, named, number, text
from exports.columns import Column
from exports.record_columns import of_record
from exports.sources import Source, words_of
from records.services import get_record


def complaints(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Complaint]:
    return queries.listed(actor, queries.Choice.read(words_of(query)), now)


def answers(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Invitation]:
    """Who was asked by one survey, or by all, and what they answered."""
    asked = opinions.invitations(actor)
    if number := query.get("survey", ""):
        asked = asked.filter(survey__number=get_record(actor, number).number)
    return opinions.asked_people(asked)


def address(query: QueryDict) -> str:
    number = query.get("survey", "")
    return reverse("customers:survey", args=[number]) if number else reverse("customers:surveys")


def _words(asked: Invitation) -> str | None:
    """What was said in words, question by question."""
    response = getattr(asked, "response", None)
    if response is None:
        return None
    return "\n".join(item.words for item in response.items.all() if item.words)


SOURCES = (
    Source(
        "complaints",
        _("Complaints"),
        [
            *of_record("number", "title"), choice("nature", _("Nature")),
            *of_record("state", "customer", "requester"), text("complainant", _("Complainant")),
            *of_record("assignee"), text("about", _("About"), "about.number"),
            flag("is_major", _("Major")), moment("received_at", _("Received")),
            moment("due_at", _("Answer due")), moment("answered_at", _("Answered")),
            flag("is_valid", _("Justified")), text("handling", _("Handling")),
            number("outcome_score", _("Rated by the customer")), *of_record("done_at"),
        ],
        complaints,
        permission="desk_lists",
        read=lambda rows: rows.select_related("customer", "requester", "assignee", "about"),
        page="customers:complaints",
    ),
    Source(
        "survey-answers",
        _("Answers to surveys"),
        [
            text("survey", _("Survey"), "survey.number"), text("title", _("Title"), "survey.title"),
            named("customer", _("Customer")), named("person", _("Person")),
            text("ticket", _("Ticket"), "ticket.number"), moment("created_at", _("Asked")),
            moment("answered_at", _("Answered"), "response.answered_at"),
            choice("way", _("Way"), "response"), number("score", _("Score"), "response.score"),
            Column("words", _("Words"), _words),
        ],
        answers,
        permission="lead_customers",
        read=lambda rows: rows.select_related(
            "survey", "customer", "person", "ticket", "response"
        ).prefetch_related("response__items__question"),
        page=address,
    ),
)  # fmt: skip
