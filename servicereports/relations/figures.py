"""The figures of a relationship report: one customer, or all of them side by side, over a period.

Whole numbers and texts only, so that they can be frozen in one way; queries are per part, not per customer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Organisation
from accounts.services import system_actor
from actions.models import Action
from customers import lifecycle as said
from customers.mean import Mean, mean_of
from customers.models import Callback, Complaint, CustomerProfile, Invitation, ProfileChange, Visit
from customers.models.profiles import Standing
from records.kinds import Kind
from reports.figures import MET, MISSED, Question, attainment
from reports.period import Period
from servicereports import schedule
from servicereports.attained import instant
from servicereports.zones import provider_zone

BACK = 5  # periods of the trend, the report's own last one included
MOST = 200


@dataclass(frozen=True)
class Asked:
    """``customer`` None: all of them."""

    customer: Organisation | None
    period: Period
    now: datetime

    @property
    def actor(self) -> Actor:
        return system_actor()

    def narrow(self, rows: "QuerySet[Any]", column: str = "customer") -> "QuerySet[Any]":
        return rows.filter(**{column: self.customer.pk}) if self.customer else rows


def customers() -> "QuerySet[Organisation]":
    """Those a relationship is reported of: active ones that are customers already."""
    rows = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
    return rows.exclude(profile__standing__in=[Standing.INTENDING, Standing.POTENTIAL]).order_by("pk")


def compute(of: Organisation, kind: str, first: date, last: date, *, now: datetime) -> dict[str, Any]:
    """All figures of a report as of ``now``."""
    is_one = of.kind == Organisation.Kind.CUSTOMER
    asked = Asked(of if is_one else None, Period(first, last, provider_zone()), now)
    found = {
        "computed_at": instant(now),
        "zone": str(asked.period.zone),
        "satisfaction": _satisfaction(asked, kind),
        "complaints": _complaints(asked),
        "callbacks": _callbacks(asked),
        "visits": _visits(asked),
        "attainment": _attainment(asked),
        "actions": _actions(asked),
    }
    return found | ({"standing": _standing(of, last)} if is_one else {"customers": side_by_side(asked)})


# --- what they think of us ----------------------------------------------------------------------


def _invited(asked: Asked) -> "QuerySet[Invitation]":
    rows = Invitation.objects.filter(created_at__gte=asked.period.start, created_at__lt=asked.period.end)
    return asked.narrow(rows)


def _mean(rows: "QuerySet[Invitation]") -> Mean:
    # a survey is always a record of the kind "survey": one group
    return means(rows, "survey__kind").get(Kind.SURVEY.value, mean_of([], asked=0, answered=0))


def means(rows: "QuerySet[Invitation]", by: str) -> dict[Any, Mean]:
    """The mean of each group of people asked; two queries."""
    counted = rows.order_by().values(by).annotate(asked=Count("pk"), answered=Count("response"))
    scores: dict[Any, list[int]] = defaultdict(list)
    tally = rows.filter(response__score__isnull=False).order_by().values_list(by, "response__score")
    for group, score, n in tally.annotate(n=Count("pk")):
        scores[group] += [score] * n
    return {
        row[by]: mean_of(scores[row[by]], asked=row["asked"], answered=row["answered"]) for row in counted
    }


def plain(mean: Mean) -> dict[str, Any]:
    """A mean as it is frozen; what was not answered stays unanswered."""
    return {
        "asked": mean.asked,
        "answered": mean.answered,
        "rate": _text(mean.rate, "0.1"),
        "mean": _text(mean.value, "0.01"),
        "satisfied": _text(mean.satisfied, "0.1"),
    }


def _text(value: float | None, places: str) -> str | None:
    return None if value is None else str(Decimal(value).quantize(Decimal(places), ROUND_FLOOR))


def _satisfaction(asked: Asked, kind: str) -> dict[str, Any]:
    """The period, and the periods before it of the same length, the oldest first."""
    trend = []
    first = asked.period.first
    for n in range(BACK - 1, -1, -1):
        begin, end = schedule.span_of(schedule.add_months(first, -n * schedule.MONTHS[kind]), kind)
        part = Asked(asked.customer, Period(begin, end, asked.period.zone), asked.now)
        trend.append({"id": begin.isoformat(), "until": end.isoformat(), **plain(_mean(_invited(part)))})
    return {**plain(_mean(_invited(asked))), "trend": trend}


# --- what they say ------------------------------------------------------------------------------


def _received(asked: Asked) -> "QuerySet[Any]":
    rows = Complaint.objects.filter(
        nature=Complaint.Nature.COMPLAINT, received_at__gte=asked.period.start,
        received_at__lt=asked.period.end,
    ).exclude(state=said.RETRACTED)  # fmt: skip
    return asked.narrow(rows)


def _sums(asked: Asked) -> dict[str, Any]:
    decided = Q(answered_at__isnull=False) | Q(due_at__lt=asked.now)
    return {
        "received": Count("pk"),
        "valid": Count("pk", filter=Q(is_valid=True)),
        "invalid": Count("pk", filter=Q(is_valid=False)),
        "decided": Count("pk", filter=decided),
        "in_time": Count("pk", filter=Q(answered_at__lte=F("due_at"))),
        "closed": Count("pk", filter=Q(state=said.CLOSED)),
        "major": Count("pk", filter=Q(is_major=True)),
    }


def _complaints(asked: Asked) -> dict[str, Any]:
    """Counts, and the complaints that are about no person: what is confidential is only counted."""
    rows = _received(asked)
    counts: dict[str, Any] = rows.aggregate(**_sums(asked))
    shown = rows.filter(is_confidential=False).order_by("received_at", "pk")[:MOST]
    return {
        **counts,
        "unjudged": counts["received"] - counts["valid"] - counts["invalid"],
        "rows": [
            {
                "id": row.number,
                "title": row.title,
                "received": instant(row.received_at),
                "valid": row.is_valid,
                "in_time": None if row.answered_at is None else row.answered_at <= row.due_at,
                "state": row.state,
            }
            for row in shown
        ],
    }


def _callbacks(asked: Asked) -> dict[str, Any]:
    rows = Callback.objects.filter(closed_at__gte=asked.period.start, closed_at__lt=asked.period.end)
    due = ~Q(state=Callback.State.WAITING) | Q(due_at__lt=asked.now)
    counts: dict[str, Any] = asked.narrow(rows).aggregate(
        due=Count("pk", filter=due),
        made=Count("pk", filter=Q(state=Callback.State.DONE)),
        missed=Count("pk", filter=Q(state=Callback.State.GIVEN_UP)),
    )
    return counts


def _visits(asked: Asked) -> list[dict[str, Any]]:
    """Visits held in the period, and those planned for it that were not."""
    within = (asked.period.first, asked.period.last)
    rows = asked.narrow(Visit.objects.filter(Q(held_on__range=within) | Q(planned_on__range=within)))
    rows = rows.select_related("visitor", "customer").order_by("planned_on", "pk")[:MOST]
    return [
        {
            "id": str(row.pk),
            "customer": _both(row.customer),
            "planned": row.planned_on.isoformat(),
            "held": row.held_on.isoformat() if row.held_on else None,
            "state": row.state,
            "visitor": row.visitor.display_name,
            "purpose": row.purpose,
            "findings": row.findings if row.state == Visit.State.HELD else "",
        }
        for row in rows
    ]


# --- what we keep, and what is open ---------------------------------------------------------------


def _question(asked: Asked) -> Question:
    narrow = {"customer": asked.customer.pk} if asked.customer else {}
    return Question(asked.actor, asked.period, asked.now, narrow)


def _attainment(asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "id": row.metric,
            "met": row.met,
            "missed": row.missed,
            "net": None if row.percent is None else str(row.percent),
            "gross": None if row.gross is None else str(row.gross),
            "goal": None if row.goal is None else str(row.goal),
            "reached": row.on_goal,
        }
        for row in attainment(_question(asked))
    ]


def _actions(asked: Asked) -> list[dict[str, Any]]:
    """Follow-up work that is not finished, as of now."""
    rows: Any = asked.narrow(Action.objects.unfinished())
    rows = rows.select_related("assignee").order_by("due_on", "pk")[:MOST]
    today = timezone.localdate(asked.now, asked.period.zone)
    return [
        {
            "id": row.number,
            "title": row.title,
            "source": row.source,
            "responsible": row.assignee.display_name if row.assignee else "",
            "due": row.due_on.isoformat(),
            "state": row.state,
            "is_late": row.is_overdue(today),
        }
        for row in rows
    ]


def _standing(customer: Organisation, last: date) -> dict[str, Any]:
    """Class and grade as they were at the end of the period."""
    profile = CustomerProfile.objects.filter(customer=customer).select_related("account_manager").first()
    changes = ProfileChange.objects.filter(customer=customer, effective_on__lte=last)
    latest = changes.order_by("part", "-effective_on", "-pk").distinct("part").values_list("part", "after")
    found = dict(latest)
    later = ProfileChange.objects.filter(customer=customer, effective_on__gt=last)
    first_later = dict(
        later.order_by("part", "effective_on", "pk").distinct("part").values_list("part", "before")
    )
    manager = profile.account_manager if profile else None
    return {
        name: found.get(name, first_later.get(name, getattr(profile, name, "") if profile else ""))
        for name in ("grade", "customer_class")
    } | {"manager": manager.display_name if manager else "", "is_key": bool(profile and profile.is_key)}


# --- all customers side by side --------------------------------------------------------------------


def side_by_side(asked: Asked) -> list[dict[str, Any]]:
    """A row per customer; a query per part for all of them."""
    rows = list(customers().select_related("profile"))
    asked_people = means(_invited(asked), "customer")
    complaints = _by_customer(_received(asked).values("customer").annotate(**_sums(asked)))
    decided = _question(asked).decided().values(customer=F("record__customer"))
    kept = _by_customer(decided.annotate(met=Count("pk", filter=MET), missed=Count("pk", filter=MISSED)))
    within = (asked.period.first, asked.period.last)
    visits = _by_customer(
        Visit.objects.filter(held_on__range=within).order_by().values("customer").annotate(n=Count("pk"))
    )
    nobody = mean_of([], asked=0, answered=0)
    return [
        {
            "id": row.code,
            "name": _both(row),
            "grade": row.profile.grade if hasattr(row, "profile") else "",
            **plain(asked_people.get(row.pk, nobody)),
            "complaints": complaints.get(row.pk, {}).get("received", 0),
            "in_time": complaints.get(row.pk, {}).get("in_time", 0),
            "decided": complaints.get(row.pk, {}).get("decided", 0),
            "met": kept.get(row.pk, {}).get("met", 0),
            "missed": kept.get(row.pk, {}).get("missed", 0),
            "visits": visits.get(row.pk, {}).get("n", 0),
        }
        for row in rows
    ]


def _by_customer(rows: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {row["customer"]: row for row in rows}


def _both(row: Organisation) -> dict[str, str]:
    return {"en": row.name_en, "zh": row.name_zh or row.name_en}
