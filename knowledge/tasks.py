"""When to run."""

from celery import shared_task
from django.utils import timezone

from knowledge import services


@shared_task
def remind_reviews() -> int:
    """Remind the owners of articles whose review is due; answers how many."""
    return services.remind(now=timezone.now().replace(microsecond=0))
