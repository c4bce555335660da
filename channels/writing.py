"""Writing a mail into tickets, as the person who sent it and with no more rights than his.

What a mail may do is what its sender may do in the portal: the same verbs, the same refusals.
"""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

import incidents.services
from accounts.access import Actor, Origin, Role, may
from accounts.models import User
from accounts.services import system_actor
from catalog.models import Service
from channels import takeover
from channels.models import Mailbox, MailMessage, State
from channels.outcomes import Outcome
from channels.parsing import Mail
from channels.tokens import Token
from incidents.models import Incident
from records import log as records_log
from records.kinds import process_of
from records.lifecycle import IllegalMove, Phase
from records.models import Activity, Channel, Link, Record
from records.services import comment, link

ACKNOWLEDGED = "mail.acknowledged"
MAIL = "mail"  # the key in an activity's data that names the mail
LATE = timedelta(days=1)  # a mail found later than this begins to count when it is found
ACKNOWLEDGEMENTS_PER_HOUR = 5


def speaking(user: User) -> AbstractContextManager[None]:
    """In the language of whoever the words will be shown to first."""
    known = user.language in dict(settings.LANGUAGES)
    return translation.override(user.language if known else settings.LANGUAGE_CODE)


def answering(user: User, record: Record, token: Token, mailbox: Mailbox) -> Actor | None:
    """As whom the sender of a true token writes to the ticket; None if he has no part in it."""
    actor: Actor = user.actor
    if actor.is_desk_side:
        is_ours = user.pk == token.user_id and actor.is_staff_side
        return actor if is_ours and _sees(actor, record) else None
    if user.organisation_id != record.customer_id:
        return None
    if mailbox.joins == Mailbox.Joins.RECIPIENT and user.pk != token.user_id:
        return None
    actor = actor.via(Origin.PORTAL)
    if _sees(actor, record) and may(actor, "reply", record):
        return actor
    if mailbox.joins == Mailbox.Joins.COLLEAGUES and actor.has(Role.CUSTOMER):
        # the mailbox's rule: for this one answer, whoever is of the organisation has a part in the ticket
        return replace(actor, roles=actor.roles | {Role.CUSTOMER_MANAGER})
    return None


def _sees(actor: Actor, record: Record) -> bool:
    return Record.objects.visible_to(actor).filter(pk=record.pk).exists()


def join(row: MailMessage, mail: Mail, record: Record, user: User, actor: Actor, *, now: datetime) -> Outcome:
    """Add the mail to its ticket; what is solved is reopened by its customer, or followed by a new ticket."""
    if actor.is_desk_side:
        return _note(row, mail, record, user, actor, is_public=row.mailbox.staff_answers_are_public, now=now)
    current = process_of(record.kind).model._default_manager.select_related("customer").get(pk=record.pk)
    if current.phase != Phase.DONE:
        return _note(row, mail, current, user, actor, is_public=True, now=now)
    try:
        with transaction.atomic(), speaking(user):
            if not isinstance(current, Incident):
                raise IllegalMove("reopen", current.state, ())
            again = incidents.services.reopen(current, reason=_("Answered by e-mail."), actor=actor, now=now)
    except (IllegalMove, ValidationError):
        return _successor(row, mail, current, user, now=now)
    return _note(row, mail, again, user, actor, is_public=True, now=now)


def _note(
    row: MailMessage, mail: Mail, record: Record, user: User, actor: Actor, *, is_public: bool, now: datetime
) -> Outcome:
    taken = takeover.take_files(mail.files)
    with speaking(user):
        text = takeover.text_of(mail, taken, is_answer=True) or takeover.title_of(mail)
    activity = comment(
        record, text=text, is_public=is_public, actor=actor, now=now, attachments=taken.uploads,
        noted={MAIL: row.pk},
    )  # fmt: skip
    return Outcome(State.JOINED, record=record, activity=activity, customer=record.customer)


def _successor(row: MailMessage, mail: Mail, old: Record, user: User, *, now: datetime) -> Outcome:
    """The old ticket stays closed: a new one that points to it."""
    outcome = open_for(row, mail, user, now=now, service=old.service)
    if outcome.record is not None:
        link(outcome.record, old, kind=Link.Type.RELATED, actor=system_actor(), now=now)
    return outcome


def open_for(
    row: MailMessage, mail: Mail, user: User, *, now: datetime, service: Service | None = None
) -> Outcome:
    """A new ticket of a customer's person, confirmed to him once. It counts from the mail's arrival."""
    box = row.mailbox
    is_fresh = timedelta(0) <= now - row.received_at <= LATE
    at = row.received_at if is_fresh else now
    taken = takeover.take_files(mail.files)
    with speaking(user):
        title, text = takeover.title_of(mail), takeover.text_of(mail, taken, is_answer=False)
    incident = incidents.services.open(
        actor=user.actor.via(Origin.PORTAL), now=at, title=title, description=text,
        customer=user.organisation, requester=user, service=service or box.service, team=box.team,
        channel=Channel.EMAIL, attachments=taken.uploads, noted={MAIL: row.pk},
    )  # fmt: skip
    acknowledge(incident, mail, user, now=max(at, now))
    return Outcome(State.OPENED, record=incident, activity=_opening(incident), customer=incident.customer)


def _opening(record: Record) -> Activity | None:
    return record.activities.filter(verb=f"{record.kind}.open").first()


def acknowledge(record: Record, mail: Mail, user: User, *, now: datetime) -> None:
    """Tell the sender the number, unless he was told so often within the hour that it may be a loop."""
    sent = Activity.objects.filter(
        verb=ACKNOWLEDGED, at__gt=now - timedelta(hours=1), record__requester=user
    ).count()
    if sent < ACKNOWLEDGEMENTS_PER_HOUR:
        records_log.write(record, ACKNOWLEDGED, actor=system_actor(), at=now, answers=mail.message_id)
