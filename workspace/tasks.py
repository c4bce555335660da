"""When to run: bulk edits in slices, and what nobody needs any more is swept away."""

from celery import shared_task
from django.utils import timezone

from workspace import bulk, presence, running


@shared_task
def run_bulk(edit_id: int) -> None:
    """Work on a bulk edit for a slice and come again for the rest, so that alarms get their turn."""
    if running.run(edit_id, seconds=running.SLICE_SECONDS):
        run_bulk.apply_async((edit_id,), countdown=0.2)


@shared_task
def resume_bulk() -> None:
    """Offer bulk edits again whose worker was killed, or whose call got lost."""
    for edit_id in running.unfinished():
        run_bulk.delay(edit_id)


@shared_task
def forget() -> None:
    """Delete signs of life from pages closed long ago, and previews nobody confirmed. Safe to repeat."""
    now = timezone.now()
    presence.forget(now)
    bulk.forget_drafts(now)
