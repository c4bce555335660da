"""What the parts of a requirement and of a design are called, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, in_reader_language
from agreements.terms_words import promise
from planning import content as whole
from planning.content import DURATIONS, Content, Measure
from records import log as records_log
from sla.models import MeasuredTarget, Metric
from sla.naming import UNITS, Names, amount
from sla.target import Target
from sla.terms import MEASURES, METRICS, Text

PARTS: Mapping[str, Any] = {
    "expectation": gettext_lazy("Expectation of the customer"),
    "hours": gettext_lazy("Required hours and days"),
    "calendar": gettext_lazy("Calendar of the hours"),
    "continuity": gettext_lazy("Need of continuity"),
    "departments": gettext_lazy("Departments that provide the service"),
    "baseline": gettext_lazy("Reference baseline"),
    "components": gettext_lazy("Components of the service"),
    "services": gettext_lazy("Services of the catalogue"),
    "delivery": gettext_lazy("Way of delivery"),
    "quality": gettext_lazy("Steps of quality control"),
    "measures": gettext_lazy("Measures"),
    "customer_duties": gettext_lazy("Duties of the customer"),
    "provider_duties": gettext_lazy("Duties of the provider"),
    "cost": gettext_lazy("Expected cost"),
}
DURATION_UNITS: Mapping[str, Any] = {
    "working_minutes": gettext_lazy("working minutes"),
    "working_hours": gettext_lazy("working hours"),
    "working_days": gettext_lazy("working days"),
    "calendar_days": gettext_lazy("calendar days"),
}
PER: Mapping[str, Any] = {
    "month": gettext_lazy("a month"),
    "quarter": gettext_lazy("a quarter"),
    "year": gettext_lazy("a year"),
    "once": gettext_lazy("once"),
}
PROCESSES: Mapping[str, Any] = {
    "incident": gettext_lazy("Incident management"),
    "request": gettext_lazy("Service requests"),
    "problem": gettext_lazy("Problem management"),
    "change": gettext_lazy("Change management"),
    "release": gettext_lazy("Release management"),
    "configuration": gettext_lazy("Configuration management"),
    "service_level": gettext_lazy("Service level management"),
    "availability": gettext_lazy("Availability management"),
    "capacity": gettext_lazy("Capacity management"),
    "continuity": gettext_lazy("Continuity management"),
    "security": gettext_lazy("Information security"),
    "supplier": gettext_lazy("Supplier management"),
}
MEASURE_CHOICES = [
    (gettext_lazy("Of each ticket"), [(code, Metric(code).label) for code in METRICS]),
    (gettext_lazy("Of a period"), [(code, MeasuredTarget.Measure(code).label) for code in MEASURES]),
]
STANDARD_PARTS: Mapping[str, Any] = {
    "flow": gettext_lazy("Service flow"),
    "monitoring": gettext_lazy("Operation monitoring"),
    "maintenance": gettext_lazy("Daily maintenance"),
}
REFUSED: Mapping[str, Any] = {
    "required": gettext_lazy("Fill this in."),
    "duplicate": gettext_lazy("This is asked for already; change that row instead."),
    "out_of_range": gettext_lazy("This number is too small or too large here, or not whole."),
    "unknown_value": gettext_lazy("Choose a value that fits here."),
    "wrong_type": gettext_lazy("Fill this in."),
    "bad_length": gettext_lazy("This is empty or too long."),
    "too_many": gettext_lazy("These are too many."),
}
LANGUAGES: Mapping[str, Any] = {"en": gettext_lazy("English"), "zh": gettext_lazy("Chinese")}
MOST_SHOWN = 300


@dataclass(frozen=True)
class Things(Names):
    """What contents and designs name by code. An unknown code is shown as it is."""

    teams: Mapping[str, Team]

    @classmethod
    def load(cls) -> "Things":
        """Four queries."""
        names = Names.load()
        teams = {row.code: row for row in Team.objects.all()}
        return cls(names.services, names.calendars, names.agreements, teams)

    def team(self, code: str) -> str:
        return str(self.teams[code].name) if code in self.teams else code

    def place(self, place: str) -> str:
        """A place of the content in words: "Required hours and days (Chinese)", "Resolution · E-mail"."""
        head, _bar, rest = place.partition("/")
        if head == "measures":
            return self.key(rest)
        label = str(PARTS.get(head, head))
        return f"{label} ({LANGUAGES[rest]})" if rest in LANGUAGES else label

    def value(self, place: str, value: Any) -> str:
        """A value of a place in words; empty where there is none."""
        head = place.partition("/")[0]
        if value in (None, "", []):
            return ""
        if head == "measures":
            return figure(Measure(**value))
        if head == "cost":
            return cost(value)
        if head == "calendar":
            return self.calendar(value)
        if head in ("departments", "services"):
            name = self.team if head == "departments" else self.service
            return ", ".join(map(name, value))
        return str(value) if len(str(value)) <= MOST_SHOWN else f"{str(value)[:MOST_SHOWN]}…"


def of(text: Text) -> str:
    """In the reader's language; the other one where it is missing."""
    return in_reader_language(text.en, text.zh)


def figure(row: Measure) -> str:
    """ "at most 4 working hours", "at least 99.9 %"."""
    if row.is_duration:
        return f"{MeasuredTarget.Operator.AT_MOST.label} {promise(Target.parse(row.promise))}"
    return amount(row.operator, row.value, row.unit)


def cost(value: Mapping[str, Any]) -> str:
    """ "8,000 CNY a month"; empty where no amount is given."""
    if not value["amount"]:
        return ""
    per = PER.get(value["per"], value["per"])
    return f"{value['amount']:,.2f} {value['currency']} {per}".replace(".00 ", " ")


def units_of(measure: str) -> Iterable[str]:
    return DURATIONS if measure in METRICS else UNITS


def changed(changes: Iterable[whole.Change]) -> dict[str, str]:
    """Which parts were changed, as a label of the log."""
    heads = list(dict.fromkeys(each.place.partition("/")[0] for each in changes))
    return records_log.bilingual(lazy(lambda: _(", ").join(str(PARTS[head]) for head in heads), str)())


def missing(content: Content) -> str:
    """The parts that say nothing yet."""
    return _(", ").join(str(PARTS[part]) for part in content.missing)
