"""Questions and their answers in words, links and charts. Nothing is counted here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Actor
from itsm.templatetags.ui import day_words, duration, working_duration
from questions import periods
from questions.answers import OTHERS, Answer, Cell
from questions.content import CHARTS, Content, Plan
from questions.models import WEEKDAYS
from questions.subjects.base import HOWS, NONE, Dimension, How, Measure, Measured, Sort
from records import span_words, spans

PERIODS = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "last_7_days": gettext_lazy("Last 7 days"),
    "last_30_days": gettext_lazy("Last 30 days"),
    "last_90_days": gettext_lazy("Last 90 days"),
    "this_week": gettext_lazy("This week"),
    "last_week": gettext_lazy("Last week"),
    "last_4_weeks": gettext_lazy("Last 4 weeks"),
    "last_12_weeks": gettext_lazy("Last 12 weeks"),
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "last_3_months": gettext_lazy("Last 3 months"),
    "last_6_months": gettext_lazy("Last 6 months"),
    "last_12_months": gettext_lazy("Last 12 months"),
    "this_quarter": gettext_lazy("This quarter"),
    "last_quarter": gettext_lazy("Last quarter"),
    "this_year": gettext_lazy("This year"),
    "last_year": gettext_lazy("Last year"),
    periods.FIXED: gettext_lazy("From day to day"),
    periods.ALWAYS: gettext_lazy("Any time"),
}
FILTER = "f."  # before the key of a filter in an address
Link = Callable[[str | None, str | None], str]


# --- addresses ------------------------------------------------------------------------------------


def data_of(words: QueryDict) -> dict[str, Any]:
    """A question as an address or a form writes it, in the shape Content.dump has."""
    data: dict[str, Any] = {name: words.get(name, "") for name in ("at", "from", "to", "by", "across")}
    data |= {
        "subject": words.get("subject", ""),
        "period": words.get("period", ""),
        "measure": words.get("measure", ""),
        "chart": words.get("chart", ""),
    }
    data["filters"] = {
        name.removeprefix(FILTER): [v.removeprefix("=") for v in words.getlist(name)]
        for name in words
        if name.startswith(FILTER)
    }
    return data


def query_of(content: Content) -> str:
    """The question as an address; a value stands behind "=", so that an empty one is one too."""
    dumped = content.dump()
    pairs = [
        (name, dumped[name])
        for name in ("subject", "at", "period", "from", "to", "by", "across", "measure", "chart")
        if dumped[name]
    ]
    pairs += [(FILTER + key, f"={value}") for key, values in content.filters.items() for value in values]
    return urlencode(pairs)


def address(pairs: Sequence[tuple[str, str | None]]) -> str:
    """What stands behind the path: those that are said, which may be empty."""
    said = [(name, value) for name, value in pairs if value is not None]
    return f"?{urlencode(said)}" if said else ""


def link_to(plan: Plan, question: int | None, days: tuple[date, date] | None = None) -> Link:
    """How a cell's address is made: of a kept question, or of one that stands in the address itself."""

    def link(row: str | None, column: str | None) -> str:
        pairs = [("row", row), ("column", column)]
        if question is None:
            end = address(pairs).replace("?", "&", 1)
            return f"{reverse('questions:rows')}?{query_of(plan.content)}{end}"
        if days:
            pairs += [("from", days[0].isoformat()), ("to", days[1].isoformat())]
        return f"{reverse('questions:rows-of', args=[question])}{address(pairs)}"

    return link


# --- words ----------------------------------------------------------------------------------------


def label_of(dimension: Dimension) -> str:
    """What a dimension is called; of a time what happened and how it is cut."""
    if isinstance(dimension.label, tuple):
        instant, step = dimension.label
        return _("%(step)s (%(instant)s)") % {"instant": instant, "step": step}
    return str(dimension.label)


def measure_words(measure: Measure) -> str:
    if measure.how in (How.COUNT, How.SHARE):
        return str(measure.label)
    return said(measure.label, HOWS[measure.how])


