import socket
import threading
import time
from typing import Any

import pytest

from outbound import egress
from tests.outbound.conftest import Receiver

INSIDE = "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/"
PUBLIC = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
PRIVATE = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", 443))]


@pytest.mark.parametrize(
    "url", [*INSIDE, "https://169.254.169.254/", "https://localhost/", "https://[::ffff:7f00:1]/"]
)
def test_addresses_of_the_inside_are_refused_however_they_are_written(
    url: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EGRESS_ALLOWED = []
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises((egress.Refused, egress.Failed)):
        egress.post(url, b"", {})


def _never(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("a connection was opened")


def test_one_private_address_among_public_ones_refuses_the_name(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [*PUBLIC, *PRIVATE])
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(egress.Refused):
        egress.post("https://example.com/", b"", {})


def test_a_name_that_answers_otherwise_the_second_time_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [PUBLIC, PRIVATE]
    connected: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answers.pop(0))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(egress.Failed):
        egress.post("https://example.com/", b"", {})
    assert connected == ["93.184.216.34"]
    assert answers == [PRIVATE]


def test_a_host_that_is_allowed_by_name_is_reached(receiver: Receiver) -> None:
    answer = egress.post(receiver.url, b"hello", {"X-Test": "1"})
    assert (answer.status, answer.body, answer.address) == (200, b"{}", "127.0.0.1")
    got = receiver.got[0]
    assert (got.path, got.body, got.headers["x-test"]) == ("/hook", b"hello", "1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": f"{receiver.url}/elsewhere"}
    assert egress.post(receiver.url, b"", {}).status == 307
    assert len(receiver.got) == 1


def test_a_long_answer_is_cut_and_a_slow_one_broken_off(receiver: Receiver) -> None:
    receiver.answer = b"x" * 1_000_000
    assert len(egress.post(receiver.url, b"", {}).body) == egress.LARGEST
    receiver.before = lambda: time.sleep(3)
    started = time.monotonic()
    with pytest.raises(egress.Failed):
        egress.post(receiver.url, b"", {}, seconds=0.5)
    assert time.monotonic() - started < 2.5


def test_a_server_that_drips_is_broken_off(settings: Any) -> None:
    settings.EGRESS_ALLOWED = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(egress.Failed):
            egress.post(f"http://127.0.0.1:{port}/", b"", {}, seconds=0.5)
        assert time.monotonic() - started < 2.5


def test_who_speaks_no_tls_where_https_is_asked_is_a_failure(settings: Any) -> None:
    settings.EGRESS_ALLOWED = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            peer, _address = server.accept()
            with peer:
                peer.recv(1024)
                peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(egress.Failed):
            egress.post(f"https://127.0.0.1:{port}/", b"", {}, seconds=5)
        thread.join(timeout=5)


def test_nobody_there_is_a_failure_and_no_refusal(settings: Any) -> None:
    settings.EGRESS_ALLOWED = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(egress.Failed):
        egress.post(f"http://127.0.0.1:{port}/", b"", {})
