"""Spans of time in the reader's language (see records.spans)."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from records.spans import Span

CHOICES: Final = (
    ("day", pgettext_lazy("span of time", "Day")),
    ("week", pgettext_lazy("span of time", "Week")),
    ("month", pgettext_lazy("span of time", "Month")),
    ("quarter", pgettext_lazy("span of time", "Quarter")),
    ("half", pgettext_lazy("span of time", "Half-year")),
    ("year", pgettext_lazy("span of time", "Year")),
)


def words(span: Span) -> str:
    """The name of one span; what is a number already stays as the address writes it."""
    year, month = span.first.year, span.first.month
    if span.kind == "week":
        there = span.first.isocalendar()
        return _("Week %(week)s of %(year)s") % {"week": there.week, "year": there.year}
    if span.kind == "quarter":
        return _("Quarter %(n)s of %(year)s") % {"n": (month + 2) // 3, "year": year}
    if span.kind == "half":
        return _("Half-year %(n)s of %(year)s") % {"n": (month + 5) // 6, "year": year}
    return span.code
