"""Working hours in words, for people: from a calendar's minutes to "Monday to Friday, 09:00–18:00"."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from itsm.templatetags.ui import day_words
from sla.calendar import Calendar, is_open, next_opening
from sla.definition import Windows

__all__ = ["OpeningHours", "in_words", "is_open", "next_opening", "windows_words"]

DAY_MINUTES = 1440
SHOWN = 6  # coming exceptions


@dataclass(frozen=True)
class OpeningHours:
    """A week in words, and what differs from it soon."""

    week: list[tuple[str, str]]
    is_always_open: bool
    zone: str
    closed: list[str]
    extra: list[str]


def in_words(calendar: Calendar, *, now: datetime) -> OpeningHours:
    """The hours of a calendar as its customer reads them at ``now``."""
    days = [_without(calendar.weekly[n], calendar.breaks[n]) for n in range(7)]
    today = now.astimezone(ZoneInfo(calendar.timezone)).date()
    return OpeningHours(
        week=_grouped(days),
        is_always_open=all(day == ((0, DAY_MINUTES),) for day in days) and not calendar.holidays,
        zone=calendar.timezone,
        closed=_stretches(calendar.holidays, today),
        extra=_extra(calendar, today),
    )


def _without(windows: Windows, breaks: Windows) -> Windows:
    """Windows with the breaks cut out of them."""
    rest = list(windows)
    for begin, end in breaks:
        cut: list[tuple[int, int]] = []
        for a, b in rest:
            cut += [(x, y) for x, y in ((a, min(b, begin)), (max(a, end), b)) if x < y]
        rest = cut
    return tuple(rest)


def _grouped(days: list[Windows]) -> list[tuple[str, str]]:
    """Neighbouring days of equal hours on one line."""
    lines: list[tuple[str, str]] = []
    for windows, numbers in groupby(range(7), key=lambda n: days[n]):
        run = list(numbers)
        lines.append((_days(run[0], run[-1]), windows_words(windows)))
    return lines


def _days(first: int, last: int) -> str:
    if first == last:
        return str(WEEKDAYS[first])
    return _("%(first)s to %(last)s") % {"first": WEEKDAYS[first], "last": WEEKDAYS[last]}


def windows_words(windows: Windows) -> str:
    """ "09:00–12:00, 13:00–18:00"; an end on the following date says so."""
    if not windows:
        return _("closed all day")
    if windows == ((0, DAY_MINUTES),):
        return _("around the clock")
    return ", ".join(_window(begin, end) for begin, end in windows)


def _window(begin: int, end: int) -> str:
    words = f"{_clock(begin)}–{_clock(end)}"
    return _("%(hours)s (next day)") % {"hours": words} if end > DAY_MINUTES else words


def _clock(minutes: int) -> str:
    minutes = minutes if minutes <= DAY_MINUTES else minutes - DAY_MINUTES
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _stretches(days: Iterable[date], today: date) -> list[str]:
    """Coming days, those in a row as one stretch."""
    coming = sorted(day for day in days if day >= today)
    runs: list[tuple[date, date]] = []
    for day in coming:
        if runs and (day - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [
        day_words(first)
        if first == last
        else _("%(first)s to %(last)s") % {"first": day_words(first), "last": day_words(last)}
        for first, last in runs[:SHOWN]
    ]


def _extra(calendar: Calendar, today: date) -> list[str]:
    """Working days that are not usual ones, with what applies then."""
    lines: list[tuple[date, str]] = []
    for day, like in calendar.makeup:
        lines.append((day, _("as on a %(weekday)s") % {"weekday": WEEKDAYS[like]}))
    for day, windows in calendar.special:
        lines.append((day, windows_words(windows)))
    coming = sorted(line for line in lines if line[0] >= today)[:SHOWN]
    return [f"{day_words(day)}: {words}" for day, words in coming]
