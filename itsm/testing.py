"""A throw-away PostgreSQL and Redis for the tests, loaded by `-p itsm.testing` before any settings are read.

Never the developer's own data: everything lies in a temporary directory and is gone afterwards. Where
DATABASE_URL or REDIS_URL is given, that server is used instead. With xdist only the first process starts
servers; each worker inherits them, with a test database and a Redis database number of its own.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from itsm.local import Postgres, Redis, Server

START_SECONDS = 30


def start(server: Server) -> "subprocess.Popen[bytes]":
    """Prepare and start `server`, and wait until it answers."""
    server.prepare()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        server.command(), cwd="/", stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    deadline = time.monotonic() + START_SECONDS
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The test {server.name} did not start (exit code {process.poll()}).")
        time.sleep(0.03)
    return process


def stop(server: Server, process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        process.send_signal(server.stop_signal)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def start_servers() -> None:
    """Point the environment at servers of our own wherever the user has given none."""
    root = Path(tempfile.mkdtemp(prefix="itsm-test-"))
    root.chmod(0o711)  # as root, PostgreSQL runs as another user and must be able to get in
    owner = os.getpid()
    running: list[tuple[Server, subprocess.Popen[bytes]]] = []

    @atexit.register
    def clean_up() -> None:
        if os.getpid() != owner:  # a fork must not end its parent's servers
            return
        for server, process in running:
            stop(server, process)
        shutil.rmtree(root, ignore_errors=True)

    os.environ["ITSM_DATA"] = str(root)
    os.environ.setdefault("SECRET_KEY", "only-for-tests")
    for variable, server in (
        ("DATABASE_URL", Postgres(root, durable=False)),
        ("REDIS_URL", Redis(root, durable=False)),
    ):
        if os.environ.get(variable):
            continue
        running.append((server, start(server)))
        if isinstance(server, Postgres):
            server.ensure_database()
        os.environ[variable] = server.url
        os.environ["ITSM_TEST_OWNS"] = os.environ.get("ITSM_TEST_OWNS", "") + f" {variable}"


def use_own_redis_database(worker: str) -> None:
    """xdist worker gw3 takes Redis database 4, so that no test sees another's keys."""
    if "REDIS_URL" in os.environ.get("ITSM_TEST_OWNS", "") and worker.startswith("gw"):
        base = os.environ["REDIS_URL"].partition("?")[0]
        os.environ["REDIS_URL"] = f"{base}?db={int(worker.removeprefix('gw')) + 1}"


if "PYTEST_XDIST_WORKER" in os.environ:
    use_own_redis_database(os.environ["PYTEST_XDIST_WORKER"])
else:
    start_servers()


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
