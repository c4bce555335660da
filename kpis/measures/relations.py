"""Business relationship (P11, X58): what customers say."""

from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from customers.models import Complaint, Response, Survey
from kpis.engine import Asked, Part, Unit, declare

SATISFIED = 4
"""From this score of five on somebody is called satisfied."""


def complaints(asked: Asked) -> QuerySet[Any]:
    rows: QuerySet[Any] = Complaint.objects.filter(
        asked.within("received_at"), nature=Complaint.Nature.COMPLAINT
    )
    return rows


declare(
    "P11.R1.K1",
    Part(complaints, person="assignee", at="received_at"),
    beside=("P11.R1.K2", "P11.R1.K3"),
)
declare(
    "P11.R1.K2",
    Part(complaints, Unit.PERCENT, Q(handled_at__isnull=False), person="assignee", at="received_at"),
)
declare(
    "P11.R1.K3",
    Part(
        lambda asked: Complaint.objects.filter(asked.within("outcome_rated_at")), Unit.PERCENT,
        Q(outcome_score__gte=SATISFIED), person="assignee", at="outcome_rated_at",
    ),
)  # fmt: skip
declare(
    "P11.R1.K4",
    Part(
        lambda asked: Response.objects.filter(
            asked.within("answered_at"), score__isnull=False,
            invitation__survey__purpose=Survey.Purpose.PERIODIC,
        ),
        Unit.PERCENT, Q(score__gte=SATISFIED), at="answered_at",
    ),
)  # fmt: skip


def scores(asked: Asked) -> QuerySet[Response]:
    return Response.objects.filter(asked.within("answered_at"), score__isnull=False)


def scores_before(asked: Asked) -> QuerySet[Response]:
    """Those of the period of the same length before."""
    return scores(replace(asked, period=asked.period.previous()))


declare(
    "X58",
    Part(scores, Unit.PERCENT, Q(score__gte=SATISFIED), at="answered_at", name=_("Satisfied")),
    Part(scores_before, Unit.PERCENT, Q(score__gte=SATISFIED), at="answered_at", name=_("The period before")),
)
