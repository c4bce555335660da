"""How many are on duty, and where that is too few: local wall time in, instants out. PURE.

Rules are written in the wall time of the team's zone ("20:00 to 08:00, at least 2"), duties are instants.
Between two boundaries (a duty begins or ends, a rule begins or ends, a local hour begins) nothing changes, so
every stretch is judged once; days with 23 or 25 hours need no special case.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Span:
    """One person on duty, half open: ``start`` counts, ``end`` does not."""

    person: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Rule:
    """At least ``seats`` people from ``start`` to ``end``, on one weekday (0 is Monday) or on all.

    An end that is not after the start is on the next day; the part after midnight belongs to the day on which
    it began. A rule from 00:00 to 00:00 is the whole day.
    """

    seats: int
    start: time
    end: time
    weekday: int | None = None

    def covers(self, local: datetime) -> bool:
        """True when the rule asks something at this wall time."""
        at = local.time()
        if self.start < self.end:
            return self.start <= at < self.end and self._on(local.date())
        if at >= self.start and self._on(local.date()):
            return True
        return at < self.end and self._on(local.date() - DAY)

    def _on(self, day: date) -> bool:
        return self.weekday is None or self.weekday == day.weekday()


@dataclass(frozen=True)
class Stretch:
    """From ``start`` to ``end`` the same people are present and the same number is needed."""

    start: datetime
    end: datetime
    present: int
    needed: int

    @property
    def is_short(self) -> bool:
        return self.present < self.needed


@dataclass(frozen=True)
class Hour:
    """One local hour: the fewest present in it, and the most needed."""

    start: datetime
    present: int
    needed: int
    is_short: bool


def span_of(day: date, start: time, end: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants (UTC) of a shift that begins on ``day``; an end not after the start is on the next day."""
    last = day if end > start else day + DAY
    return _instant(day, start, zone), _instant(last, end, zone)


def _instant(day: date, at: time, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).replace(fold=fold).astimezone(UTC)


def needed_at(rules: Iterable[Rule], at: datetime, zone: ZoneInfo) -> int:
    """The most any rule asks for at this instant; 0 where none does."""
    local = at.astimezone(zone)
    return max((rule.seats for rule in rules if rule.covers(local)), default=0)


def stretches(
    spans: Sequence[Span], rules: Sequence[Rule], *, first: date, days: int, zone: ZoneInfo
) -> list[Stretch]:
    """The time from ``first`` on, cut wherever anything changes, in order and without holes.

    Somebody on two overlapping spans counts once.
    """
    begin, end = _instant(first, time.min, zone), _instant(first + days * DAY, time.min, zone)
    cuts = sorted(_boundaries(spans, rules, first, days, zone, begin, end))
    found = []
    for start, stop in pairwise(cuts):
        present = len({s.person for s in spans if s.start <= start < s.end})
        found.append(Stretch(start, stop, present, needed_at(rules, start, zone)))
    return found


def _boundaries(
    spans: Sequence[Span],
    rules: Sequence[Rule],
    first: date,
    days: int,
    zone: ZoneInfo,
    begin: datetime,
    end: datetime,
) -> set[datetime]:
    cuts = {begin, end}
    times = {at for rule in rules for at in (rule.start, rule.end)}
    for n in range(-1, days + 1):
        day = first + n * DAY
        cuts |= {_instant(day, at, zone, fold) for at in times for fold in (0, 1)}
    cuts |= {instant for span in spans for instant in (span.start, span.end)}
    hour = begin
    while hour < end:
        cuts.add(hour)
        hour += HOUR
    return {cut for cut in cuts if begin <= cut <= end}


def gaps(found: Iterable[Stretch]) -> list[Stretch]:
    """Where too few are present; neighbours that lack the same are one gap."""
    joined: list[Stretch] = []
    for each in found:
        if not each.is_short:
            continue
        last = joined[-1] if joined else None
        if last and last.end == each.start and (last.present, last.needed) == (each.present, each.needed):
            joined[-1] = replace(last, end=each.end)
        else:
            joined.append(each)
    return joined


def by_hour(found: Iterable[Stretch]) -> list[Hour]:
    """One entry per hour that the stretches touch, counted from the first instant."""
    rows: list[Hour] = []
    begin: datetime | None = None
    for each in found:
        begin = begin or each.start
        start = begin + ((each.start - begin) // HOUR) * HOUR
        if rows and rows[-1].start == start:
            last = rows[-1]
            present, needed = min(last.present, each.present), max(last.needed, each.needed)
            rows[-1] = Hour(start, present, needed, last.is_short or each.is_short)
        else:
            rows.append(Hour(start, each.present, each.needed, each.is_short))
    return rows
