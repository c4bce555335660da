"""What customers see of these reports: those published to their organisation, as page and file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Actor
from processreports import lifecycle, shown
from processreports.models import ProcessReport
from records.notices import read_about
from records.pages import now_utc, reader_of
from records.services import get_record
from servicereports.show import LABELS, language_of

MOST = 100


def _report(actor: Actor, number: str) -> ProcessReport:
    """One that was published; `visible_to` shows a customer's contacts no other."""
    found = get_record(actor, number)
    if not isinstance(found, ProcessReport) or found.state != lifecycle.PUBLISHED:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The reports published to the own organisation, the newest first."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("processreports:list")
    rows = ProcessReport.objects.visible_to(actor).filter(state=lifecycle.PUBLISHED)
    found = shown.listed(rows).order_by("-period_until", "-pk")[:MOST]
    today = shown.today()
    context = {"rows": [shown.row_of(row, today) for row in found]}
    return render(request, "processreports/portal_list.html", context)


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One report with its corrections; earlier editions stay readable."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    report = _report(actor, number)
    read_about(report, actor, now=now_utc())
    row = shown.edition_of(report, request.GET.get("edition", ""))
    language = language_of(request.GET.get("lang", ""))
    context = {
        **shown.row_of(report, shown.today()),
        "document": shown.document(report, row, language, actor),
        "edition": row.number if row else "",
        "editions": list(report.editions.defer("rows", "content").select_related("frozen_by")),
        "lang": language,
        "labels": LABELS,
    }
    return render(request, "processreports/portal.html", context)


@require_GET
def file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The report as PDF or workbook, in Chinese or English."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    report = _report(actor, number)
    row = shown.edition_of(report, request.GET.get("edition", ""))
    return shown.file(report, row, language_of(request.GET.get("lang", "")), form, actor)
