"""Fetchers of mail, and a parent that kills them: run by test_servers.py.

    python -m tests.channels.kill_harness MAILBOX MAILS KILLS SEED

Everything is imported before the forks and no connection is open then, so that a new fetcher is a fork away
and is killed at work. Prints what each killed one was doing, and what was left in the end, as JSON.
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

WORKERS = 2
PATIENCE = 100  # seconds after which the parent gives up and says so
IDLE, FETCHING, DECIDING = 0, 1, 2
WORDS = {IDLE: "idle", FETCHING: "fetching", DECIDING: "deciding"}


def work(doing: mmap.mmap, slot: int, pk: int) -> NoReturn:
    """What a fetcher does until it is killed."""
    from django.utils import timezone

    from channels import fetching, intake
    from channels.models import Mailbox

    intake.LEASE = timedelta(seconds=1)  # so that what a killed one held is soon free
    intake.MOST_ATTEMPTS = 1000
    mailbox = Mailbox.objects.get(pk=pk)
    while True:
        doing[slot] = FETCHING
        count = fetching.fetch(mailbox, limit=20)
        doing[slot] = DECIDING
        claimed = intake.claim(timezone.now(), 5)
        for each in claimed:
            intake.process(each, now=timezone.now())
        doing[slot] = IDLE
        if not claimed and not count:
            time.sleep(0.05)


def left(pk: int, mails: int) -> int:
    """Mails not stored yet, and those not decided on."""
    from django.db import connection

    from channels.models import MailMessage

    rows = MailMessage.objects.filter(mailbox=pk)
    found = mails - rows.count() + rows.filter(state="new").count()
    connection.close()
    return found


def main(pk: int, mails: int, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    doing = mmap.mmap(-1, WORKERS)
    pids = [0] * WORKERS

    def start(slot: int) -> None:
        doing[slot] = IDLE
        pids[slot] = os.fork()
        if pids[slot] == 0:
            try:
                work(doing, slot, pk)
            finally:
                os._exit(1)

    def kill(slot: int) -> str:
        os.kill(pids[slot], signal.SIGKILL)
        _pid, status = os.waitpid(pids[slot], 0)
        if not os.WIFSIGNALED(status):
            raise RuntimeError(f"fetcher {slot} ended by itself")
        return WORDS[doing[slot]]

    for slot in range(WORKERS):
        start(slot)
    killed: Counter[str] = Counter()
    began = time.monotonic()
    for _n in range(kills):
        time.sleep(chance.uniform(0.05, 0.5))
        slot = chance.randrange(WORKERS)
        killed[kill(slot)] += 1
        start(slot)
    at_last_kill = left(pk, mails)
    while left(pk, mails) and time.monotonic() - began < PATIENCE:
        time.sleep(0.2)
    report = {**killed, "left_at_last_kill": at_last_kill, "left": left(pk, mails)}
    for slot in range(WORKERS):
        kill(slot)
    print(json.dumps(report))


if __name__ == "__main__":
    django.setup()
    import channels.tasks  # noqa: F401
    import incidents.services  # noqa: F401 - imported before the forks
    from records import delivery

    delivery._wake = lambda: None
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
