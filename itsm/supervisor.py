"""One parent for the whole service on one machine: starts its processes, restarts what dies, stops them all.

The children are told by the kernel to stop when this process dies, even by kill -9; they run in sessions
of their own, so that Ctrl-C reaches only this process, which then stops them in the right order.
"""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Longer than a short task, because a worker first finishes what it is at.
PATIENCE_SECONDS = 12.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A child that lived this long has recovered: its next death is a first one again.
STEADY_SECONDS = 60.0


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or SIGHUP. Not an Exception: nothing on the way may swallow it."""


def say(text: str) -> None:
    print(text, flush=True)


class Fork:
    """A forked child that runs one function, with as much of Popen's face as Child looks at.

    The parent must be free of threads and of open connections when it makes one.
    """

    def __init__(self, run: Callable[[], None]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_in_child, args=(run, os.getpid()))
        # A signal must not reach the child while it still has our handlers: it would stop our children.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _in_child(run: Callable[[], None], parent: int) -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    os.setsid()
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we could ask to be told
            return
    run()


@dataclass
class Child:
    """A process to keep alive: a command of its own, or a function in a fork of this process.

    `prepare` runs before every start; a command's output goes to `log`.
    """

    name: str
    command: Callable[[], list[str]] | None = None
    run: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    prepare: Callable[[], None] | None = None
    log: Path | None = None
    process: "subprocess.Popen[bytes] | Fork | None" = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float = 0.0

    def start(self) -> None:
        if self.prepare:
            self.prepare()
        self.started_at = time.monotonic()
        if self.run:
            self.process = Fork(self.run)
        elif self.command:
            self.process = self._spawn(self.command())

    def _spawn(self, command: list[str]) -> "subprocess.Popen[bytes]":
        output = self._open_log()
        try:
            return subprocess.Popen(
                command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill(self) -> None:
        """End the process and whatever it has started in its session."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _open_log(self) -> IO[bytes] | None:
        if self.log is None:
            return None
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > 10_000_000:
                self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.open("ab")


class Supervisor:
    """Children in the order they were started; they are stopped in the opposite order, by generation."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, child: Child) -> Child:
        self.children.append(child)
        child.start()
        return child

    def start_and_wait(self, child: Child, is_ready: Callable[[], bool], *, patience: float = 60.0) -> None:
        """Start `child`; return when it answers. Raises RuntimeError with its last words when it does not."""
        self.start(child)
        deadline = time.monotonic() + patience
        while not is_ready():
            if not child.is_running or time.monotonic() > deadline:
                raise RuntimeError(f"{child.name} did not start.\n{last_lines(child.log)}".strip())
            time.sleep(0.03)

    def watch(self) -> None:
        """Restart what dies, for ever; left by StopRequested."""
        while True:
            now = time.monotonic()
            for child in self.children:
                self._look_after(child, now)
            time.sleep(0.3)

    def _look_after(self, child: Child, now: float) -> None:
        if child.is_running:
            return
        if child.process is not None:
            code, child.process = child.process.returncode or 0, None
            child.failures = 1 if now - child.started_at > STEADY_SECONDS else child.failures + 1
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (child.failures - 1), LONGEST_PAUSE_SECONDS)
            child.due_at = now + pause
            say(f"[itsm] {child.name} ended ({describe(code)}); starting it again in {pause:g} s")
        if now >= child.due_at:
            try:
                child.start()
            except Exception as error:  # noqa: BLE001 (whatever it was, the others must be looked after)
                child.failures += 1
                child.due_at = now + LONGEST_PAUSE_SECONDS
                say(f"[itsm] {child.name} cannot be started: {error}")

    def stop(self, names: Iterable[str]) -> None:
        """Ask the named children to stop, all at once; end what has not gone in time."""
        leaving = [child for child in self.children if child.name in set(names)]
        for child in leaving:
            child.send(child.stop_signal)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(child.is_running for child in leaving) and time.monotonic() < deadline:
            time.sleep(0.02)
        for child in leaving:
            if child.is_running:
                say(f"[itsm] {child.name} does not stop and is ended")
            child.kill()


def describe(code: int) -> str:
    """A return code in words: "exit code 3", "SIGKILL"."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def last_lines(log: Path | None, count: int = 8) -> str:
    if log is None or not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def raise_on_stop_signals() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        # One request is enough: a second Ctrl-C must not interrupt the stopping. Not SIG_IGN, about which
        # Python complains when another signal is on its way already.
        for each in STOP_SIGNALS:
            signal.signal(each, lambda number, frame: None)
        raise StopRequested

    for number in STOP_SIGNALS:
        signal.signal(number, stop)
