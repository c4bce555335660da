"""What the service runs: every queue has a worker, and what takes long is not in the way of alarms."""

import fnmatch
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from django.conf import settings

from itsm import celery, heartbeat
from itsm.programs import programs

ROOT = Path(__file__).resolve().parents[2]


def queues(command: list[str]) -> set[str]:
    return {
        name for word in command if word.startswith("--queues=") for name in word.partition("=")[2].split(",")
    }


def test_every_queue_is_served_by_exactly_one_kind_of_worker_here_and_in_containers() -> None:
    wanted = sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)
    made: dict[str, Any] = programs("127.0.0.1", 1, Path("x"))
    here = [name for program in made.values() for name in queues(program.args[0])]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    there = [name for service in compose.values() for name in queues(service.get("command", []))]
    assert sorted(here) == sorted(there) == wanted


def test_what_raises_alarms_and_sends_messages_waits_behind_nothing_slow() -> None:
    slow = [name for name, route in settings.CELERY_TASK_ROUTES.items() if route["queue"] == "slow"]
    tasks = {entry["task"] for entry in celery.app.conf.beat_schedule.values()}
    quick = {"records.tasks.fire_alarms", "records.tasks.deliver_pending", "majors.tasks.watch_updates"}
    assert quick <= tasks
    assert not [task for task in quick if any(fnmatch.fnmatch(task, name) for name in slow)]
    celery.app.loader.import_default_modules()
    known = set(celery.app.tasks)
    assert [name for name in slow if not fnmatch.filter(known, name)] == []


def test_a_worker_for_what_takes_long_does_not_speak_for_the_others() -> None:
    for name in ("worker", "worker-process"):
        heartbeat.client().delete(heartbeat.key(name))
    slow = SimpleNamespace(hostname="slow@here", eventer=SimpleNamespace(hostname="slow@here"))
    celery.on_worker_ready(sender=slow)
    celery.on_worker_alive(sender=slow)
    assert heartbeat.ages("worker", "worker-process") == {"worker": None, "worker-process": None}
    usual = SimpleNamespace(hostname="celery@here", eventer=SimpleNamespace(hostname="celery@here"))
    celery.on_worker_ready(sender=usual)
    celery.on_worker_alive(sender=usual)
    assert None not in heartbeat.ages("worker", "worker-process").values()
