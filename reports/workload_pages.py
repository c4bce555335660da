"""The workload of a period, the tickets behind each number, and what was published of it."""

import uuid
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import may, require
from accounts.models import Team, User
from records.pages import now_utc
from reports import layout, paging, workload
from reports.asking import question_of
from reports.models import WorkloadStatement


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Numbers per person and tier, each with its list."""
    question = question_of(request)
    found = workload.loads(question)
    publishes = may(question.actor, "publish_workload")
    statements = WorkloadStatement.objects.select_related("published_by").order_by("-pk")
    context = layout.frame(question, request.GET) | {
        "figures": workload.FIGURES.values(),
        "people": [_row(load, request) for load in found],
        "tiers": [_row(load, request) for load in workload.by_tier(found)],
        "statements": statements[:20] if publishes else [],
        "publishes": publishes, "key": uuid.uuid4(),
    }  # fmt: skip
    return render(request, "reports/workload.html", context)


def _row(load: workload.Load, request: HttpRequest) -> dict[str, Any]:
    person = load.person
    cells = [
        {"label": label, "n": load.counts[figure], "figure": figure if person else ""}
        for figure, label in workload.FIGURES.items()
    ]
    return {"person": person, "tier": tier_words(load.tier), "tier_code": load.tier, "cells": cells}


def tier_words(tier: str) -> str:
    return str(dict(Team.Tier.choices).get(tier, "–"))


@require_GET
def behind(request: HttpRequest, key: str) -> HttpResponse:
    """The tickets a number counts."""
    question = question_of(request)
    if key not in workload.FIGURES:
        raise Http404(_("There is no such figure."))
    given = request.GET.get("person", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        raise BadRequest(_("“%(field)s” must be a number.") % {"field": "person"})
    rows = workload.rows_of(key, question)
    person = User.objects.filter(pk=int(given)).first() if given else None
    tier = request.GET.get("tier", "")
    if given:
        rows = (
            workload.in_tier(rows, int(given), tier) if "tier" in request.GET else rows.filter(who=int(given))
        )
    listed = rows.select_related(*workload.related_of(key)).order_by("place", "pk")
    shown = paging.page(listed, after=request.GET.get("after", ""))
    kept = layout.kept(request.GET, person=given, after=shown.following, **_kept_tier(request))
    context = layout.frame(question, request.GET) | {
        "title": f"{workload.FIGURES[key]} · {person.name}" if person else workload.FIGURES[key],
        "help": workload.HELP[key], "total": rows.count(), "page": shown,
        "tickets": [layout.record_row(workload.record_of(row)) for row in shown.rows],
        "next_url": f"?{kept}" if shown.following else "",
    }  # fmt: skip
    return render(request, "reports/records.html", context)


def _kept_tier(request: HttpRequest) -> dict[str, str]:
    return {"tier": request.GET["tier"]} if "tier" in request.GET else {}


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Freeze the period as a dated statement."""
    question = question_of(request)
    require(question.actor, "publish_workload")
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise BadRequest(_("Open the page again and publish from there.")) from None
    return redirect(workload.publish(question, key=key, actor=question.actor, now=now_utc()))


@require_GET
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """A published statement, as it was said; printable."""
    question = question_of(request)
    require(question.actor, "publish_workload")
    row = get_object_or_404(WorkloadStatement.objects.select_related("published_by"), pk=pk)
    shown = Paginator(row.rows, 500).get_page(request.GET.get("page"))
    people = [
        {
            "person": each["person"], "tier": tier_words(each["tier"]),
            "cells": [{"label": label, "n": each[figure]} for figure, label in workload.FIGURES.items()],
        }
        for each in shown
    ]  # fmt: skip
    context = {"statement": row, "people": people, "figures": workload.FIGURES.values()}
    return render(request, "reports/workload_statement.html", context)
