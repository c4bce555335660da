"""Pages of upkeep: plans of device classes, the checks that follow, and what was found."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from assets import pages, register, upkeep, upkeep_forms, words
from assets.models import Check, MaintenancePlan
from assets.pages import CONFLICT, UNPROCESSABLE
from records.pages import actor_for, add_errors, agent_of, now_utc

OPEN, DONE = Check.State.OPEN, Check.State.DONE
VIEWS = {
    "due": gettext_lazy("Tasks"),
    "overdue": pgettext_lazy("check", "Overdue"),
    "coming": pgettext_lazy("check", "To come"),
    "open": gettext_lazy("All open"),
    "found": gettext_lazy("With findings"),
    "done": gettext_lazy("Done"),
}


def _narrowed(rows: Any, view: str) -> Any:
    """The checks of a view; its number and its list are this one query."""
    if view == "overdue":
        return upkeep.overdue(rows, pages.today())
    if view == "due":
        return rows.filter(state=OPEN, action__isnull=False)
    if view == "coming":
        return rows.filter(state=OPEN, action=None)
    if view == "open":
        return rows.filter(state=OPEN)
    return rows.filter(state=DONE, has_findings=True) if view == "found" else rows.filter(state=DONE)


@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans, each with the assets it looks after and what is late."""
    actor = agent_of(request)
    seen = Check.objects.visible_to(actor)
    open_ones, today = Q(checks__in=seen, checks__state=OPEN), pages.today()
    rows = MaintenancePlan.objects.select_related("device_class", "team", "person").annotate(
        looked_after=Count("checks", filter=open_ones),
        late=Count("checks", filter=open_ones & Q(checks__due_on__lt=today)),
    )
    page = pages.numbered(rows.order_by("-is_active", "name_en", "pk"), request)
    context = {"page": page, "rows": page, "leads": may(actor, upkeep.LEAD), "here": "plans"}
    return render(request, "assets/plans.html", context)


@require_GET
def plan(request: HttpRequest, item: int) -> HttpResponse:
    """A plan with its checklist and its checks."""
    actor = agent_of(request)
    rows = MaintenancePlan.objects.select_related("device_class", "team", "person")
    row = get_object_or_404(rows, pk=item)
    checks: Any = Check.objects.visible_to(actor).filter(plan=row)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "due"
    page = pages.numbered(_ordered(_narrowed(checks, view), view), request)
    context = {
        "plan": row, "leads": may(actor, upkeep.LEAD), "page": page, "here": "plans", "view": view,
        "rows": [pages.check_row(check, pages.today()) for check in page], "kept": f"view={view}",
        "tabs": _tabs(checks), "timeline": words.history(row), "responsible": upkeep.responsible_for(row),
    }  # fmt: skip
    return render(request, "assets/plan.html", context)


def _tabs(checks: Any) -> list[dict[str, Any]]:
    return [
        {"key": key, "label": label, "count": _narrowed(checks, key).count()} for key, label in VIEWS.items()
    ]


def _ordered(rows: Any, view: str) -> QuerySet[Check]:
    related = rows.select_related("plan", "asset__customer", "asset__user", "action__assignee", "done_by")
    found: QuerySet[Check] = (
        related.order_by(F("done_on").desc(), "-pk")
        if view in ("found", "done")
        else related.order_by("due_on", "pk")
    )
    return found


