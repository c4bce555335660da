"""By which ways customers reach the desk, as the portal tells them (SD-27).

The portal knows neither hotlines nor mailboxes: whoever keeps a way registers a function that names it.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One way to reach us: what kind, its number or address, and a link a telephone or mail program opens."""

    kind: str
    words: str
    url: str
    icon: str
    note: str = ""


_WAYS: dict[str, Callable[[], list[Way]]] = {}


def register(name: str, ways: Callable[[], list[Way]]) -> None:
    """Called from AppConfig.ready(); safe to repeat. ``ways`` asks at most one query."""
    _WAYS[name] = ways


def all_ways() -> list[Way]:
    """Every way there is now, by kind."""
    return [way for _name, ways in sorted(_WAYS.items()) for way in ways()]
