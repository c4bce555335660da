"""Answers sent by schedule: planned once for each due time, sent under a lease, failures told to the owner.

Planning writes the rows that are unique by question, due time and recipient, so any number of workers may
plan and send, and one that is killed leaves nothing that another does not take up. A mail whose worker died
between sending and noting it goes out once more, under the same Message-ID.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from channels import email
from questions import answers, mailing, schedules, services
from questions.models import Schedule, Sending
from records.delivery import PermanentError, TransientError

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=300)
BATCH = 10
GIVE_UP_AFTER = 12  # attempts; with the back-off below about a day
Why = Sending.Why


def plan(now: datetime, *, limit: int = 50) -> int:
    """Write down what is due to whom; answers how many rows. Of several times missed the latest counts."""
    count = 0
    with transaction.atomic():
        due = Schedule.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=now)
        for schedule in due.select_related("question__owner").order_by("next_at", "pk")[:limit]:
            count += _plan_one(schedule, now)
    return count


def _plan_one(schedule: Schedule, now: datetime) -> int:
    assert schedule.next_at is not None  # noqa: S101 - it was asked for by it
    owner = User.objects.prefetch_related("grants", "memberships").get(pk=schedule.question.owner_id)
    if not services.may_change(schedule.question, owner.actor):
        schedule.next_at = None  # whose question it is works here no more: nobody answers for it
        schedule.save(update_fields=["next_at"])
        return 0
    at, following = schedule.next_at, schedules.following(schedule, schedule.next_at)
    while following <= now:
        at, following = following, schedules.following(schedule, following)
    rows = [
        Sending(question_id=schedule.question_id, due_at=at, recipient_id=person, available_at=now)
        for person in schedule.recipients.values_list("pk", flat=True)
    ]
    Sending.objects.bulk_create(rows, ignore_conflicts=True)
    schedule.next_at = following
    schedule.save(update_fields=["next_at"])
    return len(rows)


@transaction.atomic
def claim(now: datetime, *, limit: int = BATCH) -> list[tuple[int, str]]:
    """Lease what waits to be sent; attempts rise before the work, so that a crash counts."""
    rows = list(
        Sending.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(
            Q(state=Sending.State.NEW) | Q(state=Sending.State.SENDING, lease_until__lt=now),
            available_at__lte=now,
        )
        .order_by("available_at", "pk")[:limit]
    )
    for row in rows:
        row.state, row.attempts = Sending.State.SENDING, row.attempts + 1
        row.lease_until, row.lease_token = now + LEASE, uuid.uuid4().hex
        if row.attempts > GIVE_UP_AFTER:  # whoever tried it last did not live to say so
            row.state, row.why, row.done_at = Sending.State.DEAD, Why.FAILED, now
    fields = ["state", "attempts", "lease_until", "lease_token", "why", "done_at"]
    Sending.objects.bulk_update(rows, fields)
    return [(row.pk, row.lease_token) for row in rows if row.state == Sending.State.SENDING]


def send(pk: int, token: str, *, now: datetime) -> bool:
    """Send one that was claimed and note what came of it, where the lease still holds. True if it went."""
    rows = Sending.objects.select_related("question__owner")
    row = rows.filter(pk=pk, lease_token=token, state=Sending.State.SENDING).first()
    if row is None:
        return False
    try:
        why = _send(row)
    except TransientError as error:
        _again(row, str(error), now)
        return False
    except Exception as error:
        log.exception("answer %s could not be sent", pk)
        _again(row, f"{type(error).__name__}: {error}", now)
        return False
    state = Sending.State.DEAD if why else Sending.State.SENT
    mine = Sending.objects.filter(pk=pk, lease_token=token, state=Sending.State.SENDING)
    noted = mine.update(
        state=state, why=why, done_at=now, first=row.first, last=row.last, last_error=row.last_error
    )
    return bool(noted) and not why


def _send(row: Sending) -> str:
    """Compute the answer within what the recipient sees, and mail it. Why it was not sent, or ""."""
    person = User.objects.prefetch_related("grants", "memberships").get(pk=row.recipient_id)
    if not person.is_active:
        return Why.GONE
    actor = person.actor
    if not mailing.allowed(row, actor):
        return Why.RIGHTS
    try:
        message = mailing.build(row, person, actor, services.plan_of(row.question))
    except ValidationError:
        return Why.UNREADABLE
    except answers.TooLong:
        return Why.TOO_LONG
    if not person.email:
        return Why.ADDRESS
    if person.mail_level == User.MailLevel.NONE:
        return Why.NO_MAIL
    try:
        email.post(message)
    except PermanentError as error:
        row.last_error = str(error)[:300]
        return Why.REFUSED
    return ""


def _again(row: Sending, error: str, now: datetime) -> None:
    mine = Sending.objects.filter(pk=row.pk, lease_token=row.lease_token, state=Sending.State.SENDING)
    if row.attempts >= GIVE_UP_AFTER:
        mine.update(state=Sending.State.DEAD, why=Why.FAILED, done_at=now, last_error=error[:300])
        return
    wait = timedelta(seconds=min(10 * 2 ** (row.attempts - 1), 3600 * 3))
    mine.update(state=Sending.State.NEW, available_at=now + wait, last_error=error[:300])
