"""What the desk lead's dashboard shows, made from its figures: words, links and chart data."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team
from records.counting import tally
from records.models import Priority, by_due
from reports import desk_rows, figures, forecasting, layout
from reports.desk_rows import AGES, BARS, NOBODY, REST, Solved
from reports.figures import Question, Rows
from reports.period import Period

Words = Mapping[str, str]
AGED_BY = {"priority": gettext_lazy("Priority"), "team": gettext_lazy("Team")}
CAUSE_LABELS = {
    "service": gettext_lazy("Service"),
    "category": gettext_lazy("Category"),
    "item": gettext_lazy("Configuration item"),
    "offering": gettext_lazy("What was ordered"),
}
METHOD_WORDS = {
    "smoothed": gettext_lazy("the same weekdays before, later weeks weighing more"),
    "as_last_week": gettext_lazy("the same weekday a week before"),
}
SPARK = 40  # points of a sparkline at most
LEVELS = 5  # shades of the heat map


class Days:
    """Tickets opened and done by day, from the beginning of the period before to the end of this one."""

    def __init__(self, question: Question) -> None:
        self.period = question.period
        self.before = question.period.previous()
        start, end = self.before.start, question.period.end
        self.opened = desk_rows.by_day(question, "opened_at", start, end)
        self.done = desk_rows.by_day(question, "done_at", start, end)

    def total(self, column: str, period: Period) -> int:
        counted: dict[date, int] = getattr(self, column)
        return sum(n for day, n in counted.items() if period.first <= day <= period.last)

    def points(self, column: str) -> list[float | None]:
        """For a sparkline: by day, or by so many days together that there are no more than SPARK points."""
        counted: dict[date, int] = getattr(self, column)
        width = -(-self.period.days // SPARK)
        days = [counted.get(self.period.first + timedelta(days=n), 0) for n in range(self.period.days)]
        return [float(sum(days[n : n + width])) for n in range(0, len(days), width)]


# --- the row of figures ---------------------------------------------------------------------------


def cards(question: Question, words: Words, days: Days, open_at: tuple[int, int]) -> list[dict[str, Any]]:
    """Answers first: what came, what was done, what is left."""
    first, last = open_at
    shown = [
        {
            **_count(key, days.total(key, days.period), words),
            **_change(days.total(key, days.period), days.total(key, days.before)),
            "points": days.points(key),
        }
        for key in ("opened", "done")
    ]
    is_over = question.period.end <= question.now
    shown.append(
        {
            **_count("backlog", last, words),
            "label": _("Open at the end") if is_over else _("Open now"),
            **_change(last, first, is_bad_up=True),
            "note": _("%(n)s at the beginning") % {"n": f"{first:,}"},
        }
    )
    return shown + _present(question, words)


def solved_cards(question: Question, words: Words) -> list[dict[str, Any]]:
    """How well it was done: by the desk at once, and without coming back."""
    now, before = desk_rows.solutions(question)
    return [
        _rate(_("Solved by the desk itself"), "solved_at_once", now, before, words),
        _rate(_("Came back before solved"), "came_back", now, before, words),
    ]


def _count(key: str, n: int, words: Words) -> dict[str, Any]:
    figure = desk_rows.ALL_FIGURES[key]
    return {"label": figure.label, "value": f"{n:,}", "n": n, "url": layout.records_url(key, words)}


def _change(now: int, before: int, *, is_bad_up: bool = False) -> dict[str, Any]:
    """By how much a count differs from the one of the period before."""
    if now == before:
        return {"change": "±0", "change_tone": "neutral"}
    share = f" ({(now - before) * 100 / before:+.0f} %)" if before else ""
    tone = ("bad" if now > before else "good") if is_bad_up else "neutral"
    return {"change": f"{now - before:+,}{share}", "change_tone": tone}


def _rate(label: str, key: str, now: Solved, before: Solved, words: Words) -> dict[str, Any]:
    is_first = key == "solved_at_once"
    share, earlier = ((each.first_contact if is_first else each.reopen_rate) for each in (now, before))
    n, of = (now.at_once, now.incidents) if is_first else (now.came_back, now.solved)
    difference = share - earlier if share is not None and earlier is not None else None
    better = difference is not None and (difference > 0) == is_first
    return {
        "label": label,
        "value": layout.words_of(share),
        "n": n,
        "url": layout.records_url(key, words),
        "change": f"{difference:+.1f}" if difference is not None else "",
        "change_tone": ("good" if better else "bad") if difference else "neutral",
        "note": _("%(n)s of %(all)s solved") % {"n": f"{n:,}", "all": f"{of:,}"}
        if of
        else _("nothing was solved"),
    }


def _present(question: Question, words: Words) -> list[dict[str, Any]]:
    """What stands now, whatever the period; one query."""
    keys = ("overdue", "unassigned", "idle")
    found = (
        Rows.open(question).alias(due=by_due()).aggregate(
            overdue=tally(Q(due__lt=question.now)),
            unassigned=tally(Q(assignee=None)),
            idle=tally(Q(updated_at__lt=question.now - timedelta(days=1))),
        )
    )  # fmt: skip
    labels = {"idle": _("Untouched for a day")}
    return [
        {
            **_count(key, found[key], words),
            "label": labels.get(key, desk_rows.ALL_FIGURES[key].label),
            "tone": "bad" if key == "overdue" and found[key] else "",
            "note": _("now"),
        }
        for key in keys
    ]


# --- ageing ---------------------------------------------------------------------------------------


def ageing(question: Question, words: Words, by: str) -> dict[str, Any]:
    """Open tickets by age, stacked by priority or team; the table has each number with its list."""
    counted = desk_rows.ages(question, by)
    names = _group_names(by, counted)
    groups = sorted(counted, key=lambda code: (code is None, code if by == "priority" else names[code]))
    series: list[dict[str, Any]] = [
        {
            "name": names[code],
            "data": counted[code],
            "urls": [_aged_url(words, place, {by: code or figures.NONE}) for place in range(len(AGES))],
        }
        for code in groups
    ]
    rows = [
        [desk_rows.age_words(place), *(_cell(s["data"][place], s["urls"][place]) for s in series),
         _cell(sum(s["data"][place] for s in series), _aged_url(words, place, {}))]
        for place in range(len(AGES))
    ]  # fmt: skip
    return {
        "id": "ageing",
        "title": _("Open tickets by age"),
        "spec": {
            "type": "bar", "stacked": True,
            "categories": [desk_rows.age_short(place) for place in range(len(AGES))], "series": series,
        },
        "empty": _("Nothing is open.") if not series else "",
        "head": [_("Open since"), *names_of(series), _("Total")],
        "rows": rows,
        "choices": [
            {"label": label, "url": f"?{layout.kept(words, by=code)}#ageing", "is_active": code == by}
            for code, label in AGED_BY.items()
        ],
    }  # fmt: skip


def names_of(series: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(each["name"]) for each in series]


def _aged_url(words: Words, place: int, over: Mapping[str, Any]) -> str:
    return layout.records_url("aged", words, age=place, **over)


def _cell(n: int, url: str) -> dict[str, Any]:
    return {"words": f"{n:,}", "url": url if n else "", "n": n}


def _group_names(by: str, codes: Mapping[Any, Any]) -> dict[Any, str]:
    if by == "priority":
        known = {value: str(label) for value, label in Priority.choices}
    else:
        known = {row.pk: row.name for row in Team.objects.filter(pk__in=[c for c in codes if c])}
    return {code: known.get(code, _("none")) for code in codes}


# --- backlog --------------------------------------------------------------------------------------


def backlog_chart(question: Question, words: Words, days: Days, first: int) -> dict[str, Any]:
    """What was open at the end of each day of the period, as far as it has gone."""
    period = question.period
    today = timezone.localdate(question.now, timezone=period.zone)
    last = min(period.last, today)
    span = [period.first + timedelta(days=n) for n in range((last - period.first).days + 1)]
    steps = [days.opened.get(day, 0) - days.done.get(day, 0) for day in span]
    still = list(accumulate(steps, initial=first))[1:]
    ends = [n for n, day in enumerate(span) if day == last or day == period.bucket_end(_bucket(period, day))]
    urls = [layout.records_url("backlog", words, **_one_day(span[n])) for n in ends]
    name = _("Open")
    values = [still[n] for n in ends]
    return {
        "id": "backlog",
        "title": _("Backlog"),
        "spec": {
            "type": "line", "min": 0, "categories": [f"{span[n]:%m-%d}" for n in ends],
            "series": [{"name": name, "data": values, "urls": urls}],
        },
        "empty": "" if span else _("The period has not begun."),
        "head": [_("At the end of"), name],
        "rows": [[f"{span[n]}", _cell(value, url)] for n, value, url in zip(ends, values, urls, strict=True)],
    }  # fmt: skip


def _bucket(period: Period, day: date) -> date:
    """The first day of the step a day lies in."""
    if period.step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period.step == "month" else day


def _one_day(day: date) -> dict[str, str]:
    return {"from": day.isoformat(), "to": day.isoformat()}


# --- heat map -------------------------------------------------------------------------------------


def heat(question: Question, words: Words) -> dict[str, Any]:
    """Arrivals by weekday and hour; each cell opens its tickets."""
    counted = desk_rows.heat(question)
    most = max(counted.values(), default=0)
    rows = []
    for weekday in range(1, 8):
        cells = [
            _heat_cell(counted.get((weekday, hour), 0), most, words, weekday, hour) for hour in range(24)
        ]
        total = sum(cell["n"] for cell in cells)
        rows.append(
            {
                "day": WEEKDAYS_ABBR[weekday - 1], "name": WEEKDAYS[weekday - 1], "cells": cells,
                "total": _cell(total, layout.records_url("arrivals", words, weekday=weekday)),
            }
        )  # fmt: skip
    return {"rows": rows, "hours": range(24), "most": most, "zone": str(question.period.zone)}


def _heat_cell(n: int, most: int, words: Words, weekday: int, hour: int) -> dict[str, Any]:
    url = layout.records_url("arrivals", words, weekday=weekday, hour=hour)
    return {**_cell(n, url), "level": -(-n * LEVELS // most) if n else 0, "hour": f"{hour:02}:00"}


# --- Pareto ---------------------------------------------------------------------------------------


def pareto(question: Question, words: Words, by: str) -> dict[str, Any]:
    """What was asked for most, with cumulative shares; what is behind the first BARS is one bar."""
    counted = desk_rows.causes(question, by)
    shown = counted[:BARS]
    if rest := sum(n for _code, n in counted[BARS:]):
        shown.append((REST, rest))
    names = desk_rows.cause_names(by, [code for code, _n in shown])
    names |= {NOBODY: _("not said"), REST: _("everything else")}
    total, most = sum(n for _code, n in counted), max((n for _code, n in shown), default=1)
    running = list(accumulate(n for _code, n in shown))
    return {
        "by": by,
        "total": total,
        "bars": [
            {
                "label": names.get(code, code), "n": n, "width": n * 100 // most, "share": n * 100 / total,
                "running": so_far * 100 / total,
                "url": layout.records_url("about", words, by=by, value=code),
            }
            for (code, n), so_far in zip(shown, running, strict=True)
        ],
        "choices": [
            {"label": label, "url": f"?{layout.kept(words, by=code)}", "is_active": code == by}
            for code, label in CAUSE_LABELS.items()
        ],
    }  # fmt: skip


# --- what is to come ------------------------------------------------------------------------------


def outlook(question: Question, words: Words) -> dict[str, Any]:
    """The next weeks from today, by the whole days before; the period of the address has no part in it."""
    zone = question.period.zone
    today = timezone.localdate(question.now, timezone=zone)
    weeks = forecasting.MEMORY + forecasting.WEEKS + forecasting.TRIALS
    past = Period(today - timedelta(days=weeks * forecasting.WEEK), today - timedelta(days=1), zone)
    days = {
        column: desk_rows.by_day(question, f"{column}_at", past.start, past.end)
        for column in ("opened", "done")
    }
    began = min((day for counted in days.values() for day in counted), default=today)
    span = [began + timedelta(days=n) for n in range((today - began).days)]
    now = Rows.open(question).count()
    new = question.over(Period(today, today, zone))
    still = now - Rows.opened(new).count() + Rows.done(new).count()  # when the day began
    found = forecasting.outlook(
        [days["opened"].get(day, 0) for day in span], [days["done"].get(day, 0) for day in span],
        backlog=still,
    )  # fmt: skip
    if found is None:
        return {"found": None, "fewest": forecasting.FEWEST}
    return {
        "found": found,
        "method": METHOD_WORDS[found.method],
        "weeks": [
            {"first": today + timedelta(days=n * 7), "last": today + timedelta(days=n * 7 + 6), "week": week}
            for n, week in enumerate(found.weeks)
        ],
        "past": [_past_week(today, n, days, words, still) for n in range(forecasting.WEEKS, 0, -1)],
        "tried_from": forecasting.FEWEST + forecasting.WEEKS,
    }


def _past_week(
    today: date, n: int, days: Mapping[str, Mapping[date, int]], words: Words, still: int
) -> dict[str, Any]:
    """One of the last weeks as it was, beside those to come."""
    first = today - timedelta(days=7 * n)
    span = [first + timedelta(days=place) for place in range(7)]
    over = {"from": span[0].isoformat(), "to": span[-1].isoformat()}
    since = [today - timedelta(days=place) for place in range(1, (today - span[-1]).days)]
    left = still + sum(days["done"].get(day, 0) - days["opened"].get(day, 0) for day in since)
    open_then = _cell(left, layout.records_url("backlog", words, **over))
    counts = {column: sum(days[column].get(day, 0) for day in span) for column in ("opened", "done")}
    cells = [_cell(n, layout.records_url(column, words, **over)) for column, n in counts.items()]
    return {"first": span[0], "last": span[-1], "cells": [*cells, open_then]}
