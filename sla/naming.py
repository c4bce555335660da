"""The names of what terms speak of by code, for pages and the log, in the reader's language.

Programs name a target by its key, "resolution/email/1"; people read "Resolution · E-mail · Priority 1".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Service
from sla.keys import scope_of
from sla.models import Agreement, Calendar, MeasuredTarget, Metric, TicketKind
from sla.terms import METRICS

UNITS: Mapping[str, Any] = {
    "percent": gettext_lazy("percent"),
    "count": gettext_lazy("times"),
    "seconds": gettext_lazy("seconds"),
    "minutes": gettext_lazy("minutes"),
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("days"),
    "months": gettext_lazy("months"),
    "per_minute": gettext_lazy("per minute"),
    "per_hour": gettext_lazy("per hour"),
    "per_day": gettext_lazy("per day"),
}


@dataclass(frozen=True)
class Names:
    """The things that terms name by code. An unknown code is shown as it is."""

    services: Mapping[str, Service]
    calendars: Mapping[str, Calendar]
    agreements: Mapping[str, Agreement]

    @classmethod
    def load(cls) -> "Names":
        """Three queries."""
        return cls(
            {row.code: row for row in Service.objects.all()},
            {row.code: row for row in Calendar.objects.all()},
            {row.code: row for row in Agreement.objects.all()},
        )

    def service(self, code: str | None) -> str:
        return _name(self.services, code) if code else _("all services")

    def calendar(self, code: str | None) -> str:
        return _name(self.calendars, code) if code else _("as the agreement")

    def agreement(self, code: str) -> str:
        return _name(self.agreements, code)

    def key(self, key: str) -> str:
        """A target's or measure's key in words."""
        what, _bar, rest = key.partition("/")
        if key == "*":
            return _("the whole agreement")
        if what in METRICS:
            _metric, service, priority, kind = scope_of(key)
            words = [str(Metric(what).label), self.service(service)]
            words += [_("Priority %s") % priority] if priority else []
            return " · ".join([*words, str(TicketKind(kind).label)] if kind else words)
        if what in MeasuredTarget.Measure.values:
            return f"{MeasuredTarget.Measure(what).label} · {self.service(rest)}"
        return key

    def keys(self, keys: Iterable[str]) -> str:
        return ", ".join(self.key(key) for key in keys)


def in_sentence(label: Any) -> str:
    """A label within a sentence: "first response"."""
    words = str(label)
    return words[:1].lower() + words[1:]


def unit_words(unit: str) -> str:
    """What follows a number: "%", "times"."""
    return "%" if unit == "percent" else str(UNITS[unit])


def amount(operator: str, value: float, unit: str) -> str:
    """ "at least 99.9 %", "at most 3 times"."""
    return f"{MeasuredTarget.Operator(operator).label} {value:g} {unit_words(unit)}"


def _name(rows: Mapping[str, Any], code: str) -> str:
    return str(rows[code].name) if code in rows else code
