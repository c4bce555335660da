"""What the dashboard shows, made from figures: words, links and chart data. Nothing is decided here."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team
from catalog.models import Service
from records.kinds import process_of
from records.models import Priority, Record
from reports import figures, paging, period
from reports.figures import Attainment, Question
from sla.models import Agreement, Breach, Clock, Metric

SHORT = 8
Trend = dict[str, list[tuple[Any, int, int]]]
DIMENSION_LABELS = {
    "agreement": gettext_lazy("Agreement"),
    "priority": gettext_lazy("Priority"),
    "service": gettext_lazy("Service"),
    "team": gettext_lazy("Team"),
}
FILTER_LABELS = {"customer": gettext_lazy("Customer"), **DIMENSION_LABELS}
PRESET_LABELS = {
    "last_7_days": gettext_lazy("7 days"),
    "last_30_days": gettext_lazy("30 days"),
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "this_year": gettext_lazy("This year"),
    "last_year": gettext_lazy("Last year"),
}
CARDS = ("open", "due_soon", "overdue", "opened", "done")
KEPT = ("from", "to", *figures.FILTERS)


# --- addresses ---------------------------------------------------------------------------------


def kept(words: Mapping[str, str], **over: Any) -> str:
    """The address's own words with some replaced, as a query string; empty ones are left out."""
    pairs = {name: words.get(name, "") for name in KEPT} | over
    return urlencode({name: value for name, value in pairs.items() if value not in ("", None)})


def records_url(key: str, words: Mapping[str, str], **over: Any) -> str:
    return f"{reverse('reports:records', args=[key])}?{kept(words, **over)}"


def clocks_url(metric: str, outcome: str, words: Mapping[str, str], **over: Any) -> str:
    return f"{reverse('reports:clocks', args=[metric, outcome])}?{kept(words, **over)}"


def following(words: Mapping[str, str], page: paging.Page, **more: str) -> str:
    return f"?{kept(words, after=page.following, **more)}" if page.following else ""


# --- the frame: period and filters ---------------------------------------------------------------


def frame(question: Question, words: Mapping[str, str], *, by: str = "") -> dict[str, Any]:
    """The bar every page of figures has: period, presets, and the words to keep."""
    asked = question.period
    today = timezone.localdate(question.now)
    presets = [
        {
            "label": PRESET_LABELS[name],
            "url": f"?{kept(words, by=by, **preset.query())}",
            "active": (preset.first, preset.last) == (asked.first, asked.last),
        }
        for name, preset in period.presets(today=today, zone=asked.zone).items()
    ]
    return {
        "question": question,
        "period": asked,
        "presets": presets,
        "kept": kept(words),
        "by": by,
        "dimensions": [
            {"label": label, "url": f"?{kept(words, by=name)}#groups", "active": name == by}
            for name, label in DIMENSION_LABELS.items()
        ],
    }


# --- figures -------------------------------------------------------------------------------------


def words_of(share: Any) -> str:
    """A share as people read it, or words where there is none."""
    return _("no data") if share is None else f"{share:.2f}".rstrip("0").rstrip(".") + " %"


def cards(question: Question, words: Mapping[str, str], trend: Trend) -> list[dict[str, Any]]:
    """Attainment of each metric against goal and the period before, then the counts."""
    before = Question(question.actor, question.period.previous(), question.now, question.narrow)
    earlier = {a.metric: a.percent for a in figures.attainment(before)}
    shown = [_share_card(a, earlier.get(a.metric), trend, words) for a in figures.attainment(question)]
    for key in CARDS:
        figure = figures.RECORD_FIGURES[key]
        count = figure.rows(question).count()
        tone = "bad" if key == "overdue" and count else ""
        shown.append(
            {
                "label": figure.label,
                "value": f"{count:,}",
                "n": count,
                "tone": tone,
                "url": records_url(key, words),
            }
        )
    return shown


