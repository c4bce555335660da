"""What people answered: means with their response rates, by survey, customer and month. For leaders."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from accounts.access import Actor
from customers.mean import Mean, mean_of
from customers.models import Invitation, Proposal, Question, Response, ResponseItem, Survey


def surveys(actor: Actor) -> "QuerySet[Survey]":
    rows: QuerySet[Survey] = Survey.objects.visible_to(actor)
    return rows.select_related("customer", "questionnaire", "owner")


def invitations(actor: Actor) -> "QuerySet[Invitation]":
    """Whom the actor's customers' people were asked; only the desk's side."""
    if not actor.is_desk_side:
        return Invitation.objects.none()
    rows = Invitation.objects.all()
    return rows if actor.scope is None else rows.filter(customer__in=actor.scope)


def asked_people(rows: "QuerySet[Invitation]") -> "QuerySet[Invitation]":
    """Who was asked, with what they answered, the newest first."""
    return rows.select_related("person", "ticket", "response__collected_by").order_by("-pk")


def proposals(actor: Actor) -> "QuerySet[Proposal]":
    rows = Proposal.objects.select_related(
        "customer", "complaint", "decided_by", "response__invitation__person",
        "response__invitation__ticket", "response__invitation__survey",
    )  # fmt: skip
    if not actor.is_desk_side:
        return rows.none()
    return rows if actor.scope is None else rows.filter(customer__in=actor.scope)


def mean_in(rows: "QuerySet[Invitation]") -> Mean:
    """The mean of the answers to some invitations; two queries."""
    counted = rows.aggregate(asked=Count("pk"), answered=Count("response"))
    tally = rows.filter(response__score__isnull=False).values_list("response__score").annotate(n=Count("pk"))
    scores = [score for score, n in tally for _i in range(n)]
    return mean_of(scores, asked=counted["asked"], answered=counted["answered"])


def means_of(rows: Iterable[Survey]) -> dict[int, Mean]:
    """The mean of each of some surveys; two queries for all of them."""
    pks = [row.pk for row in rows]
    found = Invitation.objects.filter(survey__in=pks)
    counted = {
        row["survey"]: (row["asked"], row["answered"])
        for row in found.values("survey").annotate(asked=Count("pk"), answered=Count("response"))
    }
    scores: dict[int, list[int]] = {pk: [] for pk in pks}
    tally = found.filter(response__score__isnull=False).values_list("survey", "response__score")
    for pk, score, n in tally.annotate(n=Count("pk")):
        scores[pk] += [score] * n
    return {
        pk: mean_of(scores[pk], asked=counted.get(pk, (0, 0))[0], answered=counted.get(pk, (0, 0))[1])
        for pk in pks
    }


def trend(rows: "QuerySet[Invitation]", *, since: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    """Month by month, by the day people were asked: asked, answered, mean. The input of a review."""
    months = rows.filter(created_at__gte=since).annotate(month=TruncMonth("created_at", tzinfo=zone))
    counted = months.values("month").annotate(asked=Count("pk"), answered=Count("response")).order_by("month")
    scores: dict[datetime, list[int]] = {}
    tally = months.filter(response__score__isnull=False).values_list("month", "response__score")
    for month, score, n in tally.annotate(n=Count("pk")):
        scores.setdefault(month, []).extend([score] * n)
    return [
        {
            "month": row["month"],
            "mean": mean_of(scores.get(row["month"], []), asked=row["asked"], answered=row["answered"]),
        }
        for row in counted
    ]


def answers_to(survey: Survey) -> list[dict[str, Any]]:
    """Each question with how often what was answered; words in full, the newest first."""
    items = ResponseItem.objects.filter(response__invitation__survey=survey)
    values: dict[int, Counter[int]] = {}
    for question, value, n in (
        items.filter(value__isnull=False).values_list("question", "value").annotate(n=Count("pk"))
    ):
        values.setdefault(question, Counter())[value] = n
    said: dict[int, list[str]] = {}
    for question, words in items.exclude(words="").order_by("-pk").values_list("question", "words")[:200]:
        said.setdefault(question, []).append(words)
    return [
        {
            "question": question,
            "rows": _tally(question, values.get(question.pk, Counter())),
            "words": said.get(question.pk, []),
        }
        for question in survey.questionnaire.questions.all()
    ]


def _tally(question: Question, counted: Counter[int]) -> list[dict[str, Any]]:
    if question.kind == Question.Kind.TEXT:
        return []
    labels = question.labels if question.kind == Question.Kind.CHOICE else ["1", "2", "3", "4", "5"]
    total = sum(counted.values())
    return [
        {"label": label, "n": counted[n], "share": round(100 * counted[n] / total) if total else 0}
        for n, label in enumerate(labels, 1)
    ]


def collected(response: Response) -> str:
    """Who or what collected an answer, in words (BRM-08)."""
    if response.collected_by:
        return _("%(person)s, by telephone") % {"person": response.collected_by.name}
    if response.way == Response.Way.PORTAL:
        return _("The person, in the portal")
    return _("The system's link, by mail")
