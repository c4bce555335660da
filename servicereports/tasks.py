"""When to run: reports are opened and reminded of every morning, closed ones looked at every night."""

from celery import shared_task
from django.utils import timezone

from servicereports import upkeep
from servicereports.assessments import services as assessments
from servicereports.relations import services as relations


@shared_task
def open_due() -> int:
    """Open the reports of periods that have ended, and refresh the drafts; answers how many were opened."""
    now = timezone.now().replace(microsecond=0)
    upkeep.refresh(now=now)
    return len(upkeep.open_due(now=now))


@shared_task
def open_periodic() -> int:
    """Open self-assessments and relationship reports of periods that have ended; answers how many."""
    now = timezone.now().replace(microsecond=0)
    return len(assessments.open_due(now=now)) + len(relations.open_due(now=now))


@shared_task
def remind() -> int:
    """Remind of overdue reports; safe to repeat."""
    return upkeep.remind(now=timezone.now().replace(microsecond=0))


@shared_task
def check_frozen() -> int:
    """Compute closed periods anew; answers how many differ."""
    return len(upkeep.check_frozen(now=timezone.now().replace(microsecond=0)))
