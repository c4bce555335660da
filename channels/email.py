"""Mail: one message to one person about one activity, in that person's language and time zone.

The Message-ID comes from the delivery's stable key, so a message that is sent twice after a crash is one
message to the mail programs that receive it. Answers go to a mailbox that is read, if there is one (answers).
What a person wrote never becomes a header unchecked.
"""

import re
import smtplib
import unicodedata
import zoneinfo
from email.utils import formataddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import BadHeaderError
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import Truncator

from accounts.access import Actor, Role
from accounts.models import User
from channels import answers, tokens
from channels.writing import ACKNOWLEDGED
from records import verbs
from records.delivery import PermanentError, TransientError, Withheld, may_tell_supplier
from records.kinds import process_of
from records.models import Activity, Delivery, Record
from records.verbs import sentence, subject, text_of

MAX_TEXT = 4_000  # characters of a person's text in a mail; the page has the rest
MAX_SUBJECT = 150
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,200}>")  # of the mail that is answered: it came from outside


def send(delivery: Delivery) -> None:
    """Send one delivery. PermanentError: this address or person will never take it; else TransientError."""
    post(build(delivery))


def post(message: EmailMessage) -> None:
    """Hand a message to the mail server; raises as :func:`send`."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reply in error.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise PermanentError(f"the recipient was refused: {codes[0]}") from error
        raise TransientError(f"the recipient was not taken: {codes}") from error
    except (BadHeaderError, UnicodeError) as error:
        raise PermanentError(f"the address cannot be used: {error}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TransientError(f"{type(error).__name__}: {error}") from error


def build(delivery: Delivery) -> EmailMultiAlternatives:
    """The message as it is sent, rendered for its recipient. PermanentError if they may not read it."""
    activity, person = delivery.activity, delivery.recipient
    record = activity.record
    _check_may_read(person, activity)
    language = person.language if person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zoneinfo.ZoneInfo(person.time_zone)):
        context = _context(person, activity)
        answer_to = answers.address_for(record, person)
        context["can_answer"] = bool(answer_to)
        message = EmailMultiAlternatives(
            subject=subject_of(activity),
            body=render_to_string("emails/message.txt", context),
            to=[address_of(person)],
            reply_to=[answer_to] if answer_to else None,
            headers=_headers(delivery, record),
        )
        message.attach_alternative(render_to_string("emails/message.html", context), "text/html")
    return message


def address_of(person: User) -> str:
    """A person's name and address as a header takes them."""
    return formataddr((one_line(person.display_name, 100), person.email))


def _check_may_read(person: User, activity: Activity) -> None:
    """Between planning and sending a person may have left; what is internal never leaves the house."""
    if not person.is_active or not person.email:
        raise Withheld("the recipient is no longer active or has no address")
    actor: Actor = person.actor
    if actor.has(Role.SUPPLIER) and may_tell_supplier(person, activity):
        return
    if not activity.is_public and not actor.is_desk_side:
        raise Withheld("the activity is internal")
    if not Record.objects.visible_to(actor).filter(pk=activity.record_id).exists():
        raise Withheld("the recipient may no longer see the record")


def subject_of(activity: Activity) -> str:
    """What happened to which ticket, and its title; one line, whatever the title holds."""
    title = one_line(_title(activity), MAX_SUBJECT)
    words = subject(activity.verb, activity.data)
    return one_line(f"{words}: {title}" if title else words, MAX_SUBJECT)


def _title(activity: Activity) -> str:
    """The ticket's title; not when a mail is confirmed: whoever wrote in somebody's name has written it."""
    return "" if activity.verb == ACKNOWLEDGED else activity.record.title


def one_line(text: str, longest: int) -> str:
    """Without control and direction characters and line ends, so that no header can be smuggled in."""
    kept = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    return Truncator(" ".join(kept.split())).chars(longest)


def _headers(delivery: Delivery, record: Record) -> dict[str, str]:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    thread = f"<{record.number.lower()}@{host}>"
    asked = str(delivery.activity.data.get("answers", ""))
    is_id = _MESSAGE_ID.fullmatch(asked) is not None
    return {
        "Message-ID": tokens.message_id(delivery),
        "In-Reply-To": asked if is_id else thread,
        "References": f"{thread} {asked}" if is_id else thread,
        "List-Id": f"{record.number} <{record.number.lower()}.requests.{host}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def _context(person: User, activity: Activity) -> dict[str, Any]:
    record = activity.record
    is_customer = not person.actor.is_desk_side
    process = process_of(record.kind)
    text = text_of(activity.text, activity.data).strip()
    url_name = process.customer_url if is_customer else process.detail_url
    context: dict[str, Any] = {
        "name": person.display_name,
        "number": record.number,
        "title": _title(activity),
        "by": activity.actor.name,
        "words": sentence(activity.verb, activity.data),
        "at": activity.at,
        "zone": person.time_zone,
        "text": Truncator(text).chars(MAX_TEXT),
        "is_cut": len(text) > MAX_TEXT,
        "is_customer": is_customer,
        "waits_for_customer": _reason(activity) in process_of(record.kind).resumed_by_reply,
        "url": f"{settings.SITE_URL}{reverse(url_name, args=[record.number])}",
        "settings_url": f"{settings.SITE_URL}{reverse('accounts:preferences')}",
    }
    link = verbs.verb_of(activity.verb).link
    if link and (path := link(activity, person)):
        context["url"] = f"{settings.SITE_URL}{path}"
    # A plain str again: marked as safe it would go into the HTML part unescaped.
    context["lead"] = _lead(activity.verb).render(context).strip()
    return context


def _reason(activity: Activity) -> str:
    """The coded reason of a hold as it was then, "" for anything else."""
    reason = activity.data.get("reason")
    return str(reason.get("code", "")) if isinstance(reason, dict) else ""


def _lead(verb: str) -> Any:
    """The event's own sentences, or those that fit every event."""
    try:
        return get_template(f"emails/{verb}.txt")
    except TemplateDoesNotExist:
        return get_template("emails/any.txt")
