"""What keeps reports coming: opened when a span has ended, reminded of, and looked at again later."""

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.services import system_actor
from processreports import freezing, lifecycle, queries, services
from processreports.models import OCCASION, ProcessReport, ReportDefinition
from records import log as records_log
from records import spans
from records.services import lock, save
from servicereports.zones import provider_zone

log = logging.getLogger(__name__)

MOST_AT_ONCE = 12
"""So many spans back a missed report is still opened after a long standstill."""
AGAIN = timedelta(days=7)
LOOK_BACK = timedelta(days=120)


def open_due(*, now: datetime) -> list[ProcessReport]:
    """Open every report that is owed for a span that has ended. Safe to repeat, to race and to kill (RPT-01).

    One that fails is written to the log and costs none of the others.
    """
    made = []
    rows = ReportDefinition.objects.exclude(every=OCCASION).select_related("customer", "agreement", "owner")
    for definition in rows.order_by("pk"):
        for span in owed(definition, now):
            try:
                made.append(services.open_report(definition, span.first, actor=system_actor(), now=now))
            except Exception:
                log.exception("the report of %s for %s was not opened", definition.pk, span.code)
    return made


def owed(definition: ReportDefinition, now: datetime) -> list[spans.Span]:
    """The spans that have ended and whose report is missing, the oldest first."""
    zone = provider_zone()
    last = spans.of(definition.every, timezone.localdate(now, zone), zone).previous
    ended = [span for span in last.up_to(MOST_AT_ONCE) if queries.owed(definition, span)]
    there = set(
        definition.reports.filter(
            subject=None, every=definition.every, period_from__in=[span.first for span in ended]
        ).values_list("period_from", flat=True)
    )
    return [span for span in ended if span.first not in there]


def refresh(*, now: datetime) -> int:
    """Bring the figures of drafts nobody has commented up to date; answers how many changed."""
    rows = ProcessReport.objects.filter(state=lifecycle.DRAFTED).order_by("pk")
    return sum(services.refresh(report, now=now) for report in rows)


def remind(*, now: datetime) -> int:
    """Tell whom an overdue report waits for, once a week; answers of how many was told."""
    today = timezone.localdate(now, provider_zone())
    told = 0
    for pk in ProcessReport.objects.overdue(today).order_by("pk").values_list("pk", flat=True):
        told += _remind_of(pk, today, now)
    return told


@transaction.atomic
def _remind_of(pk: int, today: date, now: datetime) -> bool:
    row = ProcessReport.objects.select_for_update(no_key=True, of=("record_ptr", "self")).get(pk=pk)
    recently = row.reminded_on is not None and row.reminded_on > today - AGAIN
    if recently or not row.is_overdue(today):
        return False
    row.reminded_on = today
    row.save(update_fields=["reminded_on"])
    waits_for = row.definition.approver if row.state == lifecycle.COMMENTED else row.assignee
    records_log.write(
        row, "process_report.remind", actor=system_actor(), at=now, day=row.due_on.isoformat(),
        owner=waits_for.label if waits_for else {"en": "nobody", "zh": "无人"},
        people=[waits_for.pk] if waits_for else [],
    )  # fmt: skip
    return True


def check_frozen(*, now: datetime) -> list[ProcessReport]:
    """Compute the reports of the last months anew; answers those that differ or are damaged.

    Its writer is told once; whoever leads corrects it, or says why not.
    """
    since = timezone.localdate(now) - LOOK_BACK
    found = []
    for report in ProcessReport.objects.sent().filter(period_until__gte=since).order_by("pk"):
        last = report.editions.order_by("-number").first()
        seen = freezing.verify(last, now=now) if last else None
        if seen is None:
            continue
        if not seen.is_intact:
            log.error("the frozen content of %s does not have its hash", report.number)
        is_well = seen.is_current and seen.is_intact
        _mark(report, None if is_well else len(seen.changes), now)
        if not is_well:
            found.append(report)
    return found


def _mark(report: ProcessReport, count: int | None, now: datetime) -> None:
    """Note on the report since when its figures differ, and tell once; None: they do not."""
    if (report.differs_since is None) == (count is None):
        return
    with transaction.atomic():
        current = lock(report)
        current.differs_since = None if count is None else now
        save(current, ["differs_since"], now=now)
        if count is not None:
            records_log.write(current, "process_report.differs", actor=system_actor(), at=now, count=count)


def first_day(definition: ReportDefinition, now: datetime) -> date | None:
    """The first day of the latest span that has ended; None for reports on occasion."""
    if definition.is_of_occasion:
        return None
    zone = provider_zone()
    return spans.of(definition.every, timezone.localdate(now, zone), zone).previous.first
