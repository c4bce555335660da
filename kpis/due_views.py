"""The page of what a checker has to confirm, and confirming several as they are counted."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import Actor, may
from kpis import closing, due, measuring, shown
from kpis.due import Due
from kpis.engine import Value
from kpis.measuring import Point
from records import span_words
from records.pages import actor_for, now_utc


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """What is to be confirmed, by span, each with the figure as it was measured."""
    actor = actor_for(request, "confirm_kpi")
    closing.readable(actor)
    zone = measuring.house_zone()
    now = now_utc()
    waiting = due.due(actor, today=timezone.localdate(now, zone), zone=zone)
    refused: list[tuple[Due, str]] = []
    error = ""
    if request.method == "POST":
        asked = set(request.POST.getlist("chosen"))
        chosen = [each for each in waiting if each.key in asked and not each.is_by_hand]
        confirmed, refused = due.confirm_all(chosen, actor=actor, now=now)
        if confirmed:
            words = ngettext(
                "%(n)s indicator is confirmed.", "%(n)s indicators are confirmed.", len(confirmed)
            )
            messages.success(request, words % {"n": len(confirmed)})
        if not asked:
            error = _("Choose what to confirm.")
        elif not refused:
            return redirect("kpis:due")
        done = {each.key for each in confirmed}
        waiting = [each for each in waiting if each.key not in done]
    context = {
        "groups": _groups(waiting, {each.key: why for each, why in refused}, actor),
        "error": error,
        "leads": may(actor, "dashboard"),
    }
    return render(request, "kpis/due.html", context, status=422 if error or refused else 200)


def _groups(waiting: list[Due], refused: Mapping[str, str], actor: Actor) -> list[dict[str, Any]]:
    """By span, the shortest first; one query for the figures of each."""
    found: dict[Any, list[Due]] = {}
    for each in waiting:
        found.setdefault(each.span, []).append(each)
    groups = []
    for span, dues in found.items():
        measured = measuring.series_of([each.kpi.id for each in dues], last=span, count=1, actor=actor)
        points = {kpi: found[0] for kpi, found in measured.items()}
        rows = [_row(each, points.get(each.kpi.id, Point(span)), refused) for each in dues]
        groups.append({"name": span_words.words(span), "code": span.code, "rows": rows})
    return groups


def _row(each: Due, point: Point, refused: Mapping[str, str]) -> dict[str, Any]:
    value = Value(point.number, point.numerator, point.denominator, point.n)
    return {
        "key": each.key, "id": each.kpi.id, "name": shown.said(each.kpi.entry.name),
        "role": shown.said(each.kpi.entry.role), "url": each.url, "fraction": shown.fraction(value),
        "figure": _figure(each, value, is_measured=point.is_measured), "is_by_hand": each.is_by_hand,
        "is_deduction": each.kpi.entry.is_deduction, "error": refused.get(each.key, ""),
    }  # fmt: skip


def _figure(each: Due, value: Value, *, is_measured: bool) -> str:
    if each.is_by_hand:
        return _("points by hand")
    return shown.number(each.kpi.parts[0], value) if is_measured else _("not measured")
