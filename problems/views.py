"""The pages of problems: the list, a new one, and one with its analysis, links, measures and steps."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from accounts.queries import customers
from actions import steps
from problems import acting, lifecycle, queries, reading, services, show
from problems import forms as shapes
from problems.getting import PAGE, UNPROCESSABLE, find
from problems.models import Problem, Source
from records.notices import read_about
from records.pages import add_errors, agent_of, now_utc, paged
from records.services import Stale, get_record
from records.timeline import entries

CONFLICT = 409
VIEWS = {
    "overview": gettext_lazy("Overview"),
    "analysis": gettext_lazy("Analysis"),
    "links": gettext_lazy("Incidents and changes"),
    "measures": gettext_lazy("Measures and notices"),
    "history": gettext_lazy("History"),
}
# Which part of the page a refused form stands in.
PART_OF = {"judge": "overview", "answer": "measures"}


def listing(request: HttpRequest) -> HttpResponse:
    """Problems, the newest first; narrowed by the address."""
    actor = agent_of(request)
    choice = queries.Choice.read(request.GET.dict())
    rows = show.with_counts(queries.listed(actor, choice))
    page, kept = paged(request, rows, PAGE)
    context = {
        "rows": [show.row_of(row) for row in page],
        "page": page,
        "kept": kept,
        "choice": choice,
        "states": queries.STATES,
        "sources": Source.choices,
        "customers": customers(actor).order_by("name_en"),
        "may_raise": may(actor, "raise_problem"),
        "waiting": queries.waiting(actor).count() if may(actor, "judge_candidates") else 0,
        "flagged": queries.flagged(actor),
    }
    return render(request, "problems/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Raise a problem; the address may bring the incident it is behind."""
    actor = agent_of(request)
    require(actor, "raise_problem")
    cause = get_record(actor, request.GET["from"]) if request.GET.get("from") else None
    existing = list(reading.problems_of(cause, actor)) if cause else []
    if request.method == "POST":
        form = shapes.New(request.POST, actor=actor)
        if form.is_valid():
            try:
                return redirect(
                    services.open_problem(**form.facts(), caused_by=cause, actor=actor, now=now_utc())
                )
            except ValidationError as refused:
                add_errors(form, refused)
    else:
        start = {"title": cause.title, "description": cause.description, "source": Source.SECOND_LINE,
                 "service": cause.service, "item": getattr(cause, "item", None)} if cause else {}  # fmt: skip
        form = shapes.New(actor=actor, initial=start)
    context = {"form": form, "cause": cause, "existing": existing}
    return render(request, "problems/new.html", context, status=UNPROCESSABLE if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A problem: one of its parts, what can be done next, and who has to do with it."""
    actor = agent_of(request)
    problem = find(actor, number)
    read_about(problem, actor, now=now_utc())
    return shown(request, actor, problem)


def shown(
    request: HttpRequest, actor: Actor, problem: Problem, *, failed: Any = None, view: str = ""
) -> HttpResponse:
    """The page; ``failed`` is a step's name and form that was refused."""
    view = view or request.GET.get("view", "")
    view = view if view in VIEWS else "overview"
    is_step = failed is not None and failed[0] in acting.STEPS
    context = {
        **show.row_of(problem),
        "view": view,
        "views": VIEWS.items(),
        "steps": steps.possible(acting.STEPS.values(), actor, problem, failed if is_step else None),
        "roots": problem.causes.filter(is_root=True),
        "items": problem.items.order_by("name"),
        "change_url": _change_url(problem) if problem.state in lifecycle.WORKED_ON else "",
        "may_write_up": may(actor, "write_article") and problem.phase == "done" and bool(problem.outcome),
        **_part(problem, actor, view, failed),
    }
    return render(request, "problems/detail.html", context, status=UNPROCESSABLE if failed else 200)


def _change_url(problem: Problem) -> str:
    """Where a change is raised from it; empty where changes have no page."""
    try:
        return f"{reverse('changes:new')}?from={problem.number}"
    except NoReverseMatch:
        return ""


def _part(problem: Problem, actor: Actor, view: str, failed: Any) -> dict[str, Any]:
    """What one part of the page shows."""
    if view == "history":
        return {"timeline": entries(problem, actor, fold=False).entries[::-1]}
    if view == "analysis":
        return {"analysis": show.analysis(problem, actor, show.Forms(problem))}
    if view == "links":
        incidents = reading.incidents_of(problem, actor).select_related("customer")
        return {
            "incidents": [show.record_row(row) for row in incidents[:100]],
            "behind": incidents.count(),
            "changes": reading.changes_of(problem, actor),
        }
    if view == "measures":
        measures = reading.measures_of(problem).select_related("assignee")
        return {
            "measures": [show.record_row(row) for row in measures],
            "notices": show.notices(problem, actor, now_utc(), failed),
        }
    errors = show.with_matches(problem.known_errors.order_by("pk"))
    return {
        "recurrences": show.recurrences(problem, actor, failed),
        "errors": [show.known_row(row) for row in errors],
        "may_know": may(actor, "write_known_error") and problem.state in lifecycle.WORKED_ON,
        "outcomes": show.outcomes(problem) if problem.state in lifecycle.WORKED_ON else [],
        "severity_tone": show.SEVERITY_TONES.get(problem.severity, ""),
    }


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    problem = find(actor, number)
    known = {**acting.STEPS, **acting.AT_ROW}
    failed = steps.take(known, act, problem, request.POST, actor=actor)
    view = PART_OF.get(act, "")
    if failed is None:
        kept = view or request.GET.get("view", "")
        return redirect(f"{problem.get_absolute_url()}{f'?view={kept}' if kept in VIEWS else ''}")
    return shown(request, actor, find(actor, number), failed=failed, view=view)


# --- analysis --------------------------------------------------------------------------------


@require_POST
def analyse(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """One act of the analysis: answers the part anew, or the page to whoever has no script."""
    actor = agent_of(request)
    problem = find(actor, number)
    known = acting.ACTS.get(act)
    if known is None:
        raise Http404(_("There is no such step."))
    at = request.POST.get("row", "")
    shape = shapes.BelowForm if act == "cause" and at else known.form
    form = shape(request.POST, auto_id=f"{act}-{at or 'new'}-%s")
    status = UNPROCESSABLE
    if form.is_valid():
        try:
            known.take(problem, form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        except Stale:
            status = CONFLICT
        else:
            status = 200
    if status == 200 and not request.headers.get("HX-Request"):
        return redirect(f"{problem.get_absolute_url()}?view=analysis")
    return _answer(request, actor, find(actor, number), act, at, form, status)


def _answer(
    request: HttpRequest, actor: Actor, problem: Problem, act: str, at: str, form: Any, status: int
) -> HttpResponse:
    """The analysis as it is now, with the refused form in its place, under the version that is read now."""
    failed = None
    if status != 200:
        form.data = {**form.data.dict(), "version": str(problem.version)}
        failed = (act, at, form)
    hidden = [words for name, each in form.errors.items() if _is_hidden(form, name) for words in each]
    context = {
        "problem": problem,
        "analysis": show.analysis(problem, actor, show.Forms(problem, failed)),
        "refused": hidden,
        "is_stale": status == CONFLICT,
        "added": act if status == 200 and not at else "",
    }
    if request.headers.get("HX-Request"):
        return render(request, "problems/_analysis.html", context, status=status)
    page = {**show.row_of(problem), "view": "analysis", "views": VIEWS.items(), "steps": [], **context}
    return render(request, "problems/detail.html", page, status=status)


def _is_hidden(form: Any, name: str) -> bool:
    return name not in form.fields or form[name].is_hidden
