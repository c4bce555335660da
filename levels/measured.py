"""The measures of an agreement over a part of a period, from outages, values and tickets."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Service
from levels.facts import Facts, Span
from levels.models import MeasuredValue, Outage, Source
from levels.parts import Part, parts_of
from sla import measures
from sla.measures import Availability
from sla.models import Agreement, MeasuredTarget
from sla.naming import UNITS
from sla.terms import MeasureTerm

OF_OUTAGES = ("availability", "failures", "outage_duration", "mtbf")
PER = {"per_minute": 60, "per_hour": 3600, "per_day": 86_400}
REASONS = {
    "not_begun": gettext_lazy("This part of the period has not begun."),
    "no_hours": gettext_lazy("There were no service hours yet."),
    "no_values": gettext_lazy("No value was delivered for this period."),
    "silent": gettext_lazy("Monitoring has never told of this service."),
    "no_failure": gettext_lazy("No failure, so there is no time between failures."),
    "unit": gettext_lazy("The unit does not fit what is measured."),
}


@dataclass(frozen=True)
class Allowance:
    """What a promise bears until the period's end: service seconds of outage, or a number."""

    allowed: int
    used: int
    is_time: bool

    @property
    def left(self) -> int:
        return self.allowed - self.used


@dataclass(frozen=True)
class MeasureStanding:
    """One promise about a service over its part of the period.

    ``actual`` is in ``unit`` and never rounded to the better side; None: there is no figure, for the reason
    ``no_data`` (a key of REASONS, ``why`` in words). ``is_kept`` None: not judged. ``worst``: of a promise
    for all services, the one it is judged by. ``outages``, ``values``: the rows it is made of.
    """

    term: MeasureTerm
    service: Service | None
    versions: tuple[int, ...]
    start: datetime
    end: datetime
    actual: float | None
    is_kept: bool | None
    no_data: str = ""
    worst: Service | None = None
    availability: Availability | None = None
    allowance: Allowance | None = None
    outages: tuple[Outage, ...] = ()
    values: tuple[MeasuredValue, ...] = ()
    tickets: int | None = None

    @property
    def key(self) -> str:
        return self.term.key

    @property
    def measure(self) -> str:
        return self.term.measure

    @property
    def operator(self) -> str:
        return self.term.operator

    @property
    def value(self) -> float:
        return self.term.value

    @property
    def unit(self) -> str:
        return self.term.unit

    @property
    def label(self) -> str:
        """ "Availability · E-mail", in the reader's language."""
        name = self.service.name if self.service else _("all services")
        return f"{MeasuredTarget.Measure(self.measure).label} · {name}"

    @property
    def promise(self) -> str:
        """ "at least 99.9 %"."""
        return f"{MeasuredTarget.Operator(self.operator).label} {amount(self.value, self.unit)}"

    @property
    def figure(self) -> str:
        """The actual value with its unit, never rounded to the better side; empty without one."""
        if self.actual is None:
            return ""
        places = max(2, -Decimal(str(self.value)).normalize().as_tuple().exponent)  # type: ignore[operator]
        side = ROUND_FLOOR if self.operator == ">=" else ROUND_CEILING
        step = Decimal(1).scaleb(-min(places, 4))
        return amount(float(Decimal(str(self.actual)).quantize(step, side)), self.unit)

    @property
    def why(self) -> str:
        """Why there is no figure, in words; empty where there is one."""
        return str(REASONS[self.no_data]) if self.no_data else ""


def amount(value: float, unit: str) -> str:
    """A figure with its unit, in the reader's language."""
    words = f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{words} %" if unit == "percent" else f"{words} {UNITS[unit]}"


def standing_of(facts: Facts, agreement: Agreement, spans: Sequence[Span]) -> list[MeasureStanding]:
    """Each promise over a period, judged by the version that was in force, over the time it was."""
    return [_judge(part) for part in parts_of(facts, agreement, spans)]


def _judge(part: Part) -> MeasureStanding:
    term = part.term
    service = part.facts.services.get(term.service) if term.service else None
    if part.start >= part.facts.until:
        return _made(part, service, None, no_data="not_begun")
    if term.measure == "workload" and term.source == "tickets":
        return _workload(part, service)
    values = part.values(service)
    if values:
        return _from_values(part, service, values)
    if term.measure in OF_OUTAGES:
        return _from_outages(part, service)
    return _made(part, service, None, no_data="no_values")


def _made(part: Part, service: Service | None, actual: Fraction | None, **over: Any) -> MeasureStanding:
    facts: dict[str, Any] = {
        "term": part.term,
        "service": service,
        "versions": tuple(span.version.number for span in part.spans),
        "start": part.start,
        "end": part.end,
        "actual": None if actual is None else measures.rounded(part.term, actual),
        "is_kept": measures.is_kept(part.term, actual),
    }
    return MeasureStanding(**{**facts, **over})


