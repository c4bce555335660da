"""The pages of service reports for the provider's staff: what is owed, one report, its check, its files."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import queries, steps
from actions.forms import Because
from actions.rows import row_of as action_row
from actions.steps import Nothing, Step
from records.notices import read_about
from records.pages import actor_for, agent_of, get_one, now_utc
from records.timeline import entries
from servicereports import corrections, forms, freezing, lifecycle, schedule, services, show, upkeep
from servicereports import lists as listing_of
from servicereports.models import SERVICE_LEVEL, Period, ServiceReport
from servicereports.sections import Source
from servicereports.words import Words
from sla.terms import ReportTerm

PAGE = 50
SHOWN = 100


def _may(actor: Actor, report: ServiceReport, act: str, states: frozenset[str]) -> bool:
    return report.state in states and may(actor, act, report)


COMMENTED = frozenset({lifecycle.COMMENTED})
APPROVED = frozenset({lifecycle.APPROVED})
STEPS = {
    step.name: step
    for step in (
        Step(
            "comment", gettext_lazy("Comment the figures"), forms.Comment,
            lambda actor, report: _may(actor, report, "comment", lifecycle.OPEN), services.comment,
        ),
        Step(
            "approve", gettext_lazy("Approve and close the period"), forms.Approve,
            lambda actor, report: (
                _may(actor, report, "approve", COMMENTED) and actor.user_id not in services.writers(report)
            ),
            services.approve,
        ),
        Step(
            "publish", gettext_lazy("Publish"), Nothing,
            lambda actor, report: _may(actor, report, "publish", APPROVED), services.publish,
        ),
        Step(
            "restate", gettext_lazy("Correct the published figures"), Because,
            lambda actor, report: _may(actor, report, "restate", lifecycle.SENT),
            services.restate,
        ),
        Step(
            "recompute", gettext_lazy("Compute the figures anew"), Nothing,
            lambda actor, report: _may(actor, report, "comment", lifecycle.OPEN), services.recompute,
        ),
        Step(
            "return", gettext_lazy("Send back"), Because,
            lambda actor, report: _may(actor, report, "return", COMMENTED), services.send_back,
        ),
        Step(
            "cancel", gettext_lazy("Cancel"), Because,
            lambda actor, report: _may(actor, report, "call_off", lifecycle.OPEN), services.cancel,
        ),
    )
}  # fmt: skip


def _report(actor: Actor, number: str) -> ServiceReport:
    return get_one(ServiceReport, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """The reports: overdue, being made, published; the schedule of what agreements owe."""
    actor, today = agent_of(request), timezone.localdate()
    rows = listing_of.reports(actor)
    page = Paginator(rows.sent().order_by("-period_until", "-pk"), PAGE).get_page(request.GET.get("page"))
    parts = (
        (_("Overdue"), rows.overdue(today).order_by("due_on", "pk")),
        (_("Being made"), rows.unsent().filter(due_on__gte=today).order_by("due_on", "pk")),
        (_("Published"), page),
        (_("Cancelled"), rows.filter(state=lifecycle.CANCELLED).order_by("-period_until", "-pk")),
    )
    sections = [
        {"title": title, "rows": [show.row_of(report, today) for report in found[:SHOWN]]}
        for title, found in parts
    ]
    context = {
        "sections": [each for each in sections if each["rows"]],
        "page": page,
        "schedule": show.schedule_rows(actor, now_utc()),
        "leads": may(actor, "lead_reports"),
    }
    return render(request, "servicereports/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Open a report by hand, such as one of a month before reports were asked for."""
    actor = actor_for(request, "lead_reports")
    if request.method == "POST":
        form = forms.New(request.POST, actor=actor)
        if form.is_valid():
            try:
                return redirect(_drafted(form.cleaned_data, actor))
            except ValidationError as refused:
                steps.add_errors(form, refused)
    else:
        first, _last = schedule.last_ended(timezone.localdate(), Period.MONTH)
        asked = {"agreement": request.GET.get("agreement", ""), "month": first, "writer": actor.user_id}
        form = forms.New(actor=actor, initial=asked)
    context = {
        "form": form,
        "title": _("Open a report"),
        "list": "servicereports:list",
        "list_name": _("Service reports"),
    }
    return render(request, "servicereports/new.html", context, status=422 if form.errors else 200)


def _drafted(entered: Mapping[str, Any], actor: Actor) -> ServiceReport:
    first, last = schedule.span_of(entered["month"], Period.MONTH)
    agreement = entered["agreement"]
    asked = upkeep.asked_for(agreement, SERVICE_LEVEL, Period.MONTH, first, last)
    term = asked or ReportTerm(SERVICE_LEVEL)
    return services.draft(
        agreement, first=first, last=last, due_on=schedule.due_on(last, term.due_day),
        writer=entered["writer"], submitter=term.submitter, way=term.way, actor=actor, now=now_utc(),
    )  # fmt: skip


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A report: what it says, what may happen next, its frozen editions, its history."""
    actor = agent_of(request)
    report = _report(actor, number)
    read_about(report, actor, now=now_utc())
    return _shown(request, actor, report)


def _shown(request: HttpRequest, actor: Actor, report: ServiceReport, failed: Any = None) -> HttpResponse:
    today = timezone.localdate()
    row = show.frozen_of(report, request.GET.get("edition", ""))
    language = show.language_of(request.GET.get("lang", ""))
    actions: Any = queries.caused_by(report, actor)
    context = {
        **show.row_of(report, today),
        "document": show.document(report, row, language),
        "edition": row.number if row else "",
        "editions": list(report.frozen.select_related("frozen_by").order_by("number")),
        "lang": language,
        "labels": show.LABELS,
        "steps": steps.possible(STEPS.values(), actor, report, failed),
        "is_own": report.state == lifecycle.COMMENTED and actor.user_id in services.writers(report),
        "rows": [action_row(action, today) for action in actions],
        "timeline": entries(report, actor, fold=False).entries[::-1],
    }
    return render(request, "servicereports/detail.html", context, status=422 if failed else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    report = _report(actor, number)
    failed = steps.take(STEPS, act, report, request.POST, actor=actor)
    if failed is None:
        return redirect(report)
    return _shown(request, actor, _report(actor, number), failed)


def check(request: HttpRequest, number: str) -> HttpResponse:
    """Each frozen edition with its hash recomputed, and the newest against figures computed now."""
    actor = agent_of(request)
    report = _report(actor, number)
    rows = report.frozen.select_related("frozen_by", "report__agreement").order_by("-number")
    seen = [freezing.verify(row, now=now_utc()) for row in rows]
    context = {
        **show.row_of(report, timezone.localdate()),
        "seen": [{"check": each, "table": _changes(each)} for each in seen],
    }
    return render(request, "servicereports/check.html", context)


def _changes(seen: freezing.Verification) -> Any:
    """What differs, as the table of a correction would show it."""
    if seen.computed is None or seen.is_current:
        return None
    content = {**freezing.content(seen.row), **seen.computed.dump()}
    source = Source(content, Words(content), show.MOST)
    return corrections.table(source, freezing.changes_of(seen))[0]


def file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The report as PDF or workbook, in Chinese or English."""
    actor = agent_of(request)
    report = _report(actor, number)
    row = show.frozen_of(report, request.GET.get("edition", ""))
    return show.file(report, row, show.language_of(request.GET.get("lang", "")), form)
