"""The pages of the dashboards: a choice, one for each process, one for the management, and their lists."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dashboards import indicators, management, risks, work
from dashboards.asking import View, bar, view_of
from dashboards.processes import Process, processes
from kpis import shown
from reports import layout, paging

CARDS = 6  # of a process, before its table


@require_GET
def choice(request: HttpRequest) -> HttpResponse:
    """The dashboards there are, those of the processes with their points in the month."""
    view = view_of(request)
    context = bar(view) | {
        "rows": management.process_rows(view),
        "others": [
            {
                "name": shown.said(process.words), "n": len(process.ids),
                "url": f"{reverse('dashboards:process', args=[slug])}?{view.kept()}",
            }
            for slug, process in processes().items()
            if not process.is_process
        ],
    }  # fmt: skip
    return render(request, "dashboards/choice.html", context)


def _process(slug: str) -> Process:
    found = processes().get(slug)
    if found is None:
        raise Http404(_("There is no such dashboard."))
    return found


@require_GET
def process(request: HttpRequest, slug: str) -> HttpResponse:
    """A process in a month: its indicators as they were counted, its open work; the page then counts anew."""
    found, view = _process(slug), view_of(request)
    rows = indicators.indicators(view, found.kpis(), is_live=False)
    open_work = work.open_work(view, found.kinds)
    context = bar(view) | {
        "name": shown.said(found.words),
        "slug": slug,
        **_shown(view, rows),
        "work": open_work,
        "trend": indicators.trend_chart(rows, view),
        "now_url": f"{reverse('dashboards:now', args=[slug])}?{view.kept()}",
        "waiting": sum(1 for row in rows if not row.kpi.parts),
    }
    return render(request, "dashboards/process.html", context)


@require_GET
def now(request: HttpRequest, slug: str) -> HttpResponse:
    """The same indicators as they are now, put in the place of those counted at night."""
    found, view = _process(slug), view_of(request)
    rows = indicators.indicators(view, found.kpis(), is_live=True)
    return render(request, "dashboards/_indicators.html", _shown(view, rows) | {"view": view})


def _shown(view: View, found: list[indicators.Indicator]) -> dict[str, Any]:
    rows = [indicators.row_of(each, view) for each in found]
    first = sorted(
        (row for row in rows if not row["waits_for"]),
        key=lambda row: (not row.get("goal"), row.get("is_none", False)),
    )
    counted = [point.counted_at for each in found for point in each.points[-1:] if point.counted_at]
    return {
        "cards": [indicators.card_of(row) for row in first[:CARDS]],
        "rows": rows,
        "is_live": bool(found) and all(each.is_live for each in found if each.kpi.parts),
        "counted_at": min(counted, default=None),
        "may_not": not found or (view.actor.scope is not None and view.customer is None),
    }


@require_GET
def manage(request: HttpRequest) -> HttpResponse:
    """All of the service in a month at a glance; what costs more comes by parts."""
    view = view_of(request)
    rows = management.process_rows(view)
    context = bar(view) | {
        "cards": management.cards(view),
        "rows": [row for row in rows if row["n"]],
        "unweighed": [row for row in rows if not row["n"]],
        "trend": management.trend(view),
        "parts": [f"{reverse('dashboards:part', args=[part])}?{view.kept()}" for part in PARTS],
    }
    return render(request, "dashboards/management.html", context)


def _customers(view: View) -> dict[str, Any]:
    rows = management.customer_rows(view)
    return {"rows": rows[: management.SHOWN], "more": max(0, len(rows) - management.SHOWN)}


def _risks(view: View) -> dict[str, Any]:
    return {"risks": risks.risks(view)}


PARTS: dict[str, Callable[[View], dict[str, Any]]] = {"risks": _risks, "customers": _customers}


@require_GET
def part(request: HttpRequest, part: str) -> HttpResponse:
    """A part of the management's dashboard, put into it after the first view."""
    view = view_of(request)
    if part not in PARTS:
        raise Http404(_("There is no such figure."))
    return render(request, f"dashboards/_{part}.html", PARTS[part](view) | {"view": view})


@require_GET
def listing(request: HttpRequest, key: str) -> HttpResponse:
    """The records a number counts."""
    view = view_of(request)
    if key not in work.LISTS:
        raise Http404(_("There is no such figure."))
    found = work.LISTS[key]
    chosen = work.picked(found, request.GET)
    rows = work.rows_of(key, view, chosen)
    page = paging.page(
        rows.select_related("customer", "team", "assignee"), after=request.GET.get("after", "")
    )
    context = bar(view) | {
        "title": found.named(chosen),
        "help": found.help,
        "total": rows.count(),
        "tickets": [layout.record_row(record) for record in page.rows],
        "next_url": f"?{view.kept(**chosen, after=page.following)}" if page.following else "",
        "is_of_month": not found.picks,
    }
    return render(request, "dashboards/list.html", context)
