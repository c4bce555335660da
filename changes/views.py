"""The pages of changes: the list, a new one, and one with its parts, its forms and its steps."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

import catalog.queries
from accounts.access import Actor, may, require
from actions import steps
from changes import acting, carrying, deciding, lifecycle, parts, queries, scheduling, services, show
from changes import forms as shapes
from changes.models import Change, ChangeTemplate, Condition, UnauthorisedChange
from cmdb.models import Item
from records import panels
from records.notices import read_about
from records.pages import add_errors, agent_of, get_one, now_utc, paged
from records.services import get_record
from records.timeline import entries

PAGE = 50
UNPROCESSABLE = 422
VIEWS = {
    "request": gettext_lazy("Request"),
    "assessment": gettext_lazy("Assessment"),
    "plan": gettext_lazy("Plan"),
    "approval": gettext_lazy("Approval"),
    "work": gettext_lazy("Implementation"),
    "review": gettext_lazy("Result and review"),
    "history": gettext_lazy("History"),
}
# the part of the page somebody most likely comes for
FIRST_VIEW = {
    lifecycle.ASSESSING: "assessment",
    lifecycle.APPROVING: "approval",
    lifecycle.APPROVED: "plan",
    lifecycle.IMPLEMENTING: "work",
    lifecycle.VERIFYING: "review",
    lifecycle.REVIEWING: "review",
    lifecycle.CLOSED: "review",
}


def find(actor: Actor, number: str) -> Change:
    return get_one(Change, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """Changes, the newest first; narrowed by the address."""
    actor = agent_of(request)
    choice = queries.Choice.read(request.GET.dict())
    page, kept = paged(request, queries.listed(actor, choice), PAGE)
    context = {
        "rows": [show.row_of(row) for row in page],
        "page": page,
        "kept": kept,
        "choice": choice,
        "states": queries.STATES,
        "whose": queries.MINE,
        "categories": Change.Category.choices,
        "risks": Change.Risk.choices,
        "services": catalog.queries.nameable(actor).order_by("name_en"),
        "waiting": queries.to_decide(actor).values("change").distinct().count(),
        "unauthorised": UnauthorisedChange.objects.visible_to(actor).open().count(),
        "may_raise": may(actor, "raise_change"),
    }
    return render(request, "changes/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Ask for a change; the address may bring a record it comes from, items, services and a model."""
    actor = agent_of(request)
    require(actor, "raise_change")
    source = get_record(actor, request.GET["from"]) if request.GET.get("from") else None
    if request.method == "POST":
        form = shapes.New(request.POST, actor=actor)
        if form.is_valid():
            facts = form.cleaned_data
            try:
                return redirect(services.open_change(**facts, caused_by=source, actor=actor, now=now_utc()))
            except ValidationError as refused:
                add_errors(form, refused)
    else:
        form = shapes.New(actor=actor, initial=_beginning(request, actor, source))
    models = ChangeTemplate.objects.filter(state=ChangeTemplate.State.APPROVED)
    context = {"form": form, "source": source, "has_models": models.exists()}
    return render(request, "changes/new.html", context, status=UNPROCESSABLE if form.errors else 200)


def _beginning(request: HttpRequest, actor: Actor, source: Any) -> dict[str, Any]:
    """What a new form begins with."""
    asked = request.GET
    found: dict[str, Any] = {"category": asked.get("category") or "normal"}
    code = asked.get("template", "").replace("\0", "")
    if template := ChangeTemplate.objects.filter(code=code, state="approved").first():
        found |= {"category": "standard", "template": template.pk}
    items = [text.strip() for text in asked.getlist("item")]
    named = [text.replace("\0", "").strip() for text in asked.getlist("service")]
    chosen = catalog.queries.nameable(actor).filter(code__in=named)
    found |= {"items": ", ".join(items), "services": list(chosen.values_list("pk", flat=True))}
    if source is not None:
        item = getattr(source, "item", None)
        found |= {"title": source.title, "reason": _("%(number)s: %(title)s") % _named(source)}
        found["items"] = found["items"] or (item.number if isinstance(item, Item) else "")
        if source.service_id and not found["services"]:
            found["services"] = [source.service_id]
    return found


