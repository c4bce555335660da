"""When editions take turns: what was replaced or ran out is marked so, once."""

from celery import shared_task
from django.utils import timezone

from accounts.services import system_actor
from agreements import lifecycle, services
from agreements.models import Edition
from sla.models import Agreement


@shared_task
def roll() -> None:
    """Roll the agreements with an edition in force; each in a transaction of its own. Safe to repeat."""
    rows = Edition.objects.filter(state=lifecycle.IN_FORCE).values("agreement")
    now = timezone.now().replace(microsecond=0)
    for agreement in Agreement.objects.filter(pk__in=rows).order_by("pk"):
        services.roll(agreement, actor=system_actor(), now=now)
