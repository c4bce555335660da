"""Sending what the outbox holds: claimed under a lease, sent outside any transaction, every attempt kept."""

import logging
import time
import uuid
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services import system_actor
from actions.services import open_action
from outbound import chat, egress, payloads
from outbound.models import Attempt, Message, Subscription
from records.log import bilingual

log = logging.getLogger(__name__)

BATCH = 5
LEASE = timedelta(seconds=120)  # longer than a batch in which every receiver hangs
GIVE_UP_AFTER = 30  # attempts; with the back-off below about a day
LONGEST_WAIT = 3600
SWITCH_OFF_AFTER = 5  # messages given up in a row
RETRIED = frozenset({408, 425, 429})
GONE = 410


def claim(now: datetime, limit: int = BATCH) -> list[tuple[int, str]]:
    """Lease the oldest message of up to ``limit`` subscriptions: one at a time each, so that order is kept.

    Attempts rise before the work, so that a message that kills its worker is counted too.
    """
    waiting = Q(state=Message.State.NEW) | Q(state=Message.State.SENDING, lease_until__lt=now)
    busy = Message.objects.filter(
        subscription=OuterRef("subscription"), state=Message.State.SENDING, lease_until__gte=now
    )
    calm = Q(subscription__paused_until=None) | Q(subscription__paused_until__lte=now)
    oldest = (
        Message.objects.filter(waiting, calm, available_at__lte=now, subscription__is_active=True)
        .exclude(Exists(busy))
        .order_by("subscription_id", "pk")
        .distinct("subscription_id")
        .values_list("pk", flat=True)
    )
    with transaction.atomic():
        chosen = list(oldest[:limit])
        rows = list(
            Message.objects.select_for_update(skip_locked=True).filter(waiting, pk__in=chosen).order_by("pk")
        )
        for row in rows:
            row.state, row.attempts = Message.State.SENDING, row.attempts + 1
            row.lease_until, row.lease_token = now + LEASE, uuid.uuid4().hex
        Message.objects.bulk_update(rows, ["state", "attempts", "lease_until", "lease_token"])
    return [(row.pk, row.lease_token) for row in rows]


def send_batch() -> tuple[int, int]:
    """Claim and send a batch; answers how many were tried and how many were taken."""
    claimed = claim(timezone.now())
    return len(claimed), sum(send(pk, token, now=timezone.now()) for pk, token in claimed)


def send(pk: int, token: str, *, now: datetime) -> bool:
    """Send one claimed message and store what came of it, where the lease is still ours."""
    row = (
        Message.objects.select_related(
            "subscription__keeper", "activity__actor", "activity__record__customer",
            "activity__record__service", "activity__record__team", "activity__record__assignee",
        )
        .filter(pk=pk, lease_token=token, state=Message.State.SENDING)
        .first()
    )  # fmt: skip
    if row is None:
        return False
    if row.activity is not None and not payloads.readable_by(row.subscription, row.activity):
        _store(row, Attempt(at=now, error=""), Message.State.DEAD, "may not be told any more", now)
        return False
    attempt, verdict = _try(row, now)
    if verdict.is_taken:
        _taken(row, attempt, now)
        return True
    if verdict.is_final or row.attempts >= GIVE_UP_AFTER:
        _give_up(row, attempt, verdict.words, now)
    else:
        _later(row, attempt, verdict, now)
    return False


def _try(row: Message, now: datetime) -> tuple[Attempt, chat.Verdict]:
    """One request, and what its answer means."""
    attempt = Attempt(at=now)
    started = time.monotonic()
    try:
        post = payloads.posted(row, now=now)
        answer = egress.post(post.url, post.body, post.headers)
    except egress.Refused as refused:
        attempt.error = f"refused: {refused}"[:300]
        return attempt, chat.Verdict(is_taken=False, is_final=True, words=attempt.error)
    except Exception as error:
        if not isinstance(error, egress.Failed):
            log.exception("outgoing message %s failed", row.pk)
        attempt.error = str(error)[:300] if isinstance(error, egress.Failed) else "an error on our side"
        attempt.milliseconds = int((time.monotonic() - started) * 1000)
        return attempt, chat.Verdict(is_taken=False, is_final=False, words=attempt.error)
    attempt.status, attempt.milliseconds, attempt.address = answer.status, answer.milliseconds, answer.address
    attempt.response = answer.body[:2000].decode(errors="replace").replace("\0", "")[:500]
    return attempt, _verdict(row.subscription, answer)


