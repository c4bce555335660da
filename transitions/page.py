"""The page of a transition: its parts, what is missing, and what can be done next."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.access import Actor, may
from actions import queries as actions
from actions import steps as taking
from actions.rows import row_of as action_row
from records.pages import get_one, now_utc
from records.timeline import entries
from releases import part_acts
from transitions import lifecycle, show, steps
from transitions.models import Transition

VIEWS = {
    "design": gettext_lazy("Design"),
    "plan": gettext_lazy("Plan"),
    "readiness": gettext_lazy("Readiness"),
    "implementation": gettext_lazy("Implementation"),
    "checklists": gettext_lazy("Take-over and acceptance"),
    "gate": gettext_lazy("Go-live gate"),
    "ending": gettext_lazy("What names the service"),
    "watch": gettext_lazy("Watch and lessons"),
    "history": gettext_lazy("History"),
}
FIRST = {
    lifecycle.PREPARING: "plan",
    lifecycle.IMPLEMENTING: "implementation",
    lifecycle.WATCHING: "watch",
    lifecycle.CLOSED: "watch",
}


def find(actor: Actor, number: str) -> Transition:
    return get_one(Transition, actor, number)


def views_of(transition: Transition) -> dict[str, Any]:
    """The parts of the page this kind of transition has."""
    hidden = {"gate"} if transition.is_retirement else {"ending"}
    if not transition.checklists.exists():
        hidden.add("checklists")
    return {name: label for name, label in VIEWS.items() if name not in hidden}


def shown(
    request: HttpRequest,
    actor: Actor,
    transition: Transition,
    *,
    failed: "tuple[str, forms.Form] | None" = None,
    refused: list[str] | None = None,
    view: str = "",
) -> HttpResponse:
    """The page; ``failed`` is a step that was refused with its form, ``refused`` what a row's act was."""
    views = views_of(transition)
    if failed:
        view = steps.PART_OF.get(failed[0], view)
    view = view or request.GET.get("view", "")
    if view not in views:
        view = FIRST.get(transition.state, "design")
    now = now_utc()
    moves = taking.possible(steps.MOVES, actor, transition, failed)
    adds = taking.possible(steps.PARTS.get(view, ()), actor, transition, failed)
    context = {
        **show.row_of(transition),
        "view": view,
        "views": views.items(),
        "refused": refused or part_acts.unseen(failed, [*moves, *adds]),
        "needs": show.hindrances(transition, actor, now),
        "moves": moves,
        "adds": adds,
        "may_plan": transition.state in lifecycle.PLANNABLE and may(actor, "work_transition", transition),
        "may_run": transition.state == lifecycle.IMPLEMENTING and may(actor, "work_transition", transition),
        "may_work": may(actor, "work_transition", transition),
        "is_open": transition.state in lifecycle.BEFORE,
        "row_url": "transitions:row",
        "today": timezone.localdate(),
        **_part(transition, actor, view),
    }
    return render(request, "transitions/detail.html", context, status=422 if failed or refused else 200)


def _part(transition: Transition, actor: Actor, view: str) -> dict[str, Any]:
    """What one part of the page shows."""
    now = now_utc()
    if view == "history":
        return {"timeline": entries(transition, actor, fold=False).entries[::-1]}
    if view == "design":
        return show.design(transition, now)
    if view == "plan":
        return show.plan(transition)
    if view == "readiness":
        return {"checks": transition.checks.select_related("met_by", "attachment")}
    if view == "implementation":
        return {"work_steps": transition.steps.select_related("done_by")}
    if view == "checklists":
        return {
            "checklists": show.signing(transition),
            "may_sign": transition.state in lifecycle.BEFORE and may(actor, "sign_checklist", transition),
        }
    if view == "gate":
        return show.points(transition, now)
    if view == "ending":
        may_settle = transition.state in lifecycle.BEFORE and may(actor, "settle_use", transition)
        return {**show.things(transition, actor, now), "may_settle": may_settle}
    today = timezone.localdate()
    return {
        "observations": transition.observations.select_related("recorded_by", "led_to"),
        "actions": [action_row(row, today) for row in actions.caused_by(transition, actor)],
        "may_open_action": may(actor, "open_action"),
    }
