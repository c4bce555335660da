"""How a service is designed from a requirement: specification sheet and quality plan, row by row. Pure.

A specification sheet translates each external requirement into what is asked of our own technology (SLM-05);
a quality plan sets targets per process (SLM-06). Rows are read and refused as in planning.content.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from planning.content import MOST_ROWS, Content, optional, text, words
from sla import reading
from sla.reading import Refused
from sla.terms import UNITS, Text

PROCESSES = (
    "incident", "request", "problem", "change", "release", "configuration", "service_level", "availability",
    "capacity", "continuity", "security", "supplier",
)  # fmt: skip
TRANSLATED = ("hours", "continuity")
"""The texts that ask something of our technology, besides every measure."""

MOST_LINE = 300
R = TypeVar("R", bound="SpecRow | QualityRow")


class DesignError(Refused):
    """Rows that are not accepted."""


@dataclass(frozen=True, slots=True)
class SpecRow:
    """One technical requirement. ``requirement`` is a place of the content: "hours", "measures/<key>"."""

    requirement: str
    technical: Text
    team: str
    method: Text
    service: str | None = None
    component: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One target of a process: the figure, who answers for it, and how it is checked."""

    process: str
    indicator: Text
    operator: str
    value: float
    unit: str
    team: str
    check: Text = field(default_factory=Text)


def dumped(rows: Sequence[SpecRow | QualityRow]) -> list[dict[str, Any]]:
    """Rows as JSON."""
    return [asdict(row) for row in rows]


def external(content: Content) -> tuple[str, ...]:
    """The places of a requirement that have to be translated."""
    texts = tuple(
        name for name in TRANSLATED if (value := getattr(content, name)).en.strip() or value.zh.strip()
    )
    return (*texts, *(f"measures/{row.key}" for row in content.measures))


def untranslated(content: Content, rows: Sequence[SpecRow]) -> tuple[str, ...]:
    """The external requirements for which the sheet has no row."""
    done = {row.requirement for row in rows}
    return tuple(place for place in external(content) if place not in done)


def methods(rows: Sequence[SpecRow]) -> dict[str, Text]:
    """How each required figure is measured, by its key; of several rows the first."""
    found: dict[str, Text] = {}
    for row in rows:
        head, _bar, key = row.requirement.partition("/")
        if head == "measures":
            found.setdefault(key, row.method)
    return found


def spec_rows(given: object, content: Content) -> tuple[SpecRow, ...]:
    """The rows of a sheet for a requirement; `DesignError` if refused."""
    places = external(content)
    return _rows(given, lambda value, at: _spec_row(value, at, places))


def known_spec_rows(given: object) -> tuple[SpecRow, ...]:
    """The rows of a sheet as it was kept, whatever the requirement says by now."""
    return _rows(given, lambda value, at: _spec_row(value, at, None))


def quality_rows(given: object) -> tuple[QualityRow, ...]:
    """The rows of a quality plan; `DesignError` if refused."""
    return _rows(given, _quality_row)


def _rows(given: object, read: Callable[[object, str], R]) -> tuple[R, ...]:
    try:
        listed = reading.sequence(given, "rows", most=MOST_ROWS)
        return tuple(read(row, f"rows[{n}]") for n, row in enumerate(listed))
    except Refused as refused:
        raise DesignError(refused.code, refused.field, refused.detail) from None


def _filled(value: object, at: str) -> Text:
    found = text(value, at)
    if not (found.en or found.zh):
        raise Refused("required", at, "must be written in at least one language")
    return found


def _spec_row(value: object, at: str, places: Sequence[str] | None) -> SpecRow:
    given = reading.mapping(
        value, at, required=("requirement", "technical", "team", "method"),
        optional=("service", "component", "value"),
    )  # fmt: skip
    place = reading.text(given["requirement"], f"{at}.requirement", most=150)
    if places is not None and place not in places:
        raise Refused("unknown_value", f"{at}.requirement", "is no requirement to be translated")
    return SpecRow(
        place,
        _filled(given["technical"], f"{at}.technical"),
        reading.text(given["team"], f"{at}.team", most=50),
        _filled(given["method"], f"{at}.method"),
        optional(given, "service", at),
        words(given.get("component"), f"{at}.component", most=MOST_LINE),
        words(given.get("value"), f"{at}.value", most=MOST_LINE),
    )


def _quality_row(value: object, at: str) -> QualityRow:
    required = ("process", "indicator", "operator", "value", "unit", "team")
    given: Mapping[str, Any] = reading.mapping(value, at, required=required, optional=("check",))
    unit = reading.choice(given["unit"], f"{at}.unit", UNITS)
    return QualityRow(
        reading.choice(given["process"], f"{at}.process", PROCESSES),
        _filled(given["indicator"], f"{at}.indicator"),
        reading.choice(given["operator"], f"{at}.operator", (">=", "<=")),
        reading.number(given["value"], f"{at}.value", least=0, most=100 if unit == "percent" else 1e12),
        unit,
        reading.text(given["team"], f"{at}.team", most=50),
        text(given.get("check", {}), f"{at}.check"),
    )
