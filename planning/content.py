"""What a service level requirement says, as one value (SLM-01). Pure.

``Content.parse`` reads the JSON form and refuses anything unclear with the field it stands in; ``dump`` gives
the same JSON back. Texts are kept in both languages; calendars, teams and services are named by their codes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sla import reading
from sla.reading import Refused, join
from sla.terms import MEASURES, METRICS, UNITS, Cost, Text

PARTS = (
    "expectation", "hours", "continuity", "departments", "baseline", "components", "delivery", "quality",
    "measures",
)  # fmt: skip
"""The nine things a requirement must say before its baseline is fixed."""

TEXTS = (
    "expectation", "hours", "continuity", "baseline", "components", "delivery", "quality", "customer_duties",
    "provider_duties",
)  # fmt: skip
CODES = ("departments", "services")
DURATIONS = {"working_minutes": 60, "working_hours": 3600, "working_days": 0, "calendar_days": 0}
"""The units of what a clock on a ticket measures, with the working seconds of those that have some."""

MOST_TEXT, MOST_ROWS = 20_000, 100


class ContentError(Refused):
    """A requirement that is not accepted."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A required figure. Empty service or priority: for all. Durations are always "at most"."""

    measure: str
    operator: str
    value: float
    unit: str
    service: str | None = None
    priority: int | None = None

    @property
    def is_duration(self) -> bool:
        return self.measure in METRICS

    @property
    def key(self) -> str:
        """What it is called within an agreement: "resolution/email/1", "availability/email"."""
        head = f"{self.measure}/{self.service or ''}"
        return f"{head}/{self.priority or ''}" if self.is_duration else head

    @property
    def promise(self) -> dict[str, Any]:
        """The duration in the form of sla.target."""
        if seconds := DURATIONS[self.unit]:
            return {"kind": "business_seconds", "seconds": round(self.value * seconds)}
        return {"kind": self.unit, "days": round(self.value), "until": "same_time"}

    def term(self, method: Text) -> dict[str, Any]:
        """The same as a target or measure of sla.terms, in JSON."""
        words = {"service": self.service, "method": {"en": method.en, "zh": method.zh}}
        if self.is_duration:
            return {"metric": self.measure, "priority": self.priority, "promise": self.promise, **words}
        figure = {"operator": self.operator, "value": self.value, "unit": self.unit}
        return {"measure": self.measure, **figure, **words}


@dataclass(frozen=True, slots=True)
class Content:
    """All that a requirement says; ``calendar`` names the required hours, where there is one of them."""

    expectation: Text = field(default_factory=Text)
    hours: Text = field(default_factory=Text)
    calendar: str | None = None
    continuity: Text = field(default_factory=Text)
    departments: tuple[str, ...] = ()
    baseline: Text = field(default_factory=Text)
    components: Text = field(default_factory=Text)
    services: tuple[str, ...] = ()
    delivery: Text = field(default_factory=Text)
    quality: Text = field(default_factory=Text)
    measures: tuple[Measure, ...] = ()
    customer_duties: Text = field(default_factory=Text)
    provider_duties: Text = field(default_factory=Text)
    cost: Cost = field(default_factory=Cost)

    @classmethod
    def parse(cls, given: object) -> "Content":
        """The content of a JSON form; `ContentError(code, field, detail)` if refused."""
        try:
            return _content(given)
        except Refused as refused:
            raise ContentError(refused.code, refused.field, refused.detail) from None

    def dump(self) -> dict[str, Any]:
        """The JSON form, as `parse` takes it."""
        found = asdict(self)
        for name in (*CODES, "measures"):
            found[name] = list(found[name])
        return found

    @property
    def missing(self) -> tuple[str, ...]:
        """Those of the nine parts that say nothing yet."""
        beside = {"hours": self.calendar, "components": self.services}
        return tuple(part for part in PARTS if not (_says(getattr(self, part)) or _says(beside.get(part))))

    def flat(self) -> dict[str, Any]:
        """Every value by its place: "hours/zh", "calendar", "measures/resolution//1"."""
        found: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Text):
                found |= {f"{each.name}/en": value.en, f"{each.name}/zh": value.zh}
            elif each.name == "measures":
                found |= {f"measures/{row.key}": asdict(row) for row in value}
            else:
                found[each.name] = asdict(value) if isinstance(value, Cost) else _plain(value)
        return found


