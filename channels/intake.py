"""What becomes of a stored mail: each one exactly once, in its own transaction.

A mail is claimed (and the attempt counted, so that one which kills its reader is put aside in the end), read
outside any transaction, and then decided on: the ticket it opens or joins and the mail's own new state are
committed together. Whatever cannot be done is put aside for the desk, with its reason.
"""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType

from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.http import Http404

from accounts.access import Denied
from channels import parsing, quoting, routing
from channels.models import MailMessage, Reason, State
from channels.outcomes import Outcome
from channels.parsing import Mail, Unreadable
from records import files
from records.lifecycle import IllegalMove
from records.markup import clean
from records.services import Stale

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 5
READING_SECONDS = 10
REFUSALS = (ValidationError, Denied, IllegalMove, Stale, Http404, DataError, ValueError)


def raw_of(message: MailMessage) -> bytes:
    """The mail as it was fetched. OSError if its file is gone."""
    return files.path_of(message.key).read_bytes()


@transaction.atomic
def claim(now: datetime, limit: int) -> list[int]:
    """Up to ``limit`` mails to be processed, the oldest first; nobody else gets them for a minute."""
    rows = list(
        MailMessage.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(state=State.NEW, available_at__lte=now)
        .order_by("available_at", "pk")[:limit]
    )
    for row in rows:
        row.attempts += 1
        row.available_at = now + LEASE
        if row.attempts > MOST_ATTEMPTS:
            row.state, row.reason, row.processed_at = State.QUARANTINED, Reason.CRASHED, now
    MailMessage.objects.bulk_update(rows, ["attempts", "available_at", "state", "reason", "processed_at"])
    return [row.pk for row in rows if row.state == State.NEW]


def process(pk: int, *, now: datetime) -> str:
    """Decide on one mail; answers its state, or "" if it was decided already. Safe to repeat and to race."""
    row = MailMessage.objects.filter(pk=pk, state=State.NEW).first()
    if row is None:
        return ""
    try:
        raw = raw_of(row)
        with _seconds(READING_SECONDS):
            mail = parsing.parse(raw)
            clean_html = _clean(mail.html)
    except OSError as missing:
        log.exception("mail %s: its bytes cannot be read", pk)
        MailMessage.objects.filter(pk=pk).update(detail=str(missing)[:500])
        return State.NEW
    except Exception as error:
        if not isinstance(error, Unreadable):
            log.exception("mail %s cannot be read", pk)
        return _put_aside(pk, Reason.UNREADABLE, _said(error), now=now, seen=parsing.glance(raw))
    facts = _facts(mail, clean_html)
    try:
        return _decide(pk, mail, facts, now=now)
    except REFUSALS as refused:
        log.info("mail %s is put aside: %s", pk, refused)
        return _put_aside(pk, Reason.REFUSED, _said(refused), now=now, seen=facts)


def _decide(pk: int, mail: Mail, facts: dict[str, object], *, now: datetime) -> str:
    with transaction.atomic():
        row = (
            MailMessage.objects.select_for_update(of=("self",)).select_related("mailbox__customer")
            .filter(pk=pk, state=State.NEW).first()
        )  # fmt: skip
        if row is None:
            return ""
        for name, value in facts.items():
            setattr(row, name, value)
        outcome = routing.route(row, mail, now=now)
        _write(row, outcome, now=now)
    return row.state


def _write(row: MailMessage, outcome: Outcome, *, now: datetime) -> None:
    row.state, row.reason, row.detail = outcome.state, outcome.reason, outcome.detail[:500]
    row.record, row.activity = outcome.record, outcome.activity
    row.delivery, row.processed_at = outcome.delivery, now
    row.customer = outcome.customer or (outcome.record.customer if outcome.record else None)
    row.save()


@transaction.atomic
def _put_aside(pk: int, reason: str, detail: str, *, now: datetime, seen: dict[str, object]) -> str:
    row = MailMessage.objects.select_for_update(of=("self",)).filter(pk=pk, state=State.NEW).first()
    if row is None:
        return ""
    for name, value in seen.items():
        setattr(row, name, value)
    _write(row, Outcome(State.QUARANTINED, reason, detail), now=now)
    return row.state


def _facts(mail: Mail, html: str) -> dict[str, object]:
    """What is kept of a mail beside its bytes, so that pages need not read it again."""
    return {
        "message_id": mail.message_id, "sender": mail.sender, "sender_name": mail.sender_name,
        "subject": mail.subject, "sent_at": mail.sent_at, "text": mail.text, "html": html,
        "files": [
            {"name": f.name[:200], "type": f.content_type[:100], "size": len(f.data)} for f in mail.files
        ],
    }  # fmt: skip


def _clean(html: str) -> str:
    """HTML that may be shown; none where making it safe would take long (the original has it)."""
    if not html or len(html) > quoting.MOST_HTML or quoting.is_too_deep(html):
        return ""
    return str(clean(html))


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)[:500]
    return (str(error) or type(error).__name__)[:500]


class _TooLong(Exception):
    def __str__(self) -> str:
        return f"reading it took longer than {READING_SECONDS} seconds"


@contextmanager
def _seconds(limit: int) -> Iterator[None]:
    """Stop what takes longer; only in a main thread, where signals arrive."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
