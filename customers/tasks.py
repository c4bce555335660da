"""When to run: what comes due is told."""

from celery import shared_task
from django.utils import timezone

from customers import complaints


@shared_task
def remind_of_answers() -> int:
    """Warn of answers that come due and tell of those overdue; safe to repeat."""
    return complaints.remind(now=timezone.now().replace(microsecond=0))
