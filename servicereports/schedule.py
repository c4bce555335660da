"""Which reports an agreement owes: the periods that have ended, and the day each report is due. PURE."""

from collections.abc import Collection
from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
MOST_AT_ONCE = 12
"""So far back, in periods, a missed report is still opened after a long standstill."""

Span = tuple[date, date]


def add_months(day: date, months: int) -> date:
    """The first of the month so many months from the month of a day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def span_of(day: date, period: str) -> Span:
    """The first and last day of the period around a day; KeyError for a period there is not."""
    months = MONTHS[period]
    first = add_months(day, -((day.month - 1) % months))
    return first, add_months(first, months) - timedelta(days=1)


def last_ended(today: date, period: str) -> Span:
    """The latest period whose last day has passed."""
    first, _last = span_of(today, period)
    return span_of(first - timedelta(days=1), period)


def due_on(last: date, due_day: int) -> date:
    """The day of the following month by which the report of a period is to be there."""
    return add_months(last, 1).replace(day=due_day)


def owed(today: date, period: str, *, since: date, made: Collection[date]) -> list[Span]:
    """The periods that have ended and whose report is missing, the oldest first.

    ``since`` is the first day the agreement was in force, ``made`` the first days of the reports there are.
    What was before the first of them is not asked for: an agreement without any report owes the last period.
    """
    span = last_ended(today, period)
    begun = min(made, default=span[0])
    found: list[Span] = []
    for _turn in range(MOST_AT_ONCE):
        if span[0] < begun or span[1] < since:
            break
        if span[0] not in made:
            found.insert(0, span)
        span = span_of(span[0] - timedelta(days=1), period)
    return found
