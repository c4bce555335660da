"""The pages of releases: the list, a new one, one with its parts and next steps, and the figures."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from actions import queries as actions
from actions import steps as taking
from actions.rows import row_of as action_row
from records.notices import read_about
from records.pages import actor_for, add_errors, agent_of, get_one, now_utc, paged
from records.services import Stale, get_record
from records.timeline import entries
from releases import deploying, lifecycle, part_acts, queries, reporting, services, show, steps
from releases import forms as shapes
from releases.models import Release

PAGE = 50
VIEWS = {
    "plan": gettext_lazy("Plan and test"),
    "changes": gettext_lazy("Changes and items"),
    "readiness": gettext_lazy("Readiness"),
    "deployment": gettext_lazy("Deployment"),
    "watch": gettext_lazy("Watch and incidents"),
    "report": gettext_lazy("Report"),
    "history": gettext_lazy("History"),
}
FIRST = {
    lifecycle.READY: "deployment",
    lifecycle.DEPLOYING: "deployment",
    lifecycle.MONITORING: "watch",
    lifecycle.REPORTING: "watch",
    lifecycle.REVIEWING: "report",
    lifecycle.CLOSED: "report",
}
VIEW_OF = {"members": "plan", "nodes": "plan", "checks": "readiness", "steps": "deployment"}


def find(actor: Actor, number: str) -> Release:
    return get_one(Release, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """Releases, the newest first; narrowed by the address."""
    actor = agent_of(request)
    choice = queries.Choice.read(request.GET.dict())
    page, kept = paged(request, queries.listed(actor, choice), PAGE)
    context = {
        "rows": [show.row_of(row) for row in page],
        "page": page,
        "kept": kept,
        "choice": choice,
        "states": queries.STATES,
        "outcomes": Release.Outcome.choices,
        "leads": may(actor, "lead_releases"),
    }
    return render(request, "releases/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Begin a release; the address may bring a change, which is taken in at once."""
    actor = actor_for(request, "lead_releases")
    asked = request.GET.get("change", "")
    if request.method == "POST":
        form = shapes.New(request.POST, actor=actor)
        if made := taking.attempt(form, services.open_release, actor=actor, now=now_utc()):
            return redirect(f"{made.get_absolute_url()}?view=changes&change={asked}" if asked else made)
    else:
        form = shapes.New(actor=actor, initial={"manager": actor.user_id})
    context = {"form": form, "change": asked}
    return render(request, "releases/new.html", context, status=422 if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A release: one of its parts, what is missing, and what can be done next."""
    actor = agent_of(request)
    release = find(actor, number)
    read_about(release, actor, now=now_utc())
    return shown(request, actor, release)


def shown(
    request: HttpRequest,
    actor: Actor,
    release: Release,
    *,
    failed: "tuple[str, forms.Form] | None" = None,
    refused: list[str] | None = None,
    view: str = "",
    bundling: forms.Form | None = None,
) -> HttpResponse:
    """The page; ``failed`` is a step that was refused with its form, ``refused`` what a row's act was."""
    if failed:
        view = steps.PART_OF.get(failed[0], view)
    view = view or request.GET.get("view", "")
    view = view if view in VIEWS else FIRST.get(release.state, "plan")
    works = may(actor, "work_release", release)
    moves = taking.possible(steps.MOVES, actor, release, failed)
    adds = taking.possible(steps.PARTS.get(view, ()), actor, release, failed)
    context = {
        **show.row_of(release),
        "view": view,
        "views": VIEWS.items(),
        "refused": refused or part_acts.unseen(failed, [*moves, *adds]),
        "needs": show.hindrances(release, actor, now_utc()),
        "moves": moves,
        "adds": adds,
        "may_plan": works and release.state in services.RULES.plannable,
        "may_run": works and release.state in lifecycle.RUNNING,
        "may_work": works,
        "may_watch": works and release.state in reporting.WATCHED,
        "row_url": "releases:row",
        "today": timezone.localdate(),
        **_part(request, release, actor, view, bundling),
    }
    is_refused = failed is not None or bool(refused) or bool(bundling)
    return render(request, "releases/detail.html", context, status=422 if is_refused else 200)


def _part(
    request: HttpRequest, release: Release, actor: Actor, view: str, bundling: forms.Form | None
) -> dict[str, Any]:
    """What one part of the page shows."""
    if view == "history":
        return {"timeline": entries(release, actor, fold=False).entries[::-1]}
    if view == "plan":
        return show.plan(release)
    if view == "changes":
        start = {"number": request.GET.get("change", "")}
        return {
            **show.changes(release, actor),
            "bundling": bundling or shapes.Bundle(actor=actor, initial=start, auto_id="bundle-%s"),
        }
    if view == "readiness":
        return {"checks": release.checks.select_related("met_by", "attachment")}
    if view == "deployment":
        items = release.release_items.select_related("item", "change", "step")
        return {"work_steps": release.steps.select_related("done_by"), "items": items}
    today = timezone.localdate()
    return {
        **show.incidents(release, actor),
        "actions": [action_row(row, today) for row in actions.caused_by(release, actor)],
        "may_open_action": may(actor, "open_action"),
    }


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    release = find(actor, number)
    failed = taking.take(steps.STEPS, act, release, request.POST, actor=actor)
    if failed is None:
        part = steps.PART_OF.get(act)
        address = release.get_absolute_url()
        return redirect(f"{address}?view={part}" if part else address)
    return shown(request, actor, find(actor, number), failed=failed)


def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Write the plan; who is second to save is told, and keeps what was written."""
    actor = agent_of(request)
    release = find(actor, number)
    require(actor, "work_release", release)
    data = request.POST if request.method == "POST" else None
    form = shapes.Plan(data, release=release)
    status, is_stale = 200, False
    if data is not None:
        status = 422
        try:
            if form.is_valid():
                facts = {name: value for name, value in form.cleaned_data.items() if name != "version"}
                version = form.cleaned_data["version"]
                services.write(release, facts, actor=actor, now=now_utc(), expected_version=version)
                return redirect(f"{release.get_absolute_url()}?view=plan")
        except ValidationError as refused:
            add_errors(form, refused)
        except Stale as stale:
            status, is_stale = 409, True
            typed = data.copy()
            typed["version"] = str(stale.record.version)
            form = shapes.Plan(typed, release=release)
    context = {"release": release, "form": form, "is_stale": is_stale}
    return render(request, "releases/plan.html", context, status=status)


# --- single rows -------------------------------------------------------------------------------------


def _done(
    request: HttpRequest, number: str, view: str, verb: Callable[[Release, dict[str, Any]], object]
) -> HttpResponse:
    """Do it and go back to where the row stands; what is refused is told there."""
    actor = agent_of(request)
    release = find(actor, number)
    try:
        verb(release, {"actor": actor, "now": now_utc()})
    except ValidationError as refused:
        return shown(request, actor, find(actor, number), refused=list(refused.messages), view=view)
    return redirect(f"{release.get_absolute_url()}?view={view}")


@require_POST
def row(request: HttpRequest, number: str, part: str, item: int, act: str) -> HttpResponse:
    """An act on a row of the plan, on a change of the release or on one of its items."""

    def verb(release: Release, who: dict[str, Any]) -> None:
        if (part, act) == ("changes", "remove"):
            services.unbundle(release, item, **who)
        elif (part, act) == ("items", "remove"):
            services.remove_item(release, item, **who)
        else:
            part_acts.take(
                release, part, item, act, request.POST, request.FILES, rules=services.RULES,
                finish=deploying.finish_step, **who,
            )  # fmt: skip

    return _done(request, number, VIEW_OF.get(part, "changes"), verb)


@require_POST
def bundle(request: HttpRequest, number: str) -> HttpResponse:
    """Take a change into the release."""
    actor = agent_of(request)
    release = find(actor, number)
    form = shapes.Bundle(request.POST, actor=actor, auto_id="bundle-%s")
    if form.is_valid():
        try:
            services.bundle(release, change=form.cleaned_data["number"], actor=actor, now=now_utc())
            return redirect(f"{release.get_absolute_url()}?view=changes")
        except ValidationError as refused:
            for words in refused.messages:
                form.add_error("number", words)
    return shown(request, actor, find(actor, number), bundling=form, view="changes")


@require_POST
def judge(request: HttpRequest, number: str) -> HttpResponse:
    """Say whether an incident has to do with the release."""
    asked = str(request.POST.get("incident", "")).strip()

    def verb(release: Release, who: dict[str, Any]) -> None:
        reporting.judge_incident(
            release, incident=get_record(who["actor"], asked), words=str(request.POST.get("words", "")),
            is_related=request.POST.get("related") == "yes", **who,
        )  # fmt: skip

    return _done(request, number, "watch", verb)
