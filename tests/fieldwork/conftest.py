"""Somebody was promised on site within two working hours; visits are made through their verbs."""

import struct
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldwork import services
from fieldwork.models import Appointment
from incidents.models import Incident
from sla.models import Clock, Metric, Target
from tests.cast import MONDAY, Cast, make_incident

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
# Thursday 14:00 in Shanghai, days after the span of two working hours has ended
THURSDAY = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


def png(*, is_blank: bool = False, size: int = 8) -> bytes:
    """A small picture: of nothing, or with one stroke."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    row = b"\0" * size * 4 if is_blank else b"\x10\x21\x4a\xff" * size
    raw = b"".join(b"\0" + row for _n in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


@pytest.fixture
def ticket(cast: Cast) -> Incident:
    Target.objects.create(version=cast.agreement, metric=Metric.ON_SITE, amount=2 * 3600)
    return make_incident(cast, assignee=cast.alice)


Maker = Callable[..., Appointment]


@pytest.fixture
def make(cast: Cast, ticket: Incident) -> Maker:
    """A visit of alice's on Thursday for an hour, proposed, made an hour after the ticket was opened."""

    def made(**over: Any) -> Appointment:
        start = over.pop("starts_at", THURSDAY)
        facts: dict[str, Any] = {
            "engineer": cast.alice, "starts_at": start, "ends_at": start + HOUR, "site": "Building 3",
            "key": uuid.uuid4(), "actor": cast.alice.actor, "now": MONDAY + HOUR,
        }  # fmt: skip
        return services.make(over.pop("ticket", ticket), **{**facts, **over})

    return made


def clock_of(ticket: Incident) -> Clock:
    """The arrival clock of a ticket."""
    return Clock.objects.get(record=ticket.pk, metric=Metric.ON_SITE)
