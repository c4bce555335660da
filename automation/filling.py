"""What the placeholders of a reply template stand for on a ticket, in a language and the requester's zone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import User
from automation import placeholders
from automation.models import ReplyTemplate
from itsm.templatetags.ui import day_words, instant_words
from records.kinds import process_of
from records.models import Record


def _zone(record: Record) -> ZoneInfo:
    return ZoneInfo(record.requester.time_zone)


def _state(record: Record, actor: Actor, now: datetime) -> str:
    return str(dict(process_of(record.kind).labels.choices).get(record.state, record.state))


def _url(record: Record, actor: Actor, now: datetime) -> str:
    return settings.SITE_URL + reverse(process_of(record.kind).customer_url, args=[record.number])


def _due(record: Record, actor: Actor, now: datetime) -> str:
    return instant_words(record.next_due_at, _zone(record)) if record.next_due_at else _("no date yet")


def _name(row: object) -> str:
    return str(getattr(row, "name", "")) or _("nobody yet")


def _agent(record: Record, actor: Actor, now: datetime) -> str:
    found = User.objects.filter(pk=actor.user_id).first()
    return found.name if found else actor.name


_VALUES: Mapping[str, Callable[[Record, Actor, datetime], str]] = {
    "ticket.number": lambda r, a, n: r.number,
    "ticket.title": lambda r, a, n: r.title,
    "ticket.state": _state,
    "ticket.priority": lambda r, a, n: str(r.get_priority_display()),
    "ticket.opened": lambda r, a, n: instant_words(r.opened_at, _zone(r)),
    "ticket.url": _url,
    "due": _due,
    "requester.name": lambda r, a, n: r.requester.name,
    "customer.name": lambda r, a, n: r.customer.name,
    "service.name": lambda r, a, n: r.service.name if r.service else _("no service"),
    "team.name": lambda r, a, n: _name(r.team),
    "assignee.name": lambda r, a, n: _name(r.assignee),
    "agent.name": _agent,
    "today": lambda r, a, n: day_words(n.astimezone(_zone(r)).date()),
}

MEANINGS = {
    "ticket.number": gettext_lazy("Number of the ticket"),
    "ticket.title": gettext_lazy("Title of the ticket"),
    "ticket.state": gettext_lazy("State of the ticket"),
    "ticket.priority": gettext_lazy("Priority of the ticket"),
    "ticket.opened": gettext_lazy("When it was opened"),
    "ticket.url": gettext_lazy("Address of the ticket in the portal"),
    "due": gettext_lazy("When the next target is due"),
    "requester.name": gettext_lazy("Name of the person affected"),
    "customer.name": gettext_lazy("Name of the customer"),
    "service.name": gettext_lazy("Name of the service"),
    "team.name": gettext_lazy("Team that works on it"),
    "assignee.name": gettext_lazy("Person who works on it"),
    "agent.name": gettext_lazy("Who writes the reply"),
    "today": gettext_lazy("Today's date"),
}


def language_of(record: Record) -> str:
    """The requester's language; the installation's where they chose none."""
    return record.requester.language or settings.LANGUAGE_CODE


def text_of(
    template: ReplyTemplate, record: Record, *, actor: Actor, now: datetime, language: str = ""
) -> str:
    """The template's text for this ticket; the requester's language where none is asked for."""
    language = language or language_of(record)
    text = template.text_for(language)
    with translation.override(language):
        values = {n: _VALUES[n](record, actor, now) for n in placeholders.used(text) if n in _VALUES}
    return placeholders.filled(text, values)