def _verdict(subscription: Subscription, answer: egress.Answer) -> chat.Verdict:
    if 200 <= answer.status < 300:
        if subscription.is_chat:
            return chat.read(subscription.kind, answer.body)
        return chat.Verdict(is_taken=True, is_final=True)
    is_final = 300 <= answer.status < 500 and answer.status not in RETRIED
    words = "led elsewhere; redirects are not followed" if 300 <= answer.status < 400 else "refused"
    return chat.Verdict(False, is_final, f"{answer.status} {words if is_final else ''}".strip())


# --- what came of it -----------------------------------------------------------------------------


def _store(row: Message, attempt: Attempt, state: str, error: str, now: datetime, **more: object) -> bool:
    """Keep the attempt, and the result where the lease is still ours; false where it is not."""
    attempt.message = row
    attempt.save()
    mine = Message.objects.filter(pk=row.pk, lease_token=row.lease_token, state=Message.State.SENDING)
    return bool(mine.update(state=state, last_error=error[:300], **more))


@transaction.atomic
def _taken(row: Message, attempt: Attempt, now: datetime) -> None:
    _store(row, attempt, Message.State.SENT, "", now, sent_at=now)
    # a robot takes so many messages a minute: the next one to it waits, those to others do not
    gap = chat.GAP.get(row.subscription.kind)
    calm = now + timedelta(seconds=gap) if gap else None
    rows = Subscription.objects.filter(pk=row.subscription_id)
    rows.exclude(failures=0, paused_until=calm).update(failures=0, paused_until=calm)


@transaction.atomic
def _later(row: Message, attempt: Attempt, verdict: chat.Verdict, now: datetime) -> None:
    """Wait longer each time, with everything for this receiver: the others are not kept waiting by it."""
    seconds = max(min(10 * 2 ** (row.attempts - 1), LONGEST_WAIT), verdict.wait)
    then = now + timedelta(seconds=seconds)
    if _store(row, attempt, Message.State.NEW, verdict.words, now, available_at=then):
        Subscription.objects.filter(pk=row.subscription_id).update(paused_until=then)


@transaction.atomic
def _give_up(row: Message, attempt: Attempt, words: str, now: datetime) -> None:
    """Not sent. After some in a row, or when the receiver says it is gone, the subscription is off."""
    if not _store(row, attempt, Message.State.DEAD, words, now):
        return
    log.warning("outgoing message %s given up: %s", row.pk, words)
    subscription = Subscription.objects.select_for_update(no_key=True).get(pk=row.subscription_id)
    subscription.failures += 1
    subscription.paused_until = None
    if subscription.is_active and (subscription.failures >= SWITCH_OFF_AFTER or attempt.status == GONE):
        subscription.is_active, subscription.disabled_reason = False, words[:300]
        subscription.version += 1
        _tell(subscription, words, now)
    subscription.save(update_fields=["failures", "paused_until", "is_active", "disabled_reason", "version"])


def _tell(subscription: Subscription, words: str, now: datetime) -> None:
    """An action for its keeper, who is told as of any other; once a day for each subscription."""
    title = bilingual(_("A webhook or robot was switched off: its receiver refuses messages"))
    is_chinese = subscription.keeper.language.startswith("zh")
    today = timezone.localdate(now)
    try:
        with transaction.atomic():
            open_action(
                source="other", title=f"{title['zh' if is_chinese else 'en']} ({subscription.name})"[:200],
                description=words, responsible=subscription.keeper, due_on=today + timedelta(days=3),
                key=f"outbound:{subscription.pk}:{today}", actor=system_actor(), now=now,
            )  # fmt: skip
    except ValidationError:
        log.exception("nobody could be told that subscription %s was switched off", subscription.pk)
