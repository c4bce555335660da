"""The throw-away PostgreSQL and Redis of a benchmark, in a directory of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from itsm.local import Postgres, Redis


@contextmanager
def running(root: Path, *, durable: bool) -> Iterator[dict[str, str]]:
    """Both servers; answers the environment that points to them.

    Loading does without safety on disk, measuring does not.
    """
    from itsm.testing import start, stop

    postgres, redis = Postgres(root, durable=durable), Redis(root, durable=False)
    with ExitStack() as stack:
        for server in (postgres, redis):
            stack.callback(stop, server, start(server))
        postgres.ensure_database()
        yield {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "ITSM_DATA": str(root)}


def database(environment: dict[str, str], name: str) -> dict[str, str]:
    """The environment with another database, made if there is none."""
    base = environment["DATABASE_URL"]
    _sql(base, f"CREATE DATABASE {name}", unless=name)
    return {**environment, "DATABASE_URL": f"{base.rpartition('/')[0]}/{name}"}


def drop(environment: dict[str, str], name: str) -> None:
    _sql(environment["DATABASE_URL"], f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _sql(url: str, statement: str, *, unless: str = "") -> None:
    import psycopg2

    session = psycopg2.connect(url)
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [unless])
        if not cursor.fetchone():
            cursor.execute(statement)
    session.close()


def run(environment: dict[str, str], *arguments: str) -> str:
    """Run benchmarks.one with this environment; answers what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one", *arguments],
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "itsm.settings", "LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout
