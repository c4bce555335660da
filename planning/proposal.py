"""Which service package fits a requirement: its promises are no looser than what is asked for (SLM-56). Pure.

Of those that do, the one of the rank that fits the customer's grade; without a grade the cheapest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from planning.content import Content, Measure
from sla.calendar import Calendar
from sla.curves import Duration
from sla.target import Target
from sla.terms import MeasureTerm, TargetTerm, Terms
from sla.underpin import Figure, Link, compare, compare_figures, first_gap

PRIORITIES = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Tier:
    """A package: rank 1 is the best of its family; the price is per unit and month, None if not set."""

    code: str
    family: str
    rank: int
    terms: Terms
    price: Decimal | None = None
    price_unit: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a package does not do. ``key`` is the measure's, or "hours"; ``why``: "absent" (it promises nothing
    of the kind), "looser", "unknown" (the two cannot be compared), and of hours "short"."""

    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A package with what it lacks; it fits when it lacks nothing."""

    tier: Tier
    misses: tuple[Miss, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def is_enough(self) -> bool:
        return not self.misses


def fits(
    content: Content, tiers: Sequence[Tier], calendars: Mapping[str, Calendar], *, at: datetime
) -> list[Fit]:
    """Every package judged over the year from ``at`` on: those that fit first, of them the cheapest first.

    Of packages without a price the lowest of its family counts as the cheapest, after all that have one.
    """
    found = [_fit(content, tier, calendars, at) for tier in tiers]
    return sorted(found, key=_order)


def _order(fit: Fit) -> tuple[bool, int, bool, Decimal, int, str]:
    tier = fit.tier
    price = tier.price or Decimal(0)
    return (not fit.is_enough, len(fit.misses), tier.price is None, price, -tier.rank, tier.code)


def proposed(found: Sequence[Fit], rank: int | None = None) -> Fit | None:
    """The package to propose, of what `fits` answered; None if none keeps what is asked for.

    ``rank`` is that of the customer's grade: the package nearest to it, of two equally near the better one,
    of the same rank the cheapest. Without a rank the cheapest of those that keep something asked for.
    """
    enough = [fit for fit in found if fit.is_enough]
    if rank is None:
        return next((fit for fit in enough if fit.kept), None)
    return min(enough, key=lambda fit: (abs(fit.tier.rank - rank), fit.tier.rank), default=None)


def _fit(content: Content, tier: Tier, calendars: Mapping[str, Calendar], at: datetime) -> Fit:
    misses = [Miss("hours", "short")] if _is_short(content, tier, calendars, at) else []
    kept = []
    for measure in content.measures:
        if why := _lacks(measure, content, tier, calendars, at):
            misses.append(Miss(measure.key, why))
        else:
            kept.append(measure.key)
    return Fit(tier, tuple(misses), tuple(kept))


def _is_short(content: Content, tier: Tier, calendars: Mapping[str, Calendar], at: datetime) -> bool:
    if not content.calendar or content.calendar == tier.terms.calendar:
        return False
    wanted, given = calendars.get(content.calendar), calendars.get(tier.terms.calendar)
    return wanted is None or given is None or first_gap(wanted, given, begin=at) is not None


def _lacks(
    measure: Measure, content: Content, tier: Tier, calendars: Mapping[str, Calendar], at: datetime
) -> str:
    """Why a package does not keep a required figure; "" if it does."""
    if not measure.is_duration:
        return _lacks_figure(measure, tier.terms)
    for priority in [measure.priority] if measure.priority else PRIORITIES:
        term = _target(measure, priority, tier.terms)
        if term is None:
            return "absent"
        if why := _lacks_duration(measure, term, content, tier, calendars, at):
            return why
    return ""


def _target(measure: Measure, priority: int, terms: Terms) -> TargetTerm | None:
    """The package's target for tickets of a priority: the most exact one, as clocks choose it."""
    rows = [
        term
        for term in terms.targets
        if term.metric == measure.measure
        and term.service in (None, measure.service)
        and term.priority in (None, priority)
    ]
    return max(rows, key=lambda term: (term.service is not None, term.priority is not None), default=None)


def _lacks_duration(
    measure: Measure,
    term: TargetTerm,
    content: Content,
    tier: Tier,
    calendars: Mapping[str, Calendar],
    at: datetime,
) -> str:
    given = calendars.get(term.calendar or tier.terms.calendar)
    wanted = calendars.get(content.calendar) if content.calendar else given
    if given is None or wanted is None:
        return "unknown"
    link = Link(tier.code, term.key, 1, term.promise, given)
    verdict = compare(measure.key, Duration(Target.parse(measure.promise), wanted), [link], begin=at)
    return {"proved": "", "looser": "looser"}.get(verdict.state, "unknown")


def _lacks_figure(measure: Measure, terms: Terms) -> str:
    rows: list[MeasureTerm] = [
        term
        for term in terms.measures
        if term.measure == measure.measure and term.service in (None, measure.service)
    ]
    if not rows:
        return "absent"
    term = max(rows, key=lambda row: row.service is not None)
    wanted = Figure(measure.measure, measure.operator, measure.value, measure.unit)
    given = Figure(term.measure, term.operator, term.value, term.unit, term.period, "", term.key)
    verdict = compare_figures(measure.key, wanted, [given])
    return {"proved": "", "looser": "looser"}.get(verdict.state, "unknown")
