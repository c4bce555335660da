"""When to run: every night what is due is planned, every morning who is late is told."""

from celery import shared_task
from django.utils import timezone

from reviews import upkeep


@shared_task
def plan_due() -> int:
    """Plan the reviews that come near; answers how many."""
    return len(upkeep.plan_due(now=timezone.now().replace(microsecond=0)))


@shared_task
def remind() -> int:
    """Remind of reviews whose day has passed; safe to repeat."""
    return upkeep.remind(now=timezone.now().replace(microsecond=0))
