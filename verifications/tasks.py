"""When to run: imports in slices, and what nobody needs any more is swept away."""

from celery import shared_task
from django.utils import timezone

from verifications import imports, running


@shared_task
def run_import(job_id: int) -> None:
    """Work on an import for a slice and come again for the rest, so that alarms get their turn."""
    if running.run(job_id, seconds=running.SLICE_SECONDS):
        run_import.apply_async((job_id,), countdown=0.2)


@shared_task
def resume_imports() -> None:
    """Offer imports again whose worker was killed, or whose call got lost."""
    for job_id in running.unfinished():
        run_import.delay(job_id)


@shared_task
def forget() -> None:
    """Delete tables that nobody confirmed. Safe to repeat."""
    imports.forget_drafts(timezone.now())
