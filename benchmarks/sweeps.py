"""Raising alarms: ten due among all that is open, and ten thousand by two processes."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable

from django.db import connection, transaction
from django.db.models import Max, Min

from benchmarks.measuring import Figure, measure
from records import alarms
from sla.models import Clock

DUE = 10
MANY = 10_000
WORKERS = 2

# Of open clocks that have reached a step: forget that it was raised, so that it is due again.
UNRAISE = """
WITH chosen AS (
    SELECT DISTINCT ON (a.clock_id) a.id, a.clock_id, a.at FROM sla_alarm a
    WHERE a.clock_id IN (
        SELECT c.id FROM sla_clock c WHERE (%s::bigint[] IS NULL OR c.id = ANY(%s))
        AND c.stopped_at IS NULL AND c.state = 'running' {which}
        AND (c.alarm_at IS NULL OR c.alarm_at > now())
        AND EXISTS (SELECT 1 FROM sla_alarm x WHERE x.clock_id = c.id)
        LIMIT %s
    ) ORDER BY a.clock_id, a.at DESC
), forgotten AS (
    DELETE FROM sla_alarm WHERE id IN (SELECT id FROM chosen)
)
UPDATE sla_clock c SET alarm_at = chosen.at FROM chosen WHERE c.id = chosen.clock_id
"""
WARNINGS = "AND c.breached_at IS NULL"
EVERYTHING = ""


class Due:
    """Makes clocks due; a different choice each time."""

    def __init__(self, count: int, which: str = EVERYTHING) -> None:
        self.count, self.which, self.chance = count, which, random.Random(20260302)
        bounds = Clock.objects.aggregate(first=Min("pk"), last=Max("pk"))
        self.ids = range(bounds["first"], bounds["last"] + 1)

    def __call__(self) -> int:
        # few clocks are open and have reached something: draw many more than are needed
        wanted = 3000 * self.count
        drawn = self.chance.sample(self.ids, wanted) if wanted < len(self.ids) / 4 else None
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(UNRAISE.format(which=self.which), [drawn, drawn, self.count])
            made: int = cursor.rowcount
        return made


def drain() -> None:
    """Raise whatever is due, so that only what is made due is measured."""
    while alarms.sweep():
        pass


def ten_due(unit: Callable[[], object]) -> Figure:
    """One sweep with ten alarms due among everything that is open."""
    drain()
    make_due = Due(DUE)

    def prepare() -> None:
        drain()
        make_due()

    def sweep() -> None:
        # others may fall due by themselves meanwhile; they are raised before
        handled = alarms.sweep(DUE)
        if handled != DUE:
            raise RuntimeError(f"{handled} clocks were due, not {DUE}")

    return measure(sweep, unit=unit, before=prepare)


def nothing_due(unit: Callable[[], object]) -> Figure:
    """A sweep that finds nothing, which is what most of them find."""
    drain()
    return measure(alarms.sweep, unit=unit)


def many_due(which: str) -> dict[str, float]:
    """Ten thousand due alarms raised by two worker processes; seconds until none is left."""
    drain()
    made = Due(MANY, which)()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sla_clock, sla_alarm")
    command = [sys.executable, "-m", "benchmarks.one", "worker", "0"]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ})
        for _ in range(WORKERS)
    ]
    for worker in workers:
        assert worker.stdout
        worker.stdout.readline()  # it has everything loaded
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    reports = [json.loads(worker.communicate()[0]) for worker in workers]
    took = time.perf_counter() - began
    raised = sum(report["handled"] for report in reports)
    return {"due": made, "handled": raised, "seconds": took, "workers": WORKERS}


def work() -> None:
    """One worker: wait for the word, then sweep until nothing is due twice in a row."""
    handled, idle = alarms.sweep(1), 0
    print("ready", flush=True)
    sys.stdin.readline()
    while idle < 2:
        found = alarms.sweep()
        handled += found
        idle = 0 if found else idle + 1
        if not found:
            time.sleep(0.02)
    print(json.dumps({"handled": handled}), flush=True)


WORKS = {"sweep": ten_due, "sweep_idle": nothing_due}
