"""What a question holds: keys of what may be asked about, checked before anything is computed or kept."""

import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from kpis.engine import Asked
from questions import periods
from questions.subjects import base
from questions.subjects.base import NONE, Dimension, Instant, Measure, Sort, Subject
from reports.period import Period

MOST_FILTERS, MOST_VALUES, LONGEST_VALUE = 10, 50, 200
CHARTS = {
    "bar": gettext_lazy("Bars"),
    "line": gettext_lazy("Lines"),
    "heat": gettext_lazy("Heat table"),
    "none": gettext_lazy("Table only"),
}
HOURS, DAYS = tuple(str(hour) for hour in range(24)), tuple(str(day) for day in range(1, 8))


@dataclass(frozen=True)
class Content:
    """One question. ``by`` and ``across`` are keys of dimensions, ``filters`` values by such keys.

    ``period`` is a key of periods.RELATIVE, or fixed (``first`` to ``last``), or always; ``at`` is the
    instant it is about.
    """

    subject: str
    at: str = ""
    period: str = periods.ALWAYS
    first: date | None = None
    last: date | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by: str = ""
    across: str = ""
    measure: str = "count"
    chart: str = "bar"

    def dump(self) -> dict[str, Any]:
        """As it is stored and as the interface writes it."""
        return {
            "subject": self.subject, "at": self.at, "period": self.period,
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
            "filters": {key: list(values) for key, values in self.filters.items()},
            "by": self.by, "across": self.across, "measure": self.measure, "chart": self.chart,
        }  # fmt: skip

    def over(self, first: date, last: date) -> "Content":
        """The same about certain days."""
        return replace(self, period=periods.FIXED, first=first, last=last)


@dataclass(frozen=True)
class Plan:
    """A question with all its keys looked up."""

    content: Content
    subject: Subject
    measure: Measure
    instant: Instant | None
    by: Dimension | None
    across: Dimension | None
    filters: Sequence[tuple[Dimension, tuple[str, ...]]]

    def asked(self, actor: Actor, now: datetime) -> Asked:
        """Who asks, about which days of his own zone."""
        zone = zoneinfo.ZoneInfo(timezone.get_current_timezone_name())
        content, today = self.content, timezone.localdate(now)
        if content.period == periods.FIXED and content.first and content.last:
            first, last = content.first, content.last
        elif content.period in periods.RELATIVE:
            first, last = periods.days_of(content.period, today, zone)
        else:
            first, last = periods.FIRST, periods.LAST
        return Asked(actor, Period(first, last, zone), now)


