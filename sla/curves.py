"""Due times as functions of the start: straight pieces, exact to the second. Pure.

Between two neighbouring breakpoints the due time of a promise either stands still (slope 0) or moves with
the start (slope 1). The breakpoints are the edges of working time, local midnights, changes of clocks, and
the starts whose due time falls on such a point. Instants are whole seconds since 1970.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from sla.calendar import FARTHEST, Calendar
from sla.target import Target, TargetError, resolve_at
from sla.zone import DAY, year_of, year_start

Due = Callable[[int], int]


class Unanswerable(ValueError):
    """A promise that never comes due, or only more than 4,000 days ahead (C-10, D-6, X-6)."""


class Piece(NamedTuple):
    """From `start` on, due is `value + slope * (s - start)`, until the next piece begins."""

    start: int
    value: int
    slope: int

    def at(self, start: int) -> int:
        return self.value + self.slope * (start - self.start)


@dataclass(frozen=True, slots=True)
class Curve:
    """Pieces without gap over [begin, end)."""

    pieces: tuple[Piece, ...]
    end: int

    def spans(self) -> Iterator[tuple[Piece, int]]:
        """Every piece with the second at which it ends."""
        ends = [*(piece.start for piece in self.pieces[1:]), self.end]
        return zip(self.pieces, ends, strict=True)


@dataclass(frozen=True, slots=True)
class Duration:
    """A promise with the calendar it runs on."""

    promise: Target
    calendar: Calendar

    def due(self, start: int) -> int:
        """When the promise comes due; `Unanswerable` if it does not."""
        try:
            seconds = resolve_at(self.promise, self.calendar, start)
        except TargetError as refused:
            raise Unanswerable(refused.detail) from None
        found = self.promise.runs_on(self.calendar).timeline.reach(start, seconds)
        if found is None or found - start > FARTHEST:
            raise Unanswerable("is never due")
        return found

    def breakpoints(self, begin: int, end: int) -> list[int]:
        """All starts in [begin, end) at which a new straight piece may begin, sorted; a few too many."""
        points = {begin, end}
        if self.promise.kind == "business_seconds":
            points.update(_of_seconds(self.promise.amount, self.calendar, begin, self.due(end)))
        else:
            points.update(_of_days(self.promise, self.calendar, begin, end))
        return sorted(point for point in points if begin <= point < end)


@lru_cache(maxsize=256)
def _year(calendar: Calendar, year: int) -> tuple[tuple[int, int, bool], ...]:
    """The parts of a UTC year, cut at local midnights and changes of clocks as well: (from, to, open?)."""
    pieces = calendar.timeline.explain(year_start(year), year_start(year + 1))
    return tuple((begin, end, reason == "open") for begin, end, reason, _ in pieces)


def _parts(calendar: Calendar, begin: int, end: int) -> Iterator[tuple[int, int, bool]]:
    for year in range(year_of(begin), year_of(end) + 1):
        for part in _year(calendar, year):
            if part[1] > begin and part[0] < end:
                yield part


def openings(calendar: Calendar, begin: int, end: int) -> list[tuple[int, int]]:
    """The working intervals that meet [begin, end), joined where they touch, not clipped."""
    found: list[tuple[int, int]] = []
    for start, stop, is_open in _parts(calendar, begin, end):
        if is_open and found and found[-1][1] == start:
            found[-1] = (found[-1][0], stop)
        elif is_open:
            found.append((start, stop))
    return found


def _of_seconds(amount: int, calendar: Calendar, begin: int, horizon: int) -> Iterator[int]:
    """Edges, and the starts from which exactly `amount` is left to a closing: due jumps one second later."""
    intervals = openings(calendar, begin, horizon + 1)
    worked = [0, *accumulate(close - start for start, close in intervals)]
    for n, (start, close) in enumerate(intervals):
        yield start
        yield close
        position = worked[n + 1] - amount
        if position >= 0:
            k = max(bisect_left(worked, position) - 1, 0)
            at = intervals[k][0] + position - worked[k]
            yield at
            yield at + 1


def _of_days(promise: Target, calendar: Calendar, begin: int, end: int) -> Iterator[int]:
    """Edges and midnights; of targets until the same time, also every wall time at which anything happens."""
    zone, ahead = calendar.timeline.zone, (promise.amount + 3) * DAY
    if promise.until == "close":
        yield from (start for start, _, _ in _parts(calendar, begin, end))
        return
    edges = [start for start, _, _ in _parts(calendar, begin, end + ahead)]
    walls: set[int] = set()
    if promise.kind == "working_days":
        # how far off the Nth working day is only the calendar knows; its wall times hold all the same
        edges = [
            start
            for start, _, _ in _parts(calendar, begin, max(end + ahead, _last_due(promise, calendar, end)))
        ]
        walls = {zone.local(edge) % DAY for edge in edges}
    offsets: set[int] = set()
    for since, _, offset in zone.cover(begin - DAY, edges[-1] + DAY):
        walls.update((since + other) % DAY for other in (*offsets, offset))
        offsets.add(offset)
    for day in range((begin - DAY) // DAY, (end + DAY) // DAY + 1):
        for wall in walls:
            for offset in offsets:
                yield day * DAY + wall - offset
                yield day * DAY + wall - offset + 1
    yield from (edge for edge in edges if edge < end)


def _last_due(promise: Target, calendar: Calendar, end: int) -> int:
    return Duration(promise, calendar).due(end) + DAY


def straight(points: Iterable[int], due: Due, end: int) -> Iterator[Piece]:
    """The pieces of `due` between sorted breakpoints; a part found not to be straight is halved."""
    for begin, finish in pairwise([*points, end]):
        yield from _straight(begin, finish, due)


def _straight(begin: int, finish: int, due: Due) -> Iterator[Piece]:
    first = due(begin)
    length = finish - begin - 1
    rise = due(finish - 1) - first if length else 0
    if rise in (0, length):
        yield Piece(begin, first, 1 if rise else 0)
        return
    middle = (begin + finish) // 2
    yield from _straight(begin, middle, due)
    yield from _straight(middle, finish, due)


@lru_cache(maxsize=256)
def curve(duration: Duration, begin: int, end: int) -> Curve:
    """The due times of every start in [begin, end)."""
    return Curve(tuple(_joined(straight(duration.breakpoints(begin, end), duration.due, end))), end)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours on one line are one piece."""
    last: Piece | None = None
    for piece in pieces:
        if last is not None and last.slope == piece.slope and last.at(piece.start) == piece.value:
            continue
        yield piece
        last = piece


