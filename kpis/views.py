"""The pages of the indicators: those of a process with their figures, and one with the rows behind it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import may
from kpis import closing, pages, shown


def listing(request: HttpRequest) -> HttpResponse:
    """The indicators of one process, each with its figure or what it waits for."""
    asked, context = pages.asked_of(request)
    readable = closing.readable(asked.actor)
    chosen, context = pages.chosen_process(request, readable, context)
    context |= {
        "process": shown.said(chosen),
        "rows": [
            pages.words_of(kpi, context["kept"])
            | {"parts": [pages.figure_of(part, asked) for part in kpi.parts]}
            for kpi in readable
            if kpi.entry.process == chosen
        ],
        "leads": may(asked.actor, "dashboard"),
        "is_over": asked.period.end <= asked.now,
    }
    return render(request, "kpis/list.html", context)


def detail(request: HttpRequest, kpi: str) -> HttpResponse:
    """One indicator: its figures, whose work they are, all the rows they count, and what was confirmed."""
    return pages.detail_page(request, pages.kpi_of(kpi))