def _share_card(a: Attainment, earlier: Any, trend: Trend, words: Mapping[str, str]) -> dict[str, Any]:
    change, tone = "", "neutral"
    if earlier is not None and a.percent is not None:
        difference = a.percent - earlier
        change = f"{difference:+.1f}"
        tone = "good" if difference > 0 else "bad" if difference < 0 else "neutral"
    return {
        "label": Metric(a.metric).label,
        "value": words_of(a.percent),
        "tone": {None: "", True: "good", False: "bad"}[a.on_goal],
        "goal": words_of(a.goal),
        "change": change,
        "change_tone": tone,
        "points": [figures.percent(met, missed) for _day, met, missed in trend.get(a.metric, [])],
        "n": a.decided,
        "url": clocks_url(a.metric, "decided", words),
        "note": _misses(a.misses_left) if not a.excluded else _gross(a),
    }


def _gross(a: Attainment) -> str:
    """What it would be if nothing were excluded."""
    return _("gross %(share)s, %(n)s excluded") % {"share": words_of(a.gross), "n": a.excluded}


def _misses(left: int | None) -> str:
    if left is None:
        return ""
    if left < 0:
        return _("%(n)s too many missed") % {"n": -left}
    return _("%(n)s misses left") % {"n": left}


# --- charts --------------------------------------------------------------------------------------


def charts(question: Question, words: Mapping[str, str], trend: Trend) -> list[dict[str, Any]]:
    """At most four charts, each with the table of its numbers."""
    return [_attainment_chart(question, words, trend), _volume_chart(question, words)]


def _day(day: date, step: str) -> str:
    return date_format(day, "Y-m" if step == "month" else "m-d")


def _span(question: Question, day: date) -> dict[str, str]:
    first = max(day, question.period.first)
    return {"from": first.isoformat(), "to": question.period.bucket_end(day).isoformat()}


