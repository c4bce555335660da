"""What the worker does by itself."""

from celery import shared_task
from django.utils import timezone

from fulfilment import approvals


@shared_task
def remind_of_approvals() -> int:
    """Tell whom an approval waits for."""
    return approvals.remind(now=timezone.now().replace(microsecond=0))
