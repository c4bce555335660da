"""What is said of an event: as JSON for programs, as a few lines for people in a chat."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from outbound import chat, signing
from outbound.models import Message, Subscription
from records.kinds import process_of
from records.log import told_outside
from records.models import Activity, Priority, Record
from records.verbs import sentence, subject

TEXT = 20_000


def posted(message: Message, *, now: datetime) -> chat.Post:
    """What to send for a message now: address, body and headers, signed."""
    subscription = message.subscription
    if subscription.is_chat:
        with translation.override(subscription.language):
            title, lines, link = _words(message)
        at = int(now.timestamp() * 1000)
        return chat.message(
            subscription.kind, subscription.url, subscription.secret,
            title=title, lines=lines, link=link, at=at,
        )  # fmt: skip
    body = json.dumps(document(message), ensure_ascii=False, separators=(",", ":")).encode()
    headers = signing.webhook_headers(
        subscription.secret, key=message.key, timestamp=int(now.timestamp()), body=body
    )
    return chat.Post(subscription.url, body, {"Content-Type": "application/json", **headers})


def document(message: Message) -> dict[str, Any]:
    """The event as programs read it. Its ``id`` is the same on every attempt."""
    activity = message.activity
    if activity is None:
        return {"id": message.key, "type": "test", "at": _stamp(message.created_at)}
    return {
        "id": message.key,
        "type": activity.verb,
        "at": _stamp(activity.at),
        "sequence": activity.pk,
        "actor": activity.actor.display_name,
        "record": _record(activity.record),
        "text": activity.text[:TEXT],
        "data": told_outside(activity.data),
    }


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _record(record: Record) -> dict[str, Any]:
    """The record as it is when the message is sent."""
    return {
        "number": record.number,
        "kind": record.kind,
        "title": record.title,
        "state": record.state,
        "phase": record.phase,
        "priority": record.priority,
        "customer": record.customer.code,
        "service": record.service.code if record.service else None,
        "team": record.team.code if record.team else None,
        "assignee": record.assignee.display_name if record.assignee else None,
        "next_due_at": _stamp(record.next_due_at) if record.next_due_at else None,
        "url": _link(record),
    }


def _link(record: Record) -> str:
    try:
        return f"{settings.SITE_URL}{record.get_absolute_url()}"
    except NoReverseMatch:
        return settings.SITE_URL


def _words(message: Message) -> tuple[str, list[str], str]:
    """Title, lines and link for people, in the active language."""
    activity = message.activity
    if activity is None:
        return _("A test of the service desk"), [_("This robot is connected.")], settings.SITE_URL
    record = activity.record
    said = f"{activity.actor.name} {sentence(activity.verb, activity.data)}"
    lines = [record.title, said, _facts(activity, record)]
    return subject(activity.verb, activity.data), lines, _link(record)


def _facts(activity: Activity, record: Record) -> str:
    labels = process_of(record.kind).labels
    state = dict(getattr(labels, "choices", ())).get(record.state, record.state)
    parts = [str(Priority(record.priority).label), str(state), str(record.customer)]
    parts.append(timezone.localtime(activity.at).strftime("%Y-%m-%d %H:%M"))
    return " · ".join(parts)


def readable_by(subscription: Subscription, activity: Activity) -> bool:
    """Asked once more when a message is sent: what a subscription may know can have been narrowed."""
    if subscription.public_only and not activity.is_public:
        return False
    return subscription.customer_id in (None, activity.customer_id)