def _named(source: Any) -> dict[str, str]:
    return {"number": source.number, "title": source.title}


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A change: one of its parts, what can be done next, and who has to do with it."""
    actor = agent_of(request)
    change = find(actor, number)
    read_about(change, actor, now=now_utc())
    return shown(request, actor, change)


def shown(
    request: HttpRequest,
    actor: Actor,
    change: Change,
    *,
    failed: Any = None,
    altered: Any = None,
    view: str = "",
) -> HttpResponse:
    """The page; ``failed`` is a step's name and form that was refused, ``altered`` an item's."""
    view = view or request.GET.get("view", "")
    view = view if view in VIEWS else FIRST_VIEW.get(change.state, "request")
    writes = change.state in lifecycle.WRITABLE and may(actor, "work_change", change)
    possible = steps.possible(acting.STEPS.values(), actor, change, failed)
    context = {
        **show.row_of(change),
        "stages": show.stages(change),
        "view": view,
        "views": VIEWS.items(),
        "edits": [
            {"name": name, "title": part.title}
            for name, part in parts.PARTS.items()
            if writes and part.view == view and part.fits(change)
        ],
        "restarts": writes and change.category != lifecycle.STANDARD and scheduling.is_kept(change),
        "is_archive": change.state == lifecycle.CLOSED,
        "steps": possible,
        "refused": _not_shown(failed, possible),
        # what other apps keep about it: its meetings and collisions, what its outage costs
        "panels": panels.panels_of(change, actor, now=now_utc(), side=panels.Side.DESK),
        **_part(change, actor, view, altered),
    }
    is_refused = failed is not None or altered is not None
    return render(request, "changes/detail.html", context, status=UNPROCESSABLE if is_refused else 200)


def _not_shown(failed: Any, possible: list[dict[str, Any]]) -> list[str]:
    """Why a step was refused that is not open to the actor, so that its form is not on the page."""
    if failed is None or any(step["name"] == failed[0] for step in possible):
        return []
    return [words for errors in failed[1].errors.values() for words in errors]


def _part(change: Change, actor: Actor, view: str, altered: Any) -> dict[str, Any]:
    """What one part of the page shows."""
    now = now_utc()
    match view:
        case "history":
            return {"timeline": entries(change, actor, fold=False).entries[::-1]}
        case "assessment":
            return {"part": show.assessment_view(change, actor, now)}
        case "plan":
            return {"part": show.plan_view(change, actor, now)}
        case "approval":
            return {"part": show.approval_view(change, actor, now)}
        case "work":
            return {"part": show.work_view(change, actor, now, altered)}
        case "review":
            return {"part": show.review_view(change, actor, now)}
        case _:
            return {"part": show.request_view(change, actor, now)}


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    change = find(actor, number)
    failed = steps.take(acting.STEPS, act, change, request.POST, actor=actor)
    if failed is None:
        return redirect(change)
    return shown(request, actor, find(actor, number), failed=failed)


def part(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """One part as a form: in place for htmx, a page of its own otherwise."""
    actor = agent_of(request)
    change = find(actor, number)
    wanted = parts.PARTS.get(part)
    if wanted is None or not wanted.fits(change):
        raise Http404(_("There is no such part."))
    require(actor, "work_change", change)
    now, status = now_utc(), 200
    data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = wanted.form(*data, actor=actor, change=change, now=now)
    if request.method == "POST":
        if form.is_valid():
            try:
                form.save(actor=actor, now=now)
            except ValidationError as refused:
                add_errors(form, refused)
            else:
                return _away(request, f"{change.get_absolute_url()}?view={wanted.view}")
        status = UNPROCESSABLE
    context = {"change": change, "form": form, "title": wanted.title, "name": part, "view": wanted.view}
    is_part = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")
    return render(request, "changes/_part.html" if is_part else "changes/part.html", context, status=status)


def _away(request: HttpRequest, url: str) -> HttpResponse:
    """On to a page; for htmx, which swaps parts, the whole page is told to go there."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


@require_POST
def tick(request: HttpRequest, number: str, condition: int) -> HttpResponse:
    """Note a condition as met."""
    actor = agent_of(request)
    change = find(actor, number)
    row = get_object_or_404(Condition.objects.select_related("change"), pk=condition, change=change)
    form = shapes.Met(request.POST)
    words = form.cleaned_data["words"] if form.is_valid() else ""
    deciding.note_met(row, words=words, actor=actor, now=now_utc())
    return redirect(f"{change.get_absolute_url()}?view=approval")


@require_POST
def alter(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Alter an item by the authority of the change."""
    actor = agent_of(request)
    change = find(actor, number)
    row = get_object_or_404(Item.objects.visible_to(actor), pk=item, change_items__change=change)
    form = shapes.Alter(request.POST, auto_id=f"alter-{item}-%s")
    if form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("state", "revision")}
        version = form.cleaned_data["version"]
        try:
            carrying.alter(change, row, facts, actor=actor, now=now_utc(), expected_version=version)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect(f"{change.get_absolute_url()}?view=work")
    return shown(request, actor, find(actor, number), altered=(item, form), view="work")
