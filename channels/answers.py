"""Where an answer to a mail of ours goes: to the mailbox, with the sign by which it finds its ticket."""

from accounts.access import may
from accounts.models import User
from channels import tokens
from channels.models import Mailbox, MailMessage, State
from records.kinds import TICKETS
from records.models import Record


def address_for(record: Record, person: User) -> str:
    """What to put into Reply-To for this person, or "" where an answer by mail would not be taken."""
    if record.kind not in TICKETS or not _would_join(record, person):
        return ""
    mailbox = mailbox_of(record)
    if mailbox is None:
        return ""
    if not mailbox.has_subaddresses:
        return mailbox.address
    return tokens.address_for(mailbox.address, number=record.number, user_id=person.pk)


def _would_join(record: Record, person: User) -> bool:
    """As channels.writing.answering decides for whom we write to."""
    actor = person.actor
    if actor.is_desk_side:
        return actor.is_staff_side
    return person.organisation_id == record.customer_id and may(actor, "reply", record)


def mailbox_of(record: Record) -> Mailbox | None:
    """The mailbox the ticket came by, else the first one that is read."""
    came = MailMessage.objects.filter(record=record, state=State.OPENED, mailbox__is_active=True)
    message = came.select_related("mailbox").order_by("pk").first()
    return message.mailbox if message else Mailbox.objects.filter(is_active=True).order_by("pk").first()
