"""The indicators of a process in a month: what was counted at night at first sight, what is so now after it.

A figure that its checker confirmed stays as it was confirmed and opens the rows of then. Every other one is
counted anew by the page's second request, with the rows its link opens, so that both are always the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.asking import View
from kpis import closing, engine, measuring, shown
from kpis.engine import Kpi, Unit, Value
from kpis.measuring import Point
from kpis.models import Confirmation
from kpis.scoring import Scale
from records.spans import Span

MONTHS = 12  # of a sparkline
LINES = 3  # of the chart
WIDEST = 24  # letters of a line's name


@dataclass(frozen=True)
class Indicator:
    """One indicator with its first figure. ``value`` None: not counted. ``kept``: the number under which it
    was confirmed, else 0. ``points``: by month, the asked one last.
    """

    kpi: Kpi
    value: Value | None
    points: tuple[Point, ...]
    scale: Scale | None
    kept: int
    is_live: bool

    @property
    def before(self) -> Decimal | None:
        return self.points[-2].number if len(self.points) > 1 else None

    @property
    def is_less_better(self) -> bool | None:
        """None where nobody said which is better."""
        if self.kpi.entry.is_deduction:
            return True
        if self.scale is None or self.scale.goal is None or self.scale.floor is None:
            return None
        return self.scale.goal < self.scale.floor

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is; None without goal or figure."""
        goal = self.scale.goal if self.scale else None
        if goal is None or self.value is None or self.value.number is None:
            return None
        return self.value.number <= goal if self.is_less_better else self.value.number >= goal


def indicators(view: View, kpis: Sequence[Kpi], *, is_live: bool) -> list[Indicator]:
    """Indicators in the asked month. At first sight three queries; ``is_live``: one more for each figure."""
    ids = [kpi.id for kpi in kpis]
    series = measuring.series_of(
        ids, customer=view.customer, last=view.span, count=MONTHS, actor=view.actor
    )  # fmt: skip
    scales, kept = closing.scales(view.span.first), _confirmed(view, ids)
    return [
        _one(view, kpi, series.get(kpi.id, []), scales.get(kpi.id), kept.get(kpi.id, 0), is_live=is_live)
        for kpi in kpis
    ]


def _confirmed(view: View, ids: Sequence[str]) -> dict[str, int]:
    """The number of the newest confirmation of each."""
    if not measuring.covers(view.actor, view.customer):
        return {}
    rows = Confirmation.objects.filter(
        kpi__in=ids, period_from=view.span.first, period_until=view.span.last, customer=view.customer
    )
    return dict(rows.values_list("kpi").annotate(number=Max("number")))


def _one(
    view: View, kpi: Kpi, points: Sequence[Point], scale: Scale | None, kept: int, *, is_live: bool
) -> Indicator:
    last = points[-1] if points else None
    value = None
    if last is not None and last.is_measured:
        value = Value(last.number, last.numerator, last.denominator, last.n)
    if not kpi.parts or (last is not None and last.is_confirmed):
        return Indicator(kpi, value, tuple(points), scale, kept, is_live=bool(kept))
    if is_live and view.has_begun:
        value = engine.compute(kpi.parts[0], view.asked)
        if points:
            points = [*points[:-1], Point(view.span, value.number, n=value.record_count, counted_at=view.now)]
    return Indicator(kpi, value, tuple(points), scale, 0, is_live=is_live)


# --- in words -------------------------------------------------------------------------------------


def row_of(found: Indicator, view: View) -> dict[str, Any]:
    """An indicator as cards and the table show it."""
    entry = found.kpi.entry
    return {
        "id": found.kpi.id,
        "name": shown.said(entry.name),
        "label": shown.said(entry.name),
        "role": shown.said(entry.role),
        "is_deduction": entry.is_deduction,
        "is_confirmed": bool(found.kept),
        "waits_for": "" if found.kpi.parts else found.kpi.waits_for,
        "url": url_of(found, view),
        **_figure(found, view),
        **_change(found, view),
        "points": [float(p.number) if p.number is not None else None for p in found.points],
    }


