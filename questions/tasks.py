"""When to run: answers that are due, each minute."""

from celery import shared_task
from django.utils import timezone

from questions import sending

ROUND = 20


@shared_task
def send_due() -> int:
    """Write down what is due and send what waits; answers how many answers went out."""
    sending.plan(timezone.now())
    sent = 0
    for _round in range(ROUND):
        claimed = sending.claim(timezone.now())
        sent += sum(sending.send(pk, token, now=timezone.now()) for pk, token in claimed)
        if not claimed:
            break
    return sent
