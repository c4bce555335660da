"""A receiver on this machine: a real HTTP server that keeps what it got and answers as it is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from outbound.models import Subscription
from tests.cast import Cast

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    port: int
    status: int = 200
    answer: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        told: Receiver = self.server.told  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        told.before()
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # who has heard enough hangs up
            self.wfile.write(told.answer)

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.told = Receiver(server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    settings.EGRESS_ALLOWED = ["127.0.0.1"]
    yield server.told  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.fixture
def subscribe(cast: Cast, receiver: Receiver) -> Callable[..., Subscription]:
    """A subscription of the receiver to everything the desk reads."""

    def make(**over: Any) -> Subscription:
        facts = {
            "name": "ERP", "url": receiver.url, "secret": SECRET, "events": ["*"], "public_only": False,
            "keeper": cast.mona,
        }  # fmt: skip
        return Subscription.objects.create(**{**facts, **over})

    return make
