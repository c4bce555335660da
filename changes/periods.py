"""The quarters of a year and the year itself, for reports. PURE but for the zone it is given."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

FIRST, LAST = 2000, 2100


@dataclass(frozen=True)
class Period:
    """Half open, [start, end). ``quarter`` is 0 for the whole year."""

    year: int
    quarter: int
    start: datetime
    end: datetime

    @property
    def code(self) -> str:
        """As an address names it: "2026-Q3", "2026"."""
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)


def period(year: int, quarter: int, zone: ZoneInfo) -> Period:
    """A quarter of a year (1 to 4), or the year (0), by the clocks of a zone."""
    first = 3 * quarter - 2 if quarter else 1
    last = first + (3 if quarter else 12)
    return Period(
        year, quarter, datetime(year, first, 1, tzinfo=zone),
        datetime(year + (last > 12), (last - 1) % 12 + 1, 1, tzinfo=zone),
    )  # fmt: skip


def of_year(year: int, zone: ZoneInfo) -> list[Period]:
    """The four quarters, then the year."""
    return [period(year, quarter, zone) for quarter in (1, 2, 3, 4, 0)]


def parse(text: str, zone: ZoneInfo) -> Period | None:
    """ "2026-Q3" or "2026"; None for anything else."""
    year, _dash, rest = text.partition("-")
    if not (year.isascii() and year.isdigit() and FIRST <= int(year[:5]) <= LAST):
        return None
    if not rest:
        return period(int(year), 0, zone)
    is_quarter = len(rest) == 2 and rest[0] == "Q" and rest[1] in "1234"
    return period(int(year), int(rest[1]), zone) if is_quarter else None
