"""When to run: editions take turns, and what-if replays are worked off in slices."""

from celery import shared_task
from django.utils import timezone

from accounts.services import system_actor
from agreements import categories, ending, lifecycle, renewal, replays, services
from agreements.models import Edition
from sla.models import Agreement


@shared_task
def roll() -> None:
    """Carry out ends, then roll the agreements with an edition in force. Safe to repeat."""
    ending.carry_out(actor=system_actor(), now=timezone.now().replace(microsecond=0))
    rows = Edition.objects.filter(state=lifecycle.IN_FORCE).values("agreement")
    now = timezone.now().replace(microsecond=0)
    for agreement in Agreement.objects.filter(pk__in=rows).order_by("pk"):
        services.roll(agreement, actor=system_actor(), now=now)


@shared_task
def prompt_renewals() -> int:
    """Tell of agreements whose end comes near; answers how many. Safe to repeat."""
    return renewal.prompt(actor=system_actor(), now=timezone.now().replace(microsecond=0))


@shared_task
def review_categories() -> None:
    """Ask for this year's look at the categories of services. Safe to repeat."""
    categories.review(actor=system_actor(), now=timezone.now().replace(microsecond=0))


@shared_task
def replay(run_id: int) -> None:
    """Work on a replay for a slice and come again for the rest, so that alarms get their turn."""
    if replays.run(run_id, seconds=replays.SLICE_SECONDS) is replays.Progress.MORE:
        replay.delay(run_id)


@shared_task
def resume_replays() -> None:
    """Offer replays again whose worker was killed, or whose call got lost."""
    for run_id in replays.unfinished(timezone.now()):
        replay.delay(run_id)
