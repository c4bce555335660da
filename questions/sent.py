"""What was sent and what was not, in words: for recipients, for owners, and for the bell."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from questions import schedules, services
from questions.models import WEEKDAYS, Schedule, Sending
from records.notices import Notice, Others

SHOWN = timedelta(days=30)
# why a mail was not sent though the recipient may read the answer: then the notice alone tells of it
ONLY_NOTICE = (Sending.Why.ADDRESS, Sending.Why.NO_MAIL, Sending.Why.REFUSED, Sending.Why.FAILED)
stop = schedules.stop


def words_of(schedule: Schedule) -> dict[str, Any]:
    """When and to whom it is sent, in words."""
    hour = f"{schedule.hour:02}:00"
    if schedule.every == Schedule.Every.WEEK:
        day = dict(WEEKDAYS)[schedule.weekday]
        when = _("every week on %(day)s at %(hour)s") % {"day": day, "hour": hour}
    elif schedule.every == Schedule.Every.MONTH:
        when = _("every month on day %(day)s at %(hour)s") % {"day": schedule.month_day, "hour": hour}
    else:
        when = _("every day at %(hour)s") % {"hour": hour}
    people = [person.name for person in schedule.recipients.all()]
    return {"when": when, "zone": schedule.zone, "next_at": schedule.next_at, "people": people}


def _to(actor: Actor) -> QuerySet[Sending]:
    """Answers the actor was sent, by mail or as a notice, of questions he may still read."""
    reached = Q(state=Sending.State.SENT) | Q(state=Sending.State.DEAD, why__in=ONLY_NOTICE)
    return Sending.objects.filter(
        reached, recipient=actor.user_id, question__in=services.visible_to(actor).values("pk")
    )


def _failed(actor: Actor) -> QuerySet[Sending]:
    return Sending.objects.filter(state=Sending.State.DEAD, question__owner=actor.user_id)


def url_of(sending: Sending) -> str:
    """The answer about the days it was sent about."""
    url = reverse("questions:detail", args=[sending.question_id])
    return f"{url}?from={sending.first}&to={sending.last}" if sending.first and sending.last else url


def received(actor: Actor) -> list[dict[str, Any]]:
    rows = _to(actor).select_related("question", "question__owner").order_by("-due_at", "-pk")[:10]
    return [{"sending": row, "url": url_of(row), "name": row.question.name} for row in rows]


def failures(actor: Actor) -> list[dict[str, Any]]:
    """What of one's questions did not reach its recipients lately."""
    rows = _failed(actor).filter(due_at__gte=timezone.now() - SHOWN)
    found = rows.select_related("question", "recipient").order_by("-due_at", "-pk")[:10]
    return [
        {"sending": row, "words": failure_words(row), "url": row.question.get_absolute_url()} for row in found
    ]


def failure_words(sending: Sending) -> str:
    """Why a recipient did not get the answer: "Bob has no e-mail address"."""
    return _("%(name)s: %(why)s") % {"name": sending.recipient.name, "why": sending.get_why_display()}


# --- the bell -------------------------------------------------------------------------------------


def _unseen(actor: Actor) -> QuerySet[Sending]:
    """Counted on every page, so by one index; what one may not read any more is left out of the list."""
    return Sending.objects.filter(recipient=actor.user_id, state=Sending.State.SENT, seen_at=None)


def _latest(actor: Actor) -> list[Notice]:
    since = timezone.now() - SHOWN
    rows = _to(actor).filter(due_at__gte=since).select_related("question").order_by("-pk")[:10]
    return [
        Notice(
            id=0, words=_("The answer to a question was sent to you"), title=row.question.name,
            actor=_("The system"), at=row.due_at, url=url_of(row), is_unread=row.seen_at is None,
        )
        for row in rows
    ]  # fmt: skip


def _read(actor: Actor, now: datetime) -> int:
    return Sending.objects.filter(recipient=actor.user_id, seen_at=None).update(seen_at=now)


def _failed_unseen(actor: Actor) -> QuerySet[Sending]:
    return _failed(actor).filter(owner_seen_at=None)


def _failed_latest(actor: Actor) -> list[Notice]:
    since = timezone.now() - SHOWN
    rows = _failed(actor).filter(due_at__gte=since).select_related("question", "recipient").order_by("-pk")
    return [
        Notice(
            id=0, words=_("An answer could not be sent: %(why)s") % {"why": failure_words(row)},
            title=row.question.name, actor=_("The system"), at=row.due_at,
            url=row.question.get_absolute_url(), is_unread=row.owner_seen_at is None,
        )
        for row in rows[:10]
    ]  # fmt: skip


def _failed_read(actor: Actor, now: datetime) -> int:
    return _failed_unseen(actor).update(owner_seen_at=now)


NOTICES = (
    Others("questions", unread=_unseen, latest=_latest, read=_read),
    Others("unsent-answers", unread=_failed_unseen, latest=_failed_latest, read=_failed_read),
)
