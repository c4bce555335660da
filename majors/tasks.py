"""When to run: every half minute, updates that fell due are warned of or kept as missed."""

from celery import shared_task
from django.utils import timezone

from majors import deadlines


@shared_task
def watch_updates() -> int:
    """Raise what fell due; answers how much. Safe to repeat."""
    return deadlines.sweep(now=timezone.now().replace(microsecond=0))
