"""Where a piece of work fits: other bookings, freezes and maintenance windows. PURE.

Instants are aware; a span is half open. ``items`` and ``services`` are ids of all that the work touches,
already widened to what depends on it, on both sides of a comparison. The rules:

- two bookings conflict where they overlap in time and touch one item or one service together;
- a freeze conflicts with all work of its scope that overlaps it;
- what has maintenance windows of its own (or, having none, those of everything) is worked on inside of them:
  the work is covered, from its beginning to its end, by its windows and those of everything together. A span
  says from when to when it binds (``binds_from`` to ``binds_until``): beyond, nobody need keep to it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING: frozenset[int] = frozenset()


class Kind(StrEnum):
    """What stands against a time."""

    BOOKING = "booking"
    FREEZE = "freeze"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Booking:
    """Work that has a time already."""

    number: str
    start: datetime
    end: datetime
    items: frozenset[int] = NOTHING
    services: frozenset[int] = NOTHING


@dataclass(frozen=True, slots=True)
class Span:
    """One occurrence of a freeze or of a maintenance window, with what it is for."""

    window_id: int
    is_freeze: bool
    start: datetime
    end: datetime
    everything: bool = False
    items: frozenset[int] = NOTHING
    services: frozenset[int] = NOTHING
    binds_from: datetime | None = None  # None: always
    binds_until: datetime | None = None

    def binds(self, start: datetime, end: datetime) -> bool:
        """Work in [start, end) has to keep to this maintenance window, or to another one."""
        has_begun = self.binds_from is None or self.binds_from < end
        return has_begun and (self.binds_until is None or start < self.binds_until)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a time does not do: ``number`` of the other booking, or ``window_ids`` of the freeze or of the
    maintenance windows the work is outside of; ``items`` and ``services`` are what it is about."""

    kind: Kind
    start: datetime
    end: datetime
    number: str = ""
    window_ids: tuple[int, ...] = ()
    items: frozenset[int] = NOTHING
    services: frozenset[int] = NOTHING


@dataclass(frozen=True, slots=True)
class _Rule:
    """Things that share their maintenance windows, and these in order of time."""

    spans: tuple[Span, ...]
    items: frozenset[int]
    services: frozenset[int]


@dataclass(frozen=True)
class Work:
    """What is to be placed, with all that can stand against it; prepared once, asked for many times."""

    items: frozenset[int]
    services: frozenset[int]
    bookings: tuple[Booking, ...] = ()
    freezes: tuple[Span, ...] = ()
    rules: tuple[_Rule, ...] = field(default=(), repr=False)

    @classmethod
    def of(
        cls,
        *,
        items: Iterable[int],
        services: Iterable[int],
        bookings: Iterable[Booking],
        windows: Sequence[Span],
    ) -> "Work":
        touched, served = frozenset(items), frozenset(services)
        return cls(
            items=touched,
            services=served,
            bookings=tuple(b for b in bookings if b.items & touched or b.services & served),
            freezes=tuple(w for w in windows if w.is_freeze and _concerns(w, touched, served)),
            rules=_rules(touched, served, [w for w in windows if not w.is_freeze]),
        )

    def conflicts(self, start: datetime, end: datetime) -> list[Conflict]:
        """All that stands against [start, end), bookings first."""
        found = [self._shared(other) for other in self.bookings if other.start < end and start < other.end]
        for freeze in self.freezes:
            if freeze.start < end and start < freeze.end:
                about = (freeze.items & self.items, freeze.services & self.services)
                found.append(
                    Conflict(
                        Kind.FREEZE, freeze.start, freeze.end, "", (freeze.window_id,), about[0], about[1]
                    )
                )
        for rule in self.rules:
            if any(span.binds(start, end) for span in rule.spans) and not _covered(rule.spans, start, end):
                ids = tuple(dict.fromkeys(span.window_id for span in rule.spans))
                found.append(Conflict(Kind.OUTSIDE, start, end, "", ids, rule.items, rule.services))
        return found

    def _shared(self, other: Booking) -> Conflict:
        items, services = other.items & self.items, other.services & self.services
        return Conflict(Kind.BOOKING, other.start, other.end, other.number, (), items, services)

    def edges(self) -> Iterable[datetime]:
        """The instants at which a time that does not do can begin to do."""
        for other in self.bookings:
            yield other.end
        for freeze in self.freezes:
            yield freeze.end
        for rule in self.rules:
            for span in rule.spans:
                yield span.start
                if span.binds_until is not None:
                    yield span.binds_until


def _concerns(window: Span, items: frozenset[int], services: frozenset[int]) -> bool:
    return window.everything or bool(window.items & items or window.services & services)


def _rules(items: frozenset[int], services: frozenset[int], windows: Sequence[Span]) -> tuple[_Rule, ...]:
    """The things of the work grouped by the maintenance windows they have."""
    everything = [w for w in windows if w.everything]
    own = [w for w in windows if not w.everything]
    groups: dict[tuple[Span, ...], tuple[set[int], set[int]]] = {}
    for n, things in enumerate((items, services)):
        for thing in things:
            named = [w for w in own if thing in (w.services if n else w.items)]
            if spans := tuple(sorted((*named, *everything), key=lambda w: (w.start, w.end))):
                groups.setdefault(spans, (set(), set()))[n].add(thing)
    if everything and not (items or services):
        groups[tuple(sorted(everything, key=lambda w: (w.start, w.end)))] = (set(), set())
    return tuple(_Rule(spans, frozenset(a), frozenset(b)) for spans, (a, b) in groups.items())


def _covered(spans: Sequence[Span], start: datetime, end: datetime) -> bool:
    """The spans, in order of their beginning, leave no moment of [start, end) out."""
    reached = start
    for span in spans:
        if span.start > reached:
            return False
        reached = max(reached, span.end)
        if reached >= end:
            return True
    return False


def conflicts(
    start: datetime,
    end: datetime,
    *,
    items: Iterable[int],
    services: Iterable[int],
    bookings: Sequence[Booking],
    windows: Sequence[Span],
) -> list[Conflict]:
    """What stands against doing this work in [start, end); nothing: it can be done then."""
    work = Work.of(items=items, services=services, bookings=bookings, windows=windows)
    return work.conflicts(start, end)


def next_free(
    length: timedelta,
    *,
    after: datetime,
    before: datetime,
    items: Iterable[int],
    services: Iterable[int],
    bookings: Sequence[Booking],
    windows: Sequence[Span],
) -> datetime | None:
    """The first whole minute from ``after`` on at which work of this length is without conflict and over by
    ``before``; None where there is none. ValueError for a length that is not positive."""
    if length <= timedelta(0):
        raise ValueError("work takes some time")
    work = Work.of(items=items, services=services, bookings=bookings, windows=windows)
    # a time begins to do only at one of these edges, so the first fitting minute is the first after an edge
    starts = {_whole_minute(at) for at in (after, *work.edges()) if at >= after}
    for start in sorted(starts):
        if start + length > before:
            return None
        if not work.conflicts(start, start + length):
            return start
    return None


def _whole_minute(at: datetime) -> datetime:
    past = (at - EPOCH) % MINUTE
    return at.astimezone(UTC) + (MINUTE - past if past else past)
