"""Where a period will end: what its goal still bears, the forecast, and how wrong such forecasts were."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.counting import tally
from reports import layout
from reports.figures import MET, MISSED, Question
from reports.period import Period
from sla.budget import MEMORY, Budget, Mark, Past, Score, backtest, budget
from sla.models import Metric

LOOKED_BACK = 9  # periods of which forecasts are tried; the first ones only serve the later as their past
LONGEST = 92  # days; of longer periods too few lie behind us

Days = Mapping[date, tuple[int, int]]


def gone(question: Question) -> float:
    """The share of the period that has passed."""
    start, end = question.period.start, question.period.end
    return min(1.0, max(0.0, (question.now - start) / (end - start)))


def by_day(question: Question, periods: Sequence[Period]) -> tuple[dict[str, Days], dict[str, Decimal]]:
    """Of each metric the met and missed by day, and its strictest goal in the last period; two queries."""
    wide = question.over(Period(periods[0].first, periods[-1].last, question.period.zone))
    rows = (
        wide.decided()
        .annotate(day=TruncDate("decided_at", tzinfo=question.period.zone))
        .order_by()
        .values("metric", "day")
        .annotate(met=tally(MET), missed=tally(MISSED))
    )
    found: dict[str, dict[date, tuple[int, int]]] = {}
    for row in rows:
        found.setdefault(row["metric"], {})[row["day"]] = (row["met"], row["missed"])
    goals = question.decided().order_by().values("metric").annotate(goal=Min("target__goal_percent"))
    return dict(found), {row["metric"]: row["goal"] for row in goals if row["goal"] is not None}


def _marks(days: Days, period: Period) -> list[Mark]:
    """What had fallen by which share of a period."""
    return [
        Mark(((day - period.first).days + 1) / period.days, *counts)
        for day, counts in sorted(days.items())
        if period.first <= day <= period.last
    ]


def _sum(days: Days, period: Period) -> Past:
    inside = [counts for day, counts in days.items() if period.first <= day <= period.last]
    return Past(sum(met for met, _missed in inside), sum(missed for _met, missed in inside))


def rows(question: Question, words: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """A line for each metric with a goal; None for a period too long to be told."""
    if question.period.days > LONGEST:
        return None
    periods = [question.period]
    for _n in range(LOOKED_BACK):
        periods.insert(0, periods[0].previous())
    counted, goals = by_day(question, periods)
    passed = gone(question)
    shown = []
    for metric in Metric.values:
        days = counted.get(metric, {})
        if metric not in goals:
            continue
        here = _sum(days, question.period)
        past = [_sum(days, period) for period in periods[-1 - MEMORY : -1]]
        found = budget(goal=goals[metric], met=here.met, missed=here.missed, gone=passed, past=past)
        scores = backtest([_marks(days, period) for period in periods[:-1]]) if passed < 1 else []
        shown.append(_row(metric, found, scores, words))
    return shown


def _row(metric: str, of: Budget, scores: Sequence[Score], words: Mapping[str, str]) -> dict[str, Any]:
    ahead = of.forecast if of.gone < 1 else None
    return {
        "label": Metric(metric).label,
        "goal": layout.words_of(Decimal(str(of.goal))),
        "budget": budget_words(of),
        "tone": "bad" if of.left < 0 else "warn" if of.left <= 1 and of.missed else "good",
        "missed": {"n": of.missed, "url": layout.clocks_url(metric, "missed", words)},
        "decided": {"n": of.decided, "url": layout.clocks_url(metric, "decided", words)},
        "forecast": f"{ahead.percent:.1f} %" if ahead else "",
        "range": f"{ahead.low:.1f} – {ahead.high:.1f} %" if ahead else "",
        "is_reached": ahead is None or ahead.percent >= of.goal,
        "error": _error(of.gone, scores) if ahead else "",
    }


def budget_words(of: Budget) -> str:
    """ "95 %: 3 misses left, 41 % of the period gone"."""
    if of.left < 0:
        left = ngettext("%(n)s miss too many", "%(n)s misses too many", -of.left) % {"n": -of.left}
    else:
        left = ngettext("%(n)s miss left", "%(n)s misses left", of.left) % {"n": of.left}
    if of.gone >= 1:
        return left
    return _("%(words)s, %(share)s of the period gone") % {"words": left, "share": f"{int(of.gone * 100)} %"}


def _error(passed: float, scores: Sequence[Score]) -> str:
    """How far forecasts were off when about so much of a period had passed."""
    known = [score for score in scores if score.mean_error is not None]
    if not known:
        return _("not known yet")
    nearest = min(known, key=lambda score: abs(score.gone - passed))
    facts = {
        "error": f"{nearest.mean_error:.1f}", "within": nearest.within, "periods": nearest.periods,
    }  # fmt: skip
    return _("± %(error)s points; %(within)s of %(periods)s past periods ended in their range") % facts
