"""The pages of requirements: the list, a new one, and one with its parts and its steps."""

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
from accounts.queries import customers
from actions import steps
from actions.steps import Step
from planning import agreeing, designs, lessons, lifecycle, queries, services, show
from planning import forms as shapes
from planning.content import Content
from planning.models import Design, Input, ServiceLevelRequirement
from planning.words import Things
from records.notices import read_about
from records.pages import agent_of, get_one, now_utc, paged
from records.timeline import entries

PAGE = 50
VIEWS = {
    "requirement": gettext_lazy("Requirement"),
    "baseline": gettext_lazy("Baseline and changes"),
    "specification": gettext_lazy("Specification sheet"),
    "quality": gettext_lazy("Quality plan"),
    "lessons": gettext_lazy("Lessons"),
    "documents": gettext_lazy("Documents and check"),
    "agreement": gettext_lazy("Agreement"),
    "history": gettext_lazy("History"),
}


def _legal(act: str) -> frozenset[str]:
    return lifecycle.LIFECYCLE.moves[act][0]


def _may(actor: Actor, row: ServiceLevelRequirement, act: str, states: frozenset[str]) -> bool:
    return row.state in states and may(actor, act, row)


def _may_fix(actor: Actor, row: ServiceLevelRequirement) -> bool:
    is_due = row.state == lifecycle.DEFINING or bool(designs.changes_since(row))
    return is_due and _may(actor, row, "fix_baseline", _legal("fix_baseline"))


def _may_approve(actor: Actor, row: ServiceLevelRequirement, kind: str) -> bool:
    newest = designs.last(row, kind)
    is_draft = newest is not None and newest.approved_at is None and newest.written_by_id != actor.user_id
    return is_draft and _may(actor, row, "approve_design", designs.FIXED)


def _as_read(verb: Callable[..., Any], *of: str) -> Callable[..., Any]:
    """A verb that insists on the version its form was shown with."""

    def run(row: ServiceLevelRequirement, *, version: int | None = None, **doing: Any) -> Any:
        return verb(row, *of, expected_version=version, **doing)

    return run


def _has_plan(row: ServiceLevelRequirement) -> bool:
    return row.inputs.filter(kind=Input.Kind.PLANNING).exists()


CHECKED = frozenset({lifecycle.DEFINING, lifecycle.FIXED})
STEPS = {
    step.name: step
    for step in (
        Step(
            "define", gettext_lazy("Begin to define it"), shapes.Define,
            lambda actor, row: _may(actor, row, "define", _legal("define")), services.define,
        ),
        Step("fix", gettext_lazy("Fix the baseline"), shapes.Fix, _may_fix, _as_read(services.fix_baseline)),
        Step(
            "approve-specification", gettext_lazy("Approve the specification sheet"), shapes.Seen,
            lambda actor, row: _may_approve(actor, row, Design.Kind.SPECIFICATION),
            _as_read(designs.approve, Design.Kind.SPECIFICATION),
        ),
        Step(
            "approve-quality", gettext_lazy("Approve the quality plan"), shapes.Seen,
            lambda actor, row: _may_approve(actor, row, Design.Kind.QUALITY),
            _as_read(designs.approve, Design.Kind.QUALITY),
        ),
        Step(
            "check", gettext_lazy("Check the service planning document"), shapes.Check,
            lambda actor, row: _has_plan(row) and _may(actor, row, "check_planning", CHECKED),
            designs.check_planning,
        ),
        Step(
            "plan", gettext_lazy("Finish the planning"), shapes.Seen,
            lambda actor, row: _may(actor, row, "plan_service", _legal("plan_service")),
            _as_read(designs.plan_service),
        ),
        Step(
            "answer", gettext_lazy("Write to the customer"), shapes.Answer,
            lambda actor, row: row.watches.exists() and may(actor, "reply", row), services.answer,
        ),
        Step(
            "decline", gettext_lazy("Decline"), shapes.Because,
            lambda actor, row: _may(actor, row, "decline", _legal("decline")), services.decline, "danger",
        ),
    )
}  # fmt: skip


