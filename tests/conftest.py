"""Fixtures every test may use: the cast, an agreement to measure by, and clients of each role."""

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests import database, requirements
from tests.cast import Cast, make_cast

# On a machine that does other things as well, how long an example takes says nothing about the code.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")


def pytest_configure(config: pytest.Config) -> None:
    if (path := os.environ.get(requirements.RESULT)) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(requirements.Noter(Path(path)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    requirements.tag(items)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: Any,
    request: pytest.FixtureRequest,
) -> None:
    """Every process copies a database that was migrated once."""
    with django_db_blocker.unblock():
        database.use_template(request.config)


@pytest.fixture(autouse=True)
def _attachments_in_a_folder_of_their_own(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "attachments"


@pytest.fixture(autouse=True, scope="session")
def _append_only_tables_may_be_emptied_between_tests() -> Iterator[None]:
    """Transactional tests end with TRUNCATE, which the log's triggers refuse; here they are asleep for it.

    Tables of swapped models (knox) go with the others, and what the migrations put in is put in again.
    """
    original = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        try:
            original(self, [sql.replace(";", " CASCADE;") for sql in sql_list])
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = DEFAULT")
        import_module("accounts.migrations.0002_system").make(apps, None)

    DatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign,assignment]
    yield
    DatabaseOperations.execute_sql_flush = original  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _forget_remembered_versions() -> None:
    import sla.services

    for remembered in (sla.services.hours_of, sla.services.version_of, sla.services.targets_of):
        remembered.cache_clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """alice (agent), bob (same team), sven (second line), mona (manager), rita and charlie (customers)."""
    return make_cast()


@pytest.fixture
def client_of() -> Callable[[Any], Client]:
    """A browser in which the given user is logged in."""

    def log_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture(autouse=True)
def _no_language_left_over() -> None:
    """A page read in one test must not leave its reader's language to the next one in the same process."""
    translation.deactivate()
