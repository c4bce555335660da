"""The pages of proposals, of the figures with their lists, and of the systems with most problems."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from accounts.models import User
from problems import acting, candidates, figures, frequent, queries, show
from problems import forms as shapes
from problems.figures import FIGURES, OUTCOMES, Asked
from problems.getting import PAGE, UNPROCESSABLE, find
from problems.models import Candidate, Outcome, Problem
from records import span_words, spans
from records.pages import add_errors, agent_of, now_utc
from records.services import refuse
from records.span_words import words
from records.spans import Span

SPANS = {"month": gettext_lazy("Month"), "quarter": gettext_lazy("Quarter"), "year": gettext_lazy("Year")}
YEAR = timedelta(days=365)
FORMS: dict[str, Any] = {
    "accept": shapes.AcceptCandidate, "join": shapes.JoinCandidate, "dismiss": shapes.OnlyReason,
}  # fmt: skip


# --- proposals -------------------------------------------------------------------------------


def proposals(request: HttpRequest) -> HttpResponse:
    """Proposed problems, those to be decided first."""
    actor = agent_of(request)
    state = request.GET.get("state", Candidate.State.WAITING)
    state = state if state in Candidate.State.values else Candidate.State.WAITING
    page = Paginator(queries.proposals(actor, state), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "kept": urlencode({"state": state}), "state": state, "states": Candidate.State.choices,
    }  # fmt: skip
    return render(request, "problems/proposals.html", context)


def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal: its incidents, and what becomes of it."""
    actor = agent_of(request)
    return _proposal(request, actor, candidates.get(actor, pk))


def _proposal(request: HttpRequest, actor: Actor, row: Candidate, failed: Any = None) -> HttpResponse:
    incidents = candidates.incidents_of(row, actor).select_related("customer")
    may_decide = row.state == Candidate.State.WAITING and may(actor, "judge_candidates")
    start = {"version": row.version, "title": row.title}
    made = {
        name: failed[1] if failed and failed[0] == name else shape(initial=start, auto_id=f"{name}-%s")
        for name, shape in FORMS.items()
    }
    context = {
        "candidate": row,
        "incidents": [show.record_row(each) for each in incidents[:100]],
        "may_decide": may_decide,
        "forms": made,
        "near": queries.joinable(row, actor)[:5] if may_decide else [],
    }
    return render(request, "problems/proposal.html", context, status=UNPROCESSABLE if failed else 200)


