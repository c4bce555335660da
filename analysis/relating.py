"""Whether two figures rise and fall together: each pair of those chosen, and one pair drawn."""

from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from analysis import statistics, words
from analysis.asking import Choice, Figure
from analysis.statistics import Relation
from analysis.trending import records_url, values
from kpis.measuring import Point
from records import span_words

MOST = 8


def page(figures: list[Figure], choice: Choice, shown: tuple[int, int]) -> dict[str, Any]:
    """``shown`` are the places of the two that are drawn."""
    points = choice.many(figures)
    judged = {figure.code: values(points[figure.code]) for figure in figures}
    found = {
        (one, other): statistics.relation(judged[figures[one].code], judged[figures[other].code])
        for one, other in combinations(range(len(figures)), 2)
    }
    return {
        "pairs": [_pair(figures, pair, relation, shown) for pair, relation in _strongest(found)],
        "matrix": _matrix(figures, found) if len(figures) > 2 else [],
        "chart": _scatter(figures, shown, points, choice) if found else None,
        "told": words.relation(found[shown]) if found else "",
    }


def _strongest(found: dict[tuple[int, int], Relation]) -> list[tuple[tuple[int, int], Relation]]:
    return sorted(found.items(), key=lambda each: -abs(each[1].pearson or 0))


def _coefficient(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}".replace("-", "−")


def _pair(
    figures: list[Figure], pair: tuple[int, int], relation: Relation, shown: tuple[int, int]
) -> dict[str, Any]:
    one, other = (figures[place] for place in pair)
    return {
        "one": one, "other": other, "n": relation.n, "pearson": _coefficient(relation.pearson),
        "spearman": _coefficient(relation.spearman), "told": words.relation(relation),
        "pair": f"{pair[0]}-{pair[1]}", "is_shown": pair == shown,
    }  # fmt: skip


def _matrix(figures: list[Figure], found: dict[tuple[int, int], Relation]) -> list[dict[str, Any]]:
    """A row for each figure; the lower half repeats the upper."""
    rows = []
    for at, figure in enumerate(figures):
        cells = []
        for place in range(len(figures)):
            pair = (min(at, place), max(at, place))
            relation = found.get(pair)
            cells.append(
                {
                    "words": "1" if relation is None else _coefficient(relation.pearson),
                    "pair": "" if relation is None else f"{pair[0]}-{pair[1]}",
                    "size": "" if relation is None or relation.pearson is None else _size(relation.pearson),
                }
            )
        rows.append({"figure": figure, "cells": cells})
    return rows


def _size(coefficient: float) -> str:
    size = abs(coefficient)
    return "is-strong" if size >= 0.6 else "is-moderate" if size >= 0.4 else ""


def _scatter(
    figures: list[Figure], shown: tuple[int, int], points: dict[str, list[Point]], choice: Choice
) -> dict[str, Any]:
    one, other = (figures[place] for place in shown)
    xs, ys = points[one.code], points[other.code]
    both = [
        (x, y)
        for x, y, a, b in zip(xs, ys, values(xs), values(ys), strict=True)
        if a is not None and b is not None
    ]
    return {
        "id": "scatter", "title": _("Each span as a point"), "empty": not both,
        "spec": {
            "type": "scatter",
            "x": {"name": _axis(one), "unit": words.chart_unit(one.part)},
            "y": {"name": _axis(other), "unit": words.chart_unit(other.part)},
            "series": [
                {
                    "name": "", "names": [x.span.code for x, _y in both],
                    "data": [
                        [words.drawn(one.part, x.number), words.drawn(other.part, y.number)] for x, y in both
                    ],
                }
            ],
        },
        "head": [_("Span"), one.name, other.name],
        "rows": [
            [
                span_words.words(x.span),
                {
                    "words": words.number(one.part, x.number), "url": records_url(one, x, choice.customer),
                    "n": None,
                },
                {
                    "words": words.number(other.part, y.number),
                    "url": records_url(other, y, choice.customer), "n": None,
                },
            ]
            for x, y in both
        ],
    }  # fmt: skip


def _axis(figure: Figure) -> str:
    """Short enough for a telephone."""
    name = f"{figure.kpi.id} {figure.name}"
    return name if len(name) <= 44 else f"{name[:43]}…"
