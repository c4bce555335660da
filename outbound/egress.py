"""The one way out: POST to an address people entered, without being led to the inside by it.

The name is resolved once; every address found must be public, and the connection goes to one of these very
addresses (no second look-up that could answer otherwise), with the name for TLS and Host. Redirects are not
followed, no proxy and no netrc is read, time and size are limited.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from outbound.addresses import BadUrl, Target, is_public, parse

SECONDS = 10.0  # for everything after the name is resolved
LARGEST = 64 * 1024


class Refused(Exception):
    """This request may not be sent, and trying again will not help."""


class Failed(Exception):
    """No answer: no such name just now, no connection, too slow, broken off."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    address: str
    milliseconds: int


def allowed() -> frozenset[str]:
    return frozenset(name.lower() for name in settings.EGRESS_ALLOWED)


def check(url: str) -> Target:
    """The parts of a URL that may be asked at all; whether its addresses are public shows when it is."""
    try:
        return parse(url, allowed())
    except BadUrl as error:
        raise Refused(str(error)) from None


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS) -> Answer:
    """Send a body and read the answer. Raises Refused or Failed."""
    target = check(url)
    addresses = _resolve(target)
    started = time.monotonic()
    sock = _connect(target, addresses, started + seconds)
    # one limit for the whole exchange: a server that sends a byte now and then does not keep us
    watchdog = threading.Timer(max(0.0, started + seconds - time.monotonic()), _cut, [sock])
    watchdog.daemon = True
    watchdog.start()
    try:
        address = str(sock.getpeername()[0])
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        status, content = _exchange(sock, target, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(f"{type(error).__name__}: {error}"[:200]) from error
    finally:
        watchdog.cancel()
        sock.close()
    return Answer(status, content, address, int((time.monotonic() - started) * 1000))


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _resolve(target: Target) -> list[str]:
    """The addresses of a host, all of them checked: one that is not public refuses the host."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Failed(f"no address for {target.host}: {error}"[:200]) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not target.is_named and not all(is_public(address) for address in addresses):
        raise Refused(f"{target.host} is not on the public internet")
    return addresses


def _connect(target: Target, addresses: list[str], deadline: float) -> socket.socket:
    problem: OSError | None = None
    for address in addresses[:4]:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            plain = socket.create_connection((address, target.port), timeout=left)
        except OSError as error:
            problem = error
            continue
        if target.scheme == "http":
            return plain
        # the handshake comes under the limit of the whole exchange
        return ssl.create_default_context().wrap_socket(
            plain, server_hostname=target.host, do_handshake_on_connect=False
        )
    raise Failed(f"no connection to {target.host}: {problem or 'too slow'}"[:200])


def _exchange(
    sock: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock  # made by us, to an address that was checked
    connection.auto_open = 0  # never connect anew by name
    sent = {"Host": target.host_header, "User-Agent": "itsm", "Connection": "close", **headers}
    connection.request("POST", target.path, body, sent)
    response = connection.getresponse()
    return response.status, response.read(LARGEST)