@require_POST
def decide(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Accept, join or dismiss it."""
    actor = agent_of(request)
    require(actor, "judge_candidates")
    row = candidates.get(actor, pk)
    if act not in FORMS:
        raise Http404(_("There is no such step."))
    form = FORMS[act](request.POST, auto_id=f"{act}-%s")
    if form.is_valid():
        try:
            made = _decide(row, act, dict(form.cleaned_data), actor)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(made or reverse("problems:proposals"))
    return _proposal(request, actor, candidates.get(actor, pk), (act, form))


def _decide(row: Candidate, act: str, given: dict[str, Any], actor: Actor) -> Problem | None:
    doing = {"actor": actor, "now": now_utc(), "expected_version": given.pop("version")}
    if act == "accept":
        return candidates.accept(row, **given, **doing)
    if act == "dismiss":
        candidates.dismiss(row, **given, **doing)
        return None
    problem = acting.named(given["problem"], "problem", actor)
    if not isinstance(problem, Problem):
        raise refuse("problem", _("Choose a problem that is not closed."))
    return candidates.join(row, problem=problem, **doing)


# --- figures ---------------------------------------------------------------------------------


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    zone = timezone.get_current_timezone()
    asked = request.GET.get("period", "")
    span = spans.read(asked, figures.SPANS, today=timezone.localdate(), zone=zone)
    expert = request.GET.get("expert", "")
    is_id = expert.isascii() and expert.isdigit() and len(expert) < 10
    return Asked(actor, span, int(expert) if is_id else None)


def _address(span: Span, **more: Any) -> str:
    return urlencode({"period": span.code, **more})


def _list_url(key: str, span: Span, **more: Any) -> str:
    return f"{reverse('problems:figure', args=[key])}?{_address(span, **more)}"


def report(request: HttpRequest) -> HttpResponse:
    """The figures of a month, quarter or year, beside those of the one before; every one opens its list."""
    actor = agent_of(request)
    asked = _asked(request, actor)
    before = Asked(actor, asked.span.previous)
    asked = Asked(actor, asked.span)
    rows = [_line(key, asked, before) for key in FIGURES]
    counts = {row["key"]: row["count"] for row in rows}
    context = {
        "span": asked.span,
        "span_name": words(asked.span),
        "before_name": words(asked.span.previous),
        "spans": [
            (kind, label, _address(spans.of(kind, asked.span.first, asked.span.zone)))
            for kind, label in span_words.CHOICES
            if kind in figures.SPANS
        ],
        "previous_url": f"?{_address(asked.span.previous)}",
        "next_url": f"?{_address(asked.span.next)}",
        "rows": rows,
        "shares": [
            {
                "label": Outcome(key).label, "count": counts[key], "url": _list_url(key, asked.span),
                "share": figures.share(counts[key], counts["closed"]),
            }
            for key in OUTCOMES
        ],
        "closed": counts["closed"],
        "experts": _experts(asked),
        "now": now_utc(),
    }  # fmt: skip
    return render(request, "problems/figures.html", context)


def _line(key: str, asked: Asked, before: Asked) -> dict[str, Any]:
    figure = FIGURES[key]
    now, then = figure.rows(asked).count(), figure.rows(before).count()
    return {
        "key": key, "label": figure.label, "count": now, "before": then, "url": _list_url(key, asked.span),
        "before_url": _list_url(key, before.span), "change": now - then,
    }  # fmt: skip


def _experts(asked: Asked) -> list[dict[str, Any]]:
    rows = figures.by_expert(asked)
    people = User.objects.in_bulk([row.expert for row in rows if row.expert])
    return [
        {
            "name": people[row.expert].name,
            "closed": row.closed,
            "closed_url": _list_url("closed", asked.span, expert=row.expert),
            "cells": [
                {
                    "count": row.counts.get(key, 0),
                    "share": figures.share(row.counts.get(key, 0), row.closed) if key in OUTCOMES else None,
                    "url": _list_url(key, asked.span, expert=row.expert),
                }
                for key in (*OUTCOMES, "passed")
            ],
        }
        for row in rows
        if row.expert in people
    ]


def figure(request: HttpRequest, key: str) -> HttpResponse:
    """The list behind a figure: as many as the figure says."""
    actor = agent_of(request)
    if key not in FIGURES:
        raise Http404(_("There is no such figure."))
    asked = _asked(request, actor)
    if not FIGURES[key].of_experts:
        asked = Asked(actor, asked.span)
    rows = FIGURES[key].rows(asked).select_related("customer", "assignee").order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    more = {} if asked.expert is None else {"expert": asked.expert}
    expert = User.objects.filter(pk=asked.expert).first() if asked.expert else None
    context = {
        "label": FIGURES[key].label,
        "expert": expert,
        "span": asked.span,
        "span_name": words(asked.span),
        "back_url": f"{reverse('problems:figures')}?{_address(asked.span)}",
        "rows": [show.record_row(row) for row in page],
        "count": page.paginator.count,
        "page": page,
        "kept": _address(asked.span, **more),
    }
    return render(request, "problems/figure.html", context)


# --- systems with most problems --------------------------------------------------------------


def frequent_ones(request: HttpRequest) -> HttpResponse:
    """Systems and services by the problems of the last twelve months."""
    actor = agent_of(request)
    items, services = frequent.frequent(actor, since=now_utc() - YEAR)
    context = {
        "tables": [
            {"title": _("Configuration items"), "rows": items, "narrow": "item"},
            {"title": _("Services"), "rows": services, "narrow": "service"},
        ],
        "may_write": may(actor, "write_article"),
    }
    return render(request, "problems/frequent.html", context)


@require_POST
def write_up(request: HttpRequest, number: str) -> HttpResponse:
    """A draft article from a problem, or the one that was written before."""
    actor = agent_of(request)
    problem = find(actor, number)
    try:
        return redirect(frequent.write_up(problem, actor=actor, now=now_utc()))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(problem)
