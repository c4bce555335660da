"""The Celery app, its schedule, and the signs of life that /healthz/ reads.

Any number of workers and beats may run: tasks are idempotent and take ids, and every entry of the
schedule expires before its successor, so a worker that was stopped does not find a heap.
"""

import logging
import os
import time
import warnings
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]
from celery.schedules import crontab
from celery.signals import beat_init, heartbeat_sent, setup_logging, worker_ready

from itsm import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

# About running as root with pickle; messages here are JSON only, and one machine may well be a container.
warnings.simplefilter("ignore", SecurityWarning)

app = Celery("itsm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "heartbeat": {"task": "itsm.heartbeat", "schedule": 5.0, "options": {"expires": 4}},
    "fire-alarms": {"task": "records.tasks.fire_alarms", "schedule": 10.0, "options": {"expires": 9}},
    "watch-major-updates": {
        "task": "majors.tasks.watch_updates",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "end-past-announcements": {
        "task": "announcements.tasks.end_past",
        "schedule": 300.0,
        "options": {"expires": 280},
    },
    "watch-management": {
        "task": "incidents.tasks.watch_management",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "deliver-pending": {
        "task": "records.tasks.deliver_pending",
        "schedule": 15.0,
        "options": {"expires": 14},
    },
    "resume-bulk-edits": {
        "task": "workspace.tasks.resume_bulk",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "forget-workspace": {
        "task": "workspace.tasks.forget",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    "resume-exports": {
        "task": "exports.tasks.resume",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    # at night where the defaults' customers are
    "expire-exports": {
        "task": "exports.tasks.expire",
        "schedule": crontab(hour="18", minute="10"),
        "options": {"expires": 3600},
    },
    "resume-item-imports": {
        "task": "verifications.tasks.resume_imports",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    "forget-item-imports": {
        "task": "verifications.tasks.forget",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    "fetch-mail": {"task": "channels.tasks.fetch_mail", "schedule": 60.0, "options": {"expires": 55}},
    "send-outbound": {"task": "outbound.tasks.send_pending", "schedule": 5.0, "options": {"expires": 4}},
    "run-rules": {"task": "automation.tasks.run_rules", "schedule": 5.0, "options": {"expires": 4}},
    "make-runs": {"task": "automation.tasks.make_runs", "schedule": 20.0, "options": {"expires": 18}},
    "retime-clocks": {"task": "records.tasks.retime", "schedule": 10.0, "options": {"expires": 9}},
    # at night where the defaults' customers are
    "self-check": {
        "task": "sla.tasks.self_check",
        "schedule": crontab(hour="18", minute="30"),
        "options": {"expires": 3600},
    },
    "check-calendars": {
        "task": "sla.tasks.check_calendars",
        "schedule": crontab(hour="0", minute="30"),
        "options": {"expires": 3600},
    },
    "roll-agreements": {
        "task": "agreements.tasks.roll",
        "schedule": 900.0,
        "options": {"expires": 800},
    },
    # in the morning where the defaults' customers are
    "review-categories": {
        "task": "agreements.tasks.review_categories",
        "schedule": crontab(hour="0", minute="55"),
        "options": {"expires": 3600},
    },
    "prompt-renewals": {
        "task": "agreements.tasks.prompt_renewals",
        "schedule": crontab(hour="0", minute="50"),
        "options": {"expires": 3600},
    },
    "remind-of-answers": {
        "task": "customers.tasks.remind_of_answers",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "look-after-closings": {
        "task": "customers.tasks.look_after_closings",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "repeat-surveys": {
        "task": "customers.tasks.repeat_surveys",
        "schedule": crontab(hour="1", minute="5"),
        "options": {"expires": 3600},
    },
    "remind-of-article-reviews": {
        "task": "knowledge.tasks.remind_reviews",
        "schedule": crontab(hour="1", minute="10"),
        "options": {"expires": 3600},
    },
    "remind-of-approvals": {
        "task": "fulfilment.tasks.remind_of_approvals",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    # each quarter and each year, when it is over
    "make-release-reports": {
        "task": "releases.tasks.make_reports",
        "schedule": crontab(hour="18", minute="20"),
        "options": {"expires": 3600},
    },
    "remind-of-actions": {
        "task": "actions.tasks.remind",
        "schedule": crontab(hour="1", minute="0"),
        "options": {"expires": 3600},
    },
    "resume-replays": {
        "task": "agreements.tasks.resume_replays",
        "schedule": 30.0,
        "options": {"expires": 25},
    },
    # what a closed month costs: on its day, or when the machines are back
    "close-months": {
        "task": "levels.tasks.close_months",
        "schedule": crontab(hour="0", minute="20"),
        "options": {"expires": 3600},
    },
    "plan-reviews": {
        "task": "reviews.tasks.plan_due",
        "schedule": crontab(hour="0", minute="45"),
        "options": {"expires": 3600},
    },
    "remind-of-reviews": {
        "task": "reviews.tasks.remind",
        "schedule": crontab(hour="1", minute="15"),
        "options": {"expires": 3600},
    },
    "follow-changes": {
        "task": "levels.tasks.follow_changes",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "announce-tickets-to-suppliers": {
        "task": "sourcing.tasks.announce_hands",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "look-after-suppliers": {
        "task": "sourcing.tasks.look_after_suppliers",
        "schedule": crontab(hour="1", minute="25"),
        "options": {"expires": 3600},
    },
    "open-service-reports": {
        "task": "servicereports.tasks.open_due",
        "schedule": crontab(hour="22", minute="30"),
        "options": {"expires": 3600},
    },
    "open-assessments-and-relationship-reports": {
        "task": "servicereports.tasks.open_periodic",
        "schedule": crontab(hour="22", minute="40"),
        "options": {"expires": 3600},
    },
    "remind-of-service-reports": {
        "task": "servicereports.tasks.remind",
        "schedule": crontab(hour="1", minute="20"),
        "options": {"expires": 3600},
    },
    "check-frozen-reports": {
        "task": "servicereports.tasks.check_frozen",
        "schedule": crontab(hour="19", minute="45"),
        "options": {"expires": 3600},
    },
    # at night where the defaults' customers are; the long spans once a week
    "measure-indicators": {
        "task": "kpis.tasks.measure",
        "schedule": crontab(hour="17", minute="10"),
        "options": {"expires": 3600},
    },
    "remind-checkers": {
        "task": "kpis.tasks.remind",
        "schedule": crontab(hour="1", minute="20"),
        "options": {"expires": 3600},
    },
    "watch-indicators": {
        "task": "analysis.tasks.watch",
        "schedule": crontab(hour="19", minute="5"),
        "options": {"expires": 3600},
    },
    "measure-long-spans": {
        "task": "kpis.tasks.measure_long",
        "schedule": crontab(hour="17", minute="40", day_of_week="sat"),
        "options": {"expires": 3600},
    },
    "open-process-reports": {
        "task": "processreports.tasks.open_due",
        "schedule": crontab(hour="22", minute="50"),
        "options": {"expires": 3600},
    },
    "remind-of-process-reports": {
        "task": "processreports.tasks.remind",
        "schedule": crontab(hour="1", minute="40"),
        "options": {"expires": 3600},
    },
    "check-frozen-process-reports": {
        "task": "processreports.tasks.check_frozen",
        "schedule": crontab(hour="20", minute="15"),
        "options": {"expires": 3600},
    },
    "watch-recurrences": {
        "task": "problems.tasks.watch_recurrences",
        "schedule": 300.0,
        "options": {"expires": 280},
    },
    "propose-problems": {
        "task": "problems.tasks.propose",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    "remind-of-quality-notices": {
        "task": "problems.tasks.remind_of_notices",
        "schedule": crontab(hour="1", minute="25"),
        "options": {"expires": 3600},
    },
    "send-answers": {
        "task": "questions.tasks.send_due",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "look-after-assets": {
        "task": "assets.tasks.look_after",
        "schedule": crontab(minute="20"),
        "options": {"expires": 3500},
    },
    "delete-orphaned-files": {
        "task": "records.tasks.delete_orphaned_files",
        "schedule": crontab(hour="19", minute="15"),
        "options": {"expires": 3600},
    },
    "forget-idempotency-keys": {
        "task": "accounts.tasks.forget_idempotency_keys",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
}


@app.task(name="itsm.heartbeat")
def beat_the_heart() -> None:
    """Proof that tasks travel from beat through Redis to a worker."""
    heartbeat.mark("worker")


def leave_sign(who: str) -> None:
    """Mark `who` as alive; without Redis one line in the log, for the process goes on and tries again."""
    try:
        heartbeat.mark(who)
    except heartbeat.HeartbeatError as error:
        logging.getLogger(__name__).warning("%s cannot leave a heartbeat: %s", who, error)


SLOW = "slow@"  # how the names of workers begin that do nothing but what takes long (itsm.programs)


@worker_ready.connect
def on_worker_ready(sender: Any = None, **_: Any) -> None:
    if not str(getattr(sender, "hostname", "")).startswith(SLOW):
        leave_sign("worker")


@heartbeat_sent.connect
def on_worker_alive(sender: Any = None, **_: Any) -> None:
    """Every two seconds from the worker's own loop, so that a dead beat is not taken for a dead worker.

    A worker for what takes long does not speak for the others: it takes no alarms.
    """
    if not str(getattr(getattr(sender, "eventer", None), "hostname", "")).startswith(SLOW):
        leave_sign("worker-process")


@beat_init.connect
def on_beat_start(**_: Any) -> None:
    leave_sign("beat")


@setup_logging.connect
def use_our_logging(**_: Any) -> None:
    """Connected so that Celery keeps its hands off; Django has configured logging already."""


class HeartbeatScheduler(PersistentScheduler):
    """The usual scheduler, which also leaves a sign of life at most every two seconds."""

    _marked_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._marked_at >= 2:
            leave_sign("beat")
            self._marked_at = time.monotonic()
        return float(super().tick(*args, **kwargs))
