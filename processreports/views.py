"""The pages of reports of processes for the provider's staff: what is due, one report, its check."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from actions import steps
from kpis.engine import Asked
from processreports import behind, definitions, forms, freezing, lifecycle, queries, services, shown
from processreports.acts import STEPS
from processreports.document import figure_words, value_words
from processreports.models import ProcessReport, ReportDefinition
from records import span_words
from records.notices import read_about
from records.pages import agent_of, get_one, now_utc
from records.services import get_record
from records.timeline import entries
from reports.period import Period
from servicereports.show import LABELS, language_of
from servicereports.zones import provider_zone

PAGE = 50
SHOWN = 100
YEARS = range(1990, 2200)


def _report(actor: Actor, number: str) -> ProcessReport:
    return get_one(ProcessReport, actor, number)


def _whole(words: str) -> int:
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else 0


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What is late, in work and sent; the archive narrowed by definition and year."""
    actor, today = agent_of(request), shown.today()
    chosen, year = _whole(request.GET.get("definition", "")), _whole(request.GET.get("year", ""))
    rows = ProcessReport.objects.visible_to(actor)
    rows = rows.filter(definition=chosen) if chosen else rows
    rows = rows.filter(period_until__year=year) if year in YEARS else rows
    found = shown.listed(rows)
    sent = found.filter(state__in=lifecycle.SENT).order_by("-period_until", "-pk")
    page = Paginator(sent, PAGE).get_page(request.GET.get("page"))
    open_ = found.filter(state__in=lifecycle.UNSENT)
    parts = (
        (_("Late"), open_.filter(due_on__lt=today).order_by("due_on", "pk")[:SHOWN]),
        (_("In work"), open_.filter(due_on__gte=today).order_by("due_on", "pk")[:SHOWN]),
        (_("Published"), page),
        (_("Cancelled"), found.filter(state=lifecycle.CANCELLED).order_by("-period_until", "-pk")[:SHOWN]),
    )
    sections = [{"title": title, "rows": [shown.row_of(row, today) for row in some]} for title, some in parts]
    kept = QueryDict(mutable=True)
    kept.update({name: request.GET.get(name, "") for name in ("definition", "year")})
    context = {
        "sections": [each for each in sections if each["rows"]],
        "page": page, "kept": kept.urlencode(), "chosen": chosen, "year": year or "",
        "definitions": definitions.visible(actor), "years": range(today.year, today.year - 6, -1),
        "leads": may(actor, "lead_process_reports"),
        "may_open": may(actor, "lead_process_reports")
        or ReportDefinition.objects.filter(owner=actor.user_id).exists(),
    }  # fmt: skip
    return render(request, "processreports/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a report by hand: of an earlier span, or about one event."""
    actor = agent_of(request)
    asked = {name: request.GET.get(name, "") for name in ("definition", "subject")}
    form = forms.New(request.POST or None, actor=actor, initial={**asked, "day": shown.today()})
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_opened(form, actor))
        except ValidationError as refused:
            steps.add_errors(form, refused)
    context = {
        "form": form, "title": _("Open a report"), "list": "processreports:list",
        "list_name": _("Reports of processes"),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "servicereports/new.html", context, status=status)


