"""When to run: recurrences every few minutes, proposals every hour, reminders in the morning."""

from celery import shared_task
from django.utils import timezone

from problems import candidates, quality, recurring


@shared_task
def watch_recurrences() -> int:
    """Flag incidents of the kind of a closed problem; safe to repeat."""
    return recurring.watch(now=timezone.now().replace(microsecond=0))


@shared_task
def propose() -> int:
    """Propose problems from clusters of similar incidents; safe to repeat."""
    return candidates.refresh(now=timezone.now().replace(microsecond=0))


@shared_task
def remind_of_notices() -> int:
    """Remind of quality notices whose answer is late; safe to repeat."""
    return quality.remind(now=timezone.now().replace(microsecond=0))
