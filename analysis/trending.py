"""One figure through time: drawn with its line and moving mean, described, and its outliers named."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analysis import statistics, words
from analysis.asking import Choice, Figure, better_of, goal_of
from analysis.statistics import Description
from kpis.engine import Part
from kpis.measuring import Point
from records import span_words

WINDOW = 3


def values(points: list[Point]) -> list[float | None]:
    """What can be judged: figures of spans that are over. What is not final is a gap, and drawn as such."""
    return [float(point.number) if point.is_final and point.number is not None else None for point in points]


def records_url(figure: Figure, point: Point, customer: int | None) -> str:
    """The page with the rows behind a figure."""
    asked = {
        "from": point.span.first, "to": point.span.last, "part": figure.place or "",
        "customer": customer or "",
    }  # fmt: skip
    query = urlencode({name: value for name, value in asked.items() if value != ""})
    return f"{reverse('kpis:detail', args=[figure.kpi.id])}?{query}"


def state_of(point: Point, choice: Choice) -> str:
    """What a figure is worth."""
    if point.is_confirmed:
        return pgettext("analysis", "confirmed")
    if not point.is_measured:
        return _("not begun") if point.span.start > choice.now else _("not measured")
    return _("counted for good") if point.is_final else _("so far: the span is not over")


def page(figure: Figure, choice: Choice) -> dict[str, Any]:
    """All that is told of a figure."""
    points = choice.points(figure)
    judged = values(points)
    found, line = statistics.describe(judged), statistics.line(judged)
    better = better_of(figure, choice.last.first)
    return {
        "chart": _chart(figure, choice, points, judged),
        "trend": words.trend(figure.part, line, len(statistics.there(judged)), better),
        "forecast": _forecast(figure, choice, judged),
        "better": words.better_words(better),
        "described": _described(figure.part, judged),
        "outliers": _outliers(figure, choice, points, judged, found),
        "is_fenced": found is not None and found.low is not None,
        "missing": missing(figure, choice, points),
        "counted_at": max((point.counted_at for point in points if point.counted_at), default=None),
    }


def missing(figure: Figure, choice: Choice, points: list[Point]) -> list[str]:
    """What is not there, and why, in sentences."""
    said = []
    if choice.customer and not figure.part.customer:
        return [_("This figure is the provider's own: it is told for all customers together only.")]
    open_ones = sum(point.is_measured and not point.is_final for point in points)
    late = sum(not point.is_measured and point.span.start <= choice.now for point in points)
    empty = sum(point.is_measured and point.number is None for point in points)
    if late == len(points) and choice.customer:
        said.append(
            _("Nothing is measured: customers are measured while an agreement with them is in force.")
        )
    elif late:
        said.append(
            ngettext(
                "%(n)s span was not measured; figures are counted every night.",
                "%(n)s spans were not measured; figures are counted every night.", late,
            ) % {"n": late}
        )  # fmt: skip
    if empty:
        said.append(
            ngettext(
                "%(n)s span has no data: there was nothing to tell a figure of.",
                "%(n)s spans have no data: there was nothing to tell a figure of.", empty,
            ) % {"n": empty}
        )  # fmt: skip
    if open_ones:
        said.append(_("The latest span is not over: its figure is drawn, but not judged."))
    return said


def _chart(figure: Figure, choice: Choice, points: list[Point], judged: list[float | None]) -> dict[str, Any]:
    part, line = figure.part, statistics.line(judged)
    means = statistics.moving_mean(judged, WINDOW)
    fitted = _fitted(part, judged)
    beyond = set(statistics.outliers(judged))
    urls = [records_url(figure, point, choice.customer) if point.is_measured else None for point in points]
    so_far = [point.number if point.is_measured and not point.is_final else None for point in points]
    series: list[dict[str, Any]] = [
        {
            "name": pgettext("analysis", "Figure"),
            "data": [words.drawn(part, value) for value in judged],
            "urls": urls,
        },
    ]
    if line:
        series.append(_plain(_("Fitted line"), part, fitted))
    if statistics.there(means):
        series.append(_plain(_("Moving mean"), part, means))
    if any(value is not None for value in so_far):
        series.append(
            {"name": _("So far"), "data": [words.drawn(part, value) for value in so_far], "urls": urls,
             "points": "emptyCircle"}
        )  # fmt: skip
    if beyond:
        marked = [value if place in beyond else None for place, value in enumerate(judged)]
        series.append(
            {"name": _("Outlier"), "data": [words.drawn(part, value) for value in marked], "urls": urls,
             "points": "diamond", "tone": "bad"}
        )  # fmt: skip
    goal = goal_of(figure, choice.last.first)
    return {
        "id": "trend", "title": figure.name, "empty": not any(point.number is not None for point in points),
        "spec": {
            "type": "line", "unit": words.chart_unit(part), "series": series,
            "categories": [point.span.code for point in points],
            **({"goal": words.drawn(part, goal)} if goal is not None else {}),
        },
        "head": [_("Span"), pgettext("analysis", "Figure"), _("Fitted line"), _("Moving mean"), _("State")],
        "rows": [
            [
                span_words.words(point.span),
                {"words": _cell(part, point.number, point), "url": urls[place], "n": None},
                {"words": words.number(part, fitted[place]) if fitted[place] is not None else "–"},
                {"words": words.number(part, means[place]) if means[place] is not None else "–"},
                {"words": f"{state_of(point, choice)}{_(', outlier') if place in beyond else ''}"},
            ]
            for place, point in enumerate(points)
        ],
    }  # fmt: skip


def _cell(part: Part, number: Any, point: Point) -> str:
    return words.number(part, number) if point.is_measured else "–"


def _forecast(figure: Figure, choice: Choice, judged: list[float | None]) -> str:
    """The next span on the line, with how far off it may be; nothing where there is no line."""
    line = statistics.line(judged)
    if line is None:
        return ""
    place = max(place for place, value in enumerate(judged) if value is not None) + 1
    reach = line.reach(place)
    low, high = (within(figure.part, line.at(place) + off) for off in (-reach, reach))
    after = choice.last.moved(place - len(judged) + 1)
    return _("On the line, %(span)s comes to about %(number)s (in 8 of 10 cases %(low)s to %(high)s).") % {
        "span": span_words.words(after),
        "number": words.number(figure.part, within(figure.part, line.at(place))),
        "low": words.number(figure.part, low), "high": words.number(figure.part, high),
    }  # fmt: skip


def _fitted(part: Part, judged: list[float | None]) -> list[float | None]:
    """The line from the first figure on; before it there is nothing to say."""
    line = statistics.line(judged)
    first = next((place for place, value in enumerate(judged) if value is not None), len(judged))
    return [within(part, line.at(place)) if line and place >= first else None for place in range(len(judged))]


def _plain(name: str, part: Part, data: list[float | None]) -> dict[str, Any]:
    return {"name": name, "data": [words.drawn(part, value) for value in data], "bare": True}


def within(part: Part, value: float) -> float:
    """No figure is less than nothing, no share more than all."""
    if part.unit == "percent":
        return min(100.0, max(0.0, value))
    return max(0.0, value)


def _described(part: Part, judged: list[float | None]) -> list[dict[str, Any]]:
    """The description of all figures, and beside it without the outliers, if there are any."""
    found = statistics.describe(judged)
    if found is None:
        return []
    beyond = set(statistics.outliers(judged))
    rest = statistics.describe([v for n, v in enumerate(judged) if n not in beyond]) if beyond else None
    one, other = _rows(part, found), _rows(part, rest) if rest else {}
    return [{"label": label, "value": value, "cleaned": other.get(label, "")} for label, value in one.items()]


def _rows(part: Part, found: Description) -> dict[str, str]:
    few = _("too few figures")
    variance = few if found.variance is None else f"{found.variance:,.2f}"
    if found.variance is not None and part.unit == "seconds":
        variance = _("%(n)s h²") % {"n": f"{found.variance / words.HOUR**2:,.2f}"}
    return {
        pgettext("analysis", "Figures"): str(found.n),
        _("Mean"): words.number(part, found.mean),
        _("Median"): words.number(part, found.median),
        _("Standard deviation"): few if found.deviation is None else words.number(part, found.deviation),
        _("Variance"): variance,
        _("Smallest"): words.number(part, found.minimum),
        _("Lower quartile"): words.number(part, found.q1),
        _("Upper quartile"): words.number(part, found.q3),
        _("Largest"): words.number(part, found.maximum),
    }


def _outliers(
    figure: Figure,
    choice: Choice,
    points: list[Point],
    judged: list[float | None],
    found: Description | None,
) -> dict[str, Any] | None:
    """Each figure beyond Tukey's fences, and where the fences are; None where there are too few to say."""
    if found is None or found.low is None or found.high is None:
        return None
    return {
        "low": words.number(figure.part, found.low), "high": words.number(figure.part, found.high),
        "rows": [
            {
                "span": span_words.words(points[place].span),
                "number": words.number(figure.part, judged[place]),
                "url": records_url(figure, points[place], choice.customer),
            }
            for place in statistics.outliers(judged)
        ],
    }  # fmt: skip
