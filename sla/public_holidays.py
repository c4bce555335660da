"""Public holidays and make-up working days of a country and year, from the kept library `holidays`.

A government that shifts days off (China's 调休) publishes each year anew. For a year not published yet the
library can only guess the feasts, so such a year is refused here.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import holidays
from django.utils.translation import gettext as _

from sla.definition import WEEKDAYS

_DATE_IN_NAME = re.compile(r"\d+\S*\d+")


class UnknownCountry(Exception):
    """The library has no such country."""


class UnknownYear(Exception):
    """The country's official list for the year is not in the library (yet)."""


@dataclass(frozen=True, order=True)
class Day:
    """A holiday, or a weekend day worked like the weekday ``worked_as``, for a day off."""

    on: date
    kind: Literal["holiday", "makeup"]
    name: str
    worked_as: str = ""
    instead_of: date | None = None


def official(country: str, year: int, *, language: str = "") -> list[Day]:
    """The official days of one year in order of date. Raises UnknownCountry, UnknownYear."""
    known = holidays.list_supported_countries()
    if country not in known:
        raise UnknownCountry(
            _("“%(country)s” is not a country the library knows; write a code such as CN, HK, TW or DE.")
            % {"country": country}
        )
    found = holidays.country_holidays(country, years=year)
    if not _is_published(found, year):
        raise UnknownYear(
            _("The official list of %(country)s for %(year)s is not published in the library yet.")
            % {"country": country, "year": year}
        )
    named = found
    if language and language in found.supported_languages:
        named = holidays.country_holidays(country, years=year, language=language)
    days = [Day(day, "holiday", name) for day, name in named.items() if day.year == year]
    instead = _worked_instead(country, year)
    for day in found.weekend_workdays:
        if day.year == year:
            off = instead.get(day)
            days.append(Day(day, "makeup", "", WEEKDAYS[_weekday(off)], off))
    return sorted(days)


def names(country: str, year: int) -> dict[str, dict[str, str]]:
    """What the official days off are called: date -> {"en", "zh"}; else in the country's own words.

    Raises as :func:`official` does.
    """
    english = {day.on: day.name for day in official(country, year, language="en_US")}
    chinese = {day.on: day.name for day in official(country, year, language="zh_CN")}
    return {on.isoformat(): {"en": english[on], "zh": chinese[on]} for on in sorted(english) if english[on]}


def official_years(country: str, first: int, last: int) -> list[int]:
    """The years of a span for which the official list is known."""
    listed = holidays.country_holidays(country)
    return [year for year in range(first, last + 1) if _is_published(listed, year)]


def _is_published(listed: Any, year: int) -> bool:
    if not listed.start_year <= year <= listed.end_year:
        return False
    return not listed.has_substituted_holidays or year in (listed.special_public_holidays or {})


def _worked_instead(country: str, year: int) -> dict[date, date]:
    """Make-up day -> the day off it stands for, read from the names of the days off.

    The name says it in the form the country's own list is written in ("由 2026-02-14 调休").
    """
    own = holidays.country_holidays(country)
    # the year before's make-up day can stand for a day off in January, and the other way round
    named = holidays.country_holidays(
        country, years=[year - 1, year, year + 1], language=own.default_language
    )
    pattern = getattr(own, "substituted_date_format", "%Y-%m-%d")
    found: dict[date, date] = {}
    for off, name in named.items():
        for text in _DATE_IN_NAME.findall(name):
            try:
                found[datetime.strptime(text, pattern).date()] = off  # noqa: DTZ007 - a date, no instant
            except ValueError:
                continue
    return found


def _weekday(off: date | None) -> int:
    """The weekday a make-up day is worked as: that of the day off; Monday where that is not told."""
    return off.weekday() if off and off.weekday() < 5 else 0
