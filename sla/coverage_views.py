"""The page that shows what is promised to whom, and what is missing."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.pages import actor_for, now_utc
from accounts.queries import organisations
from catalog.models import Service
from sla import coverage
from sla.coverage import Coverage, Finding
from sla.models import AgreementVersion, Metric
from sla.naming import Names, in_sentence
from sla.queries import agreements

PAGE, SHOWN = 5, 50

# title, what it means, and where the findings come from
FINDINGS: Sequence[tuple[str, Any, Any, Callable[[Coverage], list[Finding]]]] = (
    (
        "duplicates",
        gettext_lazy("Two agreements at once"),
        gettext_lazy("Another agreement of the same customer counts instead."),
        Coverage.duplicates,
    ),
    (
        "expired",
        gettext_lazy("Run out"),
        gettext_lazy("The last version has ended; the default commitment applies."),
        Coverage.expired,
    ),
    (
        "expiring",
        gettext_lazy("Ending within 60 days"),
        gettext_lazy("No later version is signed."),
        Coverage.expiring,
    ),
    (
        "ends_too_early",
        gettext_lazy("Ends before the agreement resting on it"),
        gettext_lazy("An operational level agreement or underpinning contract runs out first."),
        Coverage.ends_too_early,
    ),
    (
        "without_support",
        gettext_lazy("Targets without OLA or UC"),
        gettext_lazy("Nobody has promised us what we promise the customer."),
        Coverage.without_support,
    ),
    (
        "without_method",
        gettext_lazy("Targets without a measuring method"),
        gettext_lazy("The agreement does not say how the figure comes about."),
        Coverage.without_method,
    ),
)


def page(request: HttpRequest) -> HttpResponse:
    """The grid of a few customers, narrowed by the address, with the findings below it."""
    actor = actor_for(request, "dashboard")
    now = now_utc()
    versions = AgreementVersion.objects.filter(agreement__in=agreements(actor)).select_related(
        "agreement__customer", "calendar"
    )
    found, names = coverage.load(versions, now), Names.load()
    services = list(Service.objects.published().order_by("name_en"))
    customers = (
        organisations(actor).filter(kind=Organisation.Kind.CUSTOMER, is_active=True).order_by("name_en")
    )
    chosen = _number(request, "customer")
    shown = Paginator(customers.filter(pk=chosen) if chosen else customers, PAGE)
    rows = shown.get_page(_number(request, "page") or 1)
    context = {
        "customers": customers[:200],
        "chosen": chosen,
        "page": rows,
        "grids": [{"customer": c, "lines": _lines(found, c, services)} for c in rows],
        "findings": [
            *(_finding(names, found, *each) for each in FINDINGS),
            *(_finding(names, found, e.key, e.title, e.text, e.rows) for e in coverage.extras()),
        ],
        "uncovered": found.uncovered(services),
        "at": now,
    }
    return render(request, "sla/coverage.html", context)


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "")
    if not value:
        return 0
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise BadRequest(_("“%(field)s” must be a number.") % {"field": name})
    return int(value)


def _lines(found: Coverage, customer: Organisation, services: Sequence[Service]) -> list[dict[str, Any]]:
    names = dict(Metric.choices)
    return [
        {
            "service": line.service,
            "agreement": line.agreement,
            "is_default": line.is_default,
            "cells": [
                {
                    "promised": [names[m] for m in cell.promised],
                    "missing": [in_sentence(names[m]) for m in cell.missing],
                    "tone": ("good" if not cell.missing else "warn") if cell.promised else "bad",
                }
                for cell in line.cells
            ],
        }
        for line in found.lines(customer, services)
    ]


def _finding(
    names: Names, found: Coverage, key: str, title: Any, text: Any, rows: Callable[[Coverage], list[Finding]]
) -> dict[str, Any]:
    listed = rows(found)
    shown = [
        {"finding": row, "target": names.key(row.detail) if row.detail else ""} for row in listed[:SHOWN]
    ]
    return {"key": key, "title": title, "text": text, "rows": shown, "count": len(listed)}
