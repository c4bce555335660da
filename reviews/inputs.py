"""What a review looks at, from live data: a JSON value that is frozen with the minutes.

Names are labels in both languages, so that old minutes read the same in either; instants are ISO 8601 in UTC.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from actions.models import Action, ActionState
from agreements.models import Edition
from records.log import bilingual
from records.models import Priority, Record
from reviews.models import Review
from sla.compliance import Compliance
from sla.models import Agreement, AgreementVersion, Breach, Clock, Metric

MOST = 50  # missed targets listed; all are counted
# what apps above add about an agreement: (agreement, start, end) -> a JSON value, by name
MORE: "dict[str, Callable[[Agreement, datetime, datetime], Any]]" = {}


def collect(review: Review) -> dict[str, Any]:
    """Everything the agenda needs for the review's period."""
    start, end = span(review.period_from, review.period_until, zone_of(review))
    found: dict[str, Any] = {
        "period": {"from": review.period_from.isoformat(), "until": review.period_until.isoformat()},
        "former": _former(review),
        "corrective": [_action(a) for a in _corrective(review, start, end)],
        "satisfaction": _satisfaction(review),
    }
    if review.agreement:
        clocks = _decided(review.agreement, start, end)
        found["attainment"] = _attainment(clocks)
        found["missed"] = _missed(clocks)
        found["workload"] = _workload(review.agreement, start, end)
        found["editions"] = _editions(review.agreement, start, end)
        found |= {name: told(review.agreement, start, end) for name, told in MORE.items()}
    else:
        found["attainment"] = _attainment(_of_contracts(review, start, end))
        found["missed"] = _missed_for_supplier(review, start, end)
        found["contracts"] = [
            a.label for a in Agreement.objects.filter(supplier=review.supplier, ended_at=None)
        ]
    return found


def zone_of(review: Review) -> ZoneInfo:
    """Where the days of a review are counted: by the calendar of its agreement, or of the supplier's."""
    agreement = review.agreement or Agreement.objects.filter(supplier=review.supplier).order_by("pk").first()
    return zone_of_agreement(agreement) if agreement else ZoneInfo(settings.TIME_ZONE)


def zone_of_agreement(agreement: Agreement) -> ZoneInfo:
    """The zone of the agreement's newest calendar."""
    version = agreement.versions.select_related("calendar").order_by("-number").first()
    hours = version.calendar.versions.order_by("-number").first() if version else None
    return ZoneInfo(hours.definition["timezone"] if hours else settings.TIME_ZONE)


def span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants from the beginning of the first day to the end of the last."""
    begin = datetime.combine(first, time.min, zone)
    return begin.astimezone(UTC), datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)


def _decided(agreement: Agreement, start: datetime, end: datetime) -> QuerySet[Clock]:
    """Clocks of the agreement whose verdict fell into the period, without waived ones."""
    return Clock.objects.filter(
        agreement_version__agreement=agreement, waived_at=None, decided_at__gte=start, decided_at__lt=end
    )


def _attainment(clocks: QuerySet[Clock]) -> list[dict[str, Any]]:
    rows = (
        clocks.values("metric", "target__priority", "target__goal_percent")
        .annotate(met=Count("pk", Q(breached_at=None)), missed=Count("pk", Q(breached_at__isnull=False)))
        .order_by("metric", "target__priority")
    )
    return [_share(row) for row in rows]


def _share(row: Mapping[str, Any]) -> dict[str, Any]:
    percent = Compliance(row["met"], row["missed"], 0, 0).percent
    goal, priority = float(row["target__goal_percent"]), row["target__priority"]
    return {
        "metric": bilingual(Metric(row["metric"]).label),
        "priority": bilingual(Priority(priority).label) if priority else None,
        "met": row["met"],
        "missed": row["missed"],
        "percent": percent,
        "goal": goal,
        "reached": percent is None or percent >= goal,
    }


def _missed(clocks: QuerySet[Clock]) -> dict[str, Any]:
    breaches = Breach.objects.filter(clock__in=clocks.filter(breached_at__isnull=False).order_by())
    return _listed(breaches)


def _of_contracts(review: Review, start: datetime, end: datetime) -> QuerySet[Clock]:
    """What the supplier itself promised in its contracts, as far as it was decided in the period."""
    return Clock.every.filter(
        support__supplier=review.supplier, waived_at=None, decided_at__gte=start, decided_at__lt=end
    )


def _missed_for_supplier(review: Review, start: datetime, end: datetime) -> dict[str, Any]:
    """Customers' targets missed for which a contract of the supplier answers."""
    answered = Breach.objects.filter(agreement__supplier=review.supplier, clock__support=None)
    return _listed(answered.filter(at__gte=start, at__lt=end))


