"""The pages of major incidents: the list, declaring one, and one to lead by, readable across a room."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may, require
from accounts.models import User
from actions import queries as actions
from actions import steps
from actions.rows import row_of as action_row
from actions.steps import Nothing, Step, add_errors
from incidents.models import Incident
from majors import deadlines, forms, lifecycle, running, services
from majors.models import Major, State
from records.notices import read_about
from records.pages import agent_of, get_one, now_utc
from records.timeline import entries

PAGE = 50
UPDATES = 50
TONES = {
    lifecycle.DECLARED: "bad", lifecycle.DOWNGRADED: "quiet", lifecycle.REVIEW: "warn",
    lifecycle.CLOSED: "good",
}  # fmt: skip


def _may(actor: Actor, major: Major, act: str, states: frozenset[str]) -> bool:
    return major.state in states and may(actor, act, major)


RUNNING, REVIEW = lifecycle.RUNNING, frozenset({lifecycle.REVIEW})
STEPS: Mapping[str, Step] = {
    step.name: step
    for step in (
        Step(
            "update", _("Give an update"), forms.Post,
            lambda actor, major: _may(actor, major, "lead_major", RUNNING), services.post,
        ),
        Step(
            "notify", _("Record that top management was informed"), forms.Notify,
            lambda actor, major: _may(actor, major, "lead_major", RUNNING), services.notify,
        ),
        Step(
            "call-in", _("Call somebody in"), forms.CallIn,
            lambda actor, major: _may(actor, major, "lead_major", RUNNING), services.call_in,
        ),
        Step(
            "hand-over", _("Change the coordinator"), forms.HandOver,
            lambda actor, major: _may(actor, major, "lead_major", RUNNING), services.hand_over,
        ),
        Step(
            "end", _("End it"), forms.StandDown,
            lambda actor, major: _may(actor, major, "stand_down", RUNNING), services.stand_down,
        ),
        Step(
            "downgrade", _("Downgrade"), forms.Downgrade,
            lambda actor, major: _may(actor, major, "downgrade", RUNNING), services.downgrade,
        ),
        Step(
            "review", _("Write the review"), forms.Review,
            lambda actor, major: _may(actor, major, "lead_major", REVIEW), services.review,
        ),
        Step(
            "close", _("Close"), Nothing,
            lambda actor, major: major.is_reviewed and _may(actor, major, "wrap_up", REVIEW),
            services.wrap_up,
        ),
    )
}  # fmt: skip


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Major incidents, those under way first."""
    actor, now = agent_of(request), now_utc()
    rows = Major.objects.visible_to(actor).select_related("customer", "assignee", "cause")
    page = Paginator(rows.order_by("phase", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "majors/list.html", {"page": page, "rows": [_row(row, now) for row in page]})


def _row(major: Major, now: datetime) -> dict[str, Any]:
    return {"major": major, "state": State(major.state).label, "tone": TONES[major.state], "now": now}


@require_GET
def under_way(request: HttpRequest) -> HttpResponse:
    """Those under way that this person did not put aside: the banner above the queue."""
    return _running(request, agent_of(request))


def _running(request: HttpRequest, actor: Actor) -> HttpResponse:
    majors = running.above_the_queue(actor, request.session.get(running.ASIDE, ()))
    return render(request, "majors/_running.html", {"majors": majors})


@require_POST
def put_aside(request: HttpRequest, number: str) -> HttpResponse:
    """Not above the queue any more, for this person and as long as it is logged in."""
    actor = agent_of(request)
    running.put_aside(request.session, get_one(Major, actor, number))
    return _running(request, actor) if request.headers.get("HX-Request") else redirect("records:queue")


@require_GET
def for_new(request: HttpRequest) -> HttpResponse:
    """Those a ticket that is being logged may be a part of, by its service and customer."""
    actor = agent_of(request)
    person = User.objects.filter(pk=_key(request, "requester") or 0).first()
    customer = _key(request, "customer") or (person.organisation_id if person else None)
    majors = running.matching(actor, service=_key(request, "service"), customer=customer)
    context = {"majors": majors, "chosen": request.GET.get("child_of", "")[:20]}
    return render(request, "majors/_for_new.html", context)


def _key(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest, number: str) -> HttpResponse:
    """Declare an incident a major one."""
    actor = agent_of(request)
    incident = get_one(Incident, actor, number)
    require(actor, "declare", incident)
    start = {"coordinator": actor.user_id, "services": [incident.service_id] if incident.service_id else []}
    form = forms.Declare(request.POST or None, scope=actor.scope, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(services.declare(incident, **form.cleaned_data, actor=actor, now=now_utc()))
        except ValidationError as refused:
            add_errors(form, refused)
    status = 422 if request.method == "POST" else 200
    return render(request, "majors/declare.html", {"form": form, "incident": incident}, status=status)


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One major incident: what, since when, the next update, who, what was told."""
    actor = agent_of(request)
    major = get_one(Major, actor, number)
    read_about(major, actor, now=now_utc())
    return _shown(request, actor, major, None)


@require_GET
def board(request: HttpRequest, number: str) -> HttpResponse:
    """The part that changes by itself, for htmx to fetch every half minute."""
    actor, now = agent_of(request), now_utc()
    return render(request, "majors/_board.html", _board(get_one(Major, actor, number), now))


def _board(major: Major, now: datetime) -> dict[str, Any]:
    row = deadlines.running(major)
    kept, judged = deadlines.kept(major)
    told = major.cause.management_escalations.filter(why="major").select_related("informed")
    return {
        **_row(major, now),
        "incident": major.cause,
        "services": list(major.services.all()),
        "customers": list(major.customers.all()),
        "deadline": row,
        "is_late": row is not None and row.due_at < now,
        "kept": kept,
        "judged": judged,
        "escalation": told.first(),
        "lasted": (major.ended_at or now) - major.opened_at,
        "people": list(services.involved(major)),
    }  # fmt: skip


def _shown(request: HttpRequest, actor: Actor, major: Major, failed: Any) -> HttpResponse:
    now = now_utc()
    context = {
        **_board(major, now),
        "updates": list(major.updates.select_related("by")[:UPDATES]),
        "steps": steps.possible(STEPS.values(), actor, major, failed),
        "actions": [action_row(action, now.date()) for action in actions.caused_by(major, actor)],
        "may_open_action": may(actor, "open_action"),
        "timeline": entries(major, actor).entries,
    }
    return render(request, "majors/detail.html", context, status=422 if failed else 200)


@require_POST
def take(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step."""
    actor = agent_of(request)
    major = get_one(Major, actor, number)
    failed = steps.take(STEPS, act, major, request.POST, actor=actor)
    return _shown(request, actor, major, failed) if failed else redirect(major)
