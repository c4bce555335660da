"""Working-time arithmetic against two PyPI packages, in one run, on the same calendar and stamps.

    python -m benchmarks.clock_arithmetic

A working week of five days from 9 to 18 in Berlin with a lunch break and ten holidays; business-duration
knows no breaks, so it is compared without. Each figure is the best of several rounds over the same stamps.
Answers are compared too: a fast wrong answer is no achievement.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

from sla.calendar import Calendar, add, between

DAYS = ("mon", "tue", "wed", "thu", "fri")
HOLIDAYS = [
    date(2026, month, day)
    for month, day in (
        (1, 1),
        (4, 3),
        (4, 6),
        (5, 1),
        (5, 14),
        (5, 25),
        (10, 3),
        (12, 24),
        (12, 25),
        (12, 31),
    )
]
BERLIN = ZoneInfo("Europe/Berlin")
AMOUNTS = (3600, 4 * 3600, 8 * 3600, 24 * 3600)
ROUNDS = 5

Stamps = Sequence[tuple[datetime, datetime, int]]


def calendar(*, lunch: bool) -> Calendar:
    """The calendar all are measured on."""
    return Calendar.parse(
        {
            "timezone": "Europe/Berlin",
            "weekly": {day: [["09:00", "18:00"]] for day in DAYS},
            "breaks": {day: [["12:00", "13:00"]] for day in DAYS} if lunch else {},
            "holidays": [day.isoformat() for day in HOLIDAYS],
        }
    )


def stamps(count: int) -> Stamps:
    """Pairs thirty days apart in 2026, with an amount of working seconds."""
    chance = random.Random(20260302)
    begin = datetime(2026, 1, 5, tzinfo=UTC)
    starts = [begin + timedelta(minutes=chance.randrange(300 * 1440)) for _ in range(count)]
    return [(start, start + timedelta(days=30), chance.choice(AMOUNTS)) for start in starts]


def per_second(work: Callable[[Stamps], object], given: Stamps) -> float:
    """Computations per second, best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work(given)
        best = min(best, time.perf_counter() - began)
    return len(given) / best


def businesstimedelta_rules() -> Any:
    """The same hours in the words of businesstimedelta."""
    import businesstimedelta as btd
    import pytz  # type: ignore[import-untyped]

    zone = pytz.timezone("Europe/Berlin")
    work = btd.WorkDayRule(start_time=clock(9), end_time=clock(18), working_days=[0, 1, 2, 3, 4], tz=zone)
    lunch = btd.LunchTimeRule(start_time=clock(12), end_time=clock(13), working_days=[0, 1, 2, 3, 4], tz=zone)
    return btd.Rules([work, lunch, btd.HolidayRule(HOLIDAYS, tz=zone)])


def main() -> None:
    """Print a markdown table with ratios."""
    import business_duration
    import businesstimedelta as btd

    ours, plain, rules = calendar(lunch=True), calendar(lunch=False), businesstimedelta_rules()
    many, few = stamps(20_000), stamps(100)

    def ours_due(given: Stamps) -> list[datetime | None]:
        return [add(ours, start, seconds) for start, _, seconds in given]

    def ours_between(given: Stamps) -> list[int]:
        return [between(ours, start, end) for start, end, _ in given]

    def plain_between(given: Stamps) -> list[int]:
        return [between(plain, start, end) for start, end, _ in given]

    def btd_due(given: Stamps) -> list[datetime]:
        return [start + btd.BusinessTimeDelta(rules, seconds=seconds) for start, _, seconds in given]

    def btd_between(given: Stamps) -> list[float]:
        return [rules.difference(start, end).timedelta.total_seconds() for start, end, _ in given]

    def duration_between(given: Stamps) -> list[float]:
        naive = [(_naive(start), _naive(end)) for start, end, _ in given]
        return [
            business_duration.businessDuration(s, e, clock(9), clock(18), holidaylist=HOLIDAYS, unit="sec")
            for s, e in naive
        ]

    fast = {"due": per_second(ours_due, many), "between": per_second(ours_between, many)}
    fast["plain"] = per_second(plain_between, many)
    due = _agree(ours_due(few), btd_due(few))
    apart = _agree(ours_between(few), btd_between(few))
    no_lunch = _agree(plain_between(few), duration_between(few))
    span = "between stamps 30 days apart"
    slower = (fast["plain"], per_second(duration_between, few))
    rows = [
        ("due time", "businesstimedelta", fast["due"], per_second(btd_due, few), due),
        (span, "businesstimedelta", fast["between"], per_second(btd_between, few), apart),
        (f"{span}, no lunch", "business-duration", *slower, no_lunch),
    ]
    print("| computation | against | ours per second | theirs per second | ratio | same answers |")
    print("|---|---|---:|---:|---:|---:|")
    for what, peer, mine, theirs, same in rows:
        figures = f"{mine:,.0f} | {theirs:,.0f} | {mine / theirs:,.0f}x"
        print(f"| {what} | {peer} | {figures} | {same} of {len(few)} |")


def _naive(at: datetime) -> datetime:
    return at.astimezone(BERLIN).replace(tzinfo=None)


def _agree(mine: Sequence[object], theirs: Sequence[object]) -> int:
    return sum(a == b for a, b in zip(mine, theirs, strict=True))


if __name__ == "__main__":
    main()
