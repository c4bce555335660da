"""How things stood when a report was computed: corrective actions, the months before, names."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncMonth

from accounts.models import Team, User
from actions.models import Action, ImprovementPlan
from catalog.models import Service
from records.counting import tally
from records.models import Link, Record
from reports.figures import MET, MISSED, NET, Question
from reports.period import Period
from reviews.models import Review
from servicereports import lifecycle, schedule
from servicereports.attained import instant, shares
from servicereports.models import FrozenReport
from sla.models import Agreement, Breach

TREND = 12  # months, the report's own last one included
MONTH = "month"


def read(
    question: Question, agreement: Agreement, figures: Mapping[str, Any], breaches: Mapping[int, Breach]
) -> dict[str, Any]:
    """Everything beside the figures that the report shows; of the reader's language nothing."""
    found = {
        "computed_at": instant(question.now),
        "trend": trend(question, agreement),
        "actions": actions(question, agreement, breaches),
        "plans": plans(question, agreement),
        "satisfaction": satisfaction(question, agreement),
    }
    return {**found, "names": names(figures)}


# --- the months before -----------------------------------------------------------------------------


def trend(question: Question, agreement: Agreement) -> list[dict[str, Any]]:
    """Attainment of twelve months, the report's last one at the end; closed months as they were frozen."""
    period = question.period
    last = period.last.replace(day=1)
    first = schedule.add_months(last, 1 - TREND)
    wide = Question(question.actor, Period(first, period.last, period.zone), question.now, question.narrow)
    rows: Any = (
        wide.all_decided()
        .annotate(month=TruncMonth("decided_at", tzinfo=period.zone))
        .values("month")
        .order_by("month")
        .annotate(
            met=tally(MET & NET),
            missed=tally(MISSED & NET),
            excluded_met=tally(MET & ~NET),
            excluded_missed=tally(MISSED & ~NET),
        )
    )
    counted = {row["month"].astimezone(period.zone).date(): row for row in rows}
    closed = _closed(agreement, first, last)
    none = {"met": 0, "missed": 0, "excluded_met": 0, "excluded_missed": 0}
    found = []
    for n in range(TREND):
        month = schedule.add_months(first, n)
        counts = closed.get(month) or counted.get(month, none)
        kept = {name: counts[name] for name in none}
        found.append({"id": f"{month:%Y-%m}", **kept, **shares(kept), "closed": month in closed})
    return found


def _closed(agreement: Agreement, first: Any, before: Any) -> dict[Any, dict[str, Any]]:
    """The sums of the closed months before, by their first day; the newest row of each report."""
    rows = (
        FrozenReport.objects.filter(
            report__agreement=agreement, report__period=MONTH, report__period_from__gte=first,
            report__period_from__lt=before, report__state__in=lifecycle.SENT,
        )
        .order_by("report", "-number")
        .distinct("report")
        .values_list("report__period_from", "content")
    )  # fmt: skip
    return {month: json.loads(content)["figures"]["attainment"]["all"] for month, content in rows}


# --- what is done about it --------------------------------------------------------------------------


def actions(question: Question, agreement: Agreement, breaches: Mapping[int, Breach]) -> list[dict[str, Any]]:
    """Corrective actions for the misses of the period, and those still open or ended in it (SLM-60)."""
    start, end = question.period.start, question.period.end
    keys = {f"breach:{breach.pk}": clock for clock, breach in breaches.items()}
    living = Q(source=Action.Source.BREACH, agreement=agreement, opened_at__lt=end) & (
        Q(done_at=None) | Q(done_at__gte=start)
    )
    rows: QuerySet[Action] = (
        Action.objects.filter(living | Q(key__in=keys)).select_related("assignee").order_by("due_on", "pk")
    )
    causes = _causes(rows)
    return [
        {
            "id": row.number,
            "clock": keys.get(row.key),
            "causes": causes.get(row.pk, []),
            "title": row.title,
            "responsible": row.assignee.display_name if row.assignee else None,
            "due": row.due_on.isoformat(),
            "state": row.state,
            "outcome": row.effect or row.outcome,
            "is_earlier": row.opened_at < start,
            "is_late": row.is_overdue(min(question.now, end).astimezone(question.period.zone).date()),
        }
        for row in rows
    ]


def _causes(rows: QuerySet[Action]) -> dict[int, list[str]]:
    links = Link.objects.filter(source__in=[row.pk for row in rows], type=Link.Type.CAUSED_BY)
    found: dict[int, list[str]] = {}
    for source, number in links.order_by("pk").values_list("source", "target__number"):
        found.setdefault(source, []).append(number)
    return found


def plans(question: Question, agreement: Agreement) -> list[dict[str, Any]]:
    """Improvement plans of the agreement alive in the period."""
    rows = ImprovementPlan.objects.filter(agreement=agreement, opened_at__lt=question.period.end)
    rows = rows.exclude(done_at__lt=question.period.start).select_related("assignee").order_by("pk")
    return [
        {
            "id": row.number,
            "title": {"en": row.title, "zh": row.title_zh or row.title},
            "responsible": row.assignee.display_name if row.assignee else None,
            "until": row.ends_on.isoformat(),
            "state": row.state,
            "indicator": row.indicator,
            "before": row.value_before,
            "wanted": row.value_wanted,
            "after": row.value_after,
        }
        for row in rows
    ]


def satisfaction(question: Question, agreement: Agreement) -> dict[str, Any] | None:
    """What was given last in a review of the agreement by the period's end."""
    rows: Any = Review.objects.of(agreement, None).took_place().exclude(satisfaction=None)
    last: Review | None = rows.filter(held_at__lt=question.period.end).order_by("-held_at", "-pk").first()
    if last is None:
        return None
    held: datetime | None = last.held_at
    return {
        "review": last.number,
        "at": instant(held) if held else None,
        "score": last.satisfaction,
        "comment": last.satisfaction_comment,
        "by": last.satisfaction_by,
    }


# --- names -------------------------------------------------------------------------------------------


def names(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What the codes of the figures are called, so that a report reads the same after a renaming."""
    numbers = {row["number"] for part in ("misses", "exclusions") for row in figures[part]}
    people = {row[who] for row in figures["exclusions"] for who in ("asked_by", "decided_by")}
    teams = {row["team"] for row in figures["misses"] if row["team"]}
    parts = [figures["attainment"]["targets"], figures["measures"], figures["limits"], figures["outages"]]
    codes = {row[key] for rows in parts for row in rows for key in ("service", "worst") if row.get(key)}
    codes |= {code for row in figures["interruptions"] for code in row["services"]}
    numbers |= {row["number"] for row in figures["outages"] if row["number"]}
    titles = Record.objects.filter(number__in=numbers).values_list("number", "title")
    return {
        "records": dict(titles),
        "people": {user.username: user.display_name for user in User.objects.filter(username__in=people)},
        "teams": {t.code: _both(t) for t in Team.objects.filter(code__in=teams)},
        "services": {s.code: _both(s) for s in Service.objects.filter(code__in=codes)},
    }


def _both(row: Team | Service) -> dict[str, str]:
    return {"en": row.name_en, "zh": row.name_zh or row.name_en}
