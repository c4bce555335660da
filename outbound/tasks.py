"""When to run: see itsm.celery."""

from celery import shared_task

from outbound import sending

ROUND = 20  # batches in one task, so that a heap is worked off and a stop is still quick


@shared_task
def send_pending() -> int:
    """Send what waits in the outbox of webhooks and robots; answers how many messages were sent."""
    sent = 0
    for _round in range(ROUND):
        tried, good = sending.send_batch()
        sent += good
        if not tried:
            break
    return sent
