"""The pages of actions: the list, a new one, and one with its steps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from actions import forms as shapes
from actions import lifecycle, queries, services, steps
from actions.models import Action, ImprovementPlan
from actions.rows import row_of
from actions.steps import Nothing, Step
from records.kinds import process_of
from records.notices import read_about
from records.pages import agent_of, get_one, now_utc, paged
from records.timeline import entries
from sla.queries import agreements

PAGE = 50


def _legal(act: str) -> frozenset[str]:
    return lifecycle.ACTION.moves[act][0]


def _worker(actor: Actor, action: Action, states: frozenset[str]) -> bool:
    return action.state in states and services.may_work_on(actor, action)


def _leader(actor: Actor, action: Action, act: str, states: frozenset[str]) -> bool:
    return action.state in states and may(actor, act, action)


STEPS = {
    step.name: step
    for step in (
        Step(
            "start", gettext_lazy("Begin"), Nothing,
            lambda actor, action: _worker(actor, action, _legal("start")), services.start,
        ),
        Step(
            "finish", gettext_lazy("Finish"), shapes.Finish,
            lambda actor, action: _worker(actor, action, _legal("finish")), services.finish,
        ),
        Step(
            "judge", gettext_lazy("Judge the effect"), shapes.Judge,
            lambda actor, action: _leader(actor, action, "confirm_effect", _legal("confirm_effect")),
            services.judge,
        ),
        Step(
            "reassign", gettext_lazy("Give to somebody else"), shapes.Reassign,
            lambda actor, action: _worker(actor, action, lifecycle.UNFINISHED), services.reassign,
        ),
        Step(
            "postpone", gettext_lazy("Postpone"), shapes.Postpone,
            lambda actor, action: _leader(actor, action, "postpone", lifecycle.UNFINISHED), services.postpone,
        ),
        Step(
            "amend", gettext_lazy("Resources and day of judgement"), shapes.Amend,
            lambda actor, action: _worker(actor, action, lifecycle.UNFINISHED), services.amend,
        ),
        Step(
            "cancel", gettext_lazy("Cancel"), shapes.Because,
            lambda actor, action: _leader(actor, action, "call_off", _legal("call_off")), services.cancel,
        ),
    )
}  # fmt: skip


def _action(actor: Actor, number: str) -> Action:
    return get_one(Action, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """Actions, those of the reader first for who leads nothing; narrowed by the address."""
    actor, today = agent_of(request), timezone.localdate()
    leads = may(actor, "lead_actions")
    choice = queries.Choice.read(request.GET.dict(), mine=not leads)
    page, kept = paged(request, queries.listed(actor, choice, today), PAGE)
    context = {
        "rows": [row_of(action, today) for action in page],
        "page": page,
        "kept": kept,
        "choice": choice,
        "states": queries.STATES,
        "sources": Action.Source.choices,
        "agreements": agreements(actor),
        "leads": leads,
    }
    return render(request, "actions/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Open an action; the address may bring the agreement, plan, cause and source."""
    actor = agent_of(request)
    require(actor, "lead_actions")
    if request.method == "POST":
        form = shapes.New(request.POST, actor=actor)
        if made := steps.attempt(form, services.open_action, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        asked = {name: request.GET.get(name, "") for name in ("agreement", "cause", "source")}
        plan = ImprovementPlan.objects.visible_to(actor).filter(number=request.GET.get("plan", "")).first()
        form = shapes.New(actor=actor, initial={**asked, "plan": plan})
    return render(request, "actions/new.html", {"form": form}, status=422 if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """An action: what is to be done, its reason, next steps, history."""
    actor = agent_of(request)
    action = _action(actor, number)
    read_about(action, actor, now=now_utc())
    return _shown(request, actor, action)


def _shown(request: HttpRequest, actor: Actor, action: Action, failed: Any = None) -> HttpResponse:
    context = {
        **row_of(action, timezone.localdate()),
        "steps": steps.possible(STEPS.values(), actor, action, failed),
        "causes": [{"record": row, "state": _state(row)} for row in queries.causes(action, actor)],
        "timeline": entries(action, actor, fold=False).entries[::-1],
    }
    return render(request, "actions/detail.html", context, status=422 if failed else 200)


def _state(record: Any) -> str:
    return str(process_of(record.kind).labels(record.state).label)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    action = _action(actor, number)
    failed = steps.take(STEPS, act, action, request.POST, actor=actor)
    if failed is None:
        return redirect(action)
    return _shown(request, actor, _action(actor, number), failed)
