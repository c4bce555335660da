"""A data folder and a port belong to one running service; who comes second is told so."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any


class ClaimError(Exception):
    """Somebody else has it; the message says who and what to do."""


@contextmanager
def hold(root: Path, url: str) -> Iterator[bool]:
    """Take the data folder for this process; yields whether the run before it ended uncleanly.

    A run that is just stopping is waited for. Raises ClaimError when another one has the folder.
    """
    if not root.exists():
        # As root PostgreSQL runs as another user, who must get through to its own folder.
        root.mkdir(mode=0o711 if os.getuid() == 0 else 0o700, parents=True)
    for name in ("outbox", "attachments"):
        (root / name).mkdir(mode=0o700, exist_ok=True)
    with (root / "lock").open("a+", encoding="utf-8") as file:
        take(file, root)
        was_unclean = bool(read_holder(file))
        write_holder(file, {"process": os.getpid(), "url": url})
        try:
            yield was_unclean
        finally:
            write_holder(file, {})


def take(file: IO[str], root: Path, *, patience: float = 3.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    holder = read_holder(file)
    raise ClaimError(
        f"The service already runs on {root} (process {holder.get('process')}, {holder.get('url')}). "
        "Stop it first, or give this one another folder and port: ITSM_DATA=.data2 PORT=8001 make run"
    )


def read_holder(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    with suppress(json.JSONDecodeError):
        found = json.loads(file.read() or "{}")
        return found if isinstance(found, dict) else {}
    return {}


def write_holder(file: IO[str], holder: dict[str, Any]) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(holder) if holder else "")
    file.flush()


def require_free_port(host: str, port: int, *, patience: float) -> None:
    """After kill -9 the old web server may need a moment to notice; otherwise the port must be free."""
    deadline = time.monotonic() + patience
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if time.monotonic() >= deadline:
                    raise ClaimError(
                        f"Port {port} on {host}: {error.strerror}. Choose another: PORT=8001 make run"
                    ) from error
            else:
                return
        time.sleep(0.2)
