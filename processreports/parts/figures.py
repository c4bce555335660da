"""The indicators of the processes in words: tables, charts of what moved, and how each is made."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import in_reader_language
from itsm.templatetags.ui import duration
from kpis.engine import Unit
from processreports.drawing import Small, small_charts
from processreports.parts.indicators import gather
from processreports.sections import Section, Source
from records import spans
from servicereports import tree
from servicereports.tree import NONE, Cell, cells

A_DRAWING = 6  # charts of one drawing, which no page break divides


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
    """A table for each process, and below it the charts of what moved."""
    figures = _figures(source)
    kpis: list[Mapping[str, Any]] = list(source.context.get("kpis", ()))
    by_process: dict[str, list[Mapping[str, Any]]] = {}
    for kpi in kpis:
        by_process.setdefault(in_reader_language(kpi["process"]["en"], kpi["process"]["zh"]), []).append(kpi)
    columns = _columns(kpis)
    tables: list[tree.Table] = []
    charts: list[tree.Chart] = []
    for process, own in by_process.items():
        rows = [_picked(row, columns) for kpi in own for row in _lines(kpi, figures)]
        tables += source.table(
            [str(HEAD[n]) for n in columns], rows, [WIDTHS[n] for n in columns],
            right=[place for place, n in enumerate(columns) if n in RIGHT], title=process,
        )  # fmt: skip
        charts += _charts(source, process, own, figures)
    note = "" if tables else _("No indicator of these processes is measured.")
    told = _told_before(kpis, columns) if tables else ()
    return tree.Section("indicators", _("Indicators"), told, tuple(tables), note, charts=tuple(charts))


FIGURE, BEFORE, DIFFERENCE, GOAL = 1, 2, 3, 4
HEAD = (
    gettext_lazy("Indicator"), pgettext_lazy("indicator", "Figure"), gettext_lazy("Period before"),
    gettext_lazy("Difference"), gettext_lazy("Goal"), gettext_lazy("Records counted"), gettext_lazy("State"),
)  # fmt: skip
WIDTHS, RIGHT = (38, 15, 13, 12, 11, 11, 14), (1, 2, 3, 4, 5)


def _columns(kpis: Sequence[Mapping[str, Any]]) -> list[int]:
    """Without those nothing can stand in: no figure of the span before, no goal."""
    hidden: set[int] = set()
    if not any(kpi["series"] and kpi["series"][-1]["is_measured"] for kpi in kpis):
        hidden |= {BEFORE, DIFFERENCE}
    if not any(kpi["goal"] is not None for kpi in kpis):
        hidden.add(GOAL)
    return [n for n in range(len(HEAD)) if n not in hidden]


def _picked(row: tuple[Cell, ...], columns: Sequence[int]) -> tuple[Cell, ...]:
    return tuple(row[n] for n in columns)


def _told_before(kpis: Sequence[Mapping[str, Any]], columns: Sequence[int]) -> tuple[str, ...]:
    told = [
        _("Confirmed figures are final; the others were computed when the report was made. A share of "
          "nothing is no data, neither 0 nor 100 %.")
    ]  # fmt: skip
    if BEFORE not in columns:
        told.append(_("The period before was not measured, so no difference to it is shown."))
    if GOAL not in columns:
        told.append(_("No goal is set for these indicators, so none of them is judged."))
    if waiting := [kpi["id"] for kpi in kpis if not kpi["parts"] and not kpi["confirmed"]]:
        words = _("Not measured yet, because the records for it are not kept here: %(ids)s.")
        told.append(words % {"ids": ", ".join(waiting)})
    return tuple(told)


def _lines(kpi: Mapping[str, Any], figures: Mapping[str, Any]) -> list[tuple[Cell, ...]]:
    """A line for each part; one scored by hand that is not computed has its points."""
    if not kpi["parts"]:
        if not kpi["confirmed"]:
            return []
        words = _("%(points)s points") % {"points": kpi["points"]}
        return [cells(_name(kpi, None, 0), words, NONE, NONE, NONE, NONE, _state(kpi))]
    lines = []
    for place, part in enumerate(kpi["parts"]):
        row = figures.get(f"{kpi['id']}/{place}")
        if row is None:
            continue
        before = kpi["series"][-1] if place == 0 and kpi["series"] else None
        lines.append(
            cells(
                _name(kpi, part, place),
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


def _name(kpi: Mapping[str, Any], part: Mapping[str, Any] | None, place: int) -> Cell:
    """The indicator's name; further parts have their own below it."""
    name = in_reader_language(kpi["name"]["en"], kpi["name"]["zh"])
    own = in_reader_language(part["name"]["en"], part["name"]["zh"]) if part and part["name"] else ""
    if place and own:
        return Cell(f"– {own}", sub=kpi["id"])
    return Cell(name, sub=f"{kpi['id']} · {own}" if own else kpi["id"])


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
        return NONE
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
    source: Source, process: str, kpis: Sequence[Mapping[str, Any]], figures: Mapping[str, Any]
) -> list[tree.Chart]:
    """Those that moved: a figure that is the same in all spans is told by its line."""
    found = []
    span = source.content["span"]
    for kpi in kpis:
        row = figures.get(f"{kpi['id']}/0")
        values = {point["value"] for point in kpi["series"]} - {None}
        if row is None or not values or len({*values, row["value"]} - {None}) < 2:
            continue
        unit = kpi["parts"][0]["unit"]
        points = [*((p["id"], p["value"]) for p in kpi["series"]), (_code(span), row["value"])]
        found.append(
            Small(
                title=" · ".join(
                    in_reader_language(kpi[each]["en"], kpi[each]["zh"])
                    for each in ("name", "role")
                    if kpi[each]["en"]
                ),
                labels=tuple(label for label, _value in points),
                values=tuple(None if value is None else Decimal(value) for _label, value in points),
                last=words_of(unit, row["value"]),
                full=Decimal(100) if unit == Unit.PERCENT else None,
            )
        )
    title = _("%(process)s: what moved, by period") % {"process": process}
    groups = [found[n : n + A_DRAWING] for n in range(0, len(found), A_DRAWING)]
    return [
        tree.Chart(small_charts(each), "; ".join(_told(chart) for chart in each), title if n == 0 else "")
        for n, each in enumerate(groups)
    ]


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
