"""Where a mail goes: the rules, in their order. The caller holds the transaction and the mail's row.

A mail joins a ticket only by a sign of ours (tokens) *and* by who sent it; never by its subject.
"""

import hashlib
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.access import Role
from accounts.models import Organisation, User
from channels import kinds, people, tokens, writing
from channels.models import Mailbox, MailMessage, Reason, State
from channels.outcomes import Outcome
from channels.parsing import Mail
from channels.people import Found
from channels.tokens import Token
from records import delivery
from records.kinds import TICKETS
from records.models import Record

HOUR = timedelta(hours=1)
# These do not count towards a sender's mails of an hour.
UNCOUNTED = (State.NEW, State.HELD, State.DISCARDED, State.DUPLICATE)


def route(row: MailMessage, mail: Mail, *, now: datetime) -> Outcome:
    """Decide, and do what was decided. ValidationError and Denied if a ticket does not take it."""
    if twin := _twin(row, mail):
        return Outcome(State.DUPLICATE, detail=str(twin.pk), record=twin.record, customer=twin.customer)
    if kinds.is_returned(mail):
        return _returned(mail)
    found = people.who(mail.sender, row.mailbox)
    if _is_our_own(mail):
        return Outcome(State.HELD, Reason.OWN)
    token = _token(mail)
    if kinds.is_automatic(mail):
        return _automatic(token, found)
    if kinds.is_forged(mail, row.mailbox.trusted_server):
        return Outcome(State.QUARANTINED, Reason.FORGED, customer=found.customer)
    if _has_too_many(row):
        return Outcome(State.HELD, Reason.TOO_MANY, customer=found.customer)
    if not mail.text.strip() and not mail.files and not mail.subject:
        return Outcome(State.QUARANTINED, Reason.EMPTY, customer=found.customer)
    if token:
        return _answer(row, mail, token, found, now=now)
    if tokens.has_token_like(mail.recipients):
        return Outcome(State.QUARANTINED, Reason.BAD_TOKEN, customer=found.customer)
    return _fresh(row, mail, found, now=now)


def _twin(row: MailMessage, mail: Mail) -> MailMessage | None:
    """The same mail, that came before by another way: same Message-ID, same content."""
    if not mail.message_id:
        return None
    row.fingerprint = hashlib.sha256(f"{mail.message_id}\n{mail.body_hash}".encode()).hexdigest()
    try:
        with transaction.atomic():  # a twin being decided on just now is waited for here
            MailMessage.objects.filter(pk=row.pk).update(fingerprint=row.fingerprint)
    except IntegrityError:
        twin = MailMessage.objects.filter(fingerprint=row.fingerprint).first()
        row.fingerprint = None
        return twin
    return None


def _is_our_own(mail: Mail) -> bool:
    ours = {parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()}
    ours |= {address.lower() for address in Mailbox.objects.values_list("address", flat=True)}
    return mail.sender in ours or bool(tokens.deliveries_named([mail.message_id]))


def _token(mail: Mail) -> Token | None:
    """By the address it was sent to, else by the mails of ours it says it answers."""
    if token := tokens.token_in(mail.recipients):
        return token
    for sent in tokens.deliveries_named(mail.references):
        return Token(sent.activity.record.number, sent.recipient_id)
    return None


def _has_too_many(row: MailMessage) -> bool:
    if row.is_released:
        return False
    within = MailMessage.objects.filter(
        sender=row.sender, received_at__gt=row.received_at - HOUR, received_at__lte=row.received_at
    )
    return within.exclude(state__in=UNCOUNTED).exclude(pk=row.pk).count() >= row.mailbox.most_per_hour


def _returned(mail: Mail) -> Outcome:
    """A mail of ours came back: noted on its delivery, told to who holds the ticket, and nothing else."""
    about = mail.report.about if mail.report else mail.text
    named = tokens.deliveries_named([*tokens.own_ids(about), *mail.references])
    if not named:
        return Outcome(State.BOUNCE)
    sent = named[0]
    if kinds.has_failed(mail):
        why = (mail.report.reason if mail.report else "") or mail.subject
        delivery.returned(sent.pk, f"returned: {why}")
    return Outcome(State.BOUNCE, record=sent.activity.record, delivery=sent)


def _automatic(token: Token | None, found: Found) -> Outcome:
    record = Record.objects.filter(number=token.number).first() if token else None
    return Outcome(State.AUTOMATIC, detail=record.number if record else "", customer=_whose(record, found))


# --- answers ---------------------------------------------------------------------------------


def _answer(row: MailMessage, mail: Mail, token: Token, found: Found, *, now: datetime) -> Outcome:
    record = Record.objects.filter(number=token.number).select_related("customer").first()
    if record is None or record.kind not in TICKETS:
        return Outcome(State.QUARANTINED, Reason.REFUSED, token.number, customer=found.customer)
    user = found.user or _new_colleague(row, mail, record, found)
    if user is None:
        reason = _why_nobody(found) if found.count else Reason.STRANGER
        return Outcome(State.QUARANTINED, reason, token.number, customer=record.customer)
    actor = writing.answering(user, record, token, row.mailbox)
    if actor is None:
        return Outcome(State.QUARANTINED, Reason.STRANGER, token.number, customer=record.customer)
    return writing.join(row, mail, record, user, actor, now=now)


def _new_colleague(row: MailMessage, mail: Mail, record: Record, found: Found) -> User | None:
    """Somebody new of the ticket's customer, where such are let in."""
    is_let_in = row.mailbox.joins == Mailbox.Joins.COLLEAGUES and found.may_add and found.count == 0
    if not is_let_in or found.customer is None or found.customer != record.customer:
        return None
    return people.contact(mail.sender, mail.sender_name, found.customer)


def _why_nobody(found: Found) -> Reason:
    return Reason.SEVERAL if found.active > 1 else Reason.INACTIVE


def _whose(record: Record | None, found: Found) -> Organisation | None:
    return record.customer if record else found.customer


# --- new mail --------------------------------------------------------------------------------


def _fresh(row: MailMessage, mail: Mail, found: Found, *, now: datetime) -> Outcome:
    user = found.user
    if user is not None and user.actor.is_desk_side:
        return Outcome(State.QUARANTINED, Reason.COLLEAGUE)
    if user is not None and user.actor.has(Role.SUPPLIER):  # they open nothing
        return Outcome(State.QUARANTINED, Reason.STRANGER)
    if user is None and found.count:
        return Outcome(State.QUARANTINED, _why_nobody(found), customer=found.customer)
    if user is None and found.customer and found.may_add:
        user = people.contact(mail.sender, mail.sender_name, found.customer)
    if user is None:
        return Outcome(State.QUARANTINED, Reason.UNKNOWN, customer=found.customer)
    return writing.open_for(row, mail, user, now=now)