class _Reader:
    """Reads the parts one by one and gathers what is wrong with them by field."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.errors: dict[str, list[str]] = {}

    def refuse(self, name: str, words: str) -> None:
        self.errors.setdefault(name, []).append(words)

    def word(self, name: str, default: str = "") -> str:
        value = self.data.get(name, default)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > LONGEST_VALUE:
            self.refuse(name, _("Choose one of what is offered."))
            return default
        return value

    def day(self, name: str) -> date | None:
        words = self.word(name)
        if not words:
            return None
        try:
            found = date.fromisoformat(words)
        except ValueError:
            found = date.min
        if not periods.FIRST <= found <= periods.LAST:
            self.refuse(name, _("A date such as 2026-03-01 is meant."))
            return None
        return found

    def filters(self) -> dict[str, tuple[str, ...]]:
        given = self.data.get("filters", {})
        if not isinstance(given, Mapping) or len(given) > MOST_FILTERS:
            self.refuse("filters", _("Choose at most %(n)s filters.") % {"n": MOST_FILTERS})
            return {}
        found = {}
        for key, values in given.items():
            if not isinstance(values, list | tuple) or not all(_is_value(value) for value in values):
                self.refuse("filters", _("Choose from what is offered."))
            elif len(values) > MOST_VALUES:
                self.refuse("filters", _("Choose at most %(n)s values of each.") % {"n": MOST_VALUES})
            elif values:
                found[str(key)[:40]] = tuple(dict.fromkeys(values))
        return found


def _is_value(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_VALUE and "\0" not in value


def read(data: Mapping[str, Any]) -> Plan:
    """The question in ``data``, which is as Content.dump writes it. ValidationError by field."""
    reader = _Reader(data)
    content = Content(
        reader.word("subject"), reader.word("at"), reader.word("period", periods.ALWAYS) or periods.ALWAYS,
        reader.day("from"), reader.day("to"), reader.filters(), reader.word("by"), reader.word("across"),
        reader.word("measure", "count") or "count", reader.word("chart", "bar") or "bar",
    )  # fmt: skip
    subject = base.get(content.subject)
    if subject is None:
        reader.refuse("subject", _("There is nothing of that kind to ask about."))
        raise ValidationError(reader.errors)
    plan = _looked_up(subject, content, reader)
    if reader.errors:
        raise ValidationError(reader.errors)
    return plan


def _looked_up(subject: Subject, content: Content, reader: _Reader) -> Plan:
    content = _with_instant(subject, content)
    measure = subject.measure(content.measure)
    if measure is None:
        reader.refuse("measure", _("This is not measured here; choose one of what is offered."))
    if content.chart not in CHARTS:
        reader.refuse("chart", _("Choose one of what is offered."))
    groups = {}
    for name in ("by", "across"):
        key = getattr(content, name)
        groups[name] = subject.dimension(key) if key else None
        if key and groups[name] is None:
            reader.refuse(name, _("It cannot be told apart by this; choose one of what is offered."))
    if content.across and not content.by:
        reader.refuse("across", _("Choose the rows first, then the columns."))
    if content.by and content.by == content.across:
        reader.refuse("across", _("Choose something else than for the rows."))
    _check_period(subject, content, reader)
    narrowed = []
    for key, values in content.filters.items():
        dimension = subject.dimension(key)
        if dimension is None or not dimension.narrows or not _all_fit(dimension, values):
            reader.refuse("filters", _("Choose from what is offered."))
        else:
            narrowed.append((dimension, values))
    return Plan(
        content, subject, measure or base.COUNT, subject.instant(content.at), groups["by"], groups["across"],
        narrowed,
    )  # fmt: skip


def _with_instant(subject: Subject, content: Content) -> Content:
    """A period is about the first instant where none is named."""
    if content.period == periods.ALWAYS:
        return replace(content, at="", first=None, last=None)
    if content.period != periods.FIXED:
        content = replace(content, first=None, last=None)
    return replace(content, at=content.at or (subject.instants[0].key if subject.instants else ""))


def _check_period(subject: Subject, content: Content, reader: _Reader) -> None:
    if content.period == periods.ALWAYS:
        if subject.needs_period:
            reader.refuse("period", _("Choose a period: there are too many to look at all of them."))
        return
    if content.period not in (*periods.RELATIVE, periods.FIXED):
        reader.refuse("period", _("Choose one of what is offered."))
    if subject.instant(content.at) is None:
        reader.refuse("at", _("Choose what of it lies in the period."))
    if content.period == periods.FIXED and not reader.errors:
        if content.first is None or content.last is None:
            reader.refuse("from" if content.first is None else "to", _("Give both days of the period."))
        elif content.last < content.first:
            reader.refuse("to", _("The end lies before the beginning."))
        elif content.last - content.first > periods.LONGEST:
            reader.refuse("to", _("A period of at most ten years is meant."))


def _all_fit(dimension: Dimension, values: Sequence[str]) -> bool:
    """Whether these can be values at all; who may name which is not asked here."""
    if dimension.sort == Sort.ROW:
        return all(v == NONE or (v.isascii() and v.isdigit() and len(v) < 18) for v in values)
    if dimension.sort == Sort.PICK:
        return set(values) <= {NONE, *(str(value) for value, _words in dimension.choices())}
    if dimension.sort == Sort.FLAG:
        return set(values) <= {"yes", "no"}
    if dimension.sort == Sort.CYCLE:
        return set(values) <= {NONE, *(HOURS if dimension.step == "hour" else DAYS)}
    return dimension.sort == Sort.WORDS
