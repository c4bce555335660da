"""The pages of service transitions: the list, a new one, and one with its parts and its next steps."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from actions import queries as actions
from actions import steps as taking
from actions.rows import row_of as action_row
from records.notices import read_about
from records.pages import actor_for, add_errors, agent_of, get_one, now_utc
from records.services import Stale
from records.timeline import entries
from releases import part_acts
from transitions import forms as shapes
from transitions import lifecycle, queries, services, show, steps
from transitions.models import Nature, Transition

PAGE = 50
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


def listing(request: HttpRequest) -> HttpResponse:
    """Transitions, the newest first; narrowed by the address."""
    actor = agent_of(request)
    choice = queries.Choice.read(request.GET.dict())
    page = Paginator(queries.listed(actor, choice), PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "rows": [show.row_of(row) for row in page],
        "page": page,
        "kept": kept.urlencode(),
        "choice": choice,
        "states": queries.STATES,
        "natures": Nature.choices,
        "leads": may(actor, "lead_transitions"),
    }
    return render(request, "transitions/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Begin a transition; the address may bring the kind, the service and the requirement."""
    actor = actor_for(request, "lead_transitions")
    if request.method == "POST":
        form = shapes.New(request.POST, actor=actor)
        if made := taking.attempt(form, services.open_transition, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        names = ("nature", "about", "requirement", "agreement", "customer")
        asked = {name: request.GET.get(name, "") for name in names}
        form = shapes.New(actor=actor, initial={**asked, "lead": actor.user_id})
    return render(request, "transitions/new.html", {"form": form}, status=422 if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A transition: one of its parts, what is missing, and what can be done next."""
    actor = agent_of(request)
    transition = find(actor, number)
    read_about(transition, actor, now=now_utc())
    return shown(request, actor, transition)


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


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    transition = find(actor, number)
    failed = taking.take(steps.STEPS, act, transition, request.POST, actor=actor)
    if failed is None:
        part = steps.PART_OF.get(act)
        address = transition.get_absolute_url()
        return redirect(f"{address}?view={part}" if part else address)
    return shown(request, actor, find(actor, number), failed=failed)


def edit(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """Write one part; who is second to save is told, and keeps what was written."""
    actor = agent_of(request)
    transition = find(actor, number)
    require(actor, "work_transition", transition)
    known = shapes.parts_of(transition)
    if part not in known:
        raise Http404(_("There is no such part."))
    data = request.POST if request.method == "POST" else None
    form = shapes.Part(data, transition=transition, part=part, actor=actor)
    status, is_stale = 200, False
    if data is not None:
        status = 422
        try:
            if form.is_valid():
                facts = {name: form.cleaned_data[name] for name in known[part][1]}
                version = form.cleaned_data["version"]
                services.write(transition, facts, actor=actor, now=now_utc(), expected_version=version)
                view = "plan" if part == "plan" else "design"
                return redirect(f"{transition.get_absolute_url()}?view={view}")
        except ValidationError as refused:
            add_errors(form, refused)
        except Stale as stale:
            status, is_stale = 409, True
            typed = data.copy()
            typed["version"] = str(stale.record.version)
            form = shapes.Part(typed, transition=transition, part=part, actor=actor)
    context = {"transition": transition, "form": form, "title": known[part][0], "is_stale": is_stale}
    return render(request, "transitions/part.html", context, status=status)
