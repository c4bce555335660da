"""Reading a calendar definition: rules C-1 to C-9 and X-5. Pure.

The form is the `calendar` object of the simulator's JSON format (docs/sla-clock.md). Whatever would
have to be guessed is refused with a `CalendarError` that names the field.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sla import reading
from sla.reading import Refused, join, show
from sla.zone import known_zones

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE, DAY_MINUTES = 60, 1440
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_WINDOWS = 24
MOST_DATES = 20_000
SHUT: tuple[tuple[int, int], ...] = ()
ROUND_THE_CLOCK = ((0, DAY_MINUTES),)

Windows = tuple[tuple[int, int], ...]
"""Minutes after local midnight, sorted; an end beyond 1440 lies on the following date (C-4)."""


class CalendarError(Refused):
    """A calendar definition that is not accepted."""


class Definition(NamedTuple):
    """A calendar as plain values, checked."""

    timezone: str
    weekly: tuple[Windows, ...]
    breaks: tuple[Windows, ...]
    holidays: frozenset[date]
    makeup: tuple[tuple[date, int], ...]
    special: tuple[tuple[date, Windows], ...]


def read(definition: object) -> Definition:
    """The checked form of a JSON calendar; `CalendarError` for anything that is not one."""
    try:
        return _read(definition)
    except CalendarError:
        raise
    except Refused as refused:
        raise CalendarError(refused.code, refused.field, refused.detail) from None


def _read(definition: object) -> Definition:
    given = reading.mapping(
        definition,
        "",
        required=("timezone",),
        optional=("weekly", "always_open", "breaks", "holidays", "makeup", "special"),
    )
    found = Definition(
        timezone=_timezone(given["timezone"]),
        weekly=_weekly(given),
        breaks=_week(given.get("breaks", {}), "breaks", crossing=False),
        holidays=frozenset(_holidays(given.get("holidays", []))),
        makeup=_makeup(given.get("makeup", [])),
        special=_special(given.get("special", {})),
    )
    _refuse_overlaps_of_days(found)
    return found


def _timezone(value: object) -> str:
    name = reading.text(value, "timezone")
    if name not in known_zones():
        detail = f'is not an IANA time zone: {show(name)}; write for example "Asia/Shanghai" or "UTC"'
        raise Refused("unknown_zone", "timezone", detail)
    return name


def _weekly(given: Mapping[str, Any]) -> tuple[Windows, ...]:
    always = reading.flag(given.get("always_open", False), "always_open")
    if not always and "weekly" not in given:
        raise Refused("required", "weekly", 'is missing; give the week, or "always_open": true')
    week = _week(given.get("weekly", {}), "weekly", crossing=True)
    return (ROUND_THE_CLOCK,) * 7 if always else week


def _week(value: object, field: str, *, crossing: bool) -> tuple[Windows, ...]:
    days = reading.table(value, field)
    for day in days:
        if day not in WEEKDAYS:
            detail = f"is not a weekday; write one of {', '.join(WEEKDAYS)}"
            raise Refused("unknown_weekday", join(field, reading.plain(day)), detail)
    return tuple(_windows(days.get(day, []), join(field, day), crossing=crossing) for day in WEEKDAYS)


def _windows(value: object, field: str, *, crossing: bool) -> Windows:
    listed = reading.sequence(value, field, most=MOST_WINDOWS)
    found = tuple(sorted(_window(each, f"{field}[{n}]", crossing=crossing) for n, each in enumerate(listed)))
    if crossing:
        for (_, end), (begin, _) in pairwise(found):
            if begin < end:
                detail = f"two windows overlap at {clock(begin)}; they may touch but not overlap"
                raise Refused("overlap", field, detail)
    return found


def _window(value: object, field: str, *, crossing: bool) -> tuple[int, int]:
    pair = reading.sequence(value, field)
    if len(pair) != 2:
        detail = f'must be a begin and an end such as ["09:00", "18:00"], not {len(pair)} values'
        raise Refused("wrong_type", field, detail)
    begin, end = _time(pair[0], f"{field}[0]", ends=False), _time(pair[1], f"{field}[1]", ends=True)
    if begin == end:
        detail = 'begins and ends at the same time; a whole day is ["00:00", "24:00"]'
        raise Refused("zero_length", field, detail)
    if end < begin and not crossing:
        detail = "a break does not cross midnight; list its parts under their weekdays (24:00 may end one)"
        raise Refused("crosses_midnight", field, detail)
    return begin, end if end > begin else end + DAY_MINUTES


def _time(value: object, field: str, *, ends: bool) -> int:
    if ends and value == "24:00":
        return DAY_MINUTES
    matched = TIME.fullmatch(value) if isinstance(value, str) else None
    if matched is None:
        extra = "24:00 may end a window" if ends else "24:00 may only end a window"
        detail = f'must be a time in whole minutes such as "09:30" ({extra}), not {show(value)}'
        raise Refused("bad_time", field, detail)
    return int(matched[1]) * MINUTE + int(matched[2])


def _date(value: object, field: str) -> date:
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Refused("bad_date", field, f'must be a full date such as "2026-02-17", not {show(value)}')


def _holidays(value: object) -> Iterable[date]:
    # a date listed twice is one holiday: merged lists name the same day for two feasts
    for n, each in enumerate(reading.sequence(value, "holidays", most=MOST_DATES)):
        yield _date(each, f"holidays[{n}]")


def _makeup(value: object) -> tuple[tuple[date, int], ...]:
    found: dict[date, int] = {}
    for n, each in enumerate(reading.sequence(value, "makeup", most=MOST_DATES)):
        field = f"makeup[{n}]"
        given = reading.mapping(each, field, required=("date", "as"))
        day = _date(given["date"], f"{field}.date")
        worked_as = reading.choice(given["as"], f"{field}.as", WEEKDAYS, code="unknown_weekday")
        if found.setdefault(day, WEEKDAYS.index(worked_as)) != WEEKDAYS.index(worked_as):
            detail = f"{day} is already worked as {WEEKDAYS[found[day]]}; a date can follow one weekday only"
            raise Refused("duplicate", f"{field}.date", detail)
    return tuple(sorted(found.items()))


def _special(value: object) -> tuple[tuple[date, Windows], ...]:
    dates = reading.table(value, "special")
    if len(dates) > MOST_DATES:
        raise Refused("too_many", "special", f"has {len(dates)} dates; at most {MOST_DATES} are taken")
    found = []
    for key, windows in dates.items():
        field = join("special", reading.plain(key))
        found.append((_date(key, field), _windows(windows, field, crossing=True)))
    return tuple(sorted(found))


def _refuse_overlaps_of_days(found: Definition) -> None:
    """C-3 across midnight: in the ordinary week, and where a dated exception changes a day's windows."""
    for today in range(7):
        tomorrow = (today + 1) % 7
        if _reaches_into(found.weekly[today], found.weekly[tomorrow]):
            detail = f"the last window runs into the first one of {WEEKDAYS[tomorrow]}; they may only touch"
            raise Refused("overlap", f"weekly.{WEEKDAYS[today]}", detail)
    dated = dict.fromkeys(found.holidays, SHUT)
    dated |= {day: found.weekly[worked_as] for day, worked_as in found.makeup}
    dated |= dict(found.special)
    named = {day: f"makeup[{day}]" for day, _ in found.makeup}
    named |= {day: f"special.{day}" for day, _ in found.special}

    def windows(day: date) -> Windows:
        return dated[day] if day in dated else found.weekly[day.weekday()]

    for day, field in named.items():
        before = day - timedelta(days=1) if day > date.min else day
        after = day + timedelta(days=1) if day < date.max else day
        if (day > before and _reaches_into(windows(before), windows(day))) or (
            after > day and _reaches_into(windows(day), windows(after))
        ):
            detail = f"the windows of {day} overlap with those of a neighbouring day; they may only touch"
            raise Refused("overlap", field, detail)


def _reaches_into(today: Windows, tomorrow: Windows) -> bool:
    return bool(today and tomorrow) and today[-1][1] - DAY_MINUTES > tomorrow[0][0]


def clock(minute: int) -> str:
    """540 is 09:00; 1800, on the following date, is 06:00; 1440 is 24:00."""
    within = minute if minute <= DAY_MINUTES else minute - DAY_MINUTES
    return f"{within // MINUTE:02}:{within % MINUTE:02}"
