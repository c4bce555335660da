"""The pages on which a requirement is written part by part, its sheets row by row, and standards."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from actions import steps
from catalog.models import Service
from planning import design, designs, lifecycle, part_forms, services, show, standards
from planning.content import Content
from planning.models import Design, ServiceLevelRequirement
from planning.part_forms import Part, Sheet, Standard
from planning.words import Things
from records.lifecycle import IllegalMove
from records.pages import agent_of, get_one, now_utc
from records.services import Stale


def _requirement(actor: Actor, number: str, act: str, states: frozenset[str]) -> ServiceLevelRequirement:
    """The requirement to be written, if the actor may and it is in the state for it."""
    require(actor, "lead_planning")
    found = get_one(ServiceLevelRequirement, actor, number)
    require(actor, act, found)
    if found.state not in states:
        raise IllegalMove(act, found.state, lifecycle.LIFECYCLE.legal_moves(found.state))
    return found


def part(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """Write one part; who is second to save is told, and keeps what was written."""
    actor = agent_of(request)
    requirement = _requirement(actor, number, "amend", lifecycle.WRITABLE)
    if part not in part_forms.PARTS:
        raise Http404(_("There is no such part."))
    status, is_stale = 200, False
    form = _part_form(requirement, part, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                services.amend(
                    requirement, form.put(), actor=actor, now=now_utc(),
                    expected_version=form.cleaned_data["version"],
                    reason=form.cleaned_data.get("reason", ""),
                )  # fmt: skip
                return redirect(requirement)
        except ValidationError as refused:
            part_forms.take(form, form.rows, refused)
        except Stale as stale:
            status, is_stale = 409, True
            typed = request.POST.copy()
            typed["version"] = str(stale.record.version)
            form = _part_form(_requirement(actor, number, "amend", lifecycle.WRITABLE), part, typed)
    context = {
        "requirement": requirement, "form": form, "rows": form.rows, "title": part_forms.PARTS[part][0],
        "is_stale": is_stale,
    }  # fmt: skip
    return render(request, "planning/part.html", context, status=status)


def _part_form(requirement: ServiceLevelRequirement, part: str, data: Any) -> Part:
    return Part(
        data, part=part, content=Content.parse(requirement.content), version=requirement.version,
        is_fixed=requirement.baselines.exists(), things=Things.load(),
    )  # fmt: skip


def sheet(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Write the rows of a sheet; untranslated requirements are offered as rows to be filled in."""
    actor = agent_of(request)
    requirement = _requirement(actor, number, "write_design", designs.FIXED)
    if kind not in Design.Kind.values:
        raise Http404(_("There is no such part."))
    form = Sheet(request.POST if request.method == "POST" else None, initial={"version": requirement.version})
    rows = _sheet_rows(requirement, kind, request.POST if request.method == "POST" else None)
    status, is_stale = 200, False
    if request.method == "POST":
        status = 422
        try:
            if rows.is_valid() and form.is_valid():
                given = [row.dump() for row in part_forms.kept(rows)]
                version = form.cleaned_data["version"]
                designs.write(requirement, kind, given, actor=actor, now=now_utc(), expected_version=version)
                return redirect(f"{requirement.get_absolute_url()}?view={kind}")
        except ValidationError as refused:
            part_forms.take(form, rows, refused)
        except Stale as stale:
            status, is_stale = 409, True
            form = Sheet(initial={"version": stale.record.version})
    context = {
        "requirement": requirement, "form": form, "rows": rows, "title": Design.Kind(kind).label,
        "is_stale": is_stale, "is_wide": True, "view": kind,
    }  # fmt: skip
    return render(request, "planning/part.html", context, status=status)


def _sheet_rows(requirement: ServiceLevelRequirement, kind: str, data: Any) -> Any:
    things, newest = Things.load(), designs.last(requirement, kind)
    if kind == Design.Kind.QUALITY:
        plan = [part_forms.QualityPlanRow.start(row) for row in designs.quality_of(newest)]
        return part_forms.rows_of(part_forms.QualityPlanRow, data, plan, blank=3, things=things)
    content = Content.parse(requirement.content)
    written, places = designs.spec_of(newest), design.external(content)
    start = [part_forms.SpecificationRow.start(row) for row in written if row.requirement in places]
    start += [{"requirement": place} for place in design.untranslated(content, written)]
    return part_forms.rows_of(part_forms.SpecificationRow, data, start, blank=1, things=things, places=places)


# --- implementation standards ---------------------------------------------------------------------


def standard(request: HttpRequest, code: str) -> HttpResponse:
    """How a service is carried out: the published version, the draft, the versions before."""
    actor = agent_of(request)
    return _standard(request, actor, get_object_or_404(Service, code=code))


def _standard(
    request: HttpRequest, actor: Actor, service: Service, problem: str = "", form: Standard | None = None
) -> HttpResponse:
    newest, published = standards.newest(service), standards.published(service)
    leads = may(actor, "lead_planning")
    draft = newest if newest and newest.published_at is None else None
    context = {
        "service": service,
        "published": published,
        "draft": draft,
        "parts": show.standard(published),
        "draft_parts": show.standard(draft),
        "versions": service.standards.select_related("written_by", "published_by").order_by("-number"),
        "leads": leads,
        "may_publish": leads and draft is not None and draft.written_by_id != actor.user_id,
        "problem": problem,
    }
    return render(request, "planning/standard.html", context, status=422 if problem else 200)


def write_standard(request: HttpRequest, code: str) -> HttpResponse:
    """Write the draft of a standard in both languages."""
    actor = agent_of(request)
    require(actor, "lead_planning")
    service = get_object_or_404(Service, code=code)
    newest = standards.newest(service)
    if request.method == "POST":
        form = Standard(request.POST)
        if form.is_valid():
            given = dict(form.cleaned_data)
            try:
                standards.write(service, given, seen=given.pop("seen"), actor=actor, now=now_utc())
                return redirect("planning:standard", service.code)
            except ValidationError as refused:
                steps.add_errors(form, refused)
    else:
        start = {name: getattr(newest, name) for name in standards.TEXTS} if newest else {}
        form = Standard(initial={**start, "seen": standards.mark(newest)})
    context = {"service": service, "form": form}
    return render(request, "planning/standard_form.html", context, status=422 if form.errors else 200)


@require_POST
def publish_standard(request: HttpRequest, code: str) -> HttpResponse:
    """Approve and publish the draft."""
    actor = agent_of(request)
    require(actor, "lead_planning")
    service = get_object_or_404(Service, code=code)
    try:
        standards.publish(service, actor=actor, now=now_utc())
    except ValidationError as refused:
        return _standard(request, actor, service, problem=" ".join(refused.messages))
    return redirect("planning:standard", service.code)
