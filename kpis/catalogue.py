"""What each indicator is called, whose it is and who checks it: read once from catalogue.csv. PURE."""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("catalogue.csv")


class Every(StrEnum):
    """How often it is assessed; NONE where nobody said so."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    OCCASION = "occasion"
    NONE = ""


@dataclass(frozen=True)
class Words:
    """The same in both languages."""

    en: str
    zh: str

    @property
    def label(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue. ``is_deduction``: what it counts lowers the score of the role (KPI-02).

    ``checker`` has empty words where nobody is named.
    """

    id: str
    process: Words
    role: Words
    name: Words
    is_deduction: bool
    checker: Words
    every: Every


@cache
def entries() -> dict[str, Entry]:
    """All of them by id, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["id"]: _entry(row) for row in csv.DictReader(file)}


def _entry(row: dict[str, str]) -> Entry:
    def words(name: str) -> Words:
        return Words(row[f"{name}_en"], row[f"{name}_zh"])

    return Entry(
        row["id"], words("process"), words("role"), words("name"), row["is_deduction"] == "1",
        words("checker"), Every(row["every"]),
    )  # fmt: skip


def order_of(kpi: str) -> int:
    """Its place in the catalogue."""
    return list(entries()).index(kpi)
