"""When to run: see itsm.celery."""

import time

from celery import shared_task

from outbound import sending

SECONDS = 40  # of one task, so that a heap is worked off and hanging receivers do not reach the task's limit


@shared_task
def send_pending() -> int:
    """Send what waits in the outbox of webhooks and robots; answers how many messages were sent."""
    sent, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        tried, good = sending.send_batch()
        sent += good
        if not tried:
            break
    return sent
