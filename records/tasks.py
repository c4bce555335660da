"""When to run: small tasks that load by id or claim by the database, and call one function."""

from celery import shared_task
from django.utils import timezone

from records import alarms, delivery, files, retiming

ROUND = 50  # batches in one task, so that a heap is worked off and a stop is still quick


@shared_task
def fire_alarms() -> int:
    """Raise every SLA alarm that is due, batch by batch; answers how many clocks were handled."""
    total = 0
    for _round in range(ROUND):
        handled = alarms.sweep(settle=alarms.SETTLE)
        total += handled
        if handled < alarms.BATCH:
            break
    return total


@shared_task
def deliver_pending() -> int:
    """Send what waits in the outbox; answers how many messages were sent."""
    sent = 0
    for _round in range(ROUND):
        claimed = delivery.claim(timezone.now(), delivery.BATCH)
        sent += sum(delivery.send(pk, token, now=timezone.now()) for pk, token in claimed)
        if not claimed:
            break
    return sent


@shared_task
def retime() -> None:
    """Move open clocks to editions of their calendars for a slice, and come again for the rest."""
    if retiming.work(now=alarms.database_now(), seconds=retiming.SLICE_SECONDS):
        retime.delay()


@shared_task
def delete_orphaned_files() -> int:
    """Delete the bytes of uploads whose act was rolled back, a day later; answers how many."""
    found = list(files.orphans(timezone.now()))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
