"""Bring the database up to date, once, however many processes start at the same moment."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

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
            apply(verbosity=verbosity)
    return count


def apply(*, verbosity: int = 1) -> None:
    """Run the migrations that are pending; for whoever is alone with the database."""
    with _rendering_little():
        call_command("migrate", interactive=False, verbosity=verbosity)


@contextmanager
def _rendering_little() -> Iterator[None]:
    """Render after an operation only the model it adds to: a tenth of the time of an empty database.

    Django renders every model that hangs together with the changed one, after each operation: here nearly
    all, a thousand times. That is needed where others refer to what changes; such an operation begins with
    everything rendered anew, as Python in a migration does of itself (``is_delayed``).
    """

    def reload_model(state: Any, app_label: str, model_name: str, delay: bool = False) -> None:
        if "apps" not in vars(state):
            return
        if delay or vars(state).get("only_adds"):
            state.is_delayed = True
            state._reload({(app_label, model_name)})
        else:
            del state.apps

    def adding(verb: Callable[..., None]) -> Callable[..., None]:
        @wraps(verb)
        def add(state: Any, *args: Any, **kwargs: Any) -> None:
            state.only_adds = True
            try:
                verb(state, *args, **kwargs)
            finally:
                state.only_adds = False

        return add

    with patch.multiple(
        ProjectState,
        reload_model=reload_model,
        add_model=adding(ProjectState.add_model),
        add_field=adding(ProjectState.add_field),
    ):
        yield
