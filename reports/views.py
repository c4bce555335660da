"""The service-level dashboard, and the list behind every number on it."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.access import may
from reports import ahead, desk_rows, figures, layout, paging
from reports.asking import desk_question, narrowing, picked, question_of
from sla.models import Metric


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


def look_ahead(request: HttpRequest) -> HttpResponse:
    """A part of the dashboard, asked for after it: what the goals still bear, and the forecast."""
    question = question_of(request)
    context = {"rows": ahead.rows(question, request.GET), "is_over": ahead.gone(question) >= 1}
    return render(request, "reports/ahead.html", context)


def record_list(request: HttpRequest, key: str) -> HttpResponse:
    """The tickets a figure counts."""
    question = desk_question(request)
    figure = desk_rows.ALL_FIGURES.get(key)
    if figure is None:
        raise Http404(_("There is no such figure."))
    question = picked(question, figure, request.GET)
    rows = figure.rows(question)
    page = paging.page(
        rows.select_related("customer", "team", "assignee"), after=request.GET.get("after", "")
    )
    context = layout.frame(question, request.GET) | {
        "title": figure.title(question),
        "help": figure.help,
        "leads": may(question.actor, "dashboard"),
        "total": rows.count(),
        "page": page,
        "tickets": [layout.record_row(record) for record in page.rows],
        "next_url": layout.following(request.GET, page, **question.picked),
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
