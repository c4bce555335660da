"""Room between appointments. PURE."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From an instant to another, half open."""

    start: datetime
    end: datetime


def free(
    within: Sequence[Span],
    taken: Sequence[Span],
    *,
    length: timedelta,
    before: timedelta,
    step: timedelta,
    since: datetime,
) -> list[datetime]:
    """The beginnings, ``step`` apart from each span's start, at which ``length`` fits with ``before`` ahead.

    Nothing before ``since``; the way there may lie before the span, but not over what is taken.
    """
    found = []
    for span in sorted(within):
        at = span.start
        while at + length <= span.end:
            if at - before >= since and not any(t.start < at + length and t.end > at - before for t in taken):
                found.append(at)
            at += step
    return found
