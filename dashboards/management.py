"""The figures of the management's dashboard, each with the list it opens."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.queries import customers
from customers import opinions
from customers.mean import mean_of
from customers.models import Response
from dashboards import indicators, work
from dashboards.asking import View
from dashboards.processes import processes
from kpis import closing, engine, measuring, scores, shown
from kpis.engine import Unit
from kpis.models import Confirmation
from kpis.scoring import score
from levels import credits as ledger
from levels.models import CreditEntry
from records.counting import tally
from reports import desk_rows, figures, layout
from reports.figures import MET, MISSED, NET, Question
from sla.models import AgreementVersion

GOOD, FAIR = 85, 60  # points from which a process is shown green, and amber
SHOWN = 50  # customers on the page, the worst first
SATISFACTION, COMPLAINTS, CHANGES, TIMELINESS, PEOPLE = "X28", "P11.R1.K1", "P04.R1.K3", "X22", "P12.R1.K2"


# --- the row of figures ---------------------------------------------------------------------------


def cards(view: View) -> list[dict[str, Any]]:
    """What the management asks first; a query or two for each figure, none for a customer."""
    ids = (SATISFACTION, COMPLAINTS, CHANGES, TIMELINESS)
    series = measuring.series_of(ids, customer=view.customer, last=view.span, actor=view.actor)
    points = {
        kpi: [float(p.number) if p.number is not None else None for p in found]
        for kpi, found in series.items()
    }
    reached, missed = _attainment(view)
    return [
        {**reached, "points": points.get(TIMELINESS, [])},
        missed,
        {**_satisfaction(view), "points": points.get(SATISFACTION, [])},
        {**_indicator(view, COMPLAINTS, _("Complaints")), "points": points.get(COMPLAINTS, [])},
        _records(view, "majors", _("Major incidents")),
        {**_indicator(view, CHANGES, _("Changes that succeeded")), "points": points.get(CHANGES, [])},
        _backlog(view),
        _credits(view),
        _records(view, "late-reports", _("Overdue reports"), is_bad=True),
    ]


def _attainment(view: View) -> tuple[dict[str, Any], dict[str, Any]]:
    """Net and gross attainment of all targets, and how many were missed."""
    now, before = (_sums(q) for q in (view.question, view.question.over(view.period.previous())))
    net, gross, earlier = (
        figures.percent(now["met"], now["missed"]),
        figures.percent(now["met"] + now["excluded_met"], now["missed"] + now["excluded_missed"]),
        figures.percent(before["met"], before["missed"]),
    )
    difference = net - earlier if net is not None and earlier is not None else None
    excluded = now["excluded_met"] + now["excluded_missed"]
    share = {
        "label": _("Targets met"),
        "value": layout.words_of(net),
        "n": now["met"] + now["missed"],
        "url": layout.clocks_url("all", "decided", view.days),
        "change": f"{difference:+.1f}" if difference is not None else "",
        "change_tone": "neutral" if not difference else "good" if difference > 0 else "bad",
        "note": _("gross %(share)s, %(n)s excluded") % {"share": layout.words_of(gross), "n": excluded}
        if excluded
        else ""
        if now["met"] + now["missed"]
        else _("nothing was decided"),
    }
    missed = {
        "label": _("Targets missed"), "value": f"{now['missed']:,}", "n": now["missed"],
        "url": layout.clocks_url("all", "missed", view.days),
        "note": _("%(n)s in the month before") % {"n": f"{before['missed']:,}"},
    }  # fmt: skip
    return share, missed


def _sums(question: Question) -> dict[str, int]:
    found: dict[str, int] = question.all_decided().aggregate(**_counts(Q()))
    return found


def _counts(here: Q) -> dict[str, Any]:
    return {
        "met": tally(here & MET & NET), "missed": tally(here & MISSED & NET),
        "excluded_met": tally(here & MET & ~NET), "excluded_missed": tally(here & MISSED & ~NET),
    }  # fmt: skip


def _satisfaction(view: View) -> dict[str, Any]:
    """The mean of the answers of the month with how sure it is, and how many of those asked have answered."""
    kpi = engine.get(SATISFACTION)
    rows = engine.selected(kpi.parts[0], view.asked) if kpi else Response.objects.none()
    tally_of = rows.order_by().values_list("score").annotate(n=tally())
    given = [score for score, n in tally_of for _n in range(n)]
    asked = opinions.invitations(view.actor).filter(
        created_at__gte=view.span.start, created_at__lt=view.span.end
    )
    asked = asked.filter(customer=view.customer) if view.customer else asked
    counted = asked.aggregate(asked=tally(), answered=tally(Q(response__isnull=False)))
    mean = mean_of(given, **counted)
    margin = f" ± {mean.margin:.2f}" if mean.margin is not None else ""
    rate = (
        _("%(n)s of %(all)s asked answered (%(rate)s %%)")
        % {"n": mean.answered, "all": mean.asked, "rate": f"{mean.rate:.0f}"}
        if mean.rate is not None
        else _("nobody was asked in this month")
    )
    return {
        "label": _("Satisfaction (1 to 5)"),
        "value": f"{mean.value:.2f}{margin}" if mean.value is not None else _("no data"),
        "n": len(given),
        "url": _kpi_url(view, SATISFACTION),
        "note": rate,
    }


def _indicator(view: View, kpi_id: str, label: str) -> dict[str, Any]:
    kpi = engine.get(kpi_id)
    if kpi is None or not kpi.parts:
        raise LookupError(f"{kpi_id} is not computed")
    value = engine.compute(kpi.parts[0], view.asked)
    note = shown.fraction(value)
    if value.is_no_data and kpi.parts[0].unit == Unit.PERCENT:
        note = _("none ended")
    return {
        "label": label, "value": shown.number(kpi.parts[0], value), "n": value.record_count,
        "url": _kpi_url(view, kpi_id), "note": note,
    }  # fmt: skip


def _kpi_url(view: View, kpi_id: str) -> str:
    return f"{reverse('kpis:detail', args=[kpi_id])}?{urlencode(view.days)}"


def _records(view: View, key: str, label: str, *, is_bad: bool = False) -> dict[str, Any]:
    n = work.rows_of(key, view, {}).count()
    tone = "bad" if is_bad and n else ""
    return {"label": label, "value": f"{n:,}", "n": n, "tone": tone, "url": work.url(key, view)}


def _backlog(view: View) -> dict[str, Any]:
    first, last = desk_rows.backlogs(view.question)
    return {
        "label": _("Open tickets at the end") if view.is_over else _("Open tickets now"),
        "value": f"{last:,}", "n": last, "url": layout.records_url("backlog", view.days),
        "change": f"{last - first:+,}" if last != first else "±0",
        "change_tone": "neutral" if last == first else "bad" if last > first else "good",
        "note": _("%(n)s at the beginning") % {"n": f"{first:,}"},
    }  # fmt: skip


def _credits(view: View) -> dict[str, Any]:
    """What the ledger says of the month; before it is closed nothing is owed yet."""
    rows = ledger.visible(view.actor).filter(month=view.span.first, side=CreditEntry.Side.CREDIT)
    if view.customer:
        rows = rows.filter(agreement__customer=view.customer)
    sums = [
        f"{row['currency']} {row['total']:,.2f}".strip()
        for row in rows.order_by().values("currency").annotate(total=Sum("amount")) if row["total"]
    ]  # fmt: skip
    note = (
        "" if rows.exists() else _("the month is not closed") if not view.is_over else _("nothing is booked")
    )
    return {
        "label": _("Credits owed"),
        "value": " · ".join(sums) if sums else "0" if rows.exists() else "–",
        "url": f"{reverse('levels:credits')}?month={view.span.code}",
        "note": note,
    }


# --- customers ------------------------------------------------------------------------------------


def customer_rows(view: View) -> list[dict[str, Any]]:
    """Attainment by customer, net and gross, against the month before, the worst first. Three queries."""
    before = view.period.previous()
    wide = replace(view.question, period=replace(view.period, first=before.first))
    here = Q(decided_at__gte=view.period.start)
    counted: dict[int, Any] = {
        row["record__customer"]: row
        for row in wide.all_decided().order_by().values("record__customer").annotate(
            **_counts(here), earlier_met=tally(~here & MET & NET), earlier_missed=tally(~here & MISSED & NET),
        )
    }  # fmt: skip
    shown_ones = customers(view.actor).order_by("name_en")
    if view.customer:
        shown_ones = shown_ones.filter(pk=view.customer)
    promised: set[int | None] = set(
        AgreementVersion.objects.in_force(min(view.span.end, view.now)).values_list(
            "agreement__customer", flat=True
        )
    )
    rows = [
        _customer_row(view, customer.pk, customer.name, counted.get(customer.pk, {}), promised)
        for customer in shown_ones
    ]
    return sorted(rows, key=lambda row: (row["percent"] is None, row["percent"] or 0, row["name"]))


def _customer_row(
    view: View, pk: int, name: str, row: dict[str, int], promised: set[int | None]
) -> dict[str, Any]:
    of = {key: row.get(key, 0) for key in ("met", "missed", "excluded_met", "excluded_missed")}
    net = figures.percent(of["met"], of["missed"])
    gross = figures.percent(of["met"] + of["excluded_met"], of["missed"] + of["excluded_missed"])
    earlier = figures.percent(row.get("earlier_met", 0), row.get("earlier_missed", 0))
    difference = net - earlier if net is not None and earlier is not None else None
    counts = (
        ("met", _("Met"), of["met"]), ("missed", _("Missed"), of["missed"]),
        ("excluded", _("Excluded"), of["excluded_met"] + of["excluded_missed"]),
    )  # fmt: skip
    return {
        "name": name,
        "percent": net,
        "net": layout.words_of(net),
        "gross": layout.words_of(gross),
        "change": f"{difference:+.1f}" if difference else "",
        "tone": "good" if difference and difference > 0 else "bad",
        "why": "" if net is not None else _why(pk, promised),
        "url": f"?{view.kept(customer=pk)}",
        "cells": [
            {"label": label, "n": n, "url": layout.clocks_url("all", key, view.days, customer=pk)}
            for key, label, n in counts
        ],
    }


def _why(customer: int, promised: set[int | None]) -> str:
    """Why a customer has no share."""
    if customer in promised:
        return _("no target was decided in this month")
    if None in promised:
        return _("no agreement of its own; nothing was decided by the default one")
    return _("no agreement")


# --- points of processes --------------------------------------------------------------------------


def process_rows(view: View) -> list[dict[str, Any]]:
    """What each of the processes comes to, by what was counted at night or confirmed; four queries."""
    scales = closing.scales(view.span.first)
    confirmed = _confirmed(view)
    wanted = [kpi for kpi in engine.all_kpis() if kpi.id in scales or kpi.id in confirmed]
    ids = [kpi.id for kpi in wanted]
    points = measuring.series_of(ids, customer=view.customer, last=view.span, count=2, actor=view.actor)
    now, before = [], []
    for kpi in wanted:
        scale, series = scales.get(kpi.id), points.get(kpi.id, [])
        weight = scale.weight if scale else Decimal(1)
        values = [
            score(point.number, scale, is_deduction=kpi.entry.is_deduction) if scale else None
            for point in series
        ]
        if kpi.id in confirmed:
            now.append(scores.Row(kpi, confirmed[kpi.id], weight, is_confirmed=True))
        elif values:
            now.append(scores.Row(kpi, values[-1], weight, is_confirmed=False))
        if len(values) > 1:
            before.append(scores.Row(kpi, values[0], weight, is_confirmed=False))
    earlier = {line.process: line.points for line in scores.totals(before) if line.role is None}
    totals = {line.process: line for line in scores.totals(now) if line.role is None}
    return [
        _process_row(view, place, slug, totals.get(process.words), earlier.get(process.words))
        for place, (slug, process) in enumerate(processes().items())
        if process.is_process
    ]


def _confirmed(view: View) -> dict[str, Decimal | None]:
    if not measuring.covers(view.actor, view.customer):
        return {}
    rows = Confirmation.objects.filter(
        period_from=view.span.first, period_until=view.span.last, customer=view.customer
    )
    newest = rows.order_by("kpi", "-number").distinct("kpi")
    return dict(newest.values_list("kpi", "score"))


def _process_row(
    view: View, place: int, slug: str, line: scores.Total | None, earlier: Decimal | None
) -> dict[str, Any]:
    points = line.points if line else None
    change = points - earlier if points is not None and earlier is not None else None
    words = urlencode({**view.days, "process": place})
    return {
        "name": shown.said(processes()[slug].words),
        "url": f"{reverse('dashboards:process', args=[slug])}?{view.kept()}",
        "score_url": f"{reverse('kpis:scores')}?{words}",
        "points": points,
        "tone": "" if points is None else "good" if points >= GOOD else "warn" if points >= FAIR else "bad",
        "band": ""
        if points is None
        else _("good")
        if points >= GOOD
        else _("fair")
        if points >= FAIR
        else _("poor"),
        "n": len(line.rows) if line else 0,
        "change": f"{change:+.1f}" if change else "",
        "change_tone": "good" if change and change > 0 else "bad",
    }


def trend(view: View) -> dict[str, Any] | None:
    """Three shares over the last months, as they were counted."""
    kpis = [kpi for kpi in (engine.get(each) for each in (TIMELINESS, CHANGES, PEOPLE)) if kpi is not None]
    found = indicators.indicators(view, kpis, is_live=False)
    return indicators.trend_chart(found, view, title=_("In time, successful, satisfied"))
