"""Quarters and years, as reports on releases are made of them. PURE."""

import re
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

CODE = re.compile(r"(?P<year>20[0-9]{2})(?:-Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True)
class Period:
    """A quarter, or the whole year (``quarter`` None)."""

    year: int
    quarter: int | None = None

    @classmethod
    def parse(cls, code: str) -> "Period | None":
        """From "2026-Q1" or "2026"; None for anything else."""
        found = CODE.fullmatch(code)
        if found is None:
            return None
        quarter = found["quarter"]
        return cls(int(found["year"]), int(quarter) if quarter else None)

    @classmethod
    def holding(cls, day: date, *, is_year: bool = False) -> "Period":
        """The quarter, or the year, a day lies in."""
        return cls(day.year, None if is_year else (day.month - 1) // 3 + 1)

    @property
    def code(self) -> str:
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def first(self) -> date:
        return date(self.year, (self.quarter - 1) * 3 + 1 if self.quarter else 1, 1)

    @property
    def after(self) -> date:
        """The day after its last one."""
        following = self.following
        return following.first

    @property
    def following(self) -> "Period":
        if self.quarter is None:
            return Period(self.year + 1)
        return Period(self.year + 1, 1) if self.quarter == 4 else Period(self.year, self.quarter + 1)

    @property
    def previous(self) -> "Period":
        if self.quarter is None:
            return Period(self.year - 1)
        return Period(self.year - 1, 4) if self.quarter == 1 else Period(self.year, self.quarter - 1)

    def span(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """[begin, end) as instants, at midnight of the zone."""
        return _midnight(self.first, zone), _midnight(self.after, zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
