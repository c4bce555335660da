"""What the desk decides on a mail that was put aside. Each verb: lock, permission, act, and who decided."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

import incidents.services
from accounts.access import Actor, Origin, may, require
from accounts.models import Organisation, User
from channels import intake, parsing, people, takeover
from channels.models import MailMessage, State
from channels.parsing import Mail, Unreadable
from channels.writing import MAIL
from incidents.models import Incident
from records.files import Upload
from records.models import Activity, Channel, Record
from records.services import comment, get_record, refuse


def begin(message: MailMessage, actor: Actor) -> MailMessage:
    """The mail's row, locked, if the actor may decide on it. Http404, Denied; ValidationError if decided."""
    require(actor, "sort_mail")
    seen = MailMessage.objects.visible_to(actor).filter(pk=message.pk)
    row = seen.select_for_update(of=("self",)).select_related("mailbox").first()
    if row is None:
        raise Http404
    if not row.is_open:
        raise ValidationError(_("Somebody has decided on this mail already; see below what became of it."))
    found: MailMessage = row
    return found


def read(message: MailMessage) -> Mail | None:
    """The mail read anew, or None if it cannot be read: then the original itself is taken over as a file."""
    try:
        return parsing.parse(intake.raw_of(message))
    except (Unreadable, OSError):
        return None


def open_ticket(
    message: MailMessage, *, customer: Organisation, requester: User | None, title: str, actor: Actor,
    now: datetime,
) -> Incident:  # fmt: skip
    """Open a ticket for a customer from a mail. Without ``requester`` its sender becomes a contact there."""
    with transaction.atomic():
        row = begin(message, actor)
        mail = read(row)
        person = requester or _sender(row, customer)
        taken = _files(row, mail)
        text = takeover.text_of(mail, taken, is_answer=False) if mail else row.text
        incident = incidents.services.open(
            actor=actor, now=now, title=title, description=text, customer=customer, requester=person,
            service=row.mailbox.service, team=row.mailbox.team, channel=Channel.EMAIL,
            attachments=taken.uploads, noted={MAIL: row.pk},
        )  # fmt: skip
        opening = incident.activities.filter(verb="incident.open").first()
        _decided(row, State.OPENED, incident, opening, actor=actor, now=now)
    return incident


def _sender(row: MailMessage, customer: Organisation) -> User:
    if not parsing.is_address(row.sender):
        raise refuse("requester", _("Choose a person: the mail names no sender."), "required")
    try:
        return people.contact(row.sender, row.sender_name, customer)
    except ValueError as error:
        words = _("%(address)s is not an active person of %(customer)s; choose somebody else.")
        raise refuse("requester", words % {"address": row.sender, "customer": customer.name}) from error


def _files(row: MailMessage, mail: Mail | None) -> takeover.Taken:
    if mail is not None:
        return takeover.take_files(mail.files)
    original = parsing.File("mail.eml", "message/rfc822", intake.raw_of(row))
    return takeover.take_files([original])


def attach(message: MailMessage, *, number: str, actor: Actor, now: datetime) -> Record:
    """Add a mail to a ticket: as its sender's answer if he has a part in it, else as an internal note."""
    with transaction.atomic():
        row = begin(message, actor)
        try:
            record = get_record(actor, number.strip())
        except Http404 as error:
            raise refuse("number", _("There is no such ticket, or not for you.")) from error
        require(actor, "note", record)
        mail = read(row)
        taken = _files(row, mail)
        text = (takeover.text_of(mail, taken, is_answer=True) if mail else row.text) or row.subject
        activity = _write(row, record, text, taken.uploads, actor=actor, now=now)
        _decided(row, State.JOINED, record, activity, actor=actor, now=now)
    return record


def _write(
    row: MailMessage, record: Record, text: str, uploads: list[Upload], *, actor: Actor, now: datetime
) -> Activity:
    sender = people.who(row.sender, row.mailbox).user if row.sender else None
    own = sender.actor.via(Origin.PORTAL) if sender and not sender.actor.is_desk_side else None
    if own and may(own, "reply", record) and Record.objects.visible_to(own).filter(pk=record.pk).exists():
        return comment(
            record, text=text, is_public=True, actor=own, now=now, attachments=uploads, noted={MAIL: row.pk}
        )
    head = _("Mail from %(sender)s:") % {"sender": f"{row.sender_name} <{row.sender}>".strip()}
    return comment(
        record, text=f"{head}\n\n{text}".strip(), is_public=False, actor=actor, now=now, attachments=uploads,
        noted={MAIL: row.pk},
    )  # fmt: skip


def discard(message: MailMessage, *, reason: str, actor: Actor, now: datetime) -> None:
    """Nothing is to be done with it, and why. The mail and its bytes stay."""
    if not reason.strip():
        raise refuse("reason", _("Say why nothing is to be done with it."), "required")
    with transaction.atomic():
        row = begin(message, actor)
        row.decision_note = reason.strip()[:500]
        _decided(row, State.DISCARDED, None, None, actor=actor, now=now)


def process_again(message: MailMessage, *, actor: Actor, now: datetime) -> str:
    """Let the rules decide once more, for example after a person or domain was added; answers the new state.

    A mail that was held back is let through the limit of mails per hour.
    """
    with transaction.atomic():
        row = begin(message, actor)
        MailMessage.objects.filter(pk=row.pk).update(
            state=State.NEW, attempts=0, available_at=now, is_released=True, reason="", detail=""
        )
    return intake.process(message.pk, now=now)


def _decided(
    row: MailMessage, state: str, record: Record | None, activity: Activity | None, *, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    row.state, row.record, row.activity = state, record, activity
    row.customer_id = record.customer_id if record else row.customer_id
    row.decided_by_id, row.decided_at = actor.user_id, now
    row.save()
