"""The page of service packages: every level with its hours, promises and price, the best first."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import in_reader_language
from accounts.pages import actor_for
from itsm.templatetags.ui import working_duration
from sla.models import Calendar, MeasuredTarget, Metric, ServicePackage, TicketKind
from sla.target import Target
from sla.terms import MeasureTerm, TargetTerm, Terms

FAMILIES: Mapping[str, Any] = {
    "desk": gettext_lazy("Service desk"),
    "shijiazhuang": gettext_lazy("Property service by grade"),
    "nanjing": gettext_lazy("Property service, Nanjing"),
    "after_sales": gettext_lazy("After-sales service"),
    "workplace": gettext_lazy("Workplace support"),
}
UNITS: Mapping[str, Any] = {
    "percent": gettext_lazy("%(value)s %%"),
    "count": gettext_lazy("%(value)s times"),
    "months": gettext_lazy("%(value)s months"),
}
PRIORITIES: Mapping[int, Any] = {
    1: gettext_lazy("Critical"),
    2: gettext_lazy("High"),
    3: gettext_lazy("Moderate"),
    4: gettext_lazy("Low"),
}
MOST = 200


def page(request: HttpRequest) -> HttpResponse:
    """All packages in use, by family; at most 200."""
    actor_for(request, "dashboard")
    packages = ServicePackage.objects.filter(is_active=True).order_by("family", "rank")[:MOST]
    hours = {calendar.code: calendar.name for calendar in Calendar.objects.all()}
    families = [
        {"name": FAMILIES.get(family, family), "packages": [_shown(p, hours) for p in rows]}
        for family, rows in groupby(packages, key=lambda p: p.family)
    ]
    return render(request, "sla/packages.html", {"families": families})


def _shown(package: ServicePackage, hours: Mapping[str, str]) -> dict[str, Any]:
    terms = Terms.parse(package.terms)
    return {
        "package": package,
        "hours": hours.get(terms.calendar, terms.calendar),
        "targets": [_target(term, hours) for term in terms.targets],
        "measures": [_measure(term) for term in terms.measures],
    }


def _target(term: TargetTerm, hours: Mapping[str, str]) -> dict[str, Any]:
    return {
        "what": _what(term),
        "priority": PRIORITIES.get(term.priority or 0, _("All")),
        "within": promise_words(term.promise),
        "hours": hours.get(term.calendar, term.calendar) if term.calendar else "",
        "method": in_reader_language(term.method.en, term.method.zh),
    }


def _what(term: TargetTerm) -> str:
    kind = f" ({TicketKind(term.ticket_kind).label})" if term.ticket_kind else ""
    return f"{Metric(term.metric).label}{kind}"


def _measure(term: MeasureTerm) -> dict[str, Any]:
    amount = UNITS.get(term.unit, "%(value)s " + term.unit) % {"value": f"{term.value:g}"}
    return {
        "what": MeasuredTarget.Measure(term.measure).label,
        "within": f"{MeasuredTarget.Operator(term.operator).label} {amount}",
        "method": in_reader_language(term.method.en, term.method.zh),
    }


def promise_words(promise: Target) -> str:
    """ "4 working hours", "5 days"."""
    if promise.kind == "business_seconds":
        return working_duration(promise.amount)
    if promise.kind == "working_days":
        return ngettext("%d working day", "%d working days", promise.amount) % promise.amount
    return ngettext("%d day", "%d days", promise.amount) % promise.amount
