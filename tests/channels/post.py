"""Mails as they come in, and a mailbox they come into."""

import itertools
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from channels import fetching, intake
from channels.imap import Fetched
from channels.models import Mailbox, MailMessage
from tests.cast import MONDAY

_uids = itertools.count(1)


def make_mailbox(**over: Any) -> Mailbox:
    return Mailbox.objects.create(
        **{
            "address": "desk@example.net", "host": "localhost", "port": 143, "security": "none",
            "username": "desk", "password_variable": "MAILBOX_TEST_PASSWORD", "uidvalidity": 1, **over,
        }
    )  # fmt: skip


def letter(
    sender: str = "rita@example.org", to: str = "desk@example.net", subject: str = "Printer is on fire",
    text: str = "It burns since nine.", **headers: str,
) -> EmailMessage:  # fmt: skip
    """A good mail; header names are given with _ for -."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<{next(_uids)}@mail.example.org>"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0800"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def receive(
    mailbox: Mailbox, message: EmailMessage | bytes, *, now: datetime = MONDAY, at: datetime | None = None
) -> MailMessage:
    """Store and decide on one mail, as the fetcher does."""
    raw = message if isinstance(message, bytes) else bytes(message)
    uid = next(_uids)
    fetching.store(mailbox, 1, uid, Fetched(raw, at or now), now=now)
    row = MailMessage.objects.get(mailbox=mailbox, uidvalidity=1, uid=uid)
    intake.process(row.pk, now=now)
    row.refresh_from_db()
    return row