def _listed(breaches: QuerySet[Breach]) -> dict[str, Any]:
    reasons = breaches.order_by().values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    rows = breaches.select_related("clock__record", "team").order_by("-at", "-pk")[:MOST]
    return {
        "count": breaches.count(),
        "reasons": [{"reason": _reason(row["reason"]), "n": row["n"]} for row in reasons],
        "rows": [
            {
                "number": row.clock.record.number,
                "title": row.clock.record.title,
                "metric": bilingual(Metric(row.clock.metric).label),
                "at": row.at.isoformat(),
                "team": row.team.label if row.team else None,
                "reason": _reason(row.reason),
                "note": row.note,
            }
            for row in rows
        ],
    }


def _reason(code: str) -> dict[str, str] | None:
    return bilingual(Breach.Reason(code).label) if code else None


def _workload(agreement: Agreement, start: datetime, end: datetime) -> dict[str, int]:
    """Tickets pinned to the agreement: opened, done, and open at the end of the period."""
    pinned = Clock.objects.filter(agreement_version__agreement=agreement)
    tickets = Record.objects.tickets().filter(pk__in=pinned.values("record"))
    return {
        "opened": tickets.filter(opened_at__gte=start, opened_at__lt=end).count(),
        "done": tickets.filter(done_at__gte=start, done_at__lt=end).count(),
        "open": tickets.filter(opened_at__lt=end).exclude(done_at__lt=end).count(),
        "major": tickets.filter(opened_at__gte=start, opened_at__lt=end, priority=1).count(),
    }


def _editions(agreement: Agreement, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Versions that came into force in the period, with the reason for the change where it is known."""
    rows = AgreementVersion.objects.filter(
        agreement=agreement, effective_from__gte=start, effective_from__lt=end
    ).order_by("effective_from")
    reasons = dict(
        Edition.objects.filter(signed_version__in=rows).values_list("signed_version", "change_reason")
    )
    return [
        {"number": v.number, "from": v.effective_from.isoformat(), "reason": reasons.get(v.pk, "")}
        for v in rows
    ]


def former_of(review: Review) -> Review | None:
    """The review of the same agreement or supplier before this one that took place."""
    rows = Review.objects.of(review.agreement, review.supplier).took_place()
    found: Review | None = (
        rows.filter(meets_at__lt=review.meets_at).exclude(pk=review.pk).order_by("-meets_at").first()
    )
    return found


def _former(review: Review) -> dict[str, Any] | None:
    before = former_of(review)
    if before is None:
        return None
    caused = Action.objects.filter(links_from__target=before.pk, links_from__type="caused_by")
    rows = caused.distinct().select_related("assignee").order_by("due_on", "pk")
    return {
        "number": before.number,
        "at": (before.held_at or before.meets_at).isoformat(),
        "actions": [_action(row) for row in rows],
    }


def _corrective(review: Review, start: datetime, end: datetime) -> QuerySet[Action]:
    """Corrective actions open in the period or finished in it: their result is looked at here (SLM-60)."""
    rows: Any = Action.objects.filter(opened_at__lt=end).exclude(done_at__lt=start)
    if review.agreement:
        rows = rows.filter(source=Action.Source.BREACH, agreement=review.agreement)
    else:
        rows = rows.filter(source=Action.Source.SUPPLIER, agreement__supplier=review.supplier)
    found: QuerySet[Action] = rows.select_related("assignee").order_by("due_on", "pk")
    return found


def _action(row: Action) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": row.title,
        "responsible": row.assignee.name if row.assignee else "",
        "due": row.due_on.isoformat(),
        "state": bilingual(ActionState(row.state).label),
        "outcome": row.effect or row.outcome,
        "effective": row.effective,
    }


def _satisfaction(review: Review) -> list[dict[str, Any]]:
    """What was given in former reviews of the same agreement or supplier, the newest first."""
    rows = Review.objects.of(review.agreement, review.supplier).took_place()
    rows = rows.exclude(pk=review.pk).exclude(satisfaction=None).order_by("-meets_at")[:12]
    return [
        {
            "number": row.number,
            "at": (row.held_at or row.meets_at).isoformat(),
            "score": row.satisfaction,
            "comment": row.satisfaction_comment,
        }
        for row in rows
    ]
