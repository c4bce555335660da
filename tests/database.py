"""The database every test process gets is a copy of one that was migrated once.

Replaying the migrations takes longer than most test modules run. The first process migrates, beginning from
what an earlier run left in pytest's cache if those migrations are unchanged, and every process copies that.
Where the server is the user's own, nothing is kept between runs: it may be of another version.
"""

import hashlib
import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from itsm import migration
from itsm.local import Postgres

TEMPLATE = "itsm_migrated"
DRAFT = "itsm_migrating"
LOCK = 0x1754_4D01  # any number that nobody else takes as an advisory lock
KEPT = 4


def use_template(config: pytest.Config) -> None:
    """Have Django copy its test database; the first process to come makes what is copied."""
    with _maintenance() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if cursor.fetchone() is None:
            cursor.execute(f"DROP DATABASE IF EXISTS {DRAFT}")
            cursor.execute(f"CREATE DATABASE {DRAFT}")
            _fill(config)
            cursor.execute(f"ALTER DATABASE {DRAFT} RENAME TO {TEMPLATE}")
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


@contextmanager
def _maintenance() -> Iterator[Any]:
    with connection._nodb_cursor() as cursor:
        yield cursor


def _fill(config: pytest.Config) -> None:
    """The tables, into the draft: what an earlier run kept, and the migrations it did not have."""
    folder = _folder(config)
    now = _migrations(config)
    kept = _nearest(folder, now) if folder else None
    if kept is None or not _run("pg_restore", "--no-owner", str(kept)):
        kept = None
    if kept is None or _manifest(kept) != now:
        name = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = DRAFT
        try:
            migration.apply(verbosity=0)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name
        if folder:
            _keep(folder, now)


def _folder(config: pytest.Config) -> Path | None:
    if "DATABASE_URL" not in os.environ.get("ITSM_TEST_OWNS", "") or not hasattr(config, "cache"):
        return None
    return Path(config.cache.mkdir("database"))


def _migrations(config: pytest.Config) -> dict[str, str]:
    """Every migration with a digest of its text, and the versions of all packages."""
    lock = config.rootpath / "requirements-dev.lock"
    found = {"packages": hashlib.sha256(lock.read_bytes()).hexdigest()}
    for app in apps.get_app_configs():
        for path in Path(app.path, "migrations").glob("*.py"):
            found[f"{app.label}.{path.stem}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _manifest(dump: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(dump.with_suffix(".json").read_text())
    return found


def _nearest(folder: Path, now: dict[str, str]) -> Path | None:
    """The dump with the most of the present migrations and no other."""
    fitting = []
    for dump in folder.glob("*.dump"):
        with suppress(OSError, ValueError):
            manifest = _manifest(dump)
            if manifest.items() <= now.items():
                fitting.append((len(manifest), dump))
    return max(fitting)[1] if fitting else None


def _keep(folder: Path, now: dict[str, str]) -> None:
    """Write the draft and what it was made of; the oldest go."""
    name = uuid.uuid4().hex
    draft, dump = folder / f"{name}.draft", folder / f"{name}.dump"
    if _run("pg_dump", "--format=custom", f"--file={draft}"):
        dump.with_suffix(".json").write_text(json.dumps(now))
        draft.rename(dump)
    dumps = []
    for other in folder.glob("*.dump"):
        with suppress(OSError):
            dumps.append((other.stat().st_mtime, other))
    for _age, old in sorted(dumps, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)


def _run(program: str, *options: str) -> bool:
    """A program of our own server on the draft; False, with the draft as it was or empty, if it fails."""
    server = Postgres(Path(os.environ["ITSM_DATA"]), durable=False)
    place = ["-h", str(server.sockets), "-U", "postgres", "-d", DRAFT]
    strict = ["--single-transaction", "--exit-on-error"] if program == "pg_restore" else []
    command = [str(server.binary(program)), *place, *strict, *options]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
