"""Reads that join: what is due and late, how punctual and accurate reports are, the plan of a year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.access import Actor
from processreports import definitions, lifecycle
from processreports.models import OCCASION, ProcessReport, QualityCheck, ReportDefinition, ReportEdition
from records import spans
from servicereports.zones import provider_zone

SUMS = ("due", "in_time", "late", "missing", "corrected", "faulty")
"""How the reports due in a period stand; ``missing``: their day has passed and they were not sent."""


def facts_of(rows: QuerySet[Any], zone: tzinfo) -> QuerySet[Any]:
    """Reports with the day they were sent (``sent_on``), whether corrected, whether found faulty."""
    again = ReportEdition.objects.filter(report=OuterRef("pk"), number__gt=1)
    bad = QualityCheck.objects.filter(edition__report=OuterRef("pk"), verdict=QualityCheck.Verdict.FAULTY)
    found: QuerySet[Any] = rows.annotate(
        sent_on=TruncDate("published_at", tzinfo=zone), is_corrected=Exists(again), is_faulty=Exists(bad)
    )
    return found


def punctuality(
    first: date, last: date, *, zone: tzinfo, customer: int | None, now: datetime
) -> list[dict[str, Any]]:
    """The sums of each definition over its reports due in a period; one query."""
    rows = ProcessReport.objects.filter(due_on__gte=first, due_on__lte=last)
    rows = rows.exclude(state=lifecycle.CANCELLED)
    if customer is not None:
        rows = rows.filter(definition__customer=customer)
    today = timezone.localdate(now, zone)
    counted = (
        facts_of(rows, zone)
        .order_by()
        .values("definition", "definition__name_en", "definition__name_zh")
        .annotate(
            due=Count("pk"),
            in_time=Count("pk", filter=Q(sent_on__lte=F("due_on"))),
            late=Count("pk", filter=Q(sent_on__gt=F("due_on"))),
            missing=Count("pk", filter=Q(published_at=None, due_on__lt=today)),
            corrected=Count("pk", filter=Q(is_corrected=True)),
            faulty=Count("pk", filter=Q(is_faulty=True)),
        )
        .order_by("definition__name_en", "definition")
    )
    return [
        {
            "id": row["definition"],
            "name": {"en": row["definition__name_en"], "zh": row["definition__name_zh"]},
            **{name: row[name] for name in SUMS},
        }
        for row in counted
    ]


# --- the plan of a year ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Planned:
    """One report of a year: its span, its day, and the report itself once it was opened.

    ``standing`` is planned, running (the period is), due, late, sent, cancelled.
    """

    definition: ReportDefinition
    span: spans.Span
    due_on: date
    report: ProcessReport | None
    standing: str
    is_late: bool


def plan(actor: Actor, year: int, *, now: datetime, only: int | None = None) -> list[Planned]:
    """What is owed in a year by the day it is due, the earliest first; days, weeks and events are not listed.

    Reports on occasion have no plan, and of daily and weekly ones only those that were opened are listed.
    """
    zone = provider_zone()
    today = timezone.localdate(now, zone)
    begin, end = date(year, 1, 1), date(year, 12, 31)
    rows = definitions.visible(actor).exclude(every=OCCASION).select_related("owner", "customer")
    if only:
        rows = rows.filter(pk=only)
    known: Mapping[tuple[int, date], ProcessReport] = {
        (row.definition_id, row.period_from): row
        for row in ProcessReport.objects.visible_to(actor)
        .filter(due_on__gte=begin, due_on__lte=end, subject=None)
        .defer("computed")
        .select_related("assignee")
    }
    found = []
    for definition in rows:
        is_listed = definition.every not in spans.DAYS
        margin = timedelta(days=definition.due_days)
        for span in spans.within(definition.every, begin - margin - timedelta(days=1), end, zone):
            due = span.last + margin
            report = known.get((definition.pk, span.first))
            if not begin <= due <= end or not (report or (is_listed and owed(definition, span))):
                continue
            due = report.due_on if report else due
            found.append(Planned(definition, span, due, report, *_standing(report, span, due, today)))
    return sorted(found, key=lambda each: (each.due_on, each.definition.name_en, each.definition.pk))


def owed(definition: ReportDefinition, span: spans.Span) -> bool:
    """Whether a definition owes the report of a span: it is in force on the span's last day."""
    return definition.is_active(span.last)


def _standing(report: ProcessReport | None, span: spans.Span, due: date, today: date) -> tuple[str, bool]:
    if report is None:
        if today <= span.last:
            return ("running" if span.first <= today else "planned"), False
        return "missing", today > due
    if report.state == lifecycle.CANCELLED:
        return "cancelled", False
    if report.state in lifecycle.SENT:
        day = timezone.localdate(report.published_at, span.zone) if report.published_at else due
        return "sent", day > due
    return ("late", True) if today > due else ("due", False)