def following(before: Curve, duration: Duration) -> Curve:
    """The due times of a promise whose clock starts when the one before it is due."""
    values = [piece.value for piece in before.pieces] + [piece.at(end - 1) for piece, end in before.spans()]
    points = duration.breakpoints(min(values), max(values) + 1)
    found: list[Piece] = []
    for piece, end in before.spans():
        if not piece.slope:
            found.append(Piece(piece.start, duration.due(piece.value), 0))
            continue
        shift = piece.start - piece.value
        inside = points[bisect_right(points, piece.value) : bisect_left(points, end - shift)]
        starts = [piece.start, *(point + shift for point in inside)]
        found.extend(straight(starts, lambda start, shift=shift: duration.due(start - shift), end))  # type: ignore[misc]
    return Curve(tuple(_joined(found)), before.end)


def together(one: Curve, other: Curve) -> Iterator[tuple[int, int, Piece, Piece]]:
    """Two curves cut at each other's breakpoints: (from, to, piece of the one, piece of the other)."""
    i = j = 0
    begin = one.pieces[0].start
    while begin < one.end:
        ends = [c.pieces[n + 1].start if n + 1 < len(c.pieces) else c.end for c, n in ((one, i), (other, j))]
        finish = min(ends)
        yield begin, finish, one.pieces[i], other.pieces[j]
        i, j, begin = i + (ends[0] == finish), j + (ends[1] == finish), finish


def latest(one: Curve, other: Curve) -> Curve:
    """The later of both at every start: what has to be waited for when two work side by side."""
    found: list[Piece] = []
    for begin, finish, a, b in together(one, other):
        cuts = [begin]
        if a.slope != b.slope:
            rising, flat = (a, b) if a.slope else (b, a)
            crossing = begin + flat.value - rising.at(begin)
            if begin < crossing < finish:
                cuts.append(crossing)
        for cut, end in pairwise([*cuts, finish]):
            top = max((a, b), key=lambda piece, cut=cut, end=end: (piece.at(end - 1), piece.at(cut)))  # type: ignore[misc]
            found.append(Piece(cut, top.at(cut), top.slope))
    return Curve(tuple(_joined(found)), one.end)
