"""When to run: once a day, who is late is told."""

from celery import shared_task
from django.utils import timezone

from actions import services


@shared_task
def remind() -> int:
    """Remind of overdue actions; safe to repeat."""
    return services.remind(now=timezone.now().replace(microsecond=0))
