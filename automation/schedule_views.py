"""Pages of recurring work: the schedules, their runs with what was found, done against planned."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from automation import schedule_forms, scheduling, services
from automation.models import Schedule, ScheduleRun
from automation.words_views import version_in
from records import verbs
from records.pages import actor_for, add_errors, now_utc

USE, LEAD = "use_automation", "lead_automation"
PAGE = 50
YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)
TONES = {"open": "accent", "done": "good", "missed": "bad"}
VIEWS = {
    "due": gettext_lazy("To be done"),
    "overdue": gettext_lazy("Overdue"),
    "found": gettext_lazy("With findings"),
    "done": gettext_lazy("Done"),
    "missed": pgettext_lazy("run", "Missed"),
}


def _narrowed(rows: Any, view: str, now: datetime) -> Any:
    """The runs of a view; overdue are those that were to be finished by now."""
    states = ScheduleRun.State
    if view == "overdue":
        hours: Any = F("schedule__hours_to_finish") * Value(HOUR)
        finish_by = ExpressionWrapper(F("due_at") + hours, output_field=DateTimeField())
        return rows.filter(state=states.OPEN).annotate(finish=finish_by).filter(finish__lt=now)
    if view == "found":
        return rows.filter(state=states.DONE, has_findings=True)
    return rows.filter(state={"due": states.OPEN, "done": states.DONE}.get(view, states.MISSED))


@require_GET
def schedules(request: HttpRequest) -> HttpResponse:
    """The schedules, each with its next run and what was done of what was planned in a year."""
    actor, now = actor_for(request, USE), now_utc()
    rows: QuerySet[Any] = Schedule.objects.visible_to(actor).select_related("customer", "team")
    past = Q(runs__due_at__gte=now - YEAR)
    planned = past & Q(runs__day__isnull=False)
    rows = rows.annotate(
        planned=Count("runs", filter=planned),
        done=Count("runs", filter=planned & Q(runs__state="done")),
        missed=Count("runs", filter=planned & Q(runs__state="missed")),
        extra=Count("runs", filter=past & Q(runs__day=None)),
    )
    ordered = rows.order_by("-is_active", F("next_at").asc(nulls_last=True), "pk")
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": page, "here": "schedules", "leads": may(actor, LEAD),
        "overdue": _narrowed(ScheduleRun.objects.visible_to(actor), "overdue", now).count(),
    }  # fmt: skip
    return render(request, "automation/schedules.html", context)


@require_GET
def schedule(request: HttpRequest, item: int) -> HttpResponse:
    """A schedule with its runs."""
    actor = actor_for(request, USE)
    return _schedule_page(request, _one(actor, item), actor)


def _one(actor: Actor, item: int) -> Schedule:
    rows: QuerySet[Any] = Schedule.objects.visible_to(actor).select_related(
        "customer", "requester", "offering", "service", "team", "calendar", "keeper"
    )
    found: Schedule = get_object_or_404(rows, pk=item)
    return found


def _schedule_page(
    request: HttpRequest, row: Schedule, actor: Actor, problem: str = "", status: int = 200
) -> HttpResponse:
    runs = row.runs.select_related("record", "schedule", "done_by", "asked_by").order_by("-due_at", "-pk")
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    context = {
        "checklist": [verbs.readable(one) for one in row.checklist],
        "schedule": row, "page": page, "rows": _runs(page), "here": "schedules", "problem": problem,
        "leads": may(actor, LEAD), "weekdays": [dict(schedule_forms.WEEKDAYS)[n] for n in row.weekdays],
        "day": dict(schedule_forms.DAYS).get(row.day, row.day),
        "by_months": row.every not in ("daily", "alternate", "weekly"),
    }  # fmt: skip
    return render(request, "automation/schedule.html", context, status=status)


def _runs(runs: Any) -> list[dict[str, Any]]:
    now = now_utc()
    found = []
    for run in runs:
        is_late = run.state == "open" and run.finish_by < now
        label = _("overdue") if is_late else run.get_state_display()
        found.append({"run": run, "label": label, "tone": "bad" if is_late else TONES[run.state]})
    return found


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, item: int | None = None) -> HttpResponse:
    """A schedule, new or changed."""
    actor, now = actor_for(request, LEAD), now_utc()
    row = _one(actor, item) if item else None
    if request.method == "POST":
        form = schedule_forms.ScheduleForm(request.POST, actor=actor)
        if form.is_valid():
            try:
                saved = scheduling.save(
                    row, form.cleaned_data, actor=actor, now=now, expected_version=version_in(request)
                )
            except ValidationError as refused:
                add_errors(form, refused)
            except services.Stale:
                form.add_error(None, _("Somebody else saved this meanwhile. Open it again and look."))
            else:
                messages.success(request, _("The schedule was saved."))
                return redirect(saved)
    else:
        initial = schedule_forms.ScheduleForm.facts_of(row) if row else {"starts": now.date(), "at": "09:00"}
        form = schedule_forms.ScheduleForm(initial=initial, actor=actor)
    context = {"form": form, "schedule": row, "here": "schedules", "leads": True}
    return render(request, "automation/schedule_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def extra(request: HttpRequest, item: int) -> HttpResponse:
    """A run besides the pattern."""
    actor = actor_for(request, USE)
    row = _one(actor, item)
    try:
        run = scheduling.run_extra(
            row, reason=request.POST.get("reason", ""), actor=actor, now=now_utc(),
            key=request.POST.get("once", "")[:64],
        )  # fmt: skip
    except ValidationError as refused:
        return _schedule_page(request, row, actor, " ".join(refused.messages), 422)
    messages.success(request, _("An extra run was made."))
    return redirect(run)


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The runs of all schedules: to be done, overdue, with findings, done, missed."""
    actor, now = actor_for(request, USE), now_utc()
    view = request.GET.get("view", "due")
    view = view if view in VIEWS else "due"
    visible: QuerySet[Any] = ScheduleRun.objects.visible_to(actor)
    rows = _narrowed(visible, view, now).select_related("schedule__customer", "record", "done_by")
    ordered = rows.order_by("due_at", "pk") if view in ("due", "overdue") else rows.order_by("-due_at", "-pk")
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": _runs(page), "view": view, "kept": f"view={view}", "here": "runs",
        "leads": may(actor, LEAD),
        "tabs": [
            {"key": key, "label": label, "count": _narrowed(visible, key, now).count()}
            for key, label in VIEWS.items()
        ],
    }  # fmt: skip
    return render(request, "automation/runs.html", context)