def card_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a card: where there is no figure, the words for it stand small."""
    if row.get("is_none"):
        return {**row, "value": "–", "note": f"{row['value']} · {row['role']}"}
    words = (row.get("more") or row.get("note", ""), row["role"])
    return {**row, "note": " · ".join(filter(None, words))}


def url_of(found: Indicator, view: View) -> str:
    """The indicator's page with the rows behind the figure."""
    words = dict(view.days) | ({"kept": str(found.kept)} if found.kept else {})
    return f"{reverse('kpis:detail', args=[found.kpi.id])}?{urlencode(words)}"


def _figure(found: Indicator, view: View) -> dict[str, Any]:
    if not found.kpi.parts:
        return {"value": "–", "is_none": True}
    part, value = found.kpi.parts[0], found.value
    if value is None:
        return {"value": _("not counted yet") if view.has_begun else _("not begun"), "is_none": True}
    goal = found.scale.goal if found.scale else None
    tones = {None: "", True: "good", False: "bad"}
    return {
        "value": shown.number(part, value),
        "is_none": value.is_no_data,
        "tone": tones[found.is_reached],
        "goal": shown.number(part, Value(goal, None, None, 0)) if goal is not None else "",
        "note": shown.fraction(value),
        # only what was counted now, or is kept with its rows, is sure to be what the list shows
        "n": value.record_count if found.is_live else None,
    }


def _change(found: Indicator, view: View) -> dict[str, Any]:
    """Against the month before. A count of a month that is not over is told beside it, not subtracted."""
    before, value = found.before, found.value
    if before is None or value is None or value.number is None:
        return {}
    part = found.kpi.parts[0]
    if part.unit == Unit.COUNT and not view.is_over:
        return {"more": _("%(n)s in the month before") % {"n": f"{before:,.0f}"}}
    difference = value.number - before
    if not difference:
        return {"change": "±0", "change_tone": "neutral"}
    sign = "+" if difference > 0 else "−"
    words = shown.number(part, Value(abs(difference), None, None, 0))
    better = None if found.is_less_better is None else (difference < 0) == found.is_less_better
    return {"change": f"{sign}{words}", "change_tone": {None: "neutral", True: "good", False: "bad"}[better]}


def trend_chart(found: Sequence[Indicator], view: View, *, title: str = "") -> dict[str, Any] | None:
    """Shares by month, at most LINES of them: those with a goal first. None without any."""
    shares = [
        each for each in found if _is_share(each.kpi) and any(p.number is not None for p in each.points)
    ]
    shares = sorted(shares, key=lambda each: each.scale is None or each.scale.goal is None)[:LINES]
    if not shares:
        return None
    months = [point.span for point in shares[0].points]
    series = [
        {
            "name": _short(shown.said(each.kpi.entry.name)),
            "data": [float(p.number) if p.number is not None else None for p in each.points],
            "urls": [_month_url(each.kpi, view, month) for month in months],
        }
        for each in shares
    ]  # fmt: skip
    return {
        "id": "trend",
        "title": title or _("Shares by month"),
        "spec": {
            "type": "line", "unit": "%", "max": 100, "categories": [m.code for m in months], "series": series,
        },
        "empty": "",
        "head": [_("Month"), *(each["name"] for each in series)],
        "rows": [
            [month.code, *({"words": _share(each["data"][n]), "url": each["urls"][n]} for each in series)]
            for n, month in enumerate(months)
        ],
    }  # fmt: skip


def _is_share(kpi: Kpi) -> bool:
    return bool(kpi.parts) and kpi.parts[0].unit == Unit.PERCENT


def _share(value: Any) -> str:
    return _("no data") if value is None else f"{value:g} %"


def _month_url(kpi: Kpi, view: View, month: Span) -> str:
    words = dict(view.days) | {"from": month.first.isoformat(), "to": month.last.isoformat()}
    return f"{reverse('kpis:detail', args=[kpi.id])}?{urlencode(words)}"


def _short(words: str) -> str:
    """As long as there is room for beside a line; a Chinese character takes the place of two letters."""
    room = WIDEST
    for place, letter in enumerate(words):
        room -= 2 if letter > "\u2e80" else 1
        if room < 0:
            return f"{words[:place]}…"
    return words
