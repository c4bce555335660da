"""What managers do with subscriptions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from outbound import egress, events, signing
from outbound.models import Message, Subscription
from records.services import refuse

FIELDS = frozenset(
    {
        "name", "kind", "url", "secret", "events", "customer", "team", "public_only", "language", "keeper",
        "is_active",
    }
)  # fmt: skip


class Stale(Exception):
    """Somebody saved the subscription since the writer read it."""

    def __init__(self, row: Subscription) -> None:
        super().__init__(f"subscription {row.pk} is at version {row.version}")
        self.row = row


def create(*, actor: Actor, now: datetime, **facts: Any) -> Subscription:
    """Make a subscription; a webhook gets a secret of its own unless one is given."""
    require(actor, "lead_outbound")
    row = Subscription(**{"keeper_id": actor.user_id, **facts})
    if not row.is_chat and not row.secret:
        row.secret = signing.new_secret()
    _check(row)
    row.save()
    return row


def change(
    row: Subscription, facts: Mapping[str, Any], *, actor: Actor, now: datetime, expected_version: int | None
) -> Subscription:
    """Change a subscription. Switching it on again forgives its failures; what waits is sent."""
    require(actor, "lead_outbound")
    if stray := set(facts) - FIELDS:
        raise ValidationError({name: _("This cannot be changed here.") for name in sorted(stray)})
    with transaction.atomic():
        current = Subscription.objects.select_for_update(no_key=True).get(pk=row.pk)
        if expected_version is not None and expected_version != current.version:
            raise Stale(current)
        was_active = current.is_active
        for name, value in facts.items():
            setattr(current, name, value)
        if current.is_active and not was_active:
            current.failures, current.paused_until, current.disabled_reason = 0, None, ""
        _check(current)
        current.version += 1
        current.save()
    return current


def _check(row: Subscription) -> None:
    try:
        egress.check(row.url)
    except egress.Refused as refused:
        message = _("This address is not taken: %(why)s.")
        raise refuse("url", message % {"why": refused}) from refused
    if not row.events:
        raise refuse("events", _("Choose at least one event."), "required")
    if strange := events.unknown(row.events):
        raise refuse("events", _("There is no such event: %(names)s.") % {"names": ", ".join(strange)[:200]})
    if not row.is_chat and len(row.secret) < 16:
        raise refuse("secret", _("A secret of at least 16 characters is needed."))
    if not row.keeper.actor.is_staff_side:
        raise refuse("keeper", _("Choose somebody who works at the desk."))
    row.full_clean(exclude=["version", "paused_until", "failures"])


def renew_secret(row: Subscription, *, actor: Actor, now: datetime) -> str:
    """A new secret for a webhook; the former one is void at once."""
    require(actor, "lead_outbound")
    if row.is_chat:
        raise refuse("secret", _("The secret of a robot comes from its chat."))
    secret = signing.new_secret()
    change(row, {"secret": secret}, actor=actor, now=now, expected_version=None)
    return secret


def send_test(row: Subscription, *, actor: Actor, now: datetime) -> Message:
    """Put a test message into the outbox; it goes out with the next round."""
    require(actor, "lead_outbound")
    if not row.is_active:
        raise refuse("is_active", _("Switch it on first."))
    return Message.objects.create(subscription=row, created_at=now, available_at=now)


def replay(message: Message, *, actor: Actor, now: datetime) -> Message:
    """Send a message once more, under its own key. Safe to repeat: what waits is left alone."""
    require(actor, "lead_outbound")
    done = Message.objects.filter(pk=message.pk, state__in=[Message.State.SENT, Message.State.DEAD])
    done.update(state=Message.State.NEW, attempts=0, available_at=now, lease_until=None, last_error="")
    message.refresh_from_db()
    return message
