"""The Celery app, its schedule, and the signs of life that /healthz/ reads.

Any number of workers and beats may run: tasks are idempotent and take ids, and every entry of the
schedule expires before its successor, so a worker that was stopped does not find a heap.
"""

import logging
import os
import time
from typing import Any

from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import beat_init, heartbeat_sent, setup_logging, worker_ready

from itsm import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")

app = Celery("itsm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "heartbeat": {"task": "itsm.heartbeat", "schedule": 5.0, "options": {"expires": 4}},
}


@app.task(name="itsm.heartbeat")
def beat_the_heart() -> None:
    """Proof that tasks travel from beat through Redis to a worker."""
    heartbeat.mark("worker")


@worker_ready.connect
def on_worker_ready(**_: Any) -> None:
    heartbeat.mark("worker")


@heartbeat_sent.connect
def on_worker_alive(**_: Any) -> None:
    """Every two seconds from the worker's own loop, so that a dead beat is not taken for a dead worker."""
    heartbeat.mark("worker-process")


@beat_init.connect
def on_beat_start(**_: Any) -> None:
    heartbeat.mark("beat")


@setup_logging.connect
def use_our_logging(**_: Any) -> None:
    """Connected so that Celery keeps its hands off; Django has configured logging already."""


class HeartbeatScheduler(PersistentScheduler):
    """The usual scheduler, which also leaves a sign of life at most every two seconds."""

    _marked_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._marked_at >= 2:
            try:
                heartbeat.mark("beat")
                self._marked_at = time.monotonic()
            except heartbeat.HeartbeatError as error:
                logging.getLogger(__name__).warning("beat cannot leave its heartbeat: %s", error)
        return float(super().tick(*args, **kwargs))
