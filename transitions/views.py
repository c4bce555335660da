"""The pages of service transitions: the list, a new one, and one with its parts and its next steps."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import may, require
from actions import steps as taking
from records.notices import read_about
from records.pages import actor_for, add_errors, agent_of, now_utc, paged
from records.services import Stale
from transitions import forms as shapes
from transitions import page, queries, services, show, steps
from transitions.models import Nature

PAGE = 50


def listing(request: HttpRequest) -> HttpResponse:
    """Transitions, the newest first; narrowed by the address."""
    actor = agent_of(request)
    choice = queries.Choice.read(request.GET.dict())
    rows, kept = paged(request, queries.listed(actor, choice), PAGE)
    context = {
        "rows": [show.row_of(row) for row in rows],
        "page": rows,
        "kept": kept,
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
    transition = page.find(actor, number)
    read_about(transition, actor, now=now_utc())
    return page.shown(request, actor, transition)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    transition = page.find(actor, number)
    failed = taking.take(steps.STEPS, act, transition, request.POST, actor=actor)
    if failed is None:
        part = steps.PART_OF.get(act)
        address = transition.get_absolute_url()
        return redirect(f"{address}?view={part}" if part else address)
    return page.shown(request, actor, page.find(actor, number), failed=failed)


def edit(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """Write one part; who is second to save is told, and keeps what was written."""
    actor = agent_of(request)
    transition = page.find(actor, number)
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
