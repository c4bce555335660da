"""When to run: every morning what ends is told, and who has not answered."""

from celery import shared_task
from django.utils import timezone

from sourcing import defects, handed, upkeep


@shared_task
def look_after_suppliers() -> int:
    """Tell of what ends or is overdue; answers how often somebody was told. Safe to repeat."""
    now = timezone.now().replace(microsecond=0)
    return upkeep.tell(now=now) + defects.remind(now=now)


@shared_task
def announce_hands() -> int:
    """Tell suppliers' people of tickets that came into their hands; safe to repeat."""
    return handed.announce(now=timezone.now().replace(microsecond=0))
