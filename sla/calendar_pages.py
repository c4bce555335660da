"""A calendar in words and as a year: what its pages show. Formats values; runs no query."""

import calendar as almanac
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import in_reader_language
from itsm.templatetags.ui import day_words
from sla import definition as definitions
from sla.definition import Definition, clock

KINDS: Mapping[str, Any] = {
    "holiday": gettext_lazy("Closed"),
    "makeup": gettext_lazy("Worked like another weekday"),
    "special": gettext_lazy("Hours of its own"),
}
Windows = Iterable[tuple[int, int]]


def windows_words(windows: Windows) -> str:
    """ "09:00–12:00, 13:00–18:00"; an end beyond midnight is told on its own clock."""
    return ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in windows)


def _clock(minutes: int) -> str:
    return clock(minutes if minutes <= definitions.DAY_MINUTES else minutes - definitions.DAY_MINUTES)


def week(found: Definition) -> list[dict[str, str]]:
    """Each weekday with its hours and breaks."""
    return [
        {
            "day": str(WEEKDAYS[n]),
            "hours": hours_words(found.weekly[n]),
            "breaks": windows_words(found.breaks[n]) if found.weekly[n] else "",
        }
        for n in range(7)
    ]


def hours_words(windows: tuple[tuple[int, int], ...]) -> str:
    """The hours of a day; a whole day and a closed one have words of their own."""
    if windows == definitions.ROUND_THE_CLOCK:
        return _("round the clock")
    return windows_words(windows) or _("not worked")


def summary(found: Definition) -> str:
    """The week in one line: days of equal hours together."""
    parts: list[tuple[int, int, tuple[tuple[int, int], ...]]] = []
    for n, windows in enumerate(found.weekly):
        if parts and parts[-1][2] == windows:
            parts[-1] = (parts[-1][0], n, windows)
        elif windows:
            parts.append((n, n, windows))
        else:
            parts.append((n, n, ()))
    if len(parts) == 1:
        return _("every day %(hours)s") % {"hours": hours_words(parts[0][2])}
    return "; ".join(f"{_span(first, last)} {hours_words(w)}" for first, last, w in parts if w)


def _span(first: int, last: int) -> str:
    begin, end = str(WEEKDAYS_ABBR[first]), str(WEEKDAYS_ABBR[last])
    return begin if first == last else f"{begin}–{end}"


# --- days of their own -----------------------------------------------------------------------


def kind_of(found: Definition, day: date) -> str:
    """holiday, makeup or special for a date of its own (in the order the clock takes them), else ""."""
    if any(on == day for on, _windows in found.special):
        return "special"
    if any(on == day for on, _worked in found.makeup):
        return "makeup"
    return "holiday" if day in found.holidays else ""


def days(found: Definition) -> dict[date, tuple[str, str]]:
    """Every date of its own with its kind and hours in words, in order."""
    closed = {day: ("holiday", _("not worked")) for day in found.holidays}
    worked = {
        day: ("makeup", _("worked like a %(weekday)s") % {"weekday": WEEKDAYS[like]})
        for day, like in found.makeup
    }
    special = {day: ("special", hours_words(windows)) for day, windows in found.special}
    return dict(sorted({**closed, **worked, **special}.items()))


def day_rows(found: Definition, names: Mapping[str, Any], first: date, last: date) -> list[dict[str, Any]]:
    """The dates of their own between two, both included, as a table shows them."""
    return [
        {
            "on": on,
            "weekday": str(WEEKDAYS[on.weekday()]),
            "kind": kind,
            "hours": words,
            "name": name_of(names, on),
        }
        for on, (kind, words) in days(found).items()
        if first <= on <= last
    ]


def name_of(names: Mapping[str, Any], day: date) -> str:
    """What a date is called in the reader's language; "" if nobody named it."""
    given = names.get(day.isoformat()) or {}
    return in_reader_language(given.get("en", ""), given.get("zh", "")) if given else ""


def year(found: Definition, names: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    """The months of a year as weeks of seven cells; None where no day of the month is."""
    own = days(found)
    return [
        {
            "name": str(MONTHS[month]),
            "weeks": [
                [_cell(found, own, names, day) if day.month == month else None for day in row]
                for row in almanac.Calendar().monthdatescalendar(number, month)
            ],
        }
        for month in range(1, 13)
    ]


def _cell(
    found: Definition, own: Mapping[date, tuple[str, str]], names: Mapping[str, Any], day: date
) -> dict[str, Any]:
    kind, words = own.get(day, ("", ""))
    if not kind:
        windows = found.weekly[day.weekday()]
        kind, words = ("open" if windows else "shut"), hours_words(windows)
    parts = (day_words(day), str(WEEKDAYS[day.weekday()]), name_of(names, day), words)
    return {"day": day.day, "kind": kind, "title": " · ".join(part for part in parts if part)}


def weekday_heads() -> list[str]:
    return [str(WEEKDAYS_ABBR[n]) for n in range(7)]


# --- what an edition changes -----------------------------------------------------------------


def changes(before: Definition | None, after: Definition, names: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each line that differs between two editions: what, before, after. ``names`` of the later one's days."""
    if before is None:
        return []
    found = []
    if before.timezone != after.timezone:
        found.append(_line(_("Time zone"), before.timezone, after.timezone))
    for n in range(7):
        old, new = _day_words(before, n), _day_words(after, n)
        if old != new:
            found.append(_line(str(WEEKDAYS[n]), old, new))
    was, is_now = days(before), days(after)
    for on in sorted({*was, *is_now}):
        old, new = was.get(on, ("", ""))[1], is_now.get(on, ("", ""))[1]
        if old != new:
            as_week = _("as the week")
            called = " ".join(
                filter(None, (day_words(on), str(WEEKDAYS_ABBR[on.weekday()]), name_of(names, on)))
            )
            found.append(_line(called, old or as_week, new or as_week))
    return found


def _line(what: str, before: str, after: str) -> dict[str, str]:
    return {"what": what, "before": before, "after": after}


def _day_words(found: Definition, n: int) -> str:
    hours, breaks = hours_words(found.weekly[n]), windows_words(found.breaks[n])
    return _("%(hours)s, break %(breaks)s") % {"hours": hours, "breaks": breaks} if breaks else hours