def labels(dimension: Dimension | None, keys: Sequence[str | None], actor: Actor) -> dict[str | None, str]:
    """The keys of a dimension in words; one query at most. What the actor may not name gets no name."""
    found: dict[str | None, str] = {None: _("others"), NONE: _("none")}
    if dimension is None:
        return found | {NONE: _("All")}
    some = [key for key in keys if key]
    match dimension.sort:
        case Sort.ROW:
            ids = [int(key) for key in some if key != OTHERS]
            rows = dimension.rows(actor).filter(pk__in=ids) if dimension.rows else ()
            names: dict[str | None, str] = {str(row.pk): str(getattr(row, "name", row)) for row in rows}
            unknown = _("one you do not see")
            return found | {key: names.get(key, unknown) for key in some}
        case Sort.PICK:
            words = {str(value): str(label) for value, label in dimension.choices()}
            return found | {key: words.get(key, key) for key in some}
        case Sort.FLAG:
            return found | {"yes": _("yes"), "no": _("no")}
        case Sort.SPAN:
            return found | {key: span_label(dimension.step, key) for key in some}
        case Sort.CYCLE:
            return found | {key: _cycle(dimension.step, key) for key in some}
        case _:
            return found | {key: key for key in some}


def span_label(step: str, key: str) -> str:
    return span_words.words(spans.of(step, date.fromisoformat(key), UTC))


def _cycle(step: str, key: str) -> str:
    if step == "hour":
        return f"{int(key):02}:00"
    return str(dict(WEEKDAYS).get(int(key), key))


def figure(measure: Measure, cell: Cell) -> str:
    """A figure with its unit; words where there is nothing to tell."""
    if cell.number is None:
        return _("no data")
    match measure.measured:
        case Measured.ROWS:
            return f"{cell.number:,.0f}"
        case Measured.PERCENT:
            return f"{cell.number:.2f} %"
        case Measured.POINTS:
            return f"{cell.number:.2f}"
        case Measured.MINUTES:
            return duration(int(cell.number * 60))
        case _:
            words = working_duration if measure.measured == Measured.WORKING else duration
            return ("−" if cell.number < 0 else "") + words(int(cell.number))


def made_of(measure: Measure, cell: Cell) -> str:
    """What a figure is made of: "12 of 14", or of how many rows."""
    if measure.how == How.COUNT or not cell.n:
        return ""
    if cell.hits is not None:
        return _("%(n)s of %(all)s") % {"n": f"{cell.hits:,}", "all": f"{cell.n:,}"}
    return ngettext("%(n)s row", "%(n)s rows", cell.n) % {"n": f"{cell.n:,}"}


def period_words(plan: Plan, first: date, last: date) -> str:
    """When: "opened: last month, 2026-10-01 to 2026-10-31"."""
    if plan.instant is None:
        return str(PERIODS[periods.ALWAYS])
    days = f"{day_words(first)} – {day_words(last)}"
    if plan.content.period == periods.FIXED:
        return said(plan.instant.label, days)
    named = _("%(period)s (%(days)s)") % {"period": PERIODS[plan.content.period], "days": days}
    return said(plan.instant.label, named)


def said(what: Any, words: Any) -> str:
    return _("%(what)s: %(words)s") % {"what": what, "words": words}


def filter_words(plan: Plan, actor: Actor) -> list[str]:
    found = []
    for dimension, values in plan.filters:
        words = labels(dimension, values, actor)
        found.append(said(label_of(dimension), ", ".join(words.get(v, v) for v in values)))
    return found


def sentence(plan: Plan) -> str:
    """What is asked, without period and filters: "Incidents: number of rows by priority and team"."""
    words = {"subject": plan.subject.label, "measure": measure_words(plan.measure)}
    if plan.by and plan.across:
        return _("%(subject)s: %(measure)s, by %(by)s and %(across)s") % {
            **words, "by": label_of(plan.by), "across": label_of(plan.across),
        }  # fmt: skip
    if plan.by:
        return _("%(subject)s: %(measure)s, by %(by)s") % {**words, "by": label_of(plan.by)}
    return _("%(subject)s: %(measure)s") % words


# --- tables and charts ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A figure in words and as it is drawn, where its rows are, its place in a heat table (0 to 5)."""

    words: str
    url: str
    of: str = ""
    heat: int = 0
    number: float | None = None

    @property
    def is_nothing(self) -> bool:
        return self.number is None


@dataclass(frozen=True)
class Line:
    name: str
    cells: list[Shown]
    is_total: bool = False


@dataclass(frozen=True)
class Table:
    corner: str
    head: list[str]
    lines: list[Line]
    total: Shown