def _workload(part: Part, service: Service | None) -> MeasureStanding:
    opened = sum(
        n
        for (agreement, of), n in part.facts.opened_for.items()
        if agreement == part.agreement.pk and (service is None or of == service.pk)
    )
    actual = Fraction(opened)
    if part.term.unit in PER:
        passed = int((part.until - part.start).total_seconds())
        actual = actual * PER[part.term.unit] / passed if passed else Fraction(0)
    allowance = Allowance(int(part.term.value), opened, False) if part.term.unit == "count" else None
    return _made(part, service, actual, tickets=opened, allowance=allowance)


def _from_values(part: Part, service: Service | None, values: Sequence[MeasuredValue]) -> MeasureStanding:
    """One figure of a service's values; of several services the worst."""
    by_service: dict[int, list[MeasuredValue]] = {}
    for row in values:
        by_service.setdefault(row.service_id, []).append(row)
    figures = [(_combined(part.term, rows), rows) for rows in by_service.values()]
    known = [(actual, rows) for actual, rows in figures if actual is not None]
    if not known:
        return _made(part, service, None, no_data="no_values", values=tuple(values))
    actual, rows = _worst(part.term, known, lambda each: each[0])
    worst = None if service or len(known) < 2 else rows[0].service
    return _made(part, service, actual, worst=worst, values=tuple(rows))


def _combined(term: MeasureTerm, rows: Iterable[MeasuredValue]) -> Fraction | None:
    slices = [measures.Slice(*(_exact(n) for n in (r.numerator, r.denominator, r.value))) for r in rows]
    rank = measures.percentile_of(term.method)
    how = "percentile" if rank and term.measure == "transaction_time" else measures.HOW[term.measure]
    return measures.combine(slices, how=how, percent=term.unit == "percent", rank=rank)


def _exact(number: Any) -> Fraction | None:
    return None if number is None else Fraction(number)


def _worst(term: MeasureTerm, found: Sequence[Any], figure: Callable[[Any], Fraction]) -> Any:
    return (min if term.operator == ">=" else max)(found, key=figure)


def _from_outages(part: Part, service: Service | None) -> MeasureStanding:
    """From the outages recorded; of several services the worst, of none recorded any."""
    known_to = part.facts.monitored
    if part.term.source == Source.MONITORING and not ({service.pk} & known_to if service else known_to):
        return _made(part, service, None, no_data="silent")
    outages = part.outages(service)
    services = [service] if service else list({row.service_id: row.service for row in outages}.values())
    measured: list[tuple[Service | None, Availability]] = [
        (each, part.availability(each)) for each in services
    ]
    if not measured:  # nothing failed: every service was there all its hours
        measured = [(None, measures.availability(part.hours(part.until), []))]
    if not any(found.agreed for _service, found in measured):
        return _made(part, service, None, no_data="no_hours")
    try:
        figures = [(_outage_figure(part.term, found), each, found) for each, found in measured]
    except KeyError:
        return _made(part, service, None, no_data="unit")
    known = [each for each in figures if each[0] is not None]
    over: dict[str, Any] = {"outages": tuple(outages)}
    if not known:
        return _made(part, service, None, no_data="no_failure", **over, **_unfailing(part, measured[0][1]))
    actual, worst, found = _worst(part.term, known, lambda each: each[0])
    over["worst"] = worst if service is None and len(known) > 1 else None
    allowance = _allowance(part, found)
    return _made(part, service, actual, availability=found, allowance=allowance, **over)


def _unfailing(part: Part, found: Availability) -> dict[str, Any]:
    """A mean time between failures of at least the time that passed without one is kept already."""
    passed = measures.from_seconds(found.agreed - found.down, part.term.unit)
    kept = measures.is_kept(part.term, passed) if part.term.operator == ">=" else None
    return {"is_kept": kept or None, "availability": found}


def _outage_figure(term: MeasureTerm, found: Availability) -> Fraction | None:
    """What a measure comes to in its unit; KeyError for a unit it cannot be told in."""
    if term.measure == "availability":
        up = found.agreed - found.down
        return found.percent if term.unit == "percent" else measures.from_seconds(up, term.unit)
    if term.measure == "failures":
        if term.unit == "count":
            return Fraction(found.failures)
        return Fraction(found.failures * PER[term.unit], found.agreed) if found.agreed else None
    seconds = found.longest if term.measure == "outage_duration" else found.mtbf
    return measures.from_seconds(seconds, term.unit)


def _allowance(part: Part, found: Availability) -> Allowance | None:
    """What may still fail until the end of the promise's part of the period."""
    term = part.term
    if term.measure == "availability" and term.unit == "percent" and term.operator == ">=":
        whole = measures.availability(part.hours(part.end), [])
        return Allowance(whole.allowed_down(Fraction(str(term.value))), found.down, True)
    if term.measure == "failures" and term.unit == "count":
        return Allowance(int(term.value), found.failures, False)
    return None
