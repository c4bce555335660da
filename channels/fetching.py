"""From the server into our store: each mail's bytes first, before anything is made of it.

A mail is on disk and in the table before the server is asked to forget it; the place up to which a mailbox
was read moves in the same transaction. A fetcher that dies leaves nothing half done: what it had not stored
is fetched again, what it had stored is known by its UID and by its bytes.
"""

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from channels.imap import Fetched, Folder, ImapError, opened
from channels.models import Mailbox, MailMessage, Reason, State
from channels.parsing import MAX_RAW
from records import files

log = logging.getLogger(__name__)
BATCH = 200  # mails of one run; the next run takes the rest
UNSETTLED = 500
LOCK = 0x6D61696C  # "mail": the first of the two numbers of an advisory lock


def fetch(mailbox: Mailbox, *, limit: int = BATCH) -> int:
    """Store what is new in a mailbox; answers how many mails. One at a time reads a mailbox: others get 0.

    A mailbox that cannot be read is noted on its row and raises nothing: the next run tries again.
    """
    with _alone(mailbox) as is_mine:
        if not is_mine:
            return 0
        rows = Mailbox.objects.filter(pk=mailbox.pk)
        try:
            with opened(mailbox) as folder:
                count = _fetch(mailbox, folder, limit)
        except ImapError as error:
            log.warning("mailbox %s: %s", mailbox.address, error)
            rows.update(failed_at=timezone.now(), last_error=str(error)[:300])
            return 0
        rows.update(fetched_at=timezone.now(), last_error="")
    return count


@contextlib.contextmanager
def _alone(mailbox: Mailbox) -> Iterator[bool]:
    """The right to read this mailbox, gone with the database connection of whoever holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, mailbox.pk])
        (is_mine,) = cursor.fetchone()
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, mailbox.pk])


def _fetch(mailbox: Mailbox, folder: Folder, limit: int) -> int:
    mailbox.refresh_from_db()
    is_known = mailbox.uidvalidity == folder.validity
    _settle_rest(mailbox, folder)
    uids = folder.after(mailbox.last_uid if is_known else 0, limit)
    sizes = folder.sizes(uids)
    stored = 0
    for uid in uids:
        is_large = sizes.get(uid, 0) > MAX_RAW
        found = folder.fetch(uid, only_head=is_large)
        stored += store(mailbox, folder.validity, uid, found, is_large=is_large, now=timezone.now())
    _settle_rest(mailbox, folder)
    return stored


def _settle_rest(mailbox: Mailbox, folder: Folder) -> None:
    """Do on the server what was not done yet with stored mails."""
    rows = MailMessage.objects.filter(mailbox=mailbox, uidvalidity=folder.validity, is_settled=False)
    uids = list(rows.exclude(reason=Reason.TOO_LARGE).values_list("uid", flat=True)[:UNSETTLED])
    folder.settle(uids, mailbox.after, mailbox.move_to)
    rows.filter(uid__in=uids).update(is_settled=True)


def store(
    mailbox: Mailbox, validity: int, uid: int, found: Fetched | None, *, now: datetime, is_large: bool = False
) -> bool:
    """Keep a mail and move the place up to which the mailbox was read. True if it was not known yet."""
    raw = found.raw if found else b""
    received_at = (found and found.received_at) or now
    is_wanted = bool(raw) and not (mailbox.skip_before and received_at < mailbox.skip_before)
    kept = files.store(SimpleUploadedFile("mail.eml", raw)) if is_wanted else None
    with transaction.atomic():
        made = False
        if kept:
            row = MailMessage(
                mailbox=mailbox, uidvalidity=validity, uid=uid, key=kept.key, size=kept.size,
                sha256=kept.sha256, received_at=received_at, stored_at=now, available_at=now,
            )  # fmt: skip
            if is_large:
                row.state, row.reason, row.processed_at = State.QUARANTINED, Reason.TOO_LARGE, now
            made = _insert(row)
        Mailbox.objects.filter(pk=mailbox.pk).update(uidvalidity=validity, last_uid=uid)
    if kept and not made:
        files.path_of(kept.key).unlink(missing_ok=True)
    return made


def _insert(row: MailMessage) -> bool:
    """Insert unless the same UID or the same bytes are there already."""
    MailMessage.objects.bulk_create([row], ignore_conflicts=True)
    return MailMessage.objects.filter(key=row.key).exists()