def _opened(form: forms.New, actor: Actor) -> ProcessReport:
    entered = form.cleaned_data
    definition = entered["definition"]
    if not definition.is_of_occasion:
        if not entered["day"]:
            raise ValidationError({"day": _("Give a day of the period.")})
        return services.open_report(definition, entered["day"], actor=actor, now=now_utc())
    if not entered["subject"]:
        raise ValidationError({"subject": _("Give the number of the record it is about.")})
    try:
        subject = get_record(actor, entered["subject"].strip())
    except Http404 as none:
        raise ValidationError({"subject": _("There is no record of this number.")}) from none
    return services.open_about(definition, subject, actor=actor, now=now_utc())


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A report: what it says, what may happen next, its editions and checks, its history."""
    actor = agent_of(request)
    report = _report(actor, number)
    read_about(report, actor, now=now_utc())
    return _shown(request, actor, report)


def _shown(request: HttpRequest, actor: Actor, report: ProcessReport, failed: Any = None) -> HttpResponse:
    row = shown.edition_of(report, request.GET.get("edition", ""))
    language = language_of(request.GET.get("lang", ""))
    context = {
        **shown.row_of(report, shown.today()),
        "document": shown.document(report, row, language, actor),
        "edition": row.number if row else "",
        "editions": list(report.editions.defer("rows", "content").select_related("frozen_by")),
        "lang": language,
        "labels": LABELS,
        "steps": steps.possible(STEPS.values(), actor, report, failed),
        "recipients": shown.recipients_of(report),
        "tells_no_contact": shown.tells_no_contact(report.definition),
        "is_own": report.state == lifecycle.COMMENTED and actor.user_id in services.writers(report),
        "timeline": entries(report, actor, fold=False).entries[::-1],
        "may_define": definitions.visible(actor).filter(pk=report.definition_id).exists(),
    }
    return render(request, "processreports/detail.html", context, status=422 if failed else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    report = _report(actor, number)
    failed = steps.take(STEPS, act, report, request.POST, actor=actor)
    if failed is None:
        return redirect(report)
    return _shown(request, actor, _report(actor, number), failed)


@require_GET
def check(request: HttpRequest, number: str) -> HttpResponse:
    """Each edition with its hash recomputed, the newest against figures computed now, and what was found."""
    actor = agent_of(request)
    report = _report(actor, number)
    rows = report.editions.select_related("frozen_by", "report__definition").order_by("-number")
    seen = [freezing.verify(row, now=now_utc()) for row in rows.prefetch_related("checks__checked_by")]
    context = {
        **shown.row_of(report, shown.today()),
        "seen": [
            {
                "check": each,
                "changes": [
                    {
                        "figure": figure_words(list(change.figure)),
                        "before": value_words(change.before), "after": value_words(change.after),
                    }
                    for change in each.changes[:SHOWN]
                ],
                "left": max(0, len(each.changes) - SHOWN),
                "checks": [
                    {"row": row, "tone": shown.CHECKED[row.verdict]} for row in each.row.checks.all()
                ],
                "figures": behind.figures(each.row, found=freezing.content_of(each.row)),
            }
            for each in seen
        ],
        "may_check": report.state in lifecycle.FROZEN and services.may_check(actor, report),
    }  # fmt: skip
    return render(request, "processreports/check.html", context)


@require_GET
def rows(request: HttpRequest, number: str) -> HttpResponse:
    """The rows behind one figure as they were when it was frozen."""
    actor = agent_of(request)
    report = _report(actor, number)
    row = shown.edition_of(report, request.GET.get("edition", ""))
    if row is None:
        raise Http404(_("Nothing is frozen yet."))
    row = report.editions.get(pk=row.pk)
    key = request.GET.get("figure", "")
    period = Period(report.period_from, report.period_until, provider_zone())
    found = freezing.content_of(row)
    listed = behind.lines(
        row, key, after=_whole(request.GET.get("after", "")), actor=actor,
        asked=Asked(actor, period, now_utc(), customer=report.definition.customer_id),
    )  # fmt: skip
    names = {each.key: each.name for each in behind.figures(row, found=found)}
    context = {
        **shown.row_of(report, shown.today()),
        **listed,
        "edition": row,
        "key": key,
        "figure": names[key],
    }
    return render(request, "processreports/rows.html", context)


@require_GET
def file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The report as PDF or workbook, in Chinese or English."""
    actor = agent_of(request)
    report = _report(actor, number)
    row = shown.edition_of(report, request.GET.get("edition", ""))
    return shown.file(report, row, language_of(request.GET.get("lang", "")), form, actor)


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """What is owed in a year, by the day it is due, and how it stands (RPT-11)."""
    actor, now = agent_of(request), now_utc()
    year = _whole(request.GET.get("year", ""))
    year = year if year in YEARS else shown.today().year
    found = queries.plan(actor, year, now=now)
    months: dict[int, list[Any]] = {}
    for each in found:
        row = {"plan": each, "span": span_words.words(each.span), **_standing(each)}
        months.setdefault(each.due_on.month, []).append(row)
    late = sum(each.is_late for each in found)
    sent = [each for each in found if each.standing == "sent"]
    context = {
        "year": year, "before": year - 1, "after": year + 1, "n": len(found), "n_late": late,
        "n_sent": len(sent), "n_in_time": sum(not each.is_late for each in sent),
        "months": [{"month": f"{year}-{month:02}", "rows": some} for month, some in months.items()],
        "leads": may(actor, "lead_process_reports"),
    }  # fmt: skip
    return render(request, "processreports/plan.html", context)


def _standing(each: queries.Planned) -> dict[str, str]:
    words = {
        "planned": (_("planned"), "quiet"),
        "running": (_("period runs"), "quiet"),
        "missing": (_("not opened yet"), "warn"),
        "due": (_("in work"), "accent"),
        "late": (_("late"), "bad"),
        "sent": (_("sent in time"), "good"),
        "cancelled": (_("cancelled"), "quiet"),
    }
    label, tone = words[each.standing]
    if each.standing == "sent" and each.is_late:
        return {"label": _("sent late"), "tone": "warn"}
    if each.standing == "missing" and each.is_late:
        return {"label": _("missing"), "tone": "bad"}
    return {"label": label, "tone": tone}
