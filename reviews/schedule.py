"""When the next review of an agreement is due, and when one is proposed. PURE."""

import calendar
from datetime import date, timedelta

NOTICE = timedelta(days=30)
"""How long before it is due a yearly or quarterly review is planned."""

SHORT_NOTICE = timedelta(days=10)
"""The same for what is reviewed every month."""

YEAR = 12


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where there is none."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_on(last: date | None, began: date, months: int) -> date:
    """The day by which the next one must be held: so many months after the last, or after the beginning."""
    return add_months(last or began, months)


def should_plan(due: date, today: date, months: int) -> bool:
    """True once the day is near enough."""
    return today >= due - (SHORT_NOTICE if months == 1 else NOTICE)


def proposed_day(due: date, today: date) -> date:
    """A working day on or before the due day, but in a week at the earliest, so that people can prepare."""
    day = max(due, today + timedelta(days=7))
    return day - timedelta(days=max(0, day.weekday() - 4))
