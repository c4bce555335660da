"""When to run: what comes due is told, and closed tickets are looked after."""

from celery import shared_task
from django.utils import timezone

from customers import aftercare, complaints, surveys


@shared_task
def remind_of_answers() -> int:
    """Warn of answers that come due and tell of those overdue; safe to repeat."""
    return complaints.remind(now=timezone.now().replace(microsecond=0))


@shared_task
def look_after_closings() -> int:
    """Ask and call after closed tickets; safe to repeat."""
    return aftercare.look(now=timezone.now().replace(microsecond=0))


@shared_task
def repeat_surveys() -> int:
    """Begin the periodic surveys whose day has come; safe to repeat."""
    return surveys.repeat_due(now=timezone.now().replace(microsecond=0))
