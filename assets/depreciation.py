"""What an asset is still worth: straight line, by whole days. PURE."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from records.recurrence import later

CENT = Decimal("0.01")


def value_on(
    day: date, *, cost: Decimal, residual: Decimal, since: date, months: int, until: date | None = None
) -> Decimal:
    """The book value at the end of ``day``, to the cent.

    It falls evenly from ``cost`` on ``since`` to ``residual`` after ``months``, and stays there; it stops
    falling on ``until``, the day of disposal. Before ``since`` it is the cost. ``months`` 0: written off at
    once. Raises ValueError where the residual value is negative or above the cost.
    """
    if not 0 <= residual <= cost:
        raise ValueError("the residual value lies between nothing and the cost")
    day = min(day, until) if until else day
    if day < since:
        return cost.quantize(CENT, ROUND_HALF_UP)
    whole = (later(since, months=months) - since).days
    passed = min((day - since).days, whole)
    share = Decimal(passed) / Decimal(whole) if whole else Decimal(1)
    return (cost - (cost - residual) * share).quantize(CENT, ROUND_HALF_UP)


def written_off_on(since: date, months: int) -> date:
    """The day from which only the residual value is left."""
    return later(since, months=months)
