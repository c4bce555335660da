"""What keeps reports coming: opened when a period has ended, reminded of, and looked at again later."""

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import system_actor
from actions.models import Action
from actions.selfcheck import manager_of
from actions.services import open_action
from records import log as records_log
from records.services import lock, save
from reviews.inputs import zone_of_agreement
from servicereports import freezing, lifecycle, schedule, services
from servicereports.figures import versions_in
from servicereports.models import ServiceReport
from sla.models import Agreement, AgreementVersion
from sla.terms import ReportTerm
from sla.terms_rows import terms_of

log = logging.getLogger(__name__)

AGAIN = timedelta(days=7)
LOOK_BACK = timedelta(days=400)
REPAIR = timedelta(days=5)


def open_due(*, now: datetime) -> list[ServiceReport]:
    """Open every report that an agreement owes for a period that has ended. Safe to repeat (SLM-36)."""
    made = []
    rows = Agreement.objects.filter(
        kind=Agreement.Kind.SLA, customer__is_active=True, versions__effective_from__lt=now
    )
    for agreement in rows.distinct().select_related("customer").order_by("pk"):
        made += _open_due_of(agreement, now)
    return made


def _open_due_of(agreement: Agreement, now: datetime) -> list[ServiceReport]:
    zone = zone_of_agreement(agreement)
    today = timezone.localdate(now, zone)
    began = agreement.versions.order_by("effective_from").values_list("effective_from", flat=True)[0]
    made = []
    for period in schedule.MONTHS:
        first, last = schedule.last_ended(today, period)
        for term in _terms(agreement, first, last):
            if term.period != period:
                continue
            rows = ServiceReport.objects.filter(agreement=agreement, report_kind=term.kind, period=period)
            there = set(rows.values_list("period_from", flat=True))
            spans = schedule.owed(today, period, since=timezone.localdate(began, zone), made=there)
            made += [_open(agreement, term, span, now) for span in spans]
    return made


def refresh(*, now: datetime) -> int:
    """Bring the figures of drafts nobody has commented up to date; answers how many changed."""
    rows = ServiceReport.objects.filter(state=lifecycle.DRAFTED).order_by("pk")
    return sum(services.refresh(report, now=now) for report in rows)


def asked_for(agreement: Agreement, kind: str, period: str, first: date, last: date) -> ReportTerm | None:
    """What the agreement says about a report of a period; None if it asks for none of this kind."""
    terms = _terms(agreement, first, last)
    return next((term for term in terms if (term.kind, term.period) == (kind, period)), None)


def _terms(agreement: Agreement, first: date, last: date) -> tuple[ReportTerm, ...]:
    """The reports promised by the version in force at the end of a period."""
    zone = zone_of_agreement(agreement)
    start = datetime.combine(first, datetime.min.time(), zone)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    versions: list[AgreementVersion] = versions_in(agreement, start, end)
    return terms_of(versions[-1]).reports if versions else ()


def _open(agreement: Agreement, term: ReportTerm, span: schedule.Span, now: datetime) -> ServiceReport:
    first, last = span
    return services.draft(
        agreement, first=first, last=last, due_on=schedule.due_on(last, term.due_day),
        writer=writer_of(agreement), report_kind=term.kind, period=term.period, submitter=term.submitter,
        way=term.way, actor=system_actor(), now=now,
    )  # fmt: skip


def writer_of(agreement: Agreement) -> User | None:
    """Who writes the reports of an agreement: the service level manager of its customer."""
    return manager_of(agreement.customer_id)


def remind(*, now: datetime) -> int:
    """Tell who writes a report that is overdue, once a week; answers how many were told (RPT-01)."""
    actor, today = system_actor(), timezone.localdate(now)
    told = 0
    for pk in ServiceReport.objects.overdue(today).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = ServiceReport.objects.select_for_update(no_key=True, of=("record_ptr", "self")).get(pk=pk)
            recently = row.reminded_on is not None and row.reminded_on > today - AGAIN
            if recently or not row.is_overdue(today):
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            records_log.write(
                row, "report.remind", actor=actor, at=now, day=row.due_on.isoformat(),
                owner=row.assignee.label if row.assignee else {"en": "nobody", "zh": "无人"},
            )  # fmt: skip
            told += 1
    return told


def check_frozen(*, now: datetime) -> list[ServiceReport]:
    """Compute the published reports of the last year anew; answers those that differ or are damaged.

    What differs is a piece of work for the writer, once per frozen row: to be restated, or explained.
    """
    since = timezone.localdate(now) - LOOK_BACK
    found = []
    for report in ServiceReport.objects.sent().filter(period_until__gte=since).order_by("pk"):
        last = freezing.newest(report)
        seen = freezing.verify(last, now=now) if last else None
        if seen is None or (seen.is_current and seen.is_intact):
            _mark(report, None, now)
            continue
        if not seen.is_intact:
            log.error("the frozen content of %s does not have its hash", report.number)
        _mark(report, len(seen.changes), now)
        _open_repair(report, seen, now)
        found.append(report)
    return found


def _mark(report: ServiceReport, count: int | None, now: datetime) -> None:
    """Note on the report since when its figures differ, and tell once; None: they do not."""
    if (report.differs_since is None) == (count is None):
        return
    with transaction.atomic():
        current = lock(report)
        current.differs_since = None if count is None else now
        save(current, ["differs_since"], now=now)
        if count is not None:
            records_log.write(current, "report.differs", actor=system_actor(), at=now, count=count)


def _open_repair(report: ServiceReport, seen: freezing.Verification, now: datetime) -> None:
    person = report.assignee if report.assignee and report.assignee.is_active else None
    responsible = person or writer_of(report.agreement)
    if responsible is None:
        return
    open_action(
        source=Action.Source.SELF_CHECK, responsible=responsible,
        title=f"{report.number}: {DIFFERS['en']} · {DIFFERS['zh']}",
        description=_what(seen), due_on=timezone.localdate(now + REPAIR), cause=report,
        agreement=report.agreement, key=f"report-differs:{seen.row.pk}", actor=system_actor(), now=now,
    )  # fmt: skip


# Titles of records are shown as they are, to readers of either language.
DIFFERS = {"en": "figures differ from the frozen ones", "zh": "数据与已冻结的不一致"}


def _what(seen: freezing.Verification) -> str:
    """The records behind what differs."""
    return ", ".join(freezing.records_of(freezing.changes_of(seen)))
