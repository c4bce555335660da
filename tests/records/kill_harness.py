"""Workers that raise alarms and send mail, and a parent that kills them: run by test_kill.py.

    python -m tests.records.kill_harness MAILS KILLS SEED

The parent has everything imported and no connection of Django's open, so that a new worker is a fork away
and is killed at work, not while it starts. It prints what each killed worker was doing as JSON.
"""

import json
import mmap
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from typing import NoReturn

import django
import psycopg2

WORKERS = 3
PATIENCE = 70  # seconds after which the parent gives up and says so
# a worker's batch: small while there are kills, so that there is always a half-done one
SMALL, LARGE, MAILS = 3, 100, 10
IDLE, SWEEPING, SENDING = 0, 1, 2
WORDS = {IDLE: "idle", SWEEPING: "sweeping", SENDING: "sending"}
LEFT = """SELECT (SELECT count(*) FROM sla_clock WHERE alarm_at <= now()),
                 (SELECT count(*) FROM records_delivery WHERE state IN ('new', 'sending'))"""


def work(doing: mmap.mmap, slot: int, mails: str) -> NoReturn:
    """What a worker does until it is killed: a batch of alarms, a batch of mails, again."""
    from django.utils import timezone

    from records import alarms, delivery
    from records.models import Delivery

    sink = os.open(mails, os.O_WRONLY | os.O_APPEND)

    def transport(row: Delivery) -> None:
        os.write(sink, f"{row.key}\n".encode())

    delivery.register_transport("email", transport)
    delivery.LEASE = timedelta(seconds=2)  # so that what a killed worker held is soon free
    while True:
        doing[slot] = SWEEPING
        handled = alarms.sweep(doing[WORKERS])
        doing[slot] = SENDING
        claimed = delivery.claim(timezone.now(), MAILS)
        for pk, token in claimed:
            delivery.send(pk, token, now=timezone.now())
        doing[slot] = IDLE
        if not handled and not claimed:
            time.sleep(0.05)


class Parent:
    """Starts workers, kills them, and waits for what is left to be done."""

    def __init__(self, mails: str) -> None:
        from django.conf import settings

        self.mails = mails
        self.doing = mmap.mmap(-1, WORKERS + 1)  # what each worker does, and the size of their batches
        self.doing[WORKERS] = SMALL
        self.pids = [0] * WORKERS
        base = settings.DATABASES["default"]
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
        self.session = psycopg2.connect(**{names[k]: base[k] for k in names if base.get(k)})
        self.session.autocommit = True

    def start(self, slot: int) -> None:
        self.doing[slot] = IDLE
        pid = os.fork()
        if pid == 0:
            try:
                work(self.doing, slot, self.mails)
            finally:
                os._exit(1)
        self.pids[slot] = pid

    def kill(self, slot: int) -> str:
        """Kill a worker; answers what it was doing when it died."""
        os.kill(self.pids[slot], signal.SIGKILL)
        _pid, status = os.waitpid(self.pids[slot], 0)
        if not os.WIFSIGNALED(status):
            raise RuntimeError(f"worker {slot} ended by itself")
        return WORDS[self.doing[slot]]

    def left(self) -> tuple[int, int]:
        """Clocks that are due, and mails that are not sent."""
        with self.session.cursor() as cursor:
            cursor.execute(LEFT)
            clocks, mails = cursor.fetchone()
        return clocks, mails


def warm_up() -> float:
    """Load what is loaded on first use (catalogues, calendars), so that workers need not do it again.

    Answers how many seconds a small batch takes here and now.
    """
    from django.db import connection

    from records import alarms, delivery

    delivery._wake = lambda: None  # nobody is woken: the rows in the database are all there is
    alarms.sweep(1)
    began = time.monotonic()
    alarms.sweep(SMALL)
    connection.close()
    return time.monotonic() - began


def main(mails: str, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    parent = Parent(mails)
    began = time.monotonic()
    batch = min(warm_up(), 0.2)
    for slot in range(WORKERS):
        parent.start(slot)
    killed: Counter[str] = Counter()
    for _ in range(kills):
        time.sleep(chance.uniform(0.1 * batch, batch))
        slot = chance.randrange(WORKERS)
        killed[parent.kill(slot)] += 1
        parent.start(slot)
    at_last_kill = parent.left()
    parent.doing[WORKERS] = LARGE
    killing = time.monotonic() - began
    while parent.left() != (0, 0) and time.monotonic() - began < PATIENCE:
        time.sleep(0.1)
    report = {
        **killed, "clocks_left_at_last_kill": at_last_kill[0], "left": parent.left(),
        "seconds_of_kills": round(killing, 1), "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    for slot in range(WORKERS):
        parent.kill(slot)
    print(json.dumps(report))


if __name__ == "__main__":
    django.setup()
    import incidents.services  # noqa: F401 - imported before the forks
    import records.tasks  # noqa: F401

    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
