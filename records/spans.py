"""A day, week, month, quarter, half-year or year: how figures and reports go through time. PURE."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

EARLIEST, LATEST = 1990, 8999
# how many months each takes; those of days have none
MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
DAYS: Final = {"day": 1, "week": 7}
KINDS: Final = (*DAYS, *MONTHS)


class BadSpan(ValueError):
    """What names no span of time."""


@dataclass(frozen=True)
class Span:
    """One span by the calendar: ``first`` is its first day; weeks begin on Monday.

    ``start`` and ``end`` are its instants in ``zone``, half open. Made by :func:`of` or :func:`parse`.
    """

    kind: str
    first: date
    zone: tzinfo

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def end(self) -> datetime:
        return self.next.start

    @property
    def last(self) -> date:
        """The last day in it."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Span":
        return self.moved(1)

    @property
    def previous(self) -> "Span":
        return self.moved(-1)

    def moved(self, n: int) -> "Span":
        """So many spans later; earlier where ``n`` is negative."""
        if self.kind in DAYS:
            return Span(self.kind, self.first + timedelta(days=n * DAYS[self.kind]), self.zone)
        months = self.first.year * 12 + self.first.month - 1 + n * MONTHS[self.kind]
        return Span(self.kind, date(months // 12, months % 12 + 1, 1), self.zone)

    def up_to(self, count: int) -> "list[Span]":
        """``count`` spans that end with this one, the earliest first."""
        return [self.moved(n) for n in range(1 - count, 1)]

    @property
    def year(self) -> "Span":
        """The year it begins in."""
        return of("year", self.first, self.zone)

    def parts(self, kind: str) -> "list[Span]":
        """The spans of a kind that touch it, in order: the quarters of a year."""
        return list(within(kind, self.first, self.last, self.zone))

    @property
    def code(self) -> str:
        """As an address names it: 2026-11-20, 2026-W47, 2026-11, 2026-Q4, 2026-H2, 2026."""
        year, month = self.first.year, self.first.month
        if self.kind == "week":
            there = self.first.isocalendar()
            return f"{there.year:04}-W{there.week:02}"
        if self.kind == "quarter":
            return f"{year:04}-Q{(month + 2) // 3}"
        if self.kind == "half":
            return f"{year:04}-H{(month + 5) // 6}"
        return {"day": f"{self.first}", "month": f"{year:04}-{month:02}", "year": f"{year:04}"}[self.kind]

    def __str__(self) -> str:
        return self.code


def of(kind: str, day: date, zone: tzinfo) -> Span:
    """The span of a kind that a day lies in. KeyError for a kind that is none."""
    if kind == "week":
        return Span(kind, day - timedelta(days=day.weekday()), zone)
    if kind == "day":
        return Span(kind, day, zone)
    months = MONTHS[kind]
    return Span(kind, date(day.year, (day.month - 1) // months * months + 1, 1), zone)


def parse(code: str, zone: tzinfo) -> Span:
    """The span a code names (see :attr:`Span.code`). BadSpan for what names none."""
    words = code.strip().upper()
    try:
        found = _parsed(words, zone)
    except (ValueError, OverflowError):
        raise BadSpan(code[:20]) from None
    if not EARLIEST <= found.first.year <= LATEST or found.code != words:
        raise BadSpan(code[:20])
    return found


def _parsed(words: str, zone: tzinfo) -> Span:
    year, _dash, rest = words.partition("-")
    if not rest:
        return Span("year", date(int(year), 1, 1), zone)
    if rest[0] == "W":
        return Span("week", date.fromisocalendar(int(year), int(rest[1:]), 1), zone)
    if rest[0] in "QH":
        kind = "quarter" if rest[0] == "Q" else "half"
        return Span(kind, date(int(year), (int(rest[1:]) - 1) * MONTHS[kind] + 1, 1), zone)
    if "-" in rest:
        return Span("day", date.fromisoformat(words), zone)
    return Span("month", date(int(year), int(rest), 1), zone)


def given(words: str, kinds: Collection[str], *, today: date, zone: tzinfo) -> Span:
    """The span an address names; for no words the present one of the first kind.

    BadSpan for what names none of these kinds.
    """
    if not words.strip():
        return of(next(iter(kinds)), today, zone)
    found = parse(words, zone)
    if found.kind not in kinds:
        raise BadSpan(words[:20])
    return found


def read(words: str, kinds: Collection[str], *, today: date, zone: tzinfo) -> Span:
    """The same; the present one for what names none, too."""
    try:
        return given(words, kinds, today=today, zone=zone)
    except BadSpan:
        return of(next(iter(kinds)), today, zone)


def within(kind: str, first: date, last: date, zone: tzinfo) -> Iterator[Span]:
    """Every span of a kind that touches the days from ``first`` to ``last``, in order."""
    here = of(kind, first, zone)
    while here.first <= last:
        yield here
        here = here.next
