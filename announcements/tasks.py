"""When to run: every few minutes what has passed its end is ended."""

from celery import shared_task
from django.utils import timezone

from announcements import services


@shared_task
def end_past() -> int:
    """End announcements whose end has passed; answers how many. Safe to repeat."""
    return services.end_past(now=timezone.now().replace(microsecond=0))
