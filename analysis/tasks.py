"""When to run: after the night's figures are counted."""

from celery import shared_task
from django.utils import timezone

from analysis import warning


@shared_task
def watch() -> int:
    """Judge the rules of early warning; answers how many warnings were raised. Safe to repeat."""
    return warning.watch(now=timezone.now().replace(microsecond=0))
