"""The pages of the indicators: those of a process with their figures, and one with the rows behind it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kpis import engine, pages, shown


def listing(request: HttpRequest) -> HttpResponse:
    """The indicators of one process, each with its figure or what it waits for."""
    asked, context = pages.asked_of(request)
    chosen, context = pages.chosen_process(request, context)
    context |= {
        "process": shown.said(chosen),
        "rows": [
            pages.row_of(kpi, asked, context["kept"])
            for kpi in engine.all_kpis()
            if kpi.entry.process == chosen
        ],
        "is_over": asked.period.end <= asked.now,
    }
    return render(request, "kpis/list.html", context)


def detail(request: HttpRequest, kpi: str) -> HttpResponse:
    """One indicator: its figures, whose work they are, all the rows they count, and what was confirmed."""
    found = engine.get(kpi.upper())
    if found is None:
        raise Http404(_("There is no such indicator."))
    return pages.detail_page(request, found)
