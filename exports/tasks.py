"""When to run: exports in slices, those left alone again, and files whose time is over."""

from celery import shared_task
from django.utils import timezone

from exports import parts, running, services


@shared_task
def run_export(export_id: int) -> None:
    """Work on an export for a slice and come again for the rest, so that alarms get their turn."""
    if running.run(export_id, seconds=running.SLICE_SECONDS):
        run_export.apply_async((export_id,), countdown=0.2)


@shared_task
def resume() -> None:
    """Offer exports again whose worker was killed, or whose call got lost."""
    for export_id in running.unfinished():
        run_export.delay(export_id)


@shared_task
def expire() -> int:
    """Remove files whose time is over, and what killed workers left; answers how many files were removed."""
    removed = services.expire(timezone.now())
    for path in parts.left_over():
        path.unlink(missing_ok=True)
    return removed
