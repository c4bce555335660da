"""What roles and processes come to in a period: confirmed points where there are some, else those so far."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kpis import closing, engine
from kpis.catalogue import Words
from kpis.engine import Asked, Kpi
from kpis.models import Confirmation
from kpis.scoring import Scale, Scored, score, total


@dataclass(frozen=True)
class Row:
    """One indicator with its points. ``is_confirmed``: they are its checker's; else what there is so far."""

    kpi: Kpi
    points: Decimal | None
    weight: Decimal
    is_confirmed: bool


@dataclass(frozen=True)
class Total:
    """A process, or a role within one, with what its indicators come to."""

    process: Words
    role: Words | None
    points: Decimal | None
    rows: tuple[Row, ...]


def rows(asked: Asked, process: Words | None = None) -> list[Row]:
    """The indicators that have a scale or were confirmed; one query for each that is computed."""
    known = closing.scales(asked.period.first)
    confirmed = _newest(asked)
    found = []
    for kpi in engine.all_kpis():
        if process is not None and kpi.entry.process != process:
            continue
        scale, kept = known.get(kpi.id), confirmed.get(kpi.id)
        if kept is not None:
            found.append(Row(kpi, kept.score, scale.weight if scale else Decimal(1), is_confirmed=True))
        elif scale is not None and kpi.parts:
            found.append(Row(kpi, _points(kpi, scale, asked), scale.weight, is_confirmed=False))
    return found


def _points(kpi: Kpi, scale: Scale, asked: Asked) -> Decimal | None:
    value = engine.compute(kpi.parts[0], asked)
    return score(value.number, scale, is_deduction=kpi.entry.is_deduction)


def _newest(asked: Asked) -> dict[str, Confirmation]:
    if not closing.covers(asked):
        return {}
    kept = Confirmation.objects.filter(
        period_from=asked.period.first, period_until=asked.period.last, customer=asked.customer
    )
    return {row.kpi: row for row in kept.defer("rows").order_by("kpi", "-number").distinct("kpi")}


def totals(found: Iterable[Row]) -> list[Total]:
    """Each process, followed by its roles."""
    by_process: dict[Words, dict[Words, list[Row]]] = {}
    for row in found:
        entry = row.kpi.entry
        by_process.setdefault(entry.process, {}).setdefault(entry.role, []).append(row)
    lines = []
    for process, roles in by_process.items():
        everything = [row for each in roles.values() for row in each]
        lines.append(Total(process, None, _total(everything), tuple(everything)))
        lines += [Total(process, role, _total(each), tuple(each)) for role, each in roles.items()]
    return lines


def _total(found: Iterable[Row]) -> Decimal | None:
    return total(Scored(row.points, row.weight, row.kpi.entry.is_deduction) for row in found)
