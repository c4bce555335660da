"""Guessing passwords is made slow: failed logins are counted per account and network, and per network.

Each attempt is counted *before* the password is looked at and given back when it was right, so that a burst
of parallel guesses gets exactly as many tries as a slow one. Counting happens in the cache; while Redis is
away nothing is refused (people must be able to work) and the log says so.
"""

import hashlib
import ipaddress
import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WINDOW = 300  # seconds
PER_ACCOUNT = 5
PER_NETWORK = 50


@dataclass(frozen=True)
class Attempt:
    """One try to log in: where it is counted, and whether it may go on."""

    account_key: str
    network_key: str
    is_allowed: bool
    retry_after: int  # seconds until the present window ends


def network_of(request: HttpRequest) -> str:
    """The network a request comes from: an IPv4 address, or the /64 of an IPv6 address.

    X-Forwarded-For is believed only behind a proxy we were told to trust, and then only its last entry,
    which that proxy wrote itself.
    """
    given = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        given = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or given
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def begin(request: HttpRequest, username: str, *, timestamp: float) -> Attempt:
    """Count one attempt. ``timestamp`` is the time in seconds since 1970."""
    window = int(timestamp // WINDOW)
    network = network_of(request)
    account = hashlib.sha256(f"{username.strip().casefold()}\0{network}".encode()).hexdigest()[:32]
    keys = (f"login:account:{window}:{account}", f"login:network:{window}:{network}")
    try:
        is_allowed = _count(keys[0]) <= PER_ACCOUNT
        is_allowed = _count(keys[1]) <= PER_NETWORK and is_allowed
    except (RedisError, OSError):
        log.warning("logins are not limited: the cache does not answer", exc_info=True)
        is_allowed = True
    if not is_allowed:
        log.warning("login refused: too many failed attempts from %s", network)
    return Attempt(*keys, is_allowed, max(1, int((window + 1) * WINDOW - timestamp)))


def _count(key: str) -> int:
    # The window is part of the key: one that runs out is never asked for again, so nothing can race with it.
    cache.add(key, 0, timeout=2 * WINDOW)
    return int(cache.incr(key))


def succeed(attempt: Attempt) -> None:
    """The password was right: the attempt was none, and the account's typing errors are forgotten."""
    try:
        cache.delete(attempt.account_key)
        cache.decr(attempt.network_key)
    except (RedisError, OSError, ValueError):
        log.warning("a login could not be given back to the limit", exc_info=True)