def table(found: Answer, actor: Actor, link: Link) -> Table:
    """The answer as rows and columns with their totals; every figure opens its rows."""
    plan = found.plan
    rows = [*found.rows, *([None] if found.has_other_rows else [])]
    columns = [*found.columns, *([None] if found.has_other_columns else [])]
    row_words, column_words = labels(plan.by, rows, actor), labels(plan.across, columns, actor)
    warmth = _warmth(found)

    def shown(cell: Cell, row: str | None, column: str | None, *, cool: bool = False) -> Shown:
        url = link(row, column) if cell.n else ""
        heat = 0 if cool else warmth(cell)
        return Shown(
            figure(plan.measure, cell), url, made_of(plan.measure, cell), heat, drawn(plan.measure, cell)
        )

    lines = []
    for row in rows if plan.by else []:
        key = _key(row) if plan.by else None
        cells = [
            shown(found.cell(row, column), key, _key(column) if plan.across else None) for column in columns
        ]
        if plan.across:
            cells.append(shown(found.row_totals.get(row, found.nothing), key, None, cool=True))
        lines.append(Line(row_words[row], cells))
    total = shown(found.total, None, None, cool=True)
    if plan.by:
        of_columns = columns if plan.across else []
        sums = [
            shown(found.column_totals.get(c, found.nothing), None, _key(c), cool=True) for c in of_columns
        ]
        lines.append(Line(_("All"), [*sums, total], is_total=True))
    head = [column_words[column] for column in columns] if plan.across else [measure_words(plan.measure)]
    return Table(
        label_of(plan.by) if plan.by else "", [*head, *([_("All")] if plan.across else [])], lines, total
    )


def _key(key: str | None) -> str:
    return OTHERS if key is None else key


def _warmth(found: Answer) -> Callable[[Cell], int]:
    """From 1 (the least) to 5: numbers and sums from nothing on, the others between least and most."""
    numbers = [cell.number for cell in found.cells.values() if cell.number is not None]
    if found.plan.content.chart != "heat" or not numbers:
        return lambda cell: 0
    is_from_zero = found.plan.measure.how in (How.COUNT, How.SUM) and min(numbers) >= 0
    low, high = (Decimal(0) if is_from_zero else min(numbers)), max(numbers)

    def warmth(cell: Cell) -> int:
        if cell.number is None or not cell.n:
            return 0
        return 1 + min(4, int((cell.number - low) * 5 / (high - low))) if high > low else 3

    return warmth


def chart(found: Answer, actor: Actor, link: Link) -> dict[str, Any] | None:
    """What templates/reports/_chart.html draws without its table; None where there is nothing to draw."""
    plan = found.plan
    if plan.by is None or plan.content.chart not in ("bar", "line") or not found.total.n:
        return None
    rows = [*found.rows, *([None] if found.has_other_rows else [])]
    columns = [*found.columns, *([None] if found.has_other_columns else [])]
    names, series_names = labels(plan.by, rows, actor), labels(plan.across, columns, actor)
    series = [
        {
            "name": series_names[column] if plan.across else measure_words(plan.measure),
            "data": [drawn(plan.measure, found.cell(row, column)) for row in rows],
            "urls": [
                link(_key(row), _key(column) if plan.across else None) if found.cell(row, column).n else None
                for row in rows
            ],
        }
        for column in columns
    ]
    is_wide = not plan.by.is_time and len(rows) > 6 and plan.content.chart == "bar"
    spec: dict[str, Any] = {
        "type": plan.content.chart, "unit": UNITS[plan.measure.measured], "series": series,
        "categories": [names[row] for row in rows], "horizontal": is_wide,
        "stacked": plan.measure.how in (How.COUNT, How.SUM) and bool(plan.across),
    }  # fmt: skip
    if plan.measure.measured == Measured.PERCENT:
        spec["max"] = 100
    return {
        "id": "question", "title": sentence(plan), "spec": spec, "is_wide": is_wide,
        "unit": UNIT_WORDS.get(plan.measure.measured, ""),
    }  # fmt: skip


UNITS: Mapping[Measured, str] = {
    Measured.ROWS: "", Measured.PERCENT: "%", Measured.SECONDS: "h", Measured.WORKING: "h",
    Measured.MINUTES: "min", Measured.POINTS: "",
}  # fmt: skip


UNIT_WORDS: Mapping[Measured, Any] = {
    Measured.SECONDS: gettext_lazy("in hours"), Measured.WORKING: gettext_lazy("in working hours"),
    Measured.MINUTES: gettext_lazy("in minutes"),
}  # fmt: skip


def drawn(measure: Measure, cell: Cell) -> float | None:
    """A figure as it is drawn: times in hours."""
    if cell.number is None:
        return None
    if measure.measured in (Measured.SECONDS, Measured.WORKING):
        return round(float(cell.number) / 3600, 2)
    return float(cell.number)


def chart_choices() -> list[tuple[str, str]]:
    return [(key, str(words)) for key, words in CHARTS.items()]
