"""What customers see of the reports of their organisation: those that were published, as page and file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from records.notices import read_about
from records.pages import now_utc, reader_of
from records.services import get_record
from servicereports import lifecycle, lists, show
from servicereports.models import ServiceReport

MOST = 60


def _report(actor: Actor, number: str) -> ServiceReport:
    """One that was published; `visible_to` shows a customer's contacts no other."""
    found = get_record(actor, number)
    if not isinstance(found, ServiceReport) or found.state not in lifecycle.SENT:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


def listing(request: HttpRequest) -> HttpResponse:
    """The published reports of the own organisation, the newest first."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("servicereports:list")
    today = timezone.localdate()
    shown = [show.row_of(row, today) for row in lists.published(actor)[:MOST]]
    return render(request, "servicereports/portal_list.html", {"rows": shown})


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One report with its corrections; earlier editions stay readable."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    report = _report(actor, number)
    read_about(report, actor, now=now_utc())
    row = show.frozen_of(report, request.GET.get("edition", ""))
    language = show.language_of(request.GET.get("lang", ""))
    context = {
        **show.row_of(report, timezone.localdate()),
        "document": show.document(report, row, language),
        "edition": row.number if row else "",
        "editions": list(report.frozen.order_by("number")),
        "lang": language,
        "labels": show.LABELS,
    }
    return render(request, "servicereports/portal.html", context)


def file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The report as PDF or workbook, in Chinese or English."""
    actor = reader_of(request)
    if actor.is_staff_side:
        return redirect("records:go", number)
    report = _report(actor, number)
    row = show.frozen_of(report, request.GET.get("edition", ""))
    return show.file(report, row, show.language_of(request.GET.get("lang", "")), form)
