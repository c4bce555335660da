"""The fixed words of a document in both languages, and its amounts, instants and hours."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Named
from agreements.documents.tree import same
from itsm.templatetags.ui import day_words, instant_words, working_duration
from sla.calendar import Calendar
from sla.definition import DAY_MINUTES, ROUND_THE_CLOCK, Windows
from sla.models import CalendarVersion, MeasuredTarget
from sla.naming import UNITS
from sla.package_views import promise_words
from sla.target import Target
from sla.terms import MeasureTerm, Text

ONE: Mapping[str, Any] = {"days": gettext_lazy("1 day"), "months": gettext_lazy("1 month")}
MOST_DAYS = 40


def both(make: Callable[[], object]) -> Text:
    """What ``make`` says to an English and to a Chinese reader."""
    with translation.override("en"):
        en = str(make())
    with translation.override("zh-hans"):
        return Text(en, str(make()))


def say(words: Any, **values: "Text | object") -> Text:
    """Words marked for translation, in both languages; each ``%(name)s`` filled in its language."""

    def made(lang: str) -> str:
        filled = {
            key: getattr(v, lang) or v.en or v.zh if isinstance(v, Text) else v for key, v in values.items()
        }
        return str(words) % filled if filled else str(words)

    with translation.override("en"):
        en = made("en")
    with translation.override("zh-hans"):
        return Text(en, made("zh"))


def name_of(thing: Named) -> Text:
    """The name of a row in both languages."""
    return Text(thing.name_en, thing.name_zh)


def listed(words: "list[Text]") -> Text:
    """Several words in a row."""
    return Text(", ".join(w.en for w in words), "、".join(w.zh or w.en for w in words))


def lowered(words: Text) -> Text:
    """A label within a sentence."""
    return Text(words.en[:1].lower() + words.en[1:], words.zh)


def exact(value: float) -> str:
    """A number without rounding and without superfluous zeros: 99.95, 1200000."""
    return format(Decimal(repr(value)).normalize(), "f")


def percent(value: float) -> str:
    return f"{exact(value)}%"


def instant(value: datetime, zone: ZoneInfo) -> Text:
    """An instant in the zone of the agreement, whoever reads it."""
    return both(lambda: f"{instant_words(value, zone)} ({zone.key})")


def date_of(value: datetime, zone: ZoneInfo) -> Text:
    """The day of an instant in the zone of the agreement."""
    return day(value.astimezone(zone).date())


def day(value: date) -> Text:
    return both(lambda: day_words(value))


def promise(target: Target) -> Text:
    """A promised amount to the second, and for days until when on the last one."""
    if target.kind == "business_seconds":
        if target.amount % 60:
            return say(gettext_lazy("%(count)s working seconds"), count=target.amount)
        return both(lambda: working_duration(target.amount))
    ends = gettext_lazy("%(amount)s, at the same time of day")
    if target.until == "close":
        ends = gettext_lazy("%(amount)s, until the day's end of work")
        if target.kind == "calendar_days":
            ends = gettext_lazy("%(amount)s, until midnight of the last day")
    return say(ends, amount=both(lambda: promise_words(target)))


def measured(term: MeasureTerm) -> Text:
    """At least or at most so much, with its unit."""
    amount = same(percent(term.value) if term.unit == "percent" else exact(term.value))
    if term.value == 1 and term.unit in ONE:
        amount = say(ONE[term.unit])
    elif term.unit not in ("percent", "count"):
        amount = say(gettext_lazy("%(value)s %(unit)s"), value=exact(term.value), unit=say(UNITS[term.unit]))
    operator = say(MeasuredTarget.Operator(term.operator).label)
    return say(gettext_lazy("%(operator)s %(amount)s"), operator=operator, amount=amount)


def _clock(minute: int) -> str:
    """A time of day; 24:00 is midnight, what lies beyond is on the next day."""
    if minute > DAY_MINUTES:
        minute -= DAY_MINUTES
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _windows(windows: Windows, breaks: Windows) -> str:
    if not windows:
        return _("no hours")
    if windows == ROUND_THE_CLOCK and not breaks:
        return _("round the clock")
    shown = ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in windows)
    if breaks:
        pause = ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in breaks)
        shown = _("%(hours)s (break %(breaks)s)") % {"hours": shown, "breaks": pause}
    return shown


def hours(version: CalendarVersion, since: date) -> Text:
    """The week of a calendar, its dated exceptions from a day on, and its zone, one line each."""
    return both(lambda: "\n".join(_hours(version, since)))


def _hours(version: CalendarVersion, since: date) -> list[str]:
    week = version.hours
    lines = _week(week)
    if holidays := sum(when >= since for when in week.holidays):
        lines.append(_("Closed on the public holidays listed in it (%(count)s).") % {"count": holidays})
    if makeup := [day_words(when) for when, _as in week.makeup if when >= since]:
        lines.append(_("Open on these make-up days: %(days)s.") % {"days": _capped(makeup)})
    special = [
        f"{day_words(when)} {_windows(windows, ())}" for when, windows in week.special if when >= since
    ]
    if special:
        lines.append(_("Different hours on: %(days)s.") % {"days": _capped(special)})
    facts = {"zone": week.timezone, "number": version.number}
    return [*lines, _("Time zone %(zone)s; calendar version %(number)s.") % facts]


def _week(week: Calendar) -> list[str]:
    """Days of equal hours together: "Monday to Friday: 09:00–18:00"."""
    days = [(_windows(week.weekly[n], week.breaks[n]), n) for n in range(7)]
    lines = []
    for hours_, group in groupby(days, key=itemgetter(0)):
        numbers = [n for _hours, n in group]
        first, last = WEEKDAYS[numbers[0]], WEEKDAYS[numbers[-1]]
        span = _("%(first)s to %(last)s") % {"first": first, "last": last} if len(numbers) > 1 else first
        lines.append(_("%(days)s: %(hours)s") % {"days": span, "hours": hours_})
    return lines


def _capped(words: list[str]) -> str:
    """A list that fits a page; the whole of it is in the calendar."""
    more = len(words) - MOST_DAYS
    rest = [_("%(count)s more in the calendar") % {"count": more}] if more > 0 else []
    return ", ".join([*words[:MOST_DAYS], *rest])