@require_http_methods(["GET", "POST"])
def edit_plan(request: HttpRequest, item: int | None = None) -> HttpResponse:
    """A plan, new or changed."""
    actor = actor_for(request, "desk", upkeep.LEAD)
    row = get_object_or_404(MaintenancePlan, pk=item) if item else None
    initial = upkeep_forms.PlanForm.facts_of(row) if row else {"starts_on": pages.today()}
    is_posted = request.method == "POST"
    form = upkeep_forms.PlanForm(request.POST if is_posted else None, initial=initial, actor=actor)
    if form.is_valid():
        try:
            saved = upkeep.save_plan(
                row, form.cleaned_data, actor=actor, now=now_utc(),
                expected_version=pages.version_in(request),
            )  # fmt: skip
        except ValidationError as refused:
            add_errors(form, refused)
        except register.Stale:
            form.add_error(None, pages.stale_words())
        else:
            messages.success(request, _("The plan was saved; its checks follow within the hour."))
            return redirect(saved)
    context = {"form": form, "plan": row, "here": "plans"}
    return render(request, "assets/plan_edit.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """The checks of all plans: tasks, overdue, to come, with findings, done."""
    actor = agent_of(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "due"
    seen: Any = Check.objects.visible_to(actor)
    page = pages.numbered(_ordered(_narrowed(seen, view), view), request)
    context = {
        "page": page, "rows": [pages.check_row(check, pages.today()) for check in page], "view": view,
        "tabs": _tabs(seen), "kept": f"view={view}", "here": "checks",
    }  # fmt: skip
    return render(request, "assets/checks.html", context)


def _check(actor: Actor, item: int) -> Check:
    rows: Any = Check.objects.visible_to(actor).select_related(
        "plan", "asset__customer", "action__assignee", "done_by"
    )
    found: Check = get_object_or_404(rows, pk=item)
    return found


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, item: int) -> HttpResponse:
    """A check: its results to be recorded, or as recorded."""
    actor = agent_of(request)
    row = _check(actor, item)
    is_posted = request.method == "POST"
    form = upkeep_forms.ResultsForm(request.POST if is_posted else None, check=row)
    if not form.is_valid():
        return _check_page(request, actor, row, form, UNPROCESSABLE if form.is_bound else 200)
    try:
        upkeep.record(
            row, form.found(), done_on=form.cleaned_data["done_on"], next_on=form.cleaned_data["next_on"],
            conclusion=form.cleaned_data["conclusion"], actor=actor, now=now_utc(),
            expected_version=pages.version_in(request),
        )  # fmt: skip
    except ValidationError as refused:
        add_errors(form, refused)
        return _check_page(request, actor, row, form, UNPROCESSABLE)
    except register.Stale:
        form.add_error(None, _("Somebody else recorded this check meanwhile. Open it again and look."))
        return _check_page(request, actor, row, form, CONFLICT)
    messages.success(request, _("The check is recorded and the next one planned."))
    return redirect(row)


def _check_page(
    request: HttpRequest, actor: Actor, row: Check, form: upkeep_forms.ResultsForm, status: int,
    skip: upkeep_forms.Skip | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        **pages.check_row(row, pages.today()), "form": form, "fields": form.rows(), "here": "checks",
        "may_record": row.state == OPEN and upkeep.may_record(actor, row),
        "skip": skip or (upkeep_forms.Skip(auto_id="skip-%s") if may(actor, upkeep.LEAD) else None),
    }  # fmt: skip
    return render(request, "assets/check.html", context, status=status)


@require_POST
def skip(request: HttpRequest, item: int) -> HttpResponse:
    """Leave a check out, with the reason."""
    actor = actor_for(request, "desk", upkeep.LEAD)
    row = _check(actor, item)
    form = upkeep_forms.Skip(request.POST, auto_id="skip-%s")
    empty = upkeep_forms.ResultsForm(check=row)
    if not form.is_valid():
        return _check_page(request, actor, row, empty, UNPROCESSABLE, form)
    try:
        upkeep.skip(row, **form.cleaned_data, actor=actor, now=now_utc())
    except ValidationError as refused:
        add_errors(form, refused)
        return _check_page(request, actor, row, empty, UNPROCESSABLE, form)
    except register.Stale:
        form.add_error(None, pages.stale_words())
        return _check_page(request, actor, row, empty, CONFLICT, form)
    messages.success(request, _("The check was left out."))
    return redirect(row)