def find(actor: Actor, number: str) -> ServiceLevelRequirement:
    return get_one(ServiceLevelRequirement, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """Requirements, the newest first; narrowed by the address."""
    actor = agent_of(request)
    choice = queries.Choice.read(request.GET.dict())
    page, kept = paged(request, queries.listed(actor, choice), PAGE)
    context = {
        "rows": [show.row_of(row) for row in page],
        "page": page,
        "kept": kept,
        "choice": choice,
        "states": queries.STATES,
        "triggers": ServiceLevelRequirement.Trigger.choices,
        "customers": customers(actor).order_by("name_en"),
        "leads": may(actor, "raise_need"),
    }
    return render(request, "planning/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Raise a need for a customer; the address may bring the agreement, the customer and the cause."""
    actor = agent_of(request)
    require(actor, "raise_need")
    if request.method == "POST":
        form = shapes.Raise(request.POST, actor=actor)
        if made := steps.attempt(form, services.raise_need, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        asked = {name: request.GET.get(name, "") for name in ("agreement", "customer", "trigger", "service")}
        form = shapes.Raise(actor=actor, initial=asked)
    return render(request, "planning/new.html", {"form": form}, status=422 if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A requirement: one of its parts, what can be done next, and who has to do with it."""
    actor = agent_of(request)
    requirement = find(actor, number)
    read_about(requirement, actor, now=now_utc())
    return shown(request, actor, requirement)


def shown(
    request: HttpRequest,
    actor: Actor,
    requirement: ServiceLevelRequirement,
    *,
    failed: Any = None,
    view: str = "",
    **forms_of: forms.Form,
) -> HttpResponse:
    """The page; ``failed`` is a step's name and form that was refused, ``forms_of`` other refused forms."""
    view = view or request.GET.get("view", "")
    view = view if view in VIEWS else "requirement"
    leads = may(actor, "amend", requirement)
    context = {
        **show.row_of(requirement),
        "view": view,
        "views": VIEWS.items(),
        "leads": leads,
        "may_write": leads and requirement.state in lifecycle.WRITABLE,
        "may_design": leads and requirement.state == lifecycle.FIXED,
        "may_draft": requirement.state == lifecycle.PLANNED and may(actor, "make_agreement", requirement),
        "may_file": requirement.state in lifecycle.OPEN and may(actor, "add_input", requirement),
        "steps": steps.possible(STEPS.values(), actor, requirement, failed),
        "hindrances": designs.hindrances(requirement) if requirement.state == lifecycle.FIXED else [],
        "editions": show.editions(requirement, actor),
        **_part(requirement, actor, view, forms_of, request.GET.get("version", "")),
    }
    is_refused = failed is not None or bool(forms_of)
    return render(request, "planning/detail.html", context, status=422 if is_refused else 200)


def _part(
    requirement: ServiceLevelRequirement,
    actor: Actor,
    view: str,
    forms_of: dict[str, forms.Form],
    version: str = "",
) -> dict[str, Any]:
    """What one part of the page shows."""
    if view == "history":
        return {"timeline": entries(requirement, actor, fold=False).entries[::-1]}
    if view == "lessons":
        may_answer = requirement.state in lessons.STATES and may(actor, "write_design", requirement)
        return {
            "lessons": show.lessons(requirement, actor),
            "may_answer": may_answer,
            "lesson_form": forms_of.get("lesson_form"),
        }
    if view == "documents":
        form = forms_of.get("file_form") or shapes.FileInput(auto_id="file-%s")
        return {"inputs": show.inputs(requirement), "file_form": form}
    things = Things.load()
    if view == "baseline":
        return {
            "baselines": show.baselines(requirement, things),
            "since": show.differences(designs.changes_since(requirement), things),
        }
    if view in Design.Kind.values:
        return {"sheet": show.sheet(requirement, view, things, version)}
    if view == "agreement":
        found = show.packages(requirement, things, at=now_utc())
        form = forms_of.get("draft_form") or shapes.Draft(
            requirement=requirement, actor=actor, package=found["proposed"], begin=timezone.localtime()
        )
        return {"packages": found, "draft_form": form}
    return {"parts": show.parts(Content.parse(requirement.content), things)}


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    requirement = find(actor, number)
    failed = steps.take(STEPS, act, requirement, request.POST, actor=actor)
    if failed is None:
        return redirect(requirement)
    return shown(request, actor, find(actor, number), failed=failed)


@require_POST
def add_files(request: HttpRequest, number: str) -> HttpResponse:
    """File documents under what they are."""
    actor = agent_of(request)
    requirement = find(actor, number)
    form = shapes.FileInput(request.POST, request.FILES, auto_id="file-%s")
    if form.is_valid():
        try:
            services.add_input(requirement, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect(f"{requirement.get_absolute_url()}?view=documents")
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return shown(request, actor, requirement, view="documents", file_form=form)


@require_POST
def draft(request: HttpRequest, number: str) -> HttpResponse:
    """Draft the agreement and go on to it."""
    actor = agent_of(request)
    requirement = find(actor, number)
    require(actor, "make_agreement", requirement)
    form = shapes.Draft(request.POST, requirement=requirement, actor=actor)
    if form.is_valid():
        try:
            return redirect(agreeing.draft(requirement, **form.cleaned_data, actor=actor, now=now_utc()))
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return shown(request, actor, requirement, view="agreement", draft_form=form)


@require_POST
def lesson(request: HttpRequest, number: str) -> HttpResponse:
    """List a lesson by its number, or answer one that is listed: heeded and how, or why not."""
    actor = agent_of(request)
    requirement = find(actor, number)
    form: forms.Form = (shapes.AnswerLesson if "article" in request.POST else shapes.AddLesson)(request.POST)
    verb = lessons.answer if "article" in request.POST else lessons.add
    if form.is_valid():
        try:
            verb(requirement, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect(f"{requirement.get_absolute_url()}?view=lessons")
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return shown(request, actor, requirement, view="lessons", lesson_form=form)
