"""Calendars as RFC 5545 writes them: folded lines, escaped texts, instants in UTC. PURE."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

PRODUCT = "-//ITSM//Change calendar//EN"
FOLD = 75  # octets, without the line break


@dataclass(frozen=True)
class Event:
    """One entry. ``uid`` never changes; ``sequence`` grows with every change of it."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    stamp: datetime
    sequence: int = 0
    description: str = ""
    location: str = ""
    url: str = ""
    status: str = "CONFIRMED"  # or TENTATIVE, CANCELLED
    categories: str = ""
    is_free: bool = False  # does not make the reader busy


def calendar(name: str, events: Iterable[Event]) -> str:
    """The whole file."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(event: Event) -> list[str]:
    texts = (
        ("SUMMARY", event.summary), ("DESCRIPTION", event.description), ("LOCATION", event.location),
        ("CATEGORIES", event.categories),
    )  # fmt: skip
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{instant(event.stamp)}",
        f"LAST-MODIFIED:{instant(event.stamp)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART:{instant(event.start)}",
        f"DTEND:{instant(event.end)}",
        *(f"{name}:{escaped(text)}" for name, text in texts if text),
        *([f"URL:{event.url}"] if event.url else []),
        f"STATUS:{event.status}",
        f"TRANSP:{'TRANSPARENT' if event.is_free else 'OPAQUE'}",
        "END:VEVENT",
    ]


def instant(at: datetime) -> str:
    """In UTC; a naive one is a ValueError."""
    if at.tzinfo is None:
        raise ValueError("an instant has an offset")
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text: str) -> str:
    """A TEXT value: what would end or divide it gets a backslash, control characters are left out."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(char for char in plain if char == "\t" or (ord(char) >= 32 and ord(char) != 127))


def folded(line: str) -> str:
    """At most 75 octets a line, never within a character; a continued line begins with a space."""
    parts: list[bytes] = [b""]
    for char in line:
        octets = char.encode()
        if len(parts[-1]) + len(octets) > FOLD:
            parts.append(b" ")
        parts[-1] += octets
    return b"\r\n".join(parts).decode()
