"""The indicators of the processes: figure, goal, change, twelve spans as charts, and how each is made."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import in_reader_language
from itsm.templatetags.ui import duration
from kpis import closing, engine, measuring, shown
from kpis.engine import Asked, Kpi, Unit, Value
from kpis.models import Confirmation
from kpis.scoring import score
from processreports.drawing import Small, small_charts
from processreports.sections import Ask, Facts, Section, Source
from records import spans
from records.log import bilingual
from servicereports import tree
from servicereports.attained import instant
from servicereports.tree import NONE, Cell, cells

BACK = 12
A_DRAWING = 6  # charts of one drawing, which no page break divides


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


# --- drawn -------------------------------------------------------------------------------------------


def words_of(unit: str, text: str | None) -> str:
    """A figure with its unit; words where there is nothing to tell."""
    if text is None:
        return _("no data")
    number = Decimal(text)
    if unit == Unit.COUNT:
        return f"{number:,.0f}"
    if unit == Unit.SECONDS:
        return duration(int(number))
    return f"{number:.2f}\u00a0%" if unit == Unit.PERCENT else f"{number:.2f}"


def _figures(source: Source) -> dict[str, Mapping[str, Any]]:
    return {row["id"]: row for row in source.figures.get("parts", ())}


def draw(source: Source) -> tree.Section:
    """A table for each process, and the charts below it."""
    figures = _figures(source)
    by_process: dict[str, list[Mapping[str, Any]]] = {}
    for kpi in source.context.get("kpis", ()):
        by_process.setdefault(in_reader_language(kpi["process"]["en"], kpi["process"]["zh"]), []).append(kpi)
    tables: list[tree.Table] = []
    charts: list[tree.Chart] = []
    waiting: list[str] = []
    for process, kpis in by_process.items():
        rows = [row for kpi in kpis for row in _lines(kpi, figures)]
        waiting += [kpi["id"] for kpi in kpis if not kpi["parts"] and not kpi["confirmed"]]
        head = (
            _("Indicator"), _("Figure"), _("Span before"), _("Change"), _("Goal"), _("Rows"), _("State"),
        )  # fmt: skip
        tables += source.table(head, rows, (38, 15, 13, 11, 11, 8, 14), right=(1, 2, 3, 4, 5), title=process)
        charts += _charts(source, kpis, figures)
    paragraphs = [
        _("Confirmed figures are final; the others were computed when the report was made. A share of "
            "nothing is no data, neither 0 nor 100 %.")
    ]  # fmt: skip
    if waiting:
        paragraphs.append(
            _("Not measured yet, because the records for it are not kept here: %(ids)s.")
            % {"ids": ", ".join(waiting)}
        )
    note = "" if tables else _("No indicator of these processes is measured.")
    return tree.Section(
        "indicators", _("Indicators"), tuple(paragraphs) if tables else (), tuple(tables), note,
        charts=tuple(charts),
    )  # fmt: skip


def _lines(kpi: Mapping[str, Any], figures: Mapping[str, Any]) -> list[tuple[Cell, ...]]:
    """A line for each part; one scored by hand that is not computed has its points."""
    if not kpi["parts"]:
        if not kpi["confirmed"]:
            return []
        words = _("%(points)s points") % {"points": kpi["points"]}
        return [cells(_name(kpi, None), words, NONE, NONE, NONE, NONE, _state(kpi))]
    lines = []
    for place, part in enumerate(kpi["parts"]):
        row = figures.get(f"{kpi['id']}/{place}")
        if row is None:
            continue
        before = kpi["series"][-1] if place == 0 and kpi["series"] else None
        lines.append(
            cells(
                _name(kpi, part),
                Cell(words_of(part["unit"], row["value"]), number=row["value"], sub=_fraction(row),
                     tone=_tone(kpi) if place == 0 else ""),
                _before(part, before),
                _change(part, row, before, kpi),
                words_of(part["unit"], kpi["goal"]) if place == 0 and kpi["goal"] is not None else NONE,
                Cell(str(row["n"]), number=str(row["n"])),
                _state(kpi),
            )
        )  # fmt: skip
    return lines


def _name(kpi: Mapping[str, Any], part: Mapping[str, Any] | None) -> Cell:
    name = in_reader_language(kpi["name"]["en"], kpi["name"]["zh"])
    sub = kpi["id"]
    if part and part["name"]:
        sub += " · " + in_reader_language(part["name"]["en"], part["name"]["zh"])
    return Cell(name, sub=sub)


def _fraction(row: Mapping[str, Any]) -> str:
    if row["numerator"] is None or row["denominator"] is None:
        return ""
    return _("%(n)s of %(all)s") % {"n": row["numerator"], "all": row["denominator"]}


def _tone(kpi: Mapping[str, Any]) -> str:
    """By the points its scale gives; without a goal a figure is neither good nor bad."""
    if kpi["points"] is None or kpi["goal"] is None:
        return ""
    points = Decimal(kpi["points"])
    return "good" if points >= 100 else "bad" if points <= 0 else "warn"


def _state(kpi: Mapping[str, Any]) -> Cell:
    if not kpi["confirmed"]:
        return Cell(_("computed"))
    return Cell(_("confirmed"), sub=kpi["confirmed"]["by"])


def _before(part: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    if before is None or not before["is_measured"]:
        return _("not measured")
    return words_of(part["unit"], before["value"])


def _change(
    part: Mapping[str, Any], row: Mapping[str, Any], before: Mapping[str, Any] | None, kpi: Mapping[str, Any]
) -> Cell:
    if before is None or before["value"] is None or row["value"] is None:
        return Cell(NONE)
    by = Decimal(row["value"]) - Decimal(before["value"])
    if not by:
        return Cell(_("unchanged"))
    sign = "+" if by > 0 else "−"
    text = words_of(part["unit"], str(abs(by)))
    if part["unit"] == Unit.PERCENT:
        text = _("%(n)s points") % {"n": f"{abs(by).normalize():f}"}
    tone = ""
    if kpi["goal"] is not None and kpi["floor"] is not None:
        is_up_good = Decimal(kpi["goal"]) > Decimal(kpi["floor"])
        tone = "good" if (by > 0) == is_up_good else "bad"
    elif kpi["is_deduction"]:
        tone = "bad" if by > 0 else "good"
    return Cell(f"{sign}{text}", tone=tone)


def _charts(
    source: Source, kpis: Sequence[Mapping[str, Any]], figures: Mapping[str, Any]
) -> list[tree.Chart]:
    """Those that have an earlier figure: one point is no trend."""
    found = []
    span = source.content["span"]
    for kpi in kpis:
        row = figures.get(f"{kpi['id']}/0")
        if row is None or not any(point["value"] is not None for point in kpi["series"]):
            continue
        unit = kpi["parts"][0]["unit"]
        points = [*((p["id"], p["value"]) for p in kpi["series"]), (_code(span), row["value"])]
        found.append(
            Small(
                title=in_reader_language(kpi["name"]["en"], kpi["name"]["zh"]),
                labels=tuple(label for label, _value in points),
                values=tuple(None if value is None else Decimal(value) for _label, value in points),
                last=words_of(unit, row["value"]),
                full=Decimal(100) if unit == Unit.PERCENT else None,
            )
        )
    groups = [found[n : n + A_DRAWING] for n in range(0, len(found), A_DRAWING)]
    return [tree.Chart(small_charts(each), "; ".join(_told(chart) for chart in each)) for each in groups]


def _told(chart: Small) -> str:
    known = ", ".join(
        f"{label}: {value.normalize():f}"
        for label, value in zip(chart.labels, chart.values, strict=True)
        if value is not None
    )
    return f"{chart.title}: {known}"


def _code(span: Mapping[str, Any]) -> str:
    """The span as the points before it are called."""
    return spans.of(span["kind"], date.fromisoformat(span["from"]), ZoneInfo(span["zone"])).code


# --- how each is made ------------------------------------------------------------------------------------

MADE = {
    Unit.COUNT: gettext_lazy("Number of the rows that fall in the period."),
    Unit.PERCENT: gettext_lazy(
        "Rows that fulfil it, divided by all rows of the period; rounded down to 0.01 %."
    ),
    Unit.SECONDS: gettext_lazy("Mean time over the rows of the period."),
    Unit.SCORE: gettext_lazy("Mean of the scores of the period."),
}


def explain(source: Source) -> tree.Section:
    """In words what each indicator says, how it is counted and who answers for it (RPT-02)."""
    content = source.content
    kpis = content["context"].get("indicators", {}).get("kpis", ())
    rows = [
        cells(
            Cell(kpi["id"]),
            Cell(
                in_reader_language(kpi["name"]["en"], kpi["name"]["zh"]),
                sub=_("a deduction: what it counts lowers the score") if kpi["is_deduction"] else "",
            ),
            Cell(" ".join(dict.fromkeys(str(MADE[Unit(part["unit"])]) for part in kpi["parts"]))),
            in_reader_language(kpi["role"]["en"], kpi["role"]["zh"]) or NONE,
        )
        for kpi in kpis
        if kpi["parts"]
    ]  # fmt: skip
    head = (_("Indicator"), _("What it says"), _("How it is computed"), _("Who answers for it"))
    tables = source.table(head, rows, (12, 38, 32, 18))
    note = "" if rows else _("There is no indicator to explain.")
    return tree.Section("explained", _("How the indicators are made"), (), tables, note)


INDICATORS = Section(
    "indicators", gettext_lazy("Indicators with goal, change and charts"), draw, gather,
    help=gettext_lazy("The figures of the processes chosen."),
)  # fmt: skip
EXPLAINED = Section("explained", gettext_lazy("How the indicators are made"), explain)
