"""The whole service on one machine, as `manage.py up` runs it, with real kills.

One service is started and goes through everything, because a start costs seconds; a test that finds it
stopped starts it, so that the tests may run in any order.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from itsm.local import LONGEST_SOCKET_DIRECTORY, Postgres, database_url, redis_url, socket_directory

pytestmark = [pytest.mark.kill, pytest.mark.xdist_group("up")]
BASE_DIR = Path(__file__).resolve().parents[2]


class Service:
    """`manage.py up` on a folder and port of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()
        self.log = root.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        ours = {"DATABASE_URL", "REDIS_URL", "ITSM_DATA", "ITSM_TEST_OWNS", "DJANGO_SETTINGS_MODULE"}
        inherited = {key: value for key, value in os.environ.items() if key not in ours}
        return inherited | {"ITSM_DATA": str(self.root), "PORT": str(self.port), "ITSM_DEMO": "0"}

    def up(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            command = [sys.executable, "manage.py", "up"]
            return subprocess.Popen(command, cwd=BASE_DIR, env=self.environment, stdout=log, stderr=log)

    def start(self) -> None:
        self.process = process = self.up()

        def is_healthy() -> bool:
            assert process.poll() is None, f"it ended with {process.returncode}:\n{self.told()[-3000:]}"
            return self.health()[0] == 200

        wait_for(is_healthy, "the service to be healthy", self.told)

    def health(self) -> tuple[int, dict[str, str]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz/", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with suppress(ValueError):
                return error.code, json.load(error)
            return error.code, {}
        except (OSError, ValueError):
            return 0, {}

    def processes(self) -> dict[int, str]:
        """Live processes started for this folder, by number: their command lines."""
        mark = f"ITSM_DATA={self.root}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    # Redis overwrites its environment with its title, but works in its folder.
                    is_here = (entry / "cwd").resolve().is_relative_to(self.root)
                    if is_here or mark in (entry / "environ").read_bytes().split(b"\0"):
                        line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                        found[int(entry.name)] = line.strip()
        return {pid: line for pid, line in found.items() if line}

    def find(self, words: str) -> int:
        """The oldest process whose command line has `words` (the parent, where there are several), or 0."""
        return min((pid for pid, line in self.processes().items() if words in line), default=0)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(self.connect()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    def connect(self) -> Any:
        """A connection; a server that has only just come back says for a moment that it is starting up."""
        found: list[Any] = []

        def is_open() -> bool:
            with suppress(psycopg2.OperationalError):
                found.append(psycopg2.connect(database_url(self.root)))
            return bool(found)

        wait_for(is_open, "the database to answer", self.told)
        return found[0]

    def told(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(is_so: Callable[[], bool], what: str, told: Callable[[], str], *, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}; it said:\n{told()[-3000:]}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def one_service() -> Iterator[Service]:
    # Not pytest's own folder: other runs close it to the user that PostgreSQL runs as under root.
    base = Path(tempfile.mkdtemp(prefix="itsm-up-"))
    base.chmod(0o711)
    service = Service(base / "data")
    yield service
    for pid in service.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def service(one_service: Service) -> Service:
    """The service, running and well, with one word written in it."""
    if one_service.process is None or one_service.process.poll() is not None:
        one_service.start()
    wait_for(lambda: one_service.health()[0] == 200, "the service to be healthy", one_service.told)
    one_service.sql("CREATE TABLE IF NOT EXISTS probe (word text)")
    one_service.sql("DELETE FROM probe; INSERT INTO probe VALUES ('kept')")
    return one_service


def test_one_command_starts_everything_and_it_is_healthy(service: Service) -> None:
    status, parts = service.health()
    assert (status, parts["database"], parts["redis"], parts["worker"], parts["beat"]) == (200, *["ok"] * 4)
    assert parts["version"][0].isdigit()


def test_its_servers_listen_on_no_network_address(service: Service) -> None:
    owners = {service.find("bin/postgres"), service.find("redis-server")}
    sockets = {link.name for pid in owners for link in listening_tcp_sockets(pid)}
    assert sockets == set()


def listening_tcp_sockets(pid: int) -> list[Path]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                inodes.add(f"socket:[{fields[9]}]")
    return [link for link in Path(f"/proc/{pid}/fd").iterdir() if str(link.readlink()) in inodes]


def test_a_second_start_on_the_same_folder_says_so_and_ends_with_1(service: Service) -> None:
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR, env=service.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert service.health()[0] == 200


def test_a_port_in_use_is_named(service: Service, tmp_path: Path) -> None:
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR, env=service.environment | {"ITSM_DATA": str(tmp_path / "other")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert f"Port {service.port}" in second.stderr


@pytest.mark.parametrize(
    "part", ["bin/postgres", "redis-server", "gunicorn: master", "celeryd", "celery beat"]
)
def test_a_part_killed_with_9_comes_back_and_nothing_is_lost(service: Service, part: str) -> None:
    victim = service.find(part)
    assert victim
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: service.find(part) not in {0, victim}, f"{part} to be back", service.told)
    wait_for(lambda: service.health()[0] == 200, "the service to be healthy", service.told)
    assert service.sql("SELECT word FROM probe") == [("kept",)]


def test_when_the_supervisor_is_killed_with_9_its_children_stop_and_the_next_start_works(
    service: Service,
) -> None:
    assert service.process is not None
    service.process.kill()
    service.process.wait()
    wait_for(lambda: not service.processes(), "every process to be gone", service.told, seconds=20)
    service.start()
    assert service.sql("SELECT word FROM probe") == [("kept",)]


def test_when_everything_is_killed_with_9_the_next_start_works(service: Service) -> None:
    service.sql("INSERT INTO probe VALUES ('the last word')")
    for pid in service.processes():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert service.process is not None
    service.process.wait()
    service.start()
    assert service.sql("SELECT word FROM probe ORDER BY word") == [("kept",), ("the last word",)]


def test_sigterm_stops_everything_with_exit_code_0_and_leaves_no_process(service: Service) -> None:
    assert service.process is not None
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=20) == 0
    assert service.processes() == {}


def test_a_path_too_long_for_a_socket_gets_a_short_private_one() -> None:
    root = Path("/srv") / ("x" * LONGEST_SOCKET_DIRECTORY)
    assert socket_directory(root / "postgres").is_relative_to("/tmp")  # noqa: S108
    assert len(str(socket_directory(root / "postgres"))) <= LONGEST_SOCKET_DIRECTORY
    assert str(root) not in database_url(root)
    assert str(root) not in redis_url(root)


def test_a_folder_with_room_for_its_sockets_keeps_them() -> None:
    assert Postgres(Path("/srv/itsm")).sockets == Path("/srv/itsm/postgres")
