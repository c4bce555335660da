"""The reports of quarters and years, when they are over."""

from celery import shared_task
from django.utils import timezone

from accounts.services import system_actor
from releases import period_reports


@shared_task(ignore_result=True)
def make_reports() -> None:
    period_reports.make_due(actor=system_actor(), now=timezone.now())
