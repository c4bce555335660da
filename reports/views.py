"""The service-level dashboard, and the list behind every number on it."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from accounts.models import Organisation, Team
from accounts.queries import organisations
from catalog.models import Service
from records.models import Priority
from reports import figures, layout, paging, period
from reports.figures import Question
from sla.models import Metric
from sla.queries import agreements

NARROWING: dict[str, Callable[[Actor], QuerySet[Any]]] = {
    "customer": lambda actor: organisations(actor).filter(kind=Organisation.Kind.CUSTOMER),
    "agreement": agreements,
    "service": lambda actor: Service.objects.all(),
    "team": lambda actor: Team.objects.all(),
}


def question_of(request: HttpRequest) -> Question:
    """What the address asks. A word that cannot be read is a 400 that says which and why."""
    require(request.actor, "dashboard")  # type: ignore[attr-defined]
    now = timezone.now().replace(microsecond=0)
    zone = zoneinfo.ZoneInfo(timezone.get_current_timezone_name())
    try:
        asked = period.read(request.GET.dict(), today=timezone.localdate(now), zone=zone)
    except period.BadPeriod as bad:
        raise BadRequest(
            _("“%(field)s” must be a date such as 2016-03-01, and the end not before the beginning.")
            % {"field": bad.field}
        ) from bad
    narrow = {name: _number(request, name) for name in figures.FILTERS if request.GET.get(name)}
    return Question(request.actor, asked, now, narrow)  # type: ignore[attr-defined]


def _number(request: HttpRequest, name: str) -> int:
    value = request.GET[name]
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise BadRequest(_("“%(field)s” must be a number.") % {"field": name})
    return int(value)


def dashboard(request: HttpRequest) -> HttpResponse:
    """Answers first: figures with goal and change, then charts, then the tables behind them."""
    question = question_of(request)
    by = request.GET.get("by", "agreement")
    if by not in figures.DIMENSIONS:
        raise BadRequest(_("“by” must be one of %(names)s.") % {"names": ", ".join(figures.DIMENSIONS)})
    trend = figures.trend(question)
    context = {
        **layout.frame(question, request.GET, by=by),
        "narrowing": narrowing(question),
        "cards": layout.cards(question, request.GET, trend),
        "charts": layout.charts(question, request.GET, trend),
        "groups": layout.groups(question, request.GET, by=by),
        "breaches": layout.breaches(question, request.GET),
        "lists": layout.short_lists(question, request.GET),
    }
    return render(request, "reports/dashboard.html", context)


def narrowing(question: Question) -> list[dict[str, Any]]:
    """The choices of the bar: what the period's figures may be narrowed to, with what is chosen now."""
    fields = []
    for name, label in layout.FILTER_LABELS.items():
        chosen = question.narrow.get(name)
        if name == "priority":
            options = [(value, words) for value, words in Priority.choices]
        else:
            options = [(row.pk, row.name) for row in NARROWING[name](question.actor)[:200]]
        fields.append({"name": name, "label": label, "options": options, "chosen": chosen})
    return fields


def record_list(request: HttpRequest, key: str) -> HttpResponse:
    """The tickets a figure counts."""
    question = question_of(request)
    figure = figures.RECORD_FIGURES.get(key)
    if figure is None:
        raise Http404(_("There is no such figure."))
    rows = figure.rows(question)
    page = paging.page(
        rows.select_related("customer", "team", "assignee"), after=request.GET.get("after", "")
    )
    context = layout.frame(question, request.GET) | {
        "title": figure.label,
        "help": figure.help,
        "total": rows.count(),
        "page": page,
        "tickets": [layout.record_row(record) for record in page.rows],
        "next_url": layout.following(request.GET, page),
    }
    return render(request, "reports/records.html", context)


def clock_list(request: HttpRequest, metric: str, outcome: str) -> HttpResponse:
    """The targets a share counts: met, missed, or both."""
    question = question_of(request)
    if metric not in (*Metric.values, "all") or outcome not in figures.OUTCOMES:
        raise Http404(_("There is no such figure."))
    rows = figures.clock_rows(question, metric="" if metric == "all" else metric, outcome=outcome)
    page = paging.page(
        rows.select_related(
            "record__customer", "record__team", "record__assignee", "agreement_version__agreement", "breach"
        ).prefetch_related("exclusions"),
        after=request.GET.get("after", ""),
    )
    context = layout.frame(question, request.GET) | {
        "title": layout.clock_title(metric, outcome),
        "help": "",
        "total": rows.count(),
        "page": page,
        "clocks": [layout.clock_row(clock) for clock in page.rows],
        "next_url": layout.following(request.GET, page),
    }
    return render(request, "reports/clocks.html", context)
