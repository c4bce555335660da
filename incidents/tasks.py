"""When to run: every minute what management must be told is asked for, and what was missed is kept."""

from celery import shared_task
from django.utils import timezone

from incidents import leadership


@shared_task
def watch_management() -> int:
    """Ask for management escalations and keep misses; answers how many. Safe to repeat."""
    return leadership.sweep(now=timezone.now().replace(microsecond=0))
