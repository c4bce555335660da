"""When to run: old signs of life are swept away."""

from celery import shared_task
from django.utils import timezone

from workspace import presence


@shared_task
def forget_presence() -> int:
    """Delete what tells of pages closed long ago; answers how many. Safe to repeat."""
    return presence.forget(timezone.now())
