"""What numbers say, in the reader's language: figures with their unit, and what is told of them."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analysis.models import Better
from analysis.statistics import FEWEST_EACH, FEWEST_RELATED, Difference, Line, Relation
from itsm.templatetags.ui import duration
from kpis import shown
from kpis.engine import Kpi, Part, Unit

Figure = float | Decimal | None
HOUR = 3600


def figure_name(kpi: Kpi, place: int) -> str:
    """An indicator, and which of its figures where it has several."""
    name = shown.said(kpi.entry.name)
    part = kpi.parts[place] if place < len(kpi.parts) else None
    return f"{name} · {part.name}" if part is not None and part.name and len(kpi.parts) > 1 else name


def number(part: Part, value: Figure) -> str:
    """A figure or a mean of figures with its unit, rounded to what can be read."""
    if value is None:
        return _("no data")
    if part.unit == Unit.SECONDS:
        words = duration(abs(float(value)))
        return f"−{words}" if value < 0 else words
    if part.unit == Unit.COUNT:
        return _plain(value, 1)
    if part.unit == Unit.PERCENT:
        return f"{_plain(value, 2)} %"
    return _plain(value, 2)


def points(part: Part, value: Figure) -> str:
    """A difference of two figures: percentages differ by percentage points."""
    if part.unit == Unit.PERCENT and value is not None:
        return _("%(n)s percentage points") % {"n": _plain(value, 2)}
    return number(part, value)


def signed(part: Part, value: float) -> str:
    """A change, with its sign."""
    return f"+{points(part, value)}" if value > 0 else points(part, value)


def _plain(value: float | Decimal, places: int) -> str:
    words = f"{value:,.{places}f}"
    words = words.rstrip("0").rstrip(".") if "." in words else words
    return "0" if words == "-0" else words.replace("-", "−")


def chart_unit(part: Part) -> str:
    """How the axis is called; durations are drawn in hours."""
    return {Unit.PERCENT: "%", Unit.SECONDS: pgettext("unit", "h")}.get(part.unit, "")


def drawn(part: Part, value: Figure) -> float | None:
    """As a chart takes it."""
    if value is None:
        return None
    return round(float(value) / HOUR, 3) if part.unit == Unit.SECONDS else round(float(value), 3)


# --- what is told ---------------------------------------------------------------------------------


def trend(part: Part, found: Line | None, n: int, better: int) -> str:
    """Where a figure goes, and whether that may be chance."""
    if found is None:
        return _("Too few figures for a trend: %(n)s of at least 3.") % {"n": n}
    change = {"change": signed(part, found.slope), "n": found.n}
    if found.slope == 0:
        return _("It stays as it is.")
    if found.p >= 0.05:
        return _("On average %(change)s each time. With %(n)s figures that may well be chance.") % change
    if not better:
        return _("On average %(change)s each time; that is hardly chance.") % change
    if found.slope * better > 0:
        return _("It gets better: on average %(change)s each time; that is hardly chance.") % change
    return _("It gets worse: on average %(change)s each time; that is hardly chance.") % change


def strength(coefficient: float) -> str:
    """A coefficient in words, by its distance from 0: 0.2, 0.4, 0.6 and 0.8 part the words."""
    size = abs(coefficient)
    names = (
        (0.2, _("none worth the name")), (0.4, _("weak")), (0.6, _("moderate")), (0.8, _("strong")),
        (2, _("very strong")),
    )  # fmt: skip
    name = next(words for limit, words in names if size < limit)
    if size < 0.2:
        return name
    how = _("they rise and fall together") if coefficient > 0 else _("one rises as the other falls")
    return f"{name}: {how}"


def relation(found: Relation) -> str:
    """How two figures go together, or why it cannot be told."""
    if found.n < FEWEST_RELATED:
        return ngettext(
            "Too few points: %(n)s span in which both have a figure, of at least 6.",
            "Too few points: %(n)s spans in which both have a figure, of at least 6.",
            found.n,
        ) % {"n": found.n}
    if found.pearson is None:
        return _("One of them never changes: nothing can go together with it.")
    words = strength(found.pearson)
    if found.spearman is not None and abs(found.pearson) - abs(found.spearman) > 0.3:
        words = _("%(words)s; a few points make most of it") % {"words": words}
    if found.p is not None and found.p >= 0.05:
        words = _("%(words)s; with so few points that may be chance") % {"words": words}
    return words


def difference(part: Part, found: Difference | None, n_before: int, n_after: int, better: int) -> str:
    """Whether it is another figure than before, or that no difference can be told."""
    if found is None:
        return _(
            "Too few figures: at least %(least)s are needed on each side; there are %(before)s before and"
            " %(after)s after."
        ) % {"least": FEWEST_EACH, "before": n_before, "after": n_after}
    facts = {
        "before": number(part, found.mean_before), "after": number(part, found.mean_after),
        "low": signed(part, found.low), "high": signed(part, found.high),
    }  # fmt: skip
    if not found.is_told:
        words = _("No difference can be told: %(before)s before and %(after)s after is the usual scatter.")
        return words % facts
    if found.difference * better > 0:
        return _("Better: the mean was %(before)s and is %(after)s.") % facts
    if found.difference * better < 0:
        return _("Worse: the mean was %(before)s and is %(after)s.") % facts
    if found.difference > 0:
        return _("Higher: the mean was %(before)s and is %(after)s.") % facts
    return _("Lower: the mean was %(before)s and is %(after)s.") % facts


def interval(part: Part, found: Difference) -> str:
    """Where the true difference lies in 95 of 100 cases."""
    if found.low == found.high:
        return _("%(change)s; neither side varies, so it is judged by rearranging the figures") % {
            "change": signed(part, found.difference)
        }
    return _("%(change)s (in 95 of 100 cases between %(low)s and %(high)s)") % {
        "change": signed(part, found.difference), "low": signed(part, found.low),
        "high": signed(part, found.high),
    }  # fmt: skip


def better_words(better: int) -> str:
    """Which way is better, or that nobody said so."""
    return str(Better(better).label) if better else _("Nobody said which way is better")


def mapping(rows: list[tuple[Any, Any]]) -> list[dict[str, Any]]:
    """Labels with values, as the templates of facts read them."""
    return [{"label": label, "value": value} for label, value in rows]
