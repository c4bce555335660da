"""When to run: the nightly self-check in short parts, and the daily look at the calendars."""

import logging

from celery import shared_task
from django.utils import timezone

from sla import queries, selfcheck

log = logging.getLogger(__name__)

PART_SECONDS = 20.0


@shared_task
def self_check(started_at: str = "") -> None:
    """Check clocks for a while and hand over to a further task until all are checked."""
    now = timezone.now().replace(microsecond=0)
    report = selfcheck.unfinished_report() if started_at else None
    if report is None or report.started_at != started_at:
        report = selfcheck.Report(started_at=now.isoformat())
    selfcheck.store(selfcheck.check(report, now=now, seconds=PART_SECONDS))
    if not report.is_complete:
        self_check.delay(started_at=report.started_at)
    elif report.different:
        log.error("%s of %s clocks differ from their events", report.different, report.checked)
        selfcheck.finish(report, now)
    else:
        log.info("%s clocks agree with their events", report.checked)


@shared_task
def check_calendars() -> int:
    """Warn in the log of each calendar whose known holidays end within 60 days; answers how many."""
    found = queries.calendars_running_out(timezone.now())
    for each in found:
        log.warning(
            "calendar %s knows holidays until %s only; see manage.py import_holidays",
            each.calendar.code, each.known_until,
        )  # fmt: skip
    return len(found)
