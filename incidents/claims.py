"""A form that is sent twice logs one ticket."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.access import Actor
from accounts.models import IdempotencyKey
from incidents.models import Incident


def log_once(mark: str, log: Callable[[], Incident], *, actor: Actor, now: datetime) -> tuple[str, bool]:
    """The number of the ticket that ``log`` opens, or of the one the form with this mark opened before.

    The key's row is claimed in the transaction of the ticket: a second request waits for the first one.
    Without a mark it simply logs. Answers whether the ticket is new as well.
    """
    if not mark:
        return log().number, True
    with transaction.atomic():
        claim, is_new = IdempotencyKey.objects.get_or_create(
            user_id=actor.user_id,
            key=f"incidents.new:{mark}",
            defaults={"request_hash": mark, "created_at": now},
        )
        if is_new:
            claim.status, claim.body = 302, log().number
            claim.save(update_fields=["status", "body"])
    return claim.body, is_new
