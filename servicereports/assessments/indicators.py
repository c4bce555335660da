"""How each indicator of the desk is computed over a period; the figures are those of the pages they link to.

A reading is ``hits`` of ``total``: a percentage, a mean of scores, or a plain number, as ``unit`` says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import calls.rate
from accounts.access import Actor
from accounts.models import Team
from customers.figures import FIGURES, Span, measured
from customers.opinions import invitations, mean_in
from incidents import checklists
from incidents.models import Incident
from reports import figures
from reports.figures import Question
from reports.period import Period
from servicereports.assessments.models import Indicator, IndicatorGoal
from servicereports.zones import provider_zone
from shifts.models import Handover
from sla.models import Metric

PERCENT, SCORE, NUMBER = "percent", "score", "number"
# the desk checks that are about a period and should find nothing (incidents.checklists)
SLIPS = ("closed-late", "not-informed", "bypassed")


@dataclass(frozen=True)
class Reading:
    """``figure`` is a decimal number as text; empty where there was nothing to measure."""

    figure: str
    hits: int | None
    total: int


@dataclass(frozen=True)
class Asked:
    """Whose figures of which period, as of when."""

    actor: Actor
    period: Period
    now: datetime

    @property
    def span(self) -> Span:
        return Span(self.period.first, self.period.last)


@dataclass(frozen=True)
class Measure:
    """``goal`` is the usual one; ``is_most``: the figure is to stay at or below it."""

    unit: str
    goal: Decimal
    help: Any
    read: Callable[[Asked], Reading]
    is_most: bool = False


def _share(hits: int, total: int) -> Reading:
    """Percent to one place, cut off, so that what is short of its goal does not read like it."""
    if not total:
        return Reading("", hits, 0)
    exact = Decimal(100 * hits) / total
    return Reading(str(exact.quantize(Decimal("0.1"), ROUND_FLOOR)), hits, total)


def _answer_rate(asked: Asked) -> Reading:
    counts = calls.rate.Question(asked.actor, asked.span).counts()
    return _share(counts["answered"], counts["decided"])


def _attained(metric: str) -> Callable[[Asked], Reading]:
    def read(asked: Asked) -> Reading:
        decided = Question(asked.actor, asked.period, asked.now, {}).decided().filter(metric=metric)
        counted = decided.aggregate(met=Count("pk", filter=figures.MET), total=Count("pk"))
        return _share(counted["met"], counted["total"])

    return read


def _first_line(asked: Asked) -> Reading:
    solved = Incident.objects.visible_to(asked.actor).filter(
        resolved_at__gte=asked.period.start, resolved_at__lt=asked.period.end
    )
    first = Q(resolved_tier__in=[Team.Tier.DESK, Team.Tier.FIRST])
    counted = solved.exclude(resolved_tier="").aggregate(hits=Count("pk", filter=first), total=Count("pk"))
    return _share(counted["hits"], counted["total"])


def _satisfaction(asked: Asked) -> Reading:
    rows = invitations(asked.actor).filter(
        created_at__gte=asked.period.start, created_at__lt=asked.period.end
    )
    mean = mean_in(rows)
    text = "" if mean.value is None else str(Decimal(mean.value).quantize(Decimal("0.01"), ROUND_FLOOR))
    return Reading(text, mean.answered, mean.asked)


def _customers(key: str) -> Callable[[Asked], Reading]:
    def read(asked: Asked) -> Reading:
        found = measured(FIGURES[key], asked.actor, asked.span, asked.now)
        return _share(found["hits"] or 0, found["total"])

    return read


def _handovers(asked: Asked) -> Reading:
    given = Handover.objects.filter(given_at__gte=asked.period.start, given_at__lt=asked.period.end)
    accepted = Q(state=Handover.State.ACCEPTED)
    counted = given.aggregate(hits=Count("pk", filter=accepted), total=Count("pk"))
    return _share(counted["hits"], counted["total"])


def _slips(asked: Asked) -> Reading:
    period = asked.period
    total = sum(
        checklists.rows_of(
            checklists.CHECKLISTS[key], asked.actor, start=period.start, end=period.end, now=asked.now
        ).count()
        for key in SLIPS
    )
    return Reading(str(total), total, total)


MEASURES: Mapping[str, Measure] = {
    Indicator.ANSWER_RATE: Measure(
        PERCENT, Decimal(90), _("Of the calls that were answered or abandoned."), _answer_rate
    ),
    Indicator.FIRST_RESPONSE: Measure(
        PERCENT, Decimal(95), _("Of the promises decided in the period, without what does not count."),
        _attained(Metric.FIRST_RESPONSE),
    ),
    Indicator.RESOLUTION: Measure(
        PERCENT, Decimal(95), _("Of the promises decided in the period, without what does not count."),
        _attained(Metric.RESOLUTION),
    ),
    Indicator.FIRST_LINE: Measure(
        PERCENT, Decimal(60), _("Solved by desk or first line, of the incidents solved."), _first_line
    ),
    Indicator.SATISFACTION: Measure(
        SCORE, Decimal(4), _("The mean of 1 to 5; who did not answer is not in it."), _satisfaction
    ),
    Indicator.COMPLAINTS: Measure(PERCENT, Decimal(100), FIGURES["in-time"].help, _customers("in-time")),
    Indicator.CALLBACKS: Measure(PERCENT, Decimal(100), FIGURES["called"].help, _customers("called")),
    Indicator.HANDOVERS: Measure(
        PERCENT, Decimal(100), _("Of those handed over in the period."), _handovers
    ),
    Indicator.SLIPS: Measure(
        NUMBER, Decimal(0), _("Closed late, management not informed in time, desk bypassed."), _slips,
        is_most=True,
    ),
}  # fmt: skip


def goals() -> dict[str, Decimal]:
    """The goal of each indicator in use."""
    own = {row.indicator: row for row in IndicatorGoal.objects.all()}
    return {
        code: own[code].goal if code in own else measure.goal
        for code, measure in MEASURES.items()
        if code not in own or own[code].is_active
    }


def read(codes: list[str], actor: Actor, first: date, last: date, *, now: datetime) -> dict[str, Reading]:
    """The readings of some indicators over whole days of the provider's zone."""
    zone = provider_zone()
    asked = Asked(actor, Period(first, last, zone), now)
    # some figures count days as the reader does: here it is always the provider
    with timezone.override(zone):
        return {code: MEASURES[code].read(asked) for code in codes}


def reached(code: str, figure: str, goal: Decimal) -> bool | None:
    """Whether a figure keeps its goal; None without a figure."""
    if not figure:
        return None
    return Decimal(figure) <= goal if MEASURES[code].is_most else Decimal(figure) >= goal
