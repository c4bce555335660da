"""The pages of relationship reports, for the provider's staff and for the customers they were shown to."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import steps
from actions.forms import Because
from actions.steps import Nothing, Step
from records.notices import read_about
from records.pages import actor_for, agent_of, get_one, now_utc, reader_of
from records.services import get_record
from records.timeline import entries
from servicereports import schedule
from servicereports.relations import forms, lifecycle, services, shown
from servicereports.relations.models import RelationReport, Span
from servicereports.show import LABELS, language_of

PAGE = 50
MOST = 60


def _approves(*states: str) -> Any:
    return lambda actor, report: report.state in states and services.may_approve(actor, report)


STEPS = {
    step.name: step
    for step in (
        Step(
            "appraise", gettext_lazy("Write how the relationship stands"), forms.Appraise,
            _approves(lifecycle.DRAFTED), services.appraise,
        ),
        Step(
            "approve", gettext_lazy("Approve and freeze the figures"), Nothing, _approves(lifecycle.DRAFTED),
            services.approve,
        ),
        Step(
            "show", gettext_lazy("Show it to the customer"), Nothing,
            lambda actor, report: (
                report.state == lifecycle.APPROVED
                and not report.is_of_all
                and services.may_approve(actor, report)
            ),
            services.show,
        ),
        Step(
            "recompute", gettext_lazy("Compute the figures anew"), Nothing, _approves(lifecycle.DRAFTED),
            services.recompute,
        ),
        Step(
            "cancel", gettext_lazy("Cancel"), Because,
            lambda actor, report: report.state == lifecycle.DRAFTED and may(actor, "call_off", report),
            services.cancel,
        ),
    )
}  # fmt: skip


def _report(actor: Actor, number: str) -> RelationReport:
    return get_one(RelationReport, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """The reports, the newest period first; drafts on top."""
    actor = agent_of(request)
    rows = RelationReport.objects.visible_to(actor).defer("computed").select_related("of", "assignee")
    drafts = rows.filter(state=lifecycle.DRAFTED).order_by("-period_until", "pk")[:PAGE]
    others = rows.exclude(state=lifecycle.DRAFTED).order_by("-period_until", "-pk")
    page = Paginator(others, PAGE).get_page(request.GET.get("page"))
    parts = ((_("To be approved"), drafts), (_("Approved and shown"), page))
    sections = [{"title": title, "rows": [shown.row_of(row) for row in found]} for title, found in parts]
    context = {
        "sections": [each for each in sections if each["rows"]],
        "page": page,
        "leads": may(actor, "lead_reports"),
    }
    return render(request, "servicereports/relations/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Draft a report by hand, such as one of a period before they were asked for."""
    actor = actor_for(request, "lead_reports")
    if request.method == "POST":
        form = forms.New(request.POST, actor=actor)
        if made := steps.attempt(form, _drafted, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        first, _last = schedule.last_ended(timezone.localdate(), Span.QUARTER)
        form = forms.New(actor=actor, initial={"first": first, "of": request.GET.get("of", "")})
    context = {
        "form": form,
        "title": _("Open a report"),
        "list": "servicereports:relations",
        "list_name": _("Relationship reports"),
    }
    return render(request, "servicereports/new.html", context, status=422 if form.errors else 200)


def _drafted(**entered: Any) -> RelationReport:
    first, _last = schedule.span_of(entered.pop("first"), entered["period"])
    return services.draft(**entered, first=first)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """What it says, what may happen next, its history."""
    actor = agent_of(request)
    report = _report(actor, number)
    read_about(report, actor, now=now_utc())
    return _shown(request, actor, report)


def _shown(request: HttpRequest, actor: Actor, report: RelationReport, failed: Any = None) -> HttpResponse:
    language = language_of(request.GET.get("lang", ""))
    context = {
        **shown.row_of(report),
        "document": shown.document(report, actor, language),
        "lang": language,
        "labels": LABELS,
        "steps": steps.possible(STEPS.values(), actor, report, failed),
        "timeline": entries(report, actor, fold=False).entries[::-1],
    }
    return render(request, "servicereports/relations/detail.html", context, status=422 if failed else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    report = _report(actor, number)
    failed = steps.take(STEPS, act, report, request.POST, actor=actor)
    if failed is None:
        return redirect(report)
    return _shown(request, actor, _report(actor, number), failed)


def file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The report as PDF or workbook, in Chinese or English."""
    actor = agent_of(request)
    language = language_of(request.GET.get("lang", ""))
    return shown.file(_report(actor, number), actor, language, form)


# --- what customers see -----------------------------------------------------------------------------


def _theirs(actor: Actor, number: str) -> RelationReport:
    """One that was shown; `visible_to` gives a customer's contacts no other."""
    found = get_record(actor, number)
    if not isinstance(found, RelationReport) or found.state != lifecycle.SHOWN:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


def portal_listing(request: HttpRequest) -> HttpResponse:
    """The reports shown to the own organisation, the newest first."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("servicereports:relations")
    rows = RelationReport.objects.visible_to(actor).filter(state=lifecycle.SHOWN).defer("computed")
    found = [shown.row_of(row) for row in rows.order_by("-period_until", "-pk")[:MOST]]
    return render(request, "servicereports/relations/portal_list.html", {"rows": found})


def portal_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One report, without what is the provider's own affair."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    report = _theirs(actor, number)
    read_about(report, actor, now=now_utc())
    language = language_of(request.GET.get("lang", ""))
    context = {
        **shown.row_of(report),
        "document": shown.document(report, actor, language),
        "lang": language,
        "labels": LABELS,
    }
    return render(request, "servicereports/relations/portal.html", context)


def portal_file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The same as PDF or workbook."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    language = language_of(request.GET.get("lang", ""))
    return shown.file(_theirs(actor, number), actor, language, form)
