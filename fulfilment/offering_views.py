"""The pages of orderable entries: the list, and one with its words, form, approvals, tasks and preview."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Actor, may, require
from accounts.models import Team, User
from fulfilment import offering_forms as shapes
from fulfilment import offerings
from fulfilment.blueprint import (
    CONTACT,
    MOST_FIELDS,
    MOST_STAGES,
    MOST_TASKS,
    NAMED,
    TEAM_LEAD,
    Blueprint,
    Stage,
)
from fulfilment.guard import UNPROCESSABLE, desk_only
from fulfilment.models import Offering
from fulfilment.order_form import OrderForm
from records.lifecycle import Phase
from records.pages import actor_of, add_errors, agent_of, now_utc

PAGE = 50
Change = Callable[[Blueprint], Blueprint]
# parts of the draft that are added with a form: its form, and the most there may be
ADDING: dict[str, tuple[type[forms.Form], str, int]] = {
    "stage": (shapes.StageForm, "stages", MOST_STAGES),
    "task": (shapes.TaskForm, "tasks", MOST_TASKS),
}
STEPS: dict[str, tuple[Any, type[forms.Form], Callable[..., Any]]] = {
    "publish": (gettext_lazy("Publish"), shapes.Publish, offerings.publish),
    "away": (gettext_lazy("Mark as temporarily unavailable"), shapes.Away, offerings.make_unavailable),
    "back": (gettext_lazy("Make available again"), shapes.Nothing, offerings.make_available),
    "withdraw": (gettext_lazy("Withdraw for good"), shapes.Because, offerings.withdraw),
}


def state_of(offering: Offering) -> tuple[Any, str]:
    """The word and the tone of where an entry stands."""
    if offering.withdrawn_at:
        return _("Withdrawn"), "quiet"
    if offering.present is None:
        return _("Draft"), "neutral"
    if offering.is_away:
        return _("Temporarily unavailable"), "warn"
    return _("Published"), "good"


@desk_only
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All entries, with how many requests are open for each."""
    text = request.GET.get("q", "")
    is_open = ~Q(requests__phase=Phase.DONE)
    rows = Offering.objects.find(text).select_related("service", "present")
    rows = rows.annotate(open_requests=Count("requests", filter=is_open)).order_by("name_en", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [{"offering": row, "state": state_of(row)} for row in page],
        "page": page,
        "q": text,
        "may_design": may(actor_of(request), "design_offerings"),
    }
    return render(request, "fulfilment/offerings.html", context)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an entry."""
    require(actor_of(request), "design_offerings")
    form = shapes.New(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = offerings.create(**form.facts, actor=actor_of(request), now=now_utc())
            return redirect("fulfilment:offering", made.code)
        except ValidationError as refused:
            add_errors(form, refused)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "fulfilment/offering_new.html", {"form": form}, status=status)


def _find(code: str) -> Offering:
    return get_object_or_404(Offering.objects.select_related("service", "present"), code=code)


@desk_only
@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One entry: its draft in parts, the preview, and its versions."""
    return _shown(request, _find(code))


def _shown(request: HttpRequest, offering: Offering, **failed: forms.Form) -> HttpResponse:
    """The page; ``failed`` holds the form that was refused, by the name of its part."""
    actor, draft = agent_of(request), offering.drafted
    designs = may(actor, "design_offerings") and offering.withdrawn_at is None
    label, tone = state_of(offering)
    names = _names(draft)
    context = {
        "offering": offering,
        "draft": draft,
        "state": label,
        "tone": tone,
        "designs": designs,
        "hindrances": offerings.hindrances(offering),
        "fields": [_row(draft, n) for n in range(len(draft.fields))],
        "stages": [
            {"n": n, "stage": stage, "asked": _asked(stage, names)} for n, stage in enumerate(draft.stages)
        ],
        "tasks": [
            {"n": n, "task": draft.tasks[n], "team": names.get(draft.tasks[n].team, "")}
            for n in sorted(range(len(draft.tasks)), key=lambda n: draft.tasks[n].order)
        ],
        "preview": OrderForm(blueprint=draft, organisation=None, auto_id="preview-%s"),
        "versions": offering.versions.select_related("created_by").order_by("-number"),
        **(_forms(offering, draft, failed) if designs else {}),
    }
    return render(request, "fulfilment/offering.html", context, status=UNPROCESSABLE if failed else 200)


def _names(draft: Blueprint) -> dict[str, str]:
    """Names of the teams and people a draft speaks of, by code and user name."""
    parties = [party for stage in draft.stages for party in stage.parties]
    codes = {party.code for party in parties} | {task.team for task in draft.tasks}
    teams = {team.code: team.name for team in Team.objects.filter(code__in=codes)}
    return teams | {user.username: user.name for user in User.objects.filter(username__in=codes)}


def _asked(stage: Stage, names: dict[str, str]) -> list[str]:
    """Whom a stage asks, in words."""
    words = {CONTACT: _("the customer's contacts"), TEAM_LEAD: _("leads of %(team)s"), NAMED: "%(team)s"}
    return [words[party.kind] % {"team": names.get(party.code, party.code)} for party in stage.parties]


