"""When to run: see itsm.celery."""

from celery import shared_task

from automation import engine, scheduling
from records.pages import now_utc


@shared_task
def run_rules() -> int:
    """Offer what happened to the rules; answers how many entries were worked off."""
    return engine.work_off()


@shared_task
def make_runs() -> int:
    """Make the recurring work whose time has come."""
    return scheduling.make_due(now_utc())
