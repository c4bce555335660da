"""What a month is in danger of, in words, the gravest first: nothing is weighed that cannot be opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import indicators, work
from dashboards.asking import View
from kpis import closing, engine, shown
from kpis.scoring import score
from levels import queries
from levels.standing import Standing, TargetStanding, standings
from records.kinds import Kind
from records.models import Record
from reports import desk_rows, layout
from reports.figures import Rows

MOST = 5
AGREEMENTS = 50  # looked at, in the order of their codes
GROWN = 20  # percent by which a backlog must have grown to be told


@dataclass(frozen=True)
class Risk:
    """One sentence, its page, and how grave it is: 0 to 100."""

    weight: float
    words: str
    url: str
    tone: str = "warn"


def risks(view: View) -> list[Risk]:
    """The MOST gravest of the month."""
    found = [
        *_majors(view), *_targets(view), *_reports(view), *_complaints(view), *_backlog(view),
        *_indicators(view), *_overdue(view),
    ]  # fmt: skip
    return sorted(found, key=lambda risk: -risk.weight)[:MOST]


def _majors(view: View) -> Iterator[Risk]:
    rows = Record.objects.visible_to(view.actor).filter(kind=Kind.MAJOR.value).exclude(phase="done")
    if view.customer:
        rows = rows.filter(customer=view.customer)
    if view.is_over or not (n := rows.count()):
        return
    words = ngettext("%(n)s major incident is not closed.", "%(n)s major incidents are not closed.", n)
    yield Risk(95, words % {"n": n}, work.url("open", view, kind=Kind.MAJOR.value), "bad")


def _targets(view: View) -> Iterator[Risk]:
    """The tightest target of each agreement: below its goal, or likely to be by the end of the month."""
    rows = queries.agreements(view.actor)
    if view.customer:
        rows = rows.filter(customer=view.customer)
    if not view.has_begun:
        return
    for standing in standings(
        list(rows[:AGREEMENTS]), start=view.span.start, end=view.span.end, now=view.now
    ):
        if (tightest := standing.tightest) and (risk := _target(view, standing, tightest)):
            yield risk


def _target(view: View, standing: Standing, tightest: TargetStanding) -> Risk | None:
    of, name = tightest.budget, _whose(standing)
    url = f"{reverse('levels:detail', args=[standing.agreement.code])}?month={view.span.code}"
    facts: dict[str, Any] = {
        "customer": name, "target": tightest.label, "goal": layout.words_of(tightest.goal_percent),
        "share": layout.words_of(tightest.net),
    }  # fmt: skip
    if of is None:
        return None
    if tightest.on_goal is False and (of.is_spent or view.is_over):
        words = _("%(customer)s: %(target)s stands at %(share)s of %(goal)s; the month cannot be saved.")
        if view.is_over:
            words = _("%(customer)s: %(target)s came to %(share)s of %(goal)s.")
        return Risk(90 - min(9.0, of.left), words % facts, url, "bad")
    if view.is_over:
        return None
    if of.forecast and of.forecast.percent < of.goal:
        facts |= {"left": max(0, of.left), "gone": view.gone, "forecast": f"{of.forecast.percent:.1f} %"}
        words = _(
            "%(customer)s: %(target)s will end at %(forecast)s of %(goal)s: %(left)s misses left, "
            "%(gone)s %% of the month gone."
        )
        return Risk(75 + (of.goal - of.forecast.percent) / 10, words % facts, url)
    if tightest.missed and of.left <= 1:
        facts |= {"left": max(0, of.left), "gone": view.gone}
        words = _("%(customer)s: %(target)s bears %(left)s more misses, %(gone)s %% of the month gone.")
        return Risk(55, words % facts, url)
    return None


def _whose(standing: Standing) -> str:
    customer = standing.agreement.customer
    return customer.name if customer else standing.agreement.name


def _reports(view: View) -> Iterator[Risk]:
    if n := work.rows_of("late-reports", view, {}).count():
        words = ngettext("%(n)s service report is overdue.", "%(n)s service reports are overdue.", n)
        yield Risk(60 + min(n, 10), words % {"n": n}, work.url("late-reports", view))


def _complaints(view: View) -> Iterator[Risk]:
    if view.is_over or not (n := work.rows_of("late-complaints", view, {}).count()):
        return
    words = ngettext(
        "%(n)s complaint was not answered in time.", "%(n)s complaints were not answered in time.", n
    )
    yield Risk(70 + min(n, 10), words % {"n": n}, work.url("late-complaints", view), "bad")


def _backlog(view: View) -> Iterator[Risk]:
    first, last = desk_rows.backlogs(view.question)
    if first and (last - first) * 100 >= GROWN * first and last - first >= 5:
        share = f"{(last - first) * 100 / first:.0f}"
        words = _("Open tickets have grown from %(first)s to %(last)s (+%(share)s %%).")
        facts = {"first": first, "last": last, "share": share}
        yield Risk(
            40 + min(20.0, (last - first) * 20 / first),
            words % facts,
            layout.records_url("backlog", view.days),
        )


def _overdue(view: View) -> Iterator[Risk]:
    if view.is_over:
        return
    n = Rows.overdue(view.question).count()
    if n:
        words = ngettext("%(n)s ticket is past its due time.", "%(n)s tickets are past their due times.", n)
        yield Risk(35 + min(n / 10, 20), words % {"n": n}, layout.records_url("overdue", view.days))


def _indicators(view: View) -> Iterator[Risk]:
    """Indicators that came to nothing: at their floor or beyond, by what was counted at night."""
    scales = closing.scales(view.span.first)
    kpis = [kpi for kpi in engine.all_kpis() if kpi.parts and kpi.id in scales and not kpi.entry.is_deduction]
    for found in indicators.indicators(view, kpis, is_live=False):
        scale = found.scale
        if scale is None or found.value is None or found.is_reached is not False or scale.goal is None:
            continue
        points = score(found.value.number, scale, is_deduction=False)
        if points is None or points > 0:
            continue
        part = found.kpi.parts[0]
        facts = {
            "name": shown.said(found.kpi.entry.name), "value": shown.number(part, found.value),
            "goal": shown.number(part, engine.Value(scale.goal, None, None, 0)),
        }  # fmt: skip
        words = _("%(name)s: %(value)s, the goal is %(goal)s.")
        yield Risk(50 + min(9.0, float(scale.weight)), words % facts, indicators.url_of(found, view))