def _forms(offering: Offering, draft: Blueprint, failed: dict[str, forms.Form]) -> dict[str, Any]:
    """The forms of the parts and steps: fresh, or the one that was refused."""
    fresh: dict[str, forms.Form] = {
        "words": shapes.Words(initial=shapes.Words.begin(draft), auto_id="words-%s"),
        "settle": shapes.Settle(initial=_settled(offering), auto_id="settle-%s"),
        "field": shapes.FieldForm(draft=draft, auto_id="field-%s"),
        "stage": shapes.StageForm(auto_id="stage-%s"),
        "task": shapes.TaskForm(auto_id="task-%s"),
    }
    steps = []
    for name, (label, form, _verb) in STEPS.items():
        fits = {
            "publish": offering.has_changes,
            "away": offering.present is not None and not offering.unavailable_since,
            "back": bool(offering.unavailable_since),
        }
        if fits.get(name, True):
            own = failed.get(name) or form(auto_id=f"{name}-%s")
            steps.append({"name": name, "label": label, "form": own})
    return {"forms": {**fresh, **failed}, "steps": steps, "opened": next(iter(failed), "")}


def _settled(offering: Offering) -> dict[str, Any]:
    names = ("service", "kind", "audience", "for_contacts_only")
    return {**{n: getattr(offering, n) for n in names}, "organisations": offering.organisations.all()}


def _row(draft: Blueprint, n: int) -> dict[str, Any]:
    one = draft.fields[n]
    when = one.shown_when
    steering = draft.field(when.field) if when else None
    options = steering.options() if steering else ()
    answer = next((o for o in options if when and o.key == when.value), None)
    return {
        "field": one,
        "type": shapes.TYPES[one.type],
        "is_first": n == 0,
        "is_last": n == len(draft.fields) - 1,
        "steering": steering,
        "answer": answer,
    }


def _with(draft: Blueprint, part: str, rows: Any) -> Blueprint:
    """With other stages or tasks."""
    changed: dict[str, Any] = {part: rows}
    return replace(draft, **changed)


def _redraft(request: HttpRequest, offering: Offering, change: Change) -> HttpResponse:
    offerings.redraft(offering, change, actor=actor_of(request), now=now_utc())
    return redirect("fulfilment:offering", offering.code)


@desk_only
@require_POST
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Change the words or the audience, add a stage or a task, publish, stop orders, withdraw."""
    actor, offering = actor_of(request), _find(code)
    require(actor, "design_offerings")
    try:
        form = _taken(request, offering, step, actor)
    except ValidationError as refused:
        form = _step_form(step, request, offering)
        form.is_valid()
        add_errors(form, refused)
    return (
        redirect("fulfilment:offering", code) if form is None else _shown(request, offering, **{step: form})
    )


def _step_form(step: str, request: HttpRequest, offering: Offering) -> forms.Form:
    known: dict[str, type[forms.Form]] = {
        "words": shapes.Words,
        "settle": shapes.Settle,
        **{n: f for n, (f, _p, _m) in ADDING.items()},
    }
    known |= {name: form for name, (_label, form, _verb) in STEPS.items()}
    if step not in known:
        raise Http404(_("There is no such step."))
    return known[step](request.POST, auto_id=f"{step}-%s")


def _taken(request: HttpRequest, offering: Offering, step: str, actor: Actor) -> forms.Form | None:
    """Take a step; answers None if it was taken, else the form with what is wrong."""
    form = _step_form(step, request, offering)
    if not form.is_valid():
        return form
    doing: dict[str, Any] = {"actor": actor, "now": now_utc()}
    if isinstance(form, shapes.Words):
        offerings.redraft(offering, form.apply, **doing)
    elif step == "settle":
        offerings.settle(offering, **form.cleaned_data, **doing)
    elif step in ADDING:
        _form, part, most = ADDING[step]
        made = form.made  # type: ignore[attr-defined]
        if len(getattr(offering.drafted, part)) >= most:
            form.add_error(None, _("There are as many as there may be: %(n)s.") % {"n": most})
            return form
        offerings.redraft(offering, lambda draft: _with(draft, part, (*getattr(draft, part), made)), **doing)
    else:
        STEPS[step][2](offering, **form.cleaned_data, **doing)
    return None


@desk_only
@require_POST
def drop(request: HttpRequest, code: str, part: str, n: int) -> HttpResponse:
    """Take a stage or a task out of the draft, by its place."""
    require(actor_of(request), "design_offerings")
    if part not in ADDING:
        raise Http404(_("There is no such step."))
    name = ADDING[part][1]

    def without(draft: Blueprint) -> Blueprint:
        kept = tuple(one for place, one in enumerate(getattr(draft, name)) if place != n)
        return _with(draft, name, kept)

    return _redraft(request, _find(code), without)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def field(request: HttpRequest, code: str, key: str = "") -> HttpResponse:
    """Add a field (no key) or change one."""
    offering = _find(code)
    require(actor_of(request), "design_offerings")
    draft = offering.drafted
    if key and draft.field(key) is None:
        raise Http404(_("There is no such field."))
    form = shapes.FieldForm(
        request.POST if request.method == "POST" else None, draft=draft, key=key, auto_id="field-%s"
    )
    if request.method == "POST" and form.is_valid():
        if key or len(draft.fields) < MOST_FIELDS:
            made = form.made
            return _redraft(request, offering, lambda now: now.with_field(made))
        form.add_error(None, _("There are as many as there may be: %(n)s.") % {"n": MOST_FIELDS})
    context = {"offering": offering, "form": form, "key": key, "label": draft.field(key) if key else None}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "fulfilment/field.html", context, status=status)


@desk_only
@require_POST
def arrange(request: HttpRequest, code: str, key: str, act: str) -> HttpResponse:
    """Move a field up or down, or take it out."""
    require(actor_of(request), "design_offerings")
    changes: dict[str, Change] = {
        "up": lambda draft: draft.with_moved(key, -1),
        "down": lambda draft: draft.with_moved(key, 1),
        "remove": lambda draft: draft.without_field(key),
    }
    if act not in changes:
        raise Http404(_("There is no such step."))
    return _redraft(request, _find(code), changes[act])
