"""The programs of the service, as functions that a forked child of `manage.py up` runs.

Forked, not started anew: the parent has loaded Django already, and loading it costs seconds each time.
In production each is a command of its own, see docker-compose.yml.
"""

import gc
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from setproctitle import setproctitle

from itsm.settings import env_bool, env_int, session_limits

# What serves people must not hang on one statement; commands such as import run without limits.
WEB_LIMITS = {"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "15s"}
WORKER_LIMITS = {
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}


def programs(host: str, port: int, root: Path) -> dict[str, Callable[[], None]]:
    """Web, worker and beat by name, for one machine."""
    gunicorn = [
        "gunicorn",
        "itsm.wsgi",
        f"--bind={host}:{port}",
        "--worker-class=gthread",
        f"--workers={env_int('WEB_WORKERS', 2)}",
        f"--threads={env_int('WEB_THREADS', 16)}",
        *("--preload", "--graceful-timeout=3", "--timeout=60", "--log-level=warning", "--no-control-socket"),
    ]
    celery = ["celery", "--app=itsm", "--quiet"]
    worker = [*celery, "worker", "--pool=threads"]
    quick = ["--queues=celery,heartbeat", f"--concurrency={env_int('WORKER_THREADS', 4)}"]
    slow = ["--queues=slow", "--hostname=slow@%h", f"--concurrency={env_int('SLOW_THREADS', 1)}"]
    light = ["--without-gossip", "--without-mingle", "--loglevel=warning"]
    beat = [*celery, "beat", "--pidfile=", f"--schedule={root / 'beat'}", "--loglevel=warning"]
    return {
        "web": partial(_run, gunicorn, WEB_LIMITS),
        "worker": partial(_run, [*worker, *quick, *light], WORKER_LIMITS),
        "slow": partial(_run, [*worker, *slow, *light], WORKER_LIMITS),
        "beat": partial(_run, beat, WORKER_LIMITS),
    }


def fill() -> None:
    """The defaults and, unless ITSM_DEMO=0, the demo organisation; both leave alone what is there."""
    call_command("defaults")
    if env_bool("ITSM_DEMO", default=True):
        call_command("demo")


def _run(arguments: list[str], limits: Mapping[str, str]) -> None:
    os.chdir(settings.BASE_DIR)
    setproctitle(" ".join(arguments))
    sys.argv = arguments
    gc.freeze()  # pages of what is loaded stay shared with the parent
    options = connection.settings_dict["OPTIONS"]
    # What the user has set comes later and so has the last word.
    options["options"] = f"{session_limits(limits)} {options.get('options', '')}".strip()
    if arguments[0] == "gunicorn":
        from gunicorn.app.wsgiapp import WSGIApplication

        WSGIApplication("%(prog)s", prog="gunicorn").run()
    else:
        from celery.bin.celery import main

        main()
