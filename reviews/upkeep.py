"""What keeps reviews happening: the next one planned ahead, and a reminder when its day has passed."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.access import Role
from accounts.models import User
from accounts.services import system_actor
from records import log as records_log
from reviews import inputs, lifecycle, schedule, services
from reviews.models import Review
from sla import coverage
from sla.models import Agreement, AgreementVersion
from sla.terms_rows import terms_of
from suppliers.models import Supplier

HOUR = time(10)
QUARTER = 3
AGAIN = timedelta(days=7)


def plan_due(*, now: datetime) -> list[Review]:
    """Plan the next review of every customer's agreement and supplier where it comes near. Safe to repeat.

    At least once a year, or as often as the agreement says; every month where availability is promised by the
    month; active suppliers with a contract in force every quarter.
    """
    versions = AgreementVersion.objects.select_related("agreement__customer", "agreement__supplier")
    found = coverage.load(versions, now)
    made: list[Review] = []
    for version in found.in_force:
        for meeting, months in _cycles(version):
            planned = _plan(version, meeting, months, now=now)
            if planned:
                made.append(planned)
    return made


def _cycles(version: AgreementVersion) -> Iterator[tuple[str, int]]:
    """The kinds of review a version asks for, with the months between two of them."""
    agreement = version.agreement
    if agreement.supplier and agreement.supplier.is_active:
        yield Review.Meeting.SUPPLIER, QUARTER
    if agreement.kind != Agreement.Kind.SLA or agreement.customer is None or not agreement.customer.is_active:
        return
    terms = terms_of(version)
    yield Review.Meeting.YEARLY, min(terms.review_months or schedule.YEAR, schedule.YEAR)
    if any(m.measure == "availability" and m.period == "month" for m in terms.measures):
        yield Review.Meeting.MONTHLY, 1


def _plan(version: AgreementVersion, meeting: str, months: int, *, now: datetime) -> Review | None:
    """The next review of this kind, if it is due soon and none is planned. The lock makes it one."""
    agreement = version.agreement
    zone = inputs.zone_of_agreement(agreement)
    today = timezone.localdate(now, zone)
    supplier = agreement.supplier if meeting == Review.Meeting.SUPPLIER else None
    subject = None if supplier else agreement
    with transaction.atomic():
        owner: type[Agreement | Supplier] = Supplier if supplier else Agreement
        owner._default_manager.select_for_update(no_key=True).get(pk=(supplier or agreement).pk)
        rows = Review.objects.of(subject, supplier).filter(meeting=meeting)
        if rows.filter(state=lifecycle.PLANNED).exists():
            return None
        last = rows.took_place().exclude(held_at=None).order_by("-held_at").first()
        last_day = timezone.localdate(last.held_at, zone) if last and last.held_at else None
        began = agreement.versions.order_by("effective_from").values_list("effective_from", flat=True)[0]
        due = schedule.due_on(last_day, timezone.localdate(began, zone), months)
        if not schedule.should_plan(due, today, months):
            return None
        day = schedule.proposed_day(due, today)
        return services.plan(
            meeting=meeting, meets_at=datetime.combine(day, HOUR, zone),
            period_from=_since(last_day, day, months), period_until=day - timedelta(days=1),
            chair=_chair(agreement), agreement=subject, supplier=supplier, actor=system_actor(), now=now,
        )  # fmt: skip


def _since(last: date | None, day: date, months: int) -> date:
    """From the last review on, at most as far back as one turn."""
    start = schedule.add_months(day, -months)
    return max(last, start) if last else start


def _chair(agreement: Agreement) -> User | None:
    """The service level manager who covers the customer, the longest here first."""
    rows = User.objects.filter(is_active=True, grants__role=Role.SERVICE_LEVEL_MANAGER)
    for person in rows.distinct().order_by("pk").prefetch_related("grants", "memberships"):
        scope = person.actor.scope
        if scope is None or agreement.customer_id in scope:
            return person
    return None


def remind(*, now: datetime) -> int:
    """Tell chairs of planned reviews whose day has passed, once a week; answers how many were told."""
    actor, today = system_actor(), timezone.localdate(now)
    late = Review.objects.filter(state=lifecycle.PLANNED, meets_at__lt=now - timedelta(days=1))
    told = 0
    for pk in late.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Review.objects.select_for_update(no_key=True, of=("record_ptr", "self")).get(pk=pk)
            recently = row.reminded_on is not None and row.reminded_on > today - AGAIN
            if row.state != lifecycle.PLANNED or recently:
                continue
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            records_log.write(
                row, "review.remind", actor=actor, at=now,
                day=timezone.localtime(row.meets_at).date().isoformat(),
                chair=row.assignee.label if row.assignee else {"en": "nobody", "zh": "无人"},
            )  # fmt: skip
            told += 1
    return told