def _attainment_chart(question: Question, words: Mapping[str, str], trend: Trend) -> dict[str, Any]:
    step = question.period.step
    days = list(question.period.buckets())
    series = [
        {
            "name": str(Metric(metric).label),
            "data": [_number(figures.percent(met, missed)) for _d, met, missed in points],
            "urls": [clocks_url(metric, "decided", words, **_span(question, day)) for day in days],
        }
        for metric, points in trend.items()
    ]
    spec = {
        "type": "line",
        "unit": "%",
        "max": 100,
        "categories": [_day(d, step) for d in days],
        "series": series,
    }
    return {
        "id": "attainment",
        "title": _("Attainment over time"),
        "spec": spec,
        "empty": not series,
        "head": [_("From"), *(s["name"] for s in series)],
        "rows": [[_day(day, step), *(_cell(s, i) for s in series)] for i, day in enumerate(days)],
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _cell(series: dict[str, Any], place: int) -> dict[str, str]:
    value = series["data"][place]
    return {"words": _("no data") if value is None else f"{value:g} %", "url": series["urls"][place]}


def _volume_chart(question: Question, words: Mapping[str, str]) -> dict[str, Any]:
    step, rows = question.period.step, figures.volume(question)
    series = []
    for key, place in (("opened", 1), ("done", 2)):
        series.append(
            {
                "name": str(figures.RECORD_FIGURES[key].label),
                "data": [row[place] for row in rows],
                "urls": [records_url(key, words, **_span(question, row[0])) for row in rows],
            }
        )
    return {
        "id": "volume",
        "title": _("Opened and done"),
        "spec": {"type": "bar", "categories": [_day(r[0], step) for r in rows], "series": series},
        "empty": not any(row[1] or row[2] for row in rows),
        "head": [_("From"), *(s["name"] for s in series)],
        "rows": [
            [_day(row[0], step), *({"words": str(s["data"][i]), "url": s["urls"][i]} for s in series)]
            for i, row in enumerate(rows)
        ],
    }


# --- tables --------------------------------------------------------------------------------------


def groups(question: Question, words: Mapping[str, str], *, by: str) -> list[dict[str, Any]]:
    """Attainment by metric within each group of a dimension, with links to what each number counts."""
    rows = figures.attainment(question, by)
    names = _names(by, {a.group for a in rows})
    shown = []
    for a in rows:
        over = {by: a.group or figures.NONE}
        shown.append(
            {
                "group": names.get(a.group, _("none")),
                "metric": Metric(a.metric).label,
                "met": {"n": a.met, "url": clocks_url(a.metric, "met", words, **over)},
                "missed": {"n": a.missed, "url": clocks_url(a.metric, "missed", words, **over)},
                "share": words_of(a.percent),
                "goal": words_of(a.goal),
                "on_goal": a.on_goal,
                "left": _misses(a.misses_left),
            }
        )
    return sorted(shown, key=lambda row: str(row["group"]))


def _names(by: str, ids: set[Any]) -> dict[Any, str]:
    if by == "priority":
        return {value: str(label) for value, label in Priority.choices}
    model: Any = {"agreement": Agreement, "service": Service, "team": Team}[by]
    return {row.pk: row.name for row in model.objects.filter(pk__in=ids - {None})}


def breaches(question: Question, words: Mapping[str, str]) -> dict[str, Any]:
    """How often which reason was given, and the latest misses."""
    labels = dict(Breach.Reason.choices)
    shown = ("customer", "team", "assignee")
    latest = figures.breaches(question).select_related(
        "team", "assignee", *(f"clock__record__{name}" for name in shown)
    )
    return {
        "reasons": [
            {
                "label": labels.get(code, _("Not explained yet")),
                "n": n,
                "unexplained": not code,
                "url": f"{reverse('reports:breaches')}?{kept(words, by='reason', cause=code or 'none')}",
            }
            for code, n in figures.breach_reasons(question)
        ],
        "latest": [_breach_row(b) for b in latest[:SHORT]],
        "url": clocks_url("all", "missed", words),
    }


def _breach_row(b: Breach) -> dict[str, Any]:
    return {
        **record_row(b.clock.record),
        "metric": Metric(b.clock.metric).label,
        "at": b.at,
        "team": b.team,
        "assignee": b.assignee,
        "reason": b.get_reason_display() if b.reason else "",
    }


def short_lists(question: Question, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """The first few of the lists a manager acts on."""
    shown = []
    for key in ("due_soon", "idle"):
        figure = figures.RECORD_FIGURES[key]
        rows = figure.rows(question).select_related("customer", "team", "assignee")[:SHORT]
        shown.append(
            {
                "title": figure.label,
                "help": figure.help,
                "tickets": [record_row(record) for record in rows],
                "url": records_url(key, words),
            }
        )
    return shown


# --- rows ----------------------------------------------------------------------------------------


def record_row(record: Record) -> dict[str, Any]:
    """One ticket in a list of figures."""
    return {
        "number": record.number,
        "title": record.title,
        "url": record.get_absolute_url(),
        "customer": record.customer,
        "priority": record.get_priority_display(),
        "state": process_of(record.kind).labels(record.state).label,
        "team": record.team,
        "assignee": record.assignee,
        "opened_at": record.opened_at,
        "next_due_at": record.next_due_at,
        "done_at": record.done_at,
        "updated_at": record.updated_at,
    }


def clock_row(clock: Clock) -> dict[str, Any]:
    """One target in a list of figures: whose ticket, what was promised, what came of it."""
    breach = getattr(clock, "breach", None)
    return {
        **record_row(clock.record),
        "metric": Metric(clock.metric).label,
        "agreement": clock.agreement_version.agreement,
        "is_met": clock.breached_at is None,
        "due_at": clock.due_at,
        "decided_at": clock.decided_at,
        "stopped_at": clock.stopped_at,
        "reason": breach.get_reason_display() if breach and breach.reason else "",
        # prefetched by the one list that shows excluded targets
        "exclusion": next((e for e in clock.exclusions.all() if e.decision == "approved"), None)
        if clock.waived_at
        else None,
        "clock_url": reverse("records:clock", args=[clock.record.number, clock.pk]),
    }


def clock_title(metric: str, outcome: str) -> str:
    name = _("All targets") if metric == "all" else str(Metric(metric).label)
    what = {
        "decided": _("decided"),
        "met": _("met"),
        "missed": _("missed"),
        "excluded": _("excluded by approval"),
    }[outcome]
    return f"{name}: {what}"
