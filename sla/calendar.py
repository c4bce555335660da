"""Working time: what counts between two instants, and when so much of it will have passed. Pure.

Instants are aware datetimes, cut to whole seconds (T-2); answers are in UTC. Amounts are whole working
seconds. The rules (C, T) are listed in docs/sla-clock.md; the arithmetic itself is in `timeline`, the
changes of clocks in `zone`, the reading of a definition in `definition`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Literal, cast

from sla import definition as definitions
from sla.definition import ROUND_THE_CLOCK, SHUT, CalendarError, Definition, Windows
from sla.timeline import Timeline, number
from sla.zone import DAY, EPOCH

__all__ = [
    "ALWAYS",
    "FARTHEST",
    "Calendar",
    "CalendarError",
    "Reason",
    "Span",
    "add",
    "between",
    "from_seconds",
    "is_open",
    "is_working_day",
    "next_opening",
    "spans",
    "to_seconds",
]

FARTHEST = 4_000 * DAY
"""A due time farther ahead is answered with None (X-6)."""

Reason = Literal["open", "closed", "break", "holiday"]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of time, half open, with the reason it is counted or not."""

    start: datetime
    end: datetime
    counted: bool
    reason: Reason
    detail: str


@dataclass(frozen=True)
class Calendar:
    """When work is done, in one time zone (C-1). A value: equal by content, hashable, shared freely.

    Minutes count from local midnight; a window's end beyond 1440 lies on the following date (C-4).
    `weekly` and `breaks` have seven members, Monday first. Make one with `Calendar.parse`.
    """

    timezone: str
    weekly: tuple[Windows, ...]
    breaks: tuple[Windows, ...] = (SHUT,) * 7
    holidays: frozenset[date] = frozenset()
    makeup: tuple[tuple[date, int], ...] = ()
    special: tuple[tuple[date, Windows], ...] = ()

    @classmethod
    def parse(cls, definition: Mapping[str, Any]) -> "Calendar":
        """The calendar of a JSON definition; `CalendarError(code, field, detail)` if refused (C-1..C-9, X-5).

        A calendar without any window is accepted (C-10); ask `never_opens` before saving one.
        """
        return cls(*definitions.read(definition))

    @cached_property
    def timeline(self) -> Timeline:
        """The arithmetic, in whole seconds since 1970; calendars of equal content share it."""
        return _timeline(self)

    def never_opens(self, after: datetime) -> bool:
        """Whether no working second follows an instant (C-10)."""
        return self.timeline.next_opening(to_seconds(after)) is None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "timeline"}


@lru_cache(maxsize=512)
def _timeline(calendar: Calendar) -> Timeline:
    fields = (calendar.timezone, calendar.weekly, calendar.breaks)
    return Timeline(Definition(*fields, calendar.holidays, calendar.makeup, calendar.special))


ALWAYS = Calendar("UTC", (ROUND_THE_CLOCK,) * 7)
"""Round the clock: what targets in calendar days run on (D-3)."""


def between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Working seconds in [start, end); 0 if it ends before it begins (T-3, T-4, X-1)."""
    return calendar.timeline.between(to_seconds(start), to_seconds(end))


def add(calendar: Calendar, start: datetime, seconds: int) -> datetime | None:
    """The earliest instant by which so many seconds were worked since start (T-5).

    None if that never happens (C-10) or is more than 4,000 days ahead (X-6).
    """
    begin = to_seconds(start)
    at = calendar.timeline.reach(begin, seconds)
    return None if at is None or at - begin > FARTHEST else from_seconds(at)


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """`at` itself (cut to the second) if open then, else the next opening, or None for never (C-10)."""
    opening = calendar.timeline.next_opening(to_seconds(at))
    return None if opening is None else from_seconds(opening)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the second beginning at an instant is worked."""
    return calendar.timeline.is_open(to_seconds(at))


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether a window opens on a local date that breaks do not swallow whole (C-8)."""
    return calendar.timeline.is_working_day(number(day))


def spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """The whole of [start, end) in order, without gap or overlap; equal neighbours are joined."""
    joined: tuple[int, int, str, str] | None = None
    for piece in calendar.timeline.explain(to_seconds(start), to_seconds(end)):
        if joined and joined[1:] == (piece[0], *piece[2:]):
            joined = (joined[0], *piece[1:])
        elif joined and joined[2:] == piece[2:]:
            joined = (joined[0], piece[1], *joined[2:])
        else:
            if joined:
                yield _span(joined)
            joined = piece
    if joined:
        yield _span(joined)


def _span(piece: tuple[int, int, str, str]) -> Span:
    start, end, reason, detail = piece
    return Span(from_seconds(start), from_seconds(end), reason == "open", cast("Reason", reason), detail)


def to_seconds(at: datetime) -> int:
    """Whole seconds since 1970, cut off (T-2); an instant without offset is a TypeError (T-1)."""
    since = at - EPOCH
    return since.days * DAY + since.seconds


def from_seconds(at: int) -> datetime:
    """The UTC instant of so many seconds since 1970."""
    return EPOCH + timedelta(seconds=at)
