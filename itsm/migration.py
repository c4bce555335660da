"""Bring the database up to date, once, however many processes start at the same moment."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

LOCK_KEY = 0x1754_4D00  # any number that nobody else takes as an advisory lock


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the database-wide lock. Polled, not waited for: a waiting session would hold a snapshot, and
    CREATE INDEX CONCURRENTLY in a migration waits for those."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
            if cursor.fetchone()[0]:
                break
            time.sleep(0.2)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def pending() -> int:
    """How many migrations are not applied yet."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate(*, verbosity: int = 1) -> int:
    """Apply what is pending and return how much that was."""
    with only_one():
        count = pending()
        if count:
            call_command("migrate", interactive=False, verbosity=verbosity)
    return count
