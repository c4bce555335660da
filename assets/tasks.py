"""When to run: once an hour, what is due becomes work."""

from celery import shared_task
from django.utils import timezone

from assets import upkeep, warranties


@shared_task
def look_after() -> list[int]:
    """Plan checks, make tasks of those that are near, announce warranties; answers how many of each."""
    now = timezone.now().replace(microsecond=0)
    return [*upkeep.work_off(now=now), warranties.announce(now=now)]
