"""The pages of the desk's self-assessments: the list, one of them with its judgements, its file."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import queries, steps
from actions.rows import row_of as action_row
from actions.steps import Nothing, Step
from records.notices import read_about
from records.pages import actor_for, agent_of, get_one, now_utc
from records.services import Stale
from records.timeline import entries
from servicereports import keeping, schedule
from servicereports.assessments import forms, lifecycle, services, shown
from servicereports.assessments.models import Assessment, Span, SupervisoryBody, Verdict
from servicereports.files import file_of
from servicereports.show import LABELS, language_of

PAGE = 50

STEPS = {
    step.name: step
    for step in (
        Step(
            "submit", gettext_lazy("Submit to the supervisory body"), forms.Submit,
            lambda actor, row: row.state in lifecycle.OPEN and services.may_write(actor, row),
            services.submit,
        ),
        Step(
            "accept", gettext_lazy("Accept"), forms.Answer,
            lambda actor, row: row.state == lifecycle.SUBMITTED and services.may_answer(actor, row),
            partial(services.answer, accept=True),
        ),
        Step(
            "return", gettext_lazy("Return"), forms.Answer,
            lambda actor, row: row.state == lifecycle.SUBMITTED and services.may_answer(actor, row),
            partial(services.answer, accept=False),
        ),
        Step(
            "recompute", gettext_lazy("Bring the figures up to date"), Nothing,
            lambda actor, row: row.state in lifecycle.OPEN and services.may_write(actor, row),
            services.recompute,
        ),
    )
}  # fmt: skip


def _assessment(actor: Actor, number: str) -> Assessment:
    return get_one(Assessment, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """The self-assessments, the newest period first."""
    actor = agent_of(request)
    rows = Assessment.objects.visible_to(actor).select_related("body", "assignee")
    page = Paginator(rows.order_by("-period_until", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [shown.row_of(row) for row in page],
        "page": page,
        "leads": may(actor, "lead_assessments"),
        "has_body": SupervisoryBody.objects.filter(is_active=True).exists(),
    }
    return render(request, "servicereports/assessments/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Open the self-assessment of a period by hand."""
    actor = actor_for(request, "lead_assessments")
    if request.method == "POST":
        form = forms.New(request.POST)
        if made := steps.attempt(form, _opened, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        first, _last = schedule.last_ended(timezone.localdate(), Span.MONTH)
        body = SupervisoryBody.objects.filter(is_active=True).order_by("pk").first()
        lead = body.lead_id if body and body.lead_id else actor.user_id
        form = forms.New(initial={"first": first, "lead": lead, "body": body})
    context = {
        "form": form,
        "title": _("Open a self-assessment"),
        "list": "servicereports:assessments",
        "list_name": _("Self-assessments"),
    }
    return render(request, "servicereports/new.html", context, status=422 if form.errors else 200)


def _opened(**entered: Any) -> Assessment:
    """A quarter may be named by any of its months."""
    first, _last = schedule.span_of(entered.pop("first"), entered["period"])
    return services.open_assessment(**entered, first=first)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """What it says, its judgements to be written, the next steps, its actions and history."""
    actor = agent_of(request)
    row = _assessment(actor, number)
    read_about(row, actor, now=now_utc())
    return _shown(request, actor, row)


def _shown(
    request: HttpRequest, actor: Actor, row: Assessment, failed: Any = None, **more: Any
) -> HttpResponse:
    language = language_of(request.GET.get("lang", ""))
    writes = row.state in lifecycle.OPEN and services.may_write(actor, row)
    actions: Any = queries.caused_by(row, actor)
    today = timezone.localdate()
    context = {
        **shown.row_of(row),
        "document": shown.document(row, language),
        "lang": language,
        "labels": LABELS,
        "judgements": shown.judgements(row) if writes else [],
        "summary": row.summary,
        "verdicts": Verdict.choices,
        "steps": steps.possible(STEPS.values(), actor, row, failed),
        "rows": [action_row(action, today) for action in actions],
        "leads": may(actor, "lead_actions"),
        "timeline": entries(row, actor, fold=False).entries[::-1],
        **more,
    }
    status = 409 if more.get("is_stale") else 422 if failed or more.get("problem") else 200
    return render(request, "servicereports/assessments/detail.html", context, status=status)


@require_POST
def judge(request: HttpRequest, number: str) -> HttpResponse:
    """Store judgements, remarks and summary; who was second to save is told, and keeps what was written."""
    actor = agent_of(request)
    row = _assessment(actor, number)
    said = {
        each.indicator: (
            request.POST.get(f"verdict-{each.indicator}", each.verdict),
            request.POST.get(f"remarks-{each.indicator}", each.remarks),
        )
        for each in row.judgements.all()
    }
    summary = request.POST.get("summary", row.summary)
    version = request.POST.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    kept = {"judgements": shown.judgements(row, said), "summary": summary}
    try:
        services.judge(row, said, summary=summary, actor=actor, now=now_utc(), expected_version=seen)
    except Stale:
        problem = _("Somebody changed this since you opened it; compare and save anew.")
        return _shown(request, actor, _assessment(actor, number), problem=problem, is_stale=True, **kept)
    except ValidationError as refused:
        return _shown(request, actor, row, problem=" ".join(refused.messages), **kept)
    return redirect(row)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    row = _assessment(actor, number)
    failed = steps.take(STEPS, act, row, request.POST, actor=actor)
    if failed is None:
        return redirect(row)
    return _shown(request, actor, _assessment(actor, number), failed)


def file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The printable page as PDF, or a workbook, in Chinese or English."""
    actor = agent_of(request)
    row = _assessment(actor, number)
    language = language_of(request.GET.get("lang", ""))
    kept = keeping.newest(row)
    dated = kept.kept_at if kept else row.computed_at
    return file_of(shown.document(row, language), dated=dated, language=language, form=form)
