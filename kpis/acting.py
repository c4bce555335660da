"""Acts on the pages of indicators: confirm, weigh, name who checks; and what roles come to."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import may, require
from kpis import closing, engine, forms, scores, shown
from kpis.engine import Kpi
from kpis.models import Checker
from kpis.pages import asked_of, chosen_process, detail_page, kpi_of
from records.pages import actor_for, add_errors, now_utc
from reports import layout


def _back(request: HttpRequest, kpi: Kpi) -> str:
    return f"{reverse('kpis:detail', args=[kpi.id])}?{layout.kept(request.GET)}"


@require_POST
def confirm(request: HttpRequest, kpi: str) -> HttpResponse:
    """Close the period of the address for an indicator, or correct it; what is refused stays on the page."""
    found = kpi_of(kpi)
    asked, _context = asked_of(request)
    form = forms.Confirm(request.POST)
    if form.is_valid():
        try:
            closing.confirm(found, asked, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The indicator is confirmed for this period."))
            return redirect(_back(request, found))
    return detail_page(request, found, confirm=form)


@require_POST
def weigh(request: HttpRequest, kpi: str) -> HttpResponse:
    """Set weight, goal and band from a day on."""
    found = kpi_of(kpi)
    actor = actor_for(request, "lead_kpis")
    form = forms.Weigh(request.POST, is_deduction=found.entry.is_deduction)
    if form.is_valid():
        facts = dict(form.cleaned_data)
        facts["points"] = 1 if facts["points"] is None else facts["points"]
        try:
            closing.weigh(found, **facts, actor=actor, now=now_utc())
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Weight and goal are set."))
            return redirect(_back(request, found))
    return detail_page(request, found, weigh=form)


@require_http_methods(["GET", "HEAD", "POST"])
def checkers(request: HttpRequest) -> HttpResponse:
    """Who fills the roles that check indicators."""
    actor = actor_for(request, "dashboard")
    failed: forms.Checkers | None = None
    if request.method == "POST":
        failed = forms.Checkers(request.POST)
        if failed.is_valid():
            people = [person.pk for person in failed.cleaned_data["people"]]
            try:
                closing.name_checkers(failed.cleaned_data["role"], people, actor=actor)
            except ValidationError as error:
                add_errors(failed, error)
            else:
                messages.success(request, _("Who checks is named."))
                return redirect("kpis:checkers")
    context = {"rows": _roles(failed), "leads": may(actor, "lead_kpis")}
    return render(request, "kpis/checkers.html", context, status=422 if failed else 200)


def _roles(failed: forms.Checkers | None) -> list[dict[str, Any]]:
    named: dict[str, list[Any]] = {}
    for row in Checker.objects.select_related("person").order_by("role", "person__display_name"):
        named.setdefault(row.role, []).append(row.person)
    checked: dict[Any, int] = {}
    for kpi in engine.all_kpis():
        if kpi.entry.checker.en:
            checked[kpi.entry.checker] = checked.get(kpi.entry.checker, 0) + 1
    rows = []
    for number, (words, count) in enumerate(checked.items()):
        people = named.get(words.en, [])
        is_failed = failed is not None and failed.data.get("role") == words.en
        start = {"role": words.en, "people": people}
        form = failed if is_failed else forms.Checkers(initial=start, auto_id=f"id_{number}_%s")
        rows.append({"name": shown.said(words), "n": count, "people": people, "form": form})
    return rows


@require_GET
def score_page(request: HttpRequest) -> HttpResponse:
    """What the roles of a process come to in a period."""
    asked, context = asked_of(request)
    require(asked.actor, "dashboard")
    process, context = chosen_process(request, engine.all_kpis(), context)
    found = scores.rows(asked, process)
    context |= {
        "process": shown.said(process),
        "totals": [
            {
                "name": shown.said(line.role or line.process), "is_process": line.role is None,
                "points": line.points, "n": len(line.rows),
                "is_final": bool(line.rows) and all(row.is_confirmed for row in line.rows),
            }
            for line in scores.totals(found)
        ],
        "rows": [
            {
                "id": row.kpi.id, "name": shown.said(row.kpi.entry.name),
                "role": shown.said(row.kpi.entry.role),
                "points": row.points, "weight": row.weight, "is_confirmed": row.is_confirmed,
                "is_deduction": row.kpi.entry.is_deduction,
                "url": f"{reverse('kpis:detail', args=[row.kpi.id])}?{context['kept']}",
            }
            for row in found
        ],
        "is_over": asked.period.end <= asked.now,
    }  # fmt: skip
    return render(request, "kpis/scores.html", context)
