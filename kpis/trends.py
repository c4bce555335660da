"""An indicator through the months, as a chart with the table of its figures behind it."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kpis import closing, measuring, shown
from kpis.engine import Asked, Kpi, Part, Unit, Value
from kpis.measuring import Point
from records import spans

MONTHS = 12
HOUR = Decimal(3600)


def chart(kpi: Kpi, place: int, asked: Asked) -> dict[str, Any]:
    """The twelve months up to the last one of the period: what was confirmed, else what was measured."""
    part, last = kpi.parts[place], spans.of("month", asked.period.last, asked.period.zone)
    points = measuring.series(
        kpi.id, part=place, customer=asked.customer, last=last, count=MONTHS, actor=asked.actor
    )
    scale = closing.scales(asked.period.first).get(kpi.id) if not place else None
    spec = {
        "type": "bar" if part.unit == Unit.COUNT else "line",
        "unit": {Unit.PERCENT: "%", Unit.SECONDS: pgettext("unit", "h")}.get(part.unit, ""),
        "min": 0,
        "categories": [point.span.code for point in points],
        "series": [
            {
                "name": str(part.name) or shown.said(kpi.entry.name),
                "data": [_drawn(part, point.number) for point in points],
                "urls": [_url(kpi, place, point, asked) for point in points],
            }
        ],
        "goal": _drawn(part, scale.goal) if scale else None,
    }
    return {
        "id": "months", "title": _("Month by month"), "spec": spec, "empty": _why_empty(points),
        "head": [_("Month"), pgettext("indicator", "Figure"), pgettext("indicator", "State")],
        "rows": [
            [
                point.span.code,
                {"words": _words(part, point), "url": _url(kpi, place, point, asked), "n": None},
                {"words": _state(point)},
            ]
            for point in points
        ],
    }  # fmt: skip


def _drawn(part: Part, number: Decimal | None) -> float | None:
    if number is None:
        return None
    return round(float(number / HOUR), 2) if part.unit == Unit.SECONDS else float(number)


def _words(part: Part, point: Point) -> str:
    if not point.is_measured:
        return _("not measured")
    return shown.number(part, Value(point.number, point.numerator, point.denominator, point.n))


def _state(point: Point) -> str:
    if point.is_confirmed:
        return _("confirmed")
    if not point.is_measured:
        return "–"
    return _("measured") if point.is_final else _("so far")


def _why_empty(points: list[Point]) -> str:
    if not points:
        return _("Choose a customer: what is measured of all together is for those who cover all.")
    if any(point.number is not None for point in points):
        return ""
    if any(point.is_measured for point in points):
        return _("There was no data in these months.")
    return _("Nothing is measured yet: indicators are measured every night, each customer with an agreement.")


def _url(kpi: Kpi, place: int, point: Point, asked: Asked) -> str:
    query = f"from={point.span.first}&to={point.span.last}"
    if asked.customer:
        query += f"&customer={asked.customer}"
    return f"{reverse('kpis:detail', args=[kpi.id])}?{query}&part={place}"
