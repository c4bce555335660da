"""What the worker does by itself."""

from celery import shared_task
from django.utils import timezone

from records import reminders


@shared_task
def remind_of_approvals() -> int:
    """Tell whom an approval waits for: of requests, and of whatever else registered its reminders."""
    return reminders.remind_all(now=timezone.now().replace(microsecond=0))
