"""When to run: what accounts tidies up by itself."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.models import IdempotencyKey

# How long the answer to a POST with an Idempotency-Key is remembered.
IDEMPOTENCY_KEPT = timedelta(hours=48)


@shared_task
def forget_idempotency_keys() -> int:
    """Delete remembered answers older than 48 hours; says how many."""
    deleted, _by_model = IdempotencyKey.objects.filter(
        created_at__lt=timezone.now() - IDEMPOTENCY_KEPT
    ).delete()
    return deleted
