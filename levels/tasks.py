"""When to run: every morning, so that a month is closed on its day, or when the machines are back."""

from celery import shared_task
from django.utils import timezone

from accounts.services import system_actor
from levels import changing
from levels import credits as ledger


@shared_task
def close_months() -> int:
    """Close the months that are due in the ledger; answers how many lines were entered."""
    now = timezone.now().replace(microsecond=0)
    return len(ledger.close_due(actor=system_actor(), now=now))


@shared_task
def follow_changes() -> int:
    """Move and cancel announced interruptions with their changes; answers how many were looked at."""
    return changing.follow_all(now=timezone.now().replace(microsecond=0))
