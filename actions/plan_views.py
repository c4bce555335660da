"""The pages of improvement plans: the list, a new one, and one with its actions and steps."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from actions import forms as shapes
from actions import lifecycle, plans, queries, steps
from actions.models import Action, ImprovementPlan, PlanState
from actions.rows import row_of
from actions.steps import Nothing, Step
from records.notices import read_about
from records.pages import agent_of, get_one, now_utc
from records.panels import Side, panels_of
from records.timeline import entries

PAGE = 50
TONES = {
    lifecycle.PROPOSED: "warn",
    lifecycle.APPROVED: "accent",
    lifecycle.RUNNING: "accent",
    lifecycle.CLOSED: "good",
    lifecycle.WITHDRAWN: "quiet",
}


def _may(actor: Actor, plan: ImprovementPlan, act: str) -> bool:
    return plan.state in lifecycle.PLAN.moves[act][0] and may(actor, act, plan)


STEPS = {
    step.name: step
    for step in (
        Step(
            "approve", gettext_lazy("Approve"), shapes.Note,
            lambda actor, plan: _may(actor, plan, "approve") and plan.requester_id != actor.user_id,
            plans.approve,
        ),
        Step(
            "begin", gettext_lazy("Begin"), Nothing,
            lambda actor, plan: _may(actor, plan, "begin"), plans.start,
        ),
        Step(
            "conclude", gettext_lazy("Close with the result"), shapes.Conclude,
            lambda actor, plan: _may(actor, plan, "conclude"), plans.conclude,
        ),
        Step(
            "withdraw", gettext_lazy("Withdraw"), shapes.Because,
            lambda actor, plan: _may(actor, plan, "withdraw"), plans.withdraw,
        ),
    )
}  # fmt: skip


def _plan(actor: Actor, number: str) -> ImprovementPlan:
    return get_one(ImprovementPlan, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """All improvement plans, the newest first; narrowed to a state by the address."""
    actor = agent_of(request)
    state = request.GET.get("state", "")
    page = Paginator(queries.plans(actor, state), PAGE).get_page(request.GET.get("page"))
    shown = [
        {"plan": plan, "state": PlanState(plan.state).label, "tone": TONES.get(plan.state, "neutral")}
        for plan in page
    ]
    context = {
        "rows": shown,
        "page": page,
        "states": PlanState.choices,
        "chosen": state,
        "leads": may(actor, "lead_actions"),
    }
    return render(request, "actions/plans.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Propose a plan; the address may bring the agreement and what it comes from."""
    actor = agent_of(request)
    require(actor, "lead_actions")
    if request.method == "POST":
        form = shapes.NewPlan(request.POST, actor=actor)
        if made := steps.attempt(form, plans.propose, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        asked = {name: request.GET.get(name, "") for name in ("agreement", "cause")}
        form = shapes.NewPlan(actor=actor, initial=asked)
    return render(request, "actions/new_plan.html", {"form": form}, status=422 if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A plan: objective and indicator, who and with what, its actions, next steps, history."""
    actor = agent_of(request)
    plan = _plan(actor, number)
    read_about(plan, actor, now=now_utc())
    return _shown(request, actor, plan)


def _shown(request: HttpRequest, actor: Actor, plan: ImprovementPlan, failed: Any = None) -> HttpResponse:
    today = timezone.localdate()
    actions = Action.objects.visible_to(actor).filter(plan=plan).select_related("assignee")
    context = {
        "plan": plan,
        "state": PlanState(plan.state).label,
        "tone": TONES.get(plan.state, "neutral"),
        "is_open": plan.state in lifecycle.PLAN.moves["withdraw"][0],
        "leads": may(actor, "lead_actions"),
        "steps": steps.possible(STEPS.values(), actor, plan, failed),
        "rows": [row_of(action, today) for action in actions.order_by("due_on", "pk")],
        "causes": queries.causes(plan, actor),
        "edition_url": _edition_url(plan),
        "timeline": entries(plan, actor, fold=False).entries[::-1],
        "panels": panels_of(plan, actor, now=now_utc(), side=Side.DESK),
    }
    return render(request, "actions/plan.html", context, status=422 if failed else 200)


def _edition_url(plan: ImprovementPlan) -> str:
    """Where the plan changes targets: a new edition of its agreement, with the plan as the reason."""
    if plan.agreement_id is None:
        return ""
    asked = {"agreement": plan.agreement_id, "change_reason": f"{plan.number} {plan.name}"[:300]}
    return f"{reverse('agreements:new')}?{urlencode(asked)}"


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    plan = _plan(actor, number)
    failed = steps.take(STEPS, act, plan, request.POST, actor=actor)
    if failed is None:
        return redirect(plan)
    return _shown(request, actor, _plan(actor, number), failed)
