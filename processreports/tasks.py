"""When to run: reports are opened and reminded of every morning, frozen ones looked at every night."""

from celery import shared_task
from django.utils import timezone

from processreports import upkeep


@shared_task
def open_due() -> int:
    """Open the reports of spans that have ended, and refresh the drafts; answers how many were opened."""
    now = timezone.now().replace(microsecond=0)
    upkeep.refresh(now=now)
    return len(upkeep.open_due(now=now))


@shared_task
def remind() -> int:
    """Remind of overdue reports; safe to repeat."""
    return upkeep.remind(now=timezone.now().replace(microsecond=0))


@shared_task
def check_frozen() -> int:
    """Compute frozen reports anew; answers how many differ."""
    return len(upkeep.check_frozen(now=timezone.now().replace(microsecond=0)))