@require_http_methods(["GET", "POST"])
def run(request: HttpRequest, item: int) -> HttpResponse:
    """A run: its checklist to be filled in, or what was found."""
    actor = actor_for(request, USE)
    visible: QuerySet[Any] = ScheduleRun.objects.visible_to(actor)
    rows = visible.select_related("schedule__customer", "record", "done_by", "asked_by")
    row: ScheduleRun = get_object_or_404(rows, pk=item)
    form = schedule_forms.FindingsForm(request.POST or None, run=row)
    if request.method == "POST" and form.is_valid():
        try:
            scheduling.finish(
                row, form.found(), conclusion=form.cleaned_data["conclusion"], actor=actor, now=now_utc(),
                expected_version=version_in(request),
            )  # fmt: skip
        except ValidationError as refused:
            add_errors(form, refused)
        except services.Stale:
            form.add_error(None, _("Somebody else recorded findings meanwhile. Open it again and look."))
        else:
            messages.success(request, _("The run is done, with its findings."))
            return redirect(row)
    context = {
        **_runs([row])[0], "form": form, "fields": form.rows(), "findings": row.findings.all(),
        "here": "runs", "leads": may(actor, LEAD), "may_record": may(actor, "record_findings", row.schedule),
    }  # fmt: skip
    return render(request, "automation/run.html", context, status=422 if form.is_bound else 200)
