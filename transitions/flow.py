"""What a transition template says: rules, steps by their kind, further points to check. PURE.

People write it as lines, one point each: "English | Chinese", or one language alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STEPS = ("deploy", "test", "train", "switch")
LISTS = ("checks", "takeover", "acceptance")
MOST_LINES, MOST_LETTERS, MOST_RULES, MOST_DAYS = 40, 200, 20_000, 365


class FlowError(Exception):
    """What is wrong with a flow, by the field it stands in; ``code`` says why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


@dataclass(frozen=True)
class Line:
    """One point, in one language or in both; ``en`` is never empty."""

    en: str
    zh: str = ""

    @classmethod
    def read(cls, text: str) -> "Line":
        en, _bar, zh = (part.strip() for part in text.partition("|"))
        return cls(en or zh, zh if en else "")

    def written(self) -> str:
        return f"{self.en} | {self.zh}" if self.zh else self.en


@dataclass(frozen=True)
class Flow:
    """``steps`` maps each kind of step to its lines; ``days`` is how long a service is watched."""

    rules_en: str
    rules_zh: str
    steps: Mapping[str, tuple[Line, ...]]
    checks: tuple[Line, ...] = ()
    takeover: tuple[Line, ...] = ()
    acceptance: tuple[Line, ...] = ()
    days: int = 14

    def dump(self) -> dict[str, Any]:
        """As JSON, with every kind of step and list."""
        return {
            "rules_en": self.rules_en,
            "rules_zh": self.rules_zh,
            "steps": {sort: [[line.en, line.zh] for line in self.steps.get(sort, ())] for sort in STEPS},
            **{name: [[line.en, line.zh] for line in getattr(self, name)] for name in LISTS},
            "days": self.days,
        }

    @classmethod
    def parse(cls, given: Any) -> "Flow":
        """From what `dump` wrote or a program sent. FlowError for anything else."""
        if not isinstance(given, Mapping):
            raise FlowError("flow", "shape")
        steps = given.get("steps") or {}
        if not isinstance(steps, Mapping) or set(steps) - set(STEPS):
            raise FlowError("steps", "shape")
        return cls(
            rules_en=_text(given.get("rules_en", ""), "rules_en"),
            rules_zh=_text(given.get("rules_zh", ""), "rules_zh"),
            steps={sort: _lines(steps.get(sort) or (), sort) for sort in STEPS},
            checks=_lines(given.get("checks") or (), "checks"),
            takeover=_lines(given.get("takeover") or (), "takeover"),
            acceptance=_lines(given.get("acceptance") or (), "acceptance"),
            days=_days(given.get("days", 14)),
        )


def lines(text: str) -> list[list[str]]:
    """The lines people wrote, as `Flow.parse` reads them."""
    return [[line.en, line.zh] for line in map(Line.read, text.splitlines()) if line.en]


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise FlowError(field, "shape")
    if len(value) > MOST_RULES:
        raise FlowError(field, "too_long")
    return value.strip()


def _days(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_DAYS:
        raise FlowError("days", "days")
    return value


def _lines(rows: Any, field: str) -> tuple[Line, ...]:
    if not isinstance(rows, Iterable) or isinstance(rows, str | bytes | Mapping):
        raise FlowError(field, "shape")
    found = []
    for row in rows:
        if not isinstance(row, list | tuple) or not 1 <= len(row) <= 2:
            raise FlowError(field, "shape")
        if not all(isinstance(part, str) and "\0" not in part for part in row):
            raise FlowError(field, "shape")
        line = Line(*(part.strip() for part in row))
        if not line.en:
            raise FlowError(field, "required")
        if max(len(line.en), len(line.zh)) > MOST_LETTERS:
            raise FlowError(field, "too_long")
        found.append(line)
    if len(found) > MOST_LINES:
        raise FlowError(field, "too_many")
    return tuple(found)
