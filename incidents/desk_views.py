"""Pages about many incidents: the desk's checklists, its month, and its speed period by period."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Actor
from incidents import checklists, figures
from incidents.checklists import CHECKLISTS
from incidents.forms import customers_of
from incidents.models import Incident, State
from records import spans
from records.pages import agent_of, now_utc
from records.queues import PHASE_TONES, PRIORITY_TONES
from sla.models import Metric

PAGE = 50
COMPARED = 6
SHOWN = ("customer", "team", "assignee", "bypassed_by", "logged_by", "repeat_of")


def month_of(request: HttpRequest, now: datetime) -> spans.Span:
    """The month of the address, in the reader's zone; the present one where it names none."""
    today, zone = timezone.localdate(now), timezone.get_current_timezone()
    return spans.read(request.GET.get("month", ""), ("month",), today=today, zone=zone)


@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """Each list with its figure, and the rows of the one that was chosen."""
    actor, now = agent_of(request), now_utc()
    month = month_of(request, now)
    chosen = request.GET.get("list", next(iter(CHECKLISTS)))
    if chosen not in CHECKLISTS:
        raise Http404(_("There is no such list."))
    span = {"start": month.start, "end": month.end, "now": now}
    checklist = CHECKLISTS[chosen]
    counts = checklists.counts(actor, **span)
    rows = checklists.rows_of(checklist, actor, **span).select_related(*SHOWN)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    address = reverse("incidents:checks")
    choices = [
        {
            "label": each.label, "count": counts[key], "is_active": key == chosen,
            "is_bad": each.goal == 0 and counts[key] > 0, "url": f"{address}?list={key}&month={month.code}",
        }
        for key, each in CHECKLISTS.items()
    ]  # fmt: skip
    context = {
        "choices": choices, "checklist": checklist, "page": page, "month": month,
        "rows": [_row(incident, checklist) for incident in page],
        "address": f"{address}?list={chosen}",
    }  # fmt: skip
    return render(request, "incidents/checks.html", context)


def _row(incident: Incident, checklist: checklists.Checklist) -> dict[str, Any]:
    return {
        "incident": incident,
        "state": State(incident.state).label,
        "tone": PHASE_TONES[incident.phase],  # type: ignore[index]
        "priority_tone": PRIORITY_TONES[incident.priority],
        "at": getattr(incident, checklist.stamp),
        "why": _why(incident, checklist.key),
    }


def _why(incident: Incident, key: str) -> str:
    """What put it on the list, in words."""
    if key == "bypassed" and incident.bypassed_by:
        return _("by %(person)s") % {"person": incident.bypassed_by.name}
    if key == "backfilled" and incident.logged_by:
        told = incident.get_backfill_source_display()
        return _("told by %(source)s, logged by %(person)s") % {
            "source": told, "person": incident.logged_by.name,
        }  # fmt: skip
    if key == "repeats" and incident.repeat_of:
        return _("repeats %(number)s") % {"number": incident.repeat_of.number}
    if key == "urged":
        return _("%(n)s times") % {"n": incident.urge_count}
    return ""


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Response and solution times of six months: is it getting faster (INC-23)?"""
    actor, now = agent_of(request), now_utc()
    month = month_of(request, now)
    customers = customers_of(actor)
    code = request.GET.get("customer", "")
    customer = customers.filter(code=code).first() if code else None
    periods = [
        (date_format(each.first, "YEAR_MONTH_FORMAT"), each.start, each.end) for each in month.up_to(COMPARED)
    ]
    tables = [
        {"label": metric.label, "rows": _shown(figures.speeds(actor, metric, periods, customer=customer))}
        for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION)
    ]
    context = {
        "tables": tables, "month": month, "customers": customers.order_by("name_en"), "customer": customer,
        "address": f"?customer={customer.code if customer else ''}",
    }  # fmt: skip
    return render(request, "incidents/comparison.html", context)


def _shown(speeds: list[figures.Speed]) -> list[dict[str, Any]]:
    slowest = max((each.median or 0 for each in speeds), default=0)
    return [
        {
            "speed": each,
            "width": round(100 * (each.median or 0) / slowest) if slowest else 0,
            "change": "" if each.change is None else f"{each.change:+.0f} %",
            "tone": "" if each.change is None else "good" if each.change < 0 else "warn",
        }
        for each in speeds
    ]


@require_GET
def summary(request: HttpRequest) -> HttpResponse:
    """The desk's work of a month for the operations manager, from the records (SD-20)."""
    actor, now = agent_of(request), now_utc()
    month = month_of(request, now)
    context = {"month": month, "facts": _facts(actor, month, now=now), "made_at": now, "by": actor.name}
    return render(request, "incidents/summary.html", context)


def _facts(actor: Actor, month: spans.Span, *, now: Any) -> dict[str, Any]:
    facts = figures.month(actor, start=month.start, end=month.end, now=now)
    before = month.previous
    earlier = figures.month(actor, start=before.start, end=before.end, now=now)
    words = {
        "opened": _("Opened"), "solved": _("Solved"), "closed": _("Closed"), "reopened": _("Reopened"),
        "escalated": _("Escalated"), "missed": _("Missed targets"), "cancelled": _("Cancelled"),
    }  # fmt: skip
    lines = [{"label": label, "now": facts[key], "before": earlier[key]} for key, label in words.items()]
    lists = [
        {
            "label": each.label, "now": facts["checks"][key], "before": earlier["checks"][key],
            "url": f"{reverse('incidents:checks')}?list={key}&month={month.code}",
        }
        for key, each in CHECKLISTS.items()
    ]  # fmt: skip
    splits = [
        {"label": label, "rows": facts[key]}
        for key, label in (
            ("by_channel", _("By channel")), ("by_type", _("By contact type")),
            ("by_priority", _("By priority")), ("by_tier", _("Solved by tier")),
        )
    ]  # fmt: skip
    return {"lines": lines, "lists": lists, "splits": splits, "open_now": facts["open_now"]}
