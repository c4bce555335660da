"""How long the underpinning proof of a realistic agreement takes, over a whole year, from cold.

    python -m benchmarks.bench_underpin

Twenty targets in chains of two and three stages, on four calendars with Chinese holidays and make-up days.
"""

import time
from datetime import UTC, datetime

from sla import curves, public_holidays
from sla.calendar import ALWAYS, Calendar
from sla.curves import Duration
from sla.target import Target
from sla.underpin import Link, Verdict, compare, first_gap

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def chinese(begin: str, end: str, days: tuple[str, ...] = WEEKDAYS) -> Calendar:
    """Hours with a lunch break and the public holidays of 2025 and 2026."""
    plain = {
        "timezone": "Asia/Shanghai",
        "weekly": {day: [[begin, end]] for day in days},
        "breaks": {day: [["12:00", "13:00"]] for day in days},
    }
    listed = [day for year in (2025, 2026) for day in public_holidays.official("CN", year)]
    dated = {
        "holidays": [day.on.isoformat() for day in listed if day.kind == "holiday"],
        "makeup": [
            {"date": day.on.isoformat(), "as": day.worked_as} for day in listed if day.kind != "holiday"
        ],
    }
    return Calendar.parse(plain | dated)


def verdicts() -> list[Verdict]:
    """The proof of one agreement; every target with its own figures."""
    office, desk = chinese("09:00", "18:00"), chinese("08:00", "20:00")
    supplier = chinese("08:30", "17:30")
    found = []
    for n in range(20):
        hours = 3600 * (n + 4)
        stages = [
            (1, hours // 4, desk),
            (2, hours // 4, office),
            (2, hours // 3, desk),
            (3, hours // 5, supplier),
        ]
        chain = [
            Link("ola", str(stage), stage, Target("business_seconds", seconds), calendar)
            for stage, seconds, calendar in stages[: 3 + n % 2]
        ]
        promise = (
            Target("working_days", 1 + n // 4, "close") if n % 4 == 3 else Target("business_seconds", hours)
        )
        calendar = ALWAYS if n % 5 == 0 else office
        found.append(compare(f"resolution//{n}", Duration(promise, calendar), chain, begin=BEGIN))
        first_gap(calendar, supplier, begin=BEGIN)
    return found


def measure() -> tuple[float, list[Verdict]]:
    """Seconds from cold caches, and the verdicts."""
    curves.curve.cache_clear()
    curves._year.cache_clear()
    begun = time.perf_counter()
    found = verdicts()
    return time.perf_counter() - begun, found


if __name__ == "__main__":
    for _ in range(3):
        taken, proved = measure()
        looser = sum(verdict.state == "looser" for verdict in proved)
        print(f"{len(proved)} targets, {looser} looser: {taken:.2f} s")
