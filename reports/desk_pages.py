"""The desk lead's dashboard: the first view by few queries, and what costs more by parts after it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import may
from reports import desk_layout, desk_rows, layout
from reports.asking import desk_question, narrowing
from reports.figures import Question


def _one_of(request: HttpRequest, name: str, allowed: Any, default: str) -> str:
    given = request.GET.get(name) or default
    if given not in allowed:
        raise BadRequest(
            _("“%(field)s” must be one of %(names)s.") % {"field": name, "names": ", ".join(allowed)}
        )
    return given


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Figures with their change, open tickets by age, the backlog; the rest is asked for by the page."""
    question, words = desk_question(request), request.GET
    by = _one_of(request, "by", desk_layout.AGED_BY, "priority")
    days = desk_layout.Days(question)
    open_at = desk_rows.backlogs(question)
    frame = layout.frame(question, words, by=by)
    context = frame | {
        "narrowing": narrowing(question),
        "cards": desk_layout.cards(question, words, days, open_at),
        "ageing": desk_layout.ageing(question, words, by),
        "backlog": desk_layout.backlog_chart(question, words, days, open_at[0]),
        "parts": [_part_url(part, frame["kept"]) for part in PARTS if part != "solved"],
        "solved_url": _part_url("solved", frame["kept"]),
        "is_over": question.period.end <= question.now,
        "leads": may(question.actor, "dashboard"),
    }
    return render(request, "reports/desk.html", context)


def _part_url(part: str, kept: str) -> str:
    return f"{reverse('reports:desk-part', args=[part])}?{kept}"


def _solved(request: HttpRequest, question: Question) -> dict[str, Any]:
    return {"cards": desk_layout.solved_cards(question, request.GET)}


def _heat(request: HttpRequest, question: Question) -> dict[str, Any]:
    return {"heat": desk_layout.heat(question, request.GET)}


def _pareto(request: HttpRequest, question: Question) -> dict[str, Any]:
    by = _one_of(request, "by", desk_layout.CAUSE_LABELS, "service")
    return {"pareto": desk_layout.pareto(question, request.GET, by)}


def _outlook(request: HttpRequest, question: Question) -> dict[str, Any]:
    return {"outlook": desk_layout.outlook(question, request.GET)}


PARTS: dict[str, Callable[[HttpRequest, Question], dict[str, Any]]] = {
    "solved": _solved,
    "heat": _heat,
    "pareto": _pareto,
    "outlook": _outlook,
}


@require_GET
def part(request: HttpRequest, part: str) -> HttpResponse:
    """A part of the dashboard, put into it after the first view."""
    question = desk_question(request)
    if part not in PARTS:
        raise Http404(_("There is no such figure."))
    context = {**PARTS[part](request, question), "part_url": reverse("reports:desk-part", args=[part])}
    return render(request, f"reports/desk_{part}.html", context)