def _says(value: Any) -> bool:
    return bool(value.en.strip() or value.zh.strip()) if isinstance(value, Text) else bool(value)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the place as in `Content.flat`, its value before and after or None."""

    place: str
    before: Any
    after: Any


def changes(old: Content, new: Content) -> list[Change]:
    """What is said differently now, in the order of the page."""
    before, after = old.flat(), new.flat()
    places = list(dict.fromkeys((*before, *after)))
    return [
        Change(place, before.get(place), after.get(place))
        for place in places
        if before.get(place) != after.get(place)
    ]


# --- reading ---------------------------------------------------------------------------------

FIELDS = (*TEXTS, *CODES, "calendar", "measures", "cost")


def _content(given: object) -> Content:
    value = reading.mapping(given, "", optional=FIELDS)
    listed = reading.sequence(value.get("measures", []), "measures", most=MOST_ROWS)
    texts: dict[str, Any] = {name: text(value.get(name, {}), name) for name in TEXTS}
    named: dict[str, Any] = {name: codes(value.get(name, []), name) for name in CODES}
    found = Content(
        **texts,
        **named,
        calendar=optional(value, "calendar", ""),
        measures=tuple(_measure(row, f"measures[{n}]") for n, row in enumerate(listed)),
        cost=_cost(value.get("cost", {})),
    )
    keys = [row.key for row in found.measures]
    for n, key in enumerate(keys):
        if key in keys[:n]:
            raise Refused("duplicate", f"measures[{n}]", f"asks for {key} a second time")
    return found


def text(value: object, at: str) -> Text:
    """A text in both languages; either may be missing."""
    given = reading.mapping(value, at, optional=("en", "zh"))
    return Text(*(words(given.get(language), f"{at}.{language}") for language in ("en", "zh")))


def words(value: object, at: str, *, most: int = MOST_TEXT) -> str:
    """A text that may be empty, with the line ends of everywhere else."""
    if value in (None, ""):
        return ""
    return reading.text(value, at, most=most).replace("\r\n", "\n").strip()


def codes(value: object, at: str) -> tuple[str, ...]:
    listed = reading.sequence(value, at, most=MOST_ROWS)
    return tuple(dict.fromkeys(reading.text(each, f"{at}[{n}]", most=50) for n, each in enumerate(listed)))


def optional(value: Mapping[str, Any], name: str, at: str) -> str | None:
    """A code, or None where it is left out or empty."""
    return None if value.get(name) in (None, "") else reading.text(value[name], join(at, name), most=50)


def _measure(value: object, at: str) -> Measure:
    given = reading.mapping(
        value, at, required=("measure", "value", "unit"), optional=("operator", "service", "priority")
    )
    name = reading.choice(given["measure"], f"{at}.measure", (*METRICS, *MEASURES))
    if name in METRICS:
        return _duration(name, given, at)
    unit = reading.choice(given["unit"], f"{at}.unit", UNITS)
    if given.get("priority") is not None:
        raise Refused("unknown_value", f"{at}.priority", "belongs to what is measured on tickets")
    return Measure(
        name,
        reading.choice(given.get("operator"), f"{at}.operator", (">=", "<=")),
        reading.number(given["value"], f"{at}.value", least=0, most=100 if unit == "percent" else 1e12),
        unit,
        optional(given, "service", at),
    )


def _duration(name: str, given: Mapping[str, Any], at: str) -> Measure:
    unit = reading.choice(given["unit"], f"{at}.unit", tuple(DURATIONS))
    value = reading.number(given["value"], f"{at}.value", least=0, most=100_000)
    seconds = DURATIONS[unit]
    if value <= 0 or value * (seconds or 1) != round(value * (seconds or 1)):
        raise Refused("out_of_range", f"{at}.value", "must be more than zero, days and seconds whole")
    priority = given.get("priority")
    return Measure(
        name,
        reading.choice(given.get("operator", "<="), f"{at}.operator", ("<=",)),
        value,
        unit,
        optional(given, "service", at),
        None if priority is None else reading.whole(priority, f"{at}.priority", most=4),
    )


def _cost(value: object) -> Cost:
    given = reading.mapping(value, "cost", optional=("amount", "currency", "per"))
    return Cost(
        reading.number(given.get("amount", 0), "cost.amount", least=0, most=1e12),
        reading.text(given.get("currency", "CNY"), "cost.currency", most=3),
        words(given.get("per", "month"), "cost.per", most=50),
    )
