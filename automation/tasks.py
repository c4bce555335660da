"""When to run: see itsm.celery."""

from celery import shared_task

from automation import engine


@shared_task
def run_rules() -> int:
    """Offer what happened to the rules; answers how many entries were worked off."""
    return engine.work_off()
