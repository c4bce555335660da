"""The indicators of the processes as facts: figure, goal, points, and the spans before."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from kpis import closing, engine, measuring, shown
from kpis.engine import Asked, Kpi, Value
from kpis.models import Confirmation
from kpis.scoring import score
from processreports.sections import Ask, Facts
from records import spans
from records.log import bilingual
from servicereports.attained import instant

BACK = 12


def asked_of(ask: Ask) -> Asked:
    return Asked(ask.actor, ask.period, ask.now, customer=ask.definition.customer_id)


def chosen(processes: Iterable[str]) -> list[Kpi]:
    """The indicators of some processes, in the order of the catalogue."""
    wanted = set(processes)
    return [kpi for kpi in engine.all_kpis() if kpi.entry.process.en in wanted]


def gather(ask: Ask) -> Facts:
    """Confirmed figures where its checker has confirmed them, else computed ones."""
    asked = asked_of(ask)
    found = chosen(ask.definition.processes)
    confirmed = _confirmed(asked, [kpi.id for kpi in found])
    scales = closing.scales(asked.period.first)
    series = _series(ask, [kpi.id for kpi in found if kpi.parts])
    figures: list[dict[str, Any]] = []
    context: list[dict[str, Any]] = []
    rows: dict[str, list[int]] = {}
    for kpi in found:
        kept = confirmed.get(kpi.id)
        values, keys = _values(kpi, asked, kept)
        figures += [{"id": f"{kpi.id}/{place}", **plain(value)} for place, value in enumerate(values)]
        rows |= {f"{kpi.id}/{place}": each for place, each in enumerate(keys)}
        points = None if kept is None else kept.score
        if kept is None and values:
            points = score(values[0].number, scales.get(kpi.id), is_deduction=kpi.entry.is_deduction)
        context.append(
            {
                **_named(kpi), "points": None if points is None else str(points),
                "goal": _text(scales[kpi.id].goal) if kpi.id in scales else None,
                "floor": _text(scales[kpi.id].floor) if kpi.id in scales else None,
                "confirmed": kept and {
                    "number": kept.number, "by": kept.confirmed_by.display_name,
                    "at": instant(kept.confirmed_at), "sha256": kept.sha256, "is_by_hand": kept.is_by_hand,
                },
                "series": series.get(kpi.id, []),
            }
        )  # fmt: skip
    return Facts({"parts": figures}, {"kpis": context}, rows)


def plain(value: Value) -> dict[str, Any]:
    """A figure as it is frozen."""
    return {
        "value": _text(value.number), "numerator": value.numerator, "denominator": value.denominator,
        "n": value.record_count,
    }  # fmt: skip


def _text(number: Decimal | None) -> str | None:
    """In one way whether it was computed or kept: without zeros behind."""
    return None if number is None else f"{number.normalize():f}"


def _named(kpi: Kpi) -> dict[str, Any]:
    entry = kpi.entry
    return {
        "id": kpi.id, "name": entry.name.label, "role": entry.role.label, "process": entry.process.label,
        "is_deduction": entry.is_deduction, "every": entry.every.value,
        "waits": bilingual(kpi.waits_for) if kpi.waits_for else None,
        "parts": [
            {"name": bilingual(part.name) if part.name else None, "unit": part.unit.value}
            for part in kpi.parts
        ],
    }  # fmt: skip


def _confirmed(asked: Asked, ids: Sequence[str]) -> dict[str, Confirmation]:
    """The newest confirmation of each for exactly this period and customer; one query."""
    rows = Confirmation.objects.filter(
        kpi__in=ids, period_from=asked.period.first, period_until=asked.period.last, customer=asked.customer
    )
    return {
        row.kpi: row for row in rows.select_related("confirmed_by").order_by("kpi", "-number").distinct("kpi")
    }


def _values(kpi: Kpi, asked: Asked, kept: Confirmation | None) -> tuple[list[Value], list[list[int]]]:
    """Each part's figure and the ids of its rows; a confirmation keeps those of the first part."""
    if kept is not None and kept.figures:
        return [shown.kept_value(figure) for figure in kept.figures], [closing.unpack(kept.rows)]
    taken = [engine.taken(part, asked) for part in kpi.parts]
    return [value for value, _keys in taken], [keys for _value, keys in taken]


def _series(ask: Ask, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The figures measured of the spans before, this one without; spans nobody measured have no point."""
    span = spans.of(ask.every, ask.period.first, measuring.house_zone()).previous
    found = measuring.series_of(
        ids, customer=ask.definition.customer_id, last=span, count=BACK - 1, actor=ask.actor
    )
    return {
        kpi: [
            {"id": point.span.code, "value": _text(point.number), "is_measured": point.is_measured}
            for point in points
        ]
        for kpi, points in found.items()
    }
