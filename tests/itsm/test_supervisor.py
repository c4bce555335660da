import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from itsm import supervisor
from itsm.claim import ClaimError, hold, require_free_port
from itsm.supervisor import Child, Fork, Supervisor, describe, last_lines

pytestmark = pytest.mark.kill


def wait_for(is_so: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_fork_runs_its_function_in_a_session_of_its_own(tmp_path: Path) -> None:
    def tell() -> None:
        (tmp_path / "told").write_text(str(os.getsid(0)))

    child = Fork(tell)
    assert child.wait() == 0
    assert (tmp_path / "told").read_text() == str(child.pid)


def test_a_fork_that_fails_says_so_by_its_exit_code(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise RuntimeError("no luck")

    assert Fork(fail).wait() == 1
    assert "no luck" in capfd.readouterr().err


def test_a_fork_can_be_stopped_at_any_moment_of_its_start() -> None:
    for _ in range(20):
        child = Fork(lambda: time.sleep(30))
        child.send_signal(signal.SIGTERM)
        assert child.wait() == -signal.SIGTERM


def test_a_child_that_dies_is_started_again_with_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "say", lambda text: None)
    parent = Supervisor()
    child = parent.start(Child("short", command=lambda: [sys.executable, "-c", "raise SystemExit(3)"]))
    now = time.monotonic()
    pauses = []
    for _ in range(3):
        wait_for(lambda: not child.is_running)
        parent._look_after(child, now)
        pauses.append(child.due_at - now)
        parent._look_after(child, child.due_at)
    child.kill()
    assert pauses == [0.5, 1.0, 2.0]


def test_a_child_that_does_not_listen_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PATIENCE_SECONDS", 0.2)
    said: list[str] = []
    monkeypatch.setattr(supervisor, "say", said.append)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    parent = Supervisor()
    child = parent.start(Child("deaf", command=lambda: [sys.executable, "-c", deaf]))
    time.sleep(0.7)
    parent.stop(["deaf"])
    assert not child.is_running
    assert said == ["[itsm] deaf does not stop and is ended"]


def test_a_child_that_never_answers_is_reported_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child("mute", command=lambda: [sys.executable, "-c", "print('out of ink')"], log=log)
    with pytest.raises(RuntimeError, match=r"mute did not start\.\nout of ink"):
        Supervisor().start_and_wait(child, lambda: False)


def test_an_end_is_described_in_words(tmp_path: Path) -> None:
    assert describe(-9) == "SIGKILL"
    assert describe(3) == "exit code 3"
    assert last_lines(tmp_path / "absent") == ""


def test_a_folder_belongs_to_one_and_is_free_again_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hold(tmp_path / "data", "http://here") as was_unclean:
        assert was_unclean is False
        with pytest.raises(ClaimError, match=r"already runs on .*http://here"), hold(tmp_path / "data", "x"):
            pass
    with hold(tmp_path / "data", "http://here") as was_unclean:
        assert was_unclean is False


def test_a_run_that_did_not_end_cleanly_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text('{"process": 1, "url": "http://here"}')
    with hold(tmp_path, "http://here") as was_unclean:
        assert was_unclean is True


def test_a_port_nobody_has_is_free() -> None:
    require_free_port("127.0.0.1", 0, patience=0)


def test_a_host_that_is_not_ours_is_a_clear_error() -> None:
    with pytest.raises(ClaimError, match=r"Port 8000 on 192\.0\.2\.1"):
        require_free_port("192.0.2.1", 8000, patience=0)
