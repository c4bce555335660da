"""Fills an empty, migrated database with many incidents in minutes.

Courses are played through the clock engine once (plots.py); here each incident becomes one line that names
its course and its people, copied into the database, where set-based SQL makes its rows of it. Triggers and
foreign keys sleep meanwhile, so the loader needs a superuser and trusts nobody but itself: the test checks
every foreign key and replays every clock of a small load.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from benchmarks import copying, people, plots, rows
from benchmarks.people import People

CHUNK = 50_000
SEED = 20260302
Report = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How many incidents, and which part of them is open."""

    incidents: int
    open_share: float = 0.1
    plots: int = 1600

    @property
    def open(self) -> int:
        return round(self.incidents * self.open_share)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def load(size: Size, *, now: datetime, threads: int = 2, report: Report = say) -> People:
    """Fill the database of the default connection. ``threads`` 0: in the caller's transaction (tests)."""
    began = time.monotonic()

    def step(text: str) -> None:
        report(f"  {time.monotonic() - began:6.1f} s  {text}")

    cast = people.make(now)
    chance = random.Random(SEED)
    running, over = _how_many_plots(size)
    stories = [plots.running(chance, cast.versions, now) for _ in range(running)]
    stories += [plots.finished(chance, cast.versions, now) for _ in range(over)]
    step(f"{len(stories)} courses played")
    copying.copy_plots(stories)
    counts = copying.copy_seeds(stories, running, size, cast, chance)
    step(f"{counts}")
    with _undisturbed(keep_indexes=threads == 0):
        _fill(size, threads, step)
    rows.set_sequences()
    copying.drop()
    step("indexes made")
    return cast


def _how_many_plots(size: Size) -> tuple[int, int]:
    running = min(size.plots // 2, size.open)
    return running, min(size.plots - running, size.incidents - size.open)


def _fill(size: Size, threads: int, step: Report) -> None:
    if not threads:
        for table in rows.TABLES:
            _fill_table(table, size)
        return
    with ThreadPoolExecutor(threads) as pool:
        for name in pool.map(lambda table: _in_thread(_fill_table, table, size), rows.TABLES):
            step(name)


def _fill_table(table: str, size: Size) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET work_mem = '128MB'")
        try:
            for first in range(1, size.incidents + 1, CHUNK):
                cursor.execute(rows.TABLES[table], {"first": first, "last": first + CHUNK - 1})
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")
    return table


def _in_thread(work: Callable[[str, Size], str], table: str, size: Size) -> str:
    """Django gives each thread a connection of its own; it is closed when the thread is done with it."""
    try:
        return work(table, size)
    finally:
        connection.close()


@contextmanager
def _undisturbed(*, keep_indexes: bool) -> Iterator[None]:
    """Without the indexes that belong to no constraint; they are made again afterwards, two at a time."""
    if keep_indexes:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
               WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique""",
            [list(rows.TABLES)],
        )
        found: Sequence[tuple[str, str]] = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with ThreadPoolExecutor(2) as pool:
        for _done in pool.map(_make_index, [definition for _name, definition in found]):
            pass
    with connection.cursor() as cursor:
        for table in rows.TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("ANALYZE")


def _make_index(definition: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute("SET max_parallel_maintenance_workers = 0")
            cursor.execute(definition)
    finally:
        connection.close()
