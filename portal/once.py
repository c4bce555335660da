"""A form that is sent twice (a double click, a reload) acts once and leads to the same place."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import IdempotencyKey, User


def once(key: str, act: Callable[[], str], *, user: User, now: datetime) -> str:
    """Run ``act`` unless ``user`` did it under this key before; answers the address it led to.

    ``key`` is the form's fingerprint: who goes back and changes a word means something new.
    The key is claimed in the transaction of the act: a parallel second one waits for the first, and if the
    first was refused the second may try again. Without a key it simply acts.
    """
    if not key:
        return act()
    with transaction.atomic():
        row, is_new = IdempotencyKey.objects.get_or_create(
            user=user, key=f"portal:{key}", defaults={"request_hash": "", "created_at": now}
        )
        if not is_new:
            return str(row.headers["Location"])
        row.headers = {"Location": act()}
        row.status = 302
        row.save(update_fields=["headers", "status"])
    return str(row.headers["Location"])
