"""Which network addresses a request of ours may go to: public ones, whatever way they are written. PURE."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = frozenset({443, 8443})
NAT64 = ipaddress.ip_network("64:ff9b::/96")
NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


class BadUrl(ValueError):
    """An address no request is sent to; the text says why."""


@dataclass(frozen=True)
class Target:
    """A checked URL in its parts. ``is_named``: the installation allows this host by name."""

    scheme: str
    host: str
    port: int
    path: str
    is_named: bool

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == {"http": 80, "https": 443}[self.scheme] else f"{name}:{self.port}"


def parse(url: str, allowed: frozenset[str]) -> Target:
    """The parts of a URL: https on the usual ports, or whatever of a host (or host:port) in ``allowed``."""
    if not url.isascii() or any(c.isspace() or ord(c) < 32 or c == "\\" for c in url):
        raise BadUrl("only plain ASCII without spaces")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise BadUrl(str(error)) from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadUrl("an address that begins with https://")
    if "@" in parts.netloc or parts.fragment:
        raise BadUrl("no user name and no #")
    port = port or {"http": 80, "https": 443}[parts.scheme]
    is_named = host in allowed or f"{host}:{port}" in allowed
    if not is_named and (parts.scheme != "https" or port not in PORTS):
        raise BadUrl("https on port 443 or 8443")
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, is_named)


def is_public(text: str) -> bool:
    """True for an address of the public internet, also where another one hides in it."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inside(address)
        if inner is not None:
            return is_public(str(inner))
        if address in NAT64_LOCAL:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped, 6to4, NAT64, compatible."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return low
    return None
