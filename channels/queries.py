"""Mails as the desk lists them."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.access import Actor
from channels.models import WAITING_STATES, Mailbox, MailMessage, State

SIZE = 50
MOST_COUNTED = 100
SHOWS: dict[str, tuple[str, ...]] = {
    "waiting": WAITING_STATES,
    "tickets": (State.OPENED, State.JOINED, State.NEW),
    "automatic": (State.AUTOMATIC, State.BOUNCE, State.DUPLICATE),
    "discarded": (State.DISCARDED,),
    "all": (),
}
# What a list does not show.
HEAVY = ("text", "html", "files")


@dataclass(frozen=True)
class Page:
    """Mails of one page, the newest first; ``older`` leads to the next page ("" on the last)."""

    rows: list[MailMessage]
    older: str


def mails(actor: Actor, *, show: str, mailbox: int | None, sender: str) -> "QuerySet[MailMessage]":
    """What the actor may see of one sort."""
    rows: QuerySet[MailMessage] = MailMessage.objects.visible_to(actor)
    if states := SHOWS[show]:
        rows = rows.filter(state__in=states)
    if mailbox is not None:
        rows = rows.filter(mailbox=mailbox)
    return rows.filter(sender=sender) if sender else rows


def page(rows: "QuerySet[MailMessage]", *, before: int | None) -> Page:
    """The newest mails, or those before one."""
    if before is not None:
        rows = rows.filter(pk__lt=before)
    shown = rows.select_related("mailbox", "customer", "record").defer(*HEAVY, "record__description")
    found = list(shown.order_by("-pk")[: SIZE + 1])
    return Page(found[:SIZE], str(found[SIZE - 1].pk) if len(found) > SIZE else "")


def waiting_count(actor: Actor) -> int:
    """How many mails wait for a decision, counted to a hundred."""
    rows = MailMessage.objects.visible_to(actor).filter(state__in=WAITING_STATES)
    return int(rows.order_by()[:MOST_COUNTED].count())


def failing() -> list[Mailbox]:
    """Active mailboxes that could not be read the last time."""
    return list(Mailbox.objects.filter(is_active=True).exclude(last_error=""))
