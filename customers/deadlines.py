"""By when an answer is due, and when its reader is warned. PURE."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from sla import calendar as working_time
from sla.calendar import Calendar
from sla.target import Target, resolve

WARN_AT = 0.8


def due_of(days: int, *, working: bool, calendar: Calendar, start: datetime) -> datetime:
    """The same time so many days later: days of the calendar's zone, or of those only on which it opens.

    A calendar that never opens again cannot count working days; then days of the calendar's zone count.
    """
    plain = Target("calendar_days", days, "same_time")
    if working:
        target = Target("working_days", days, "same_time")
        opening = working_time.next_opening(calendar, start)
        if opening is not None:
            due = working_time.add(calendar, start, resolve(target, calendar, start))
            if due is not None:
                return due
    return start + timedelta(seconds=resolve(plain, calendar, start))


def warning_of(start: datetime, due: datetime) -> datetime:
    """When most of the time is gone and somebody should look."""
    return (start + (due - start) * WARN_AT).replace(microsecond=0)


def months_later(day: date, months: int) -> date:
    """The same day so many months on, the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
