"""Following a ticket: its news reach whoever follows it as they reach its requester."""

from datetime import datetime

from django.db import transaction

from accounts.access import Actor, require
from records.models import Record, Watch


def toggle(record: Record, *, actor: Actor, now: datetime) -> bool:
    """Follow the record, or stop following it; answers whether the actor follows it now."""
    require(actor, "watch", record)
    with transaction.atomic():
        Record.objects.select_for_update(no_key=True).get(pk=record.pk)  # two clicks at once are two turns
        rows = Watch.objects.filter(record=record.pk, user=actor.user_id)
        if rows.exists():
            rows.delete()
            return False
        Watch.objects.create(record_id=record.pk, user_id=actor.user_id)
    return True
