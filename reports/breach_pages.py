"""Misses with their causes: the Pareto, and the list behind every bar of it."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team
from actions.models import Action
from records.kinds import process_of
from reports import figures, layout, missing, paging
from reports.asking import narrowing, question_of
from reports.figures import Question
from sla.models import Agreement, Breach, Metric

LABELS = {
    "reason": gettext_lazy("Reason"),
    "accountable": gettext_lazy("Who answers for it"),
    "team": gettext_lazy("Team"),
    "tier": gettext_lazy("Tier"),
}
EXCLUSIONS = 50


def page(request: HttpRequest) -> HttpResponse:
    """Causes of the period by one of LABELS, and the misses behind them or behind one bar."""
    question = question_of(request)
    by = request.GET.get("by", "reason")
    if by not in LABELS:
        raise BadRequest(_("“by” must be one of %(names)s.") % {"names": ", ".join(LABELS)})
    cause = request.GET.get("cause", "")
    rows = missing.of_cause(figures.breaches(question), by, cause)
    total = rows.count()
    related = ("clock__record__customer", "clock__record__team", "clock__record__assignee")
    # the period and the order from one index: a page costs what it shows, not what was missed in all
    within = {"clock__decided_at__gte": question.period.start, "clock__decided_at__lt": question.period.end}
    listed = rows.filter(**within, clock__support=None).annotate(place=F("clock__decided_at"))
    listed = listed.order_by("place", "pk")
    shown = paging.page(
        listed.select_related("team", "assignee", "agreement", *related), after=request.GET.get("after", "")
    )
    context = layout.frame(question, request.GET, by=by) | {
        "narrowing": narrowing(question),
        "by": by,
        "choices": [
            {"label": label, "url": _url(request, by=name), "is_active": name == by}
            for name, label in LABELS.items()
        ],
        "bars": _bars(request, question, by, cause),
        "cause": cause,
        "total": total,
        "misses": _rows(shown.rows),
        "page": shown,
        "next_url": layout.following(request.GET, shown),
    }
    return render(request, "reports/breaches.html", context)


def _url(request: HttpRequest, **over: Any) -> str:
    return f"?{layout.kept(request.GET, **over)}"


def _bars(request: HttpRequest, question: Question, by: str, cause: str) -> list[dict[str, Any]]:
    bars = figures.pareto(question, by)
    names = _names(by, [bar.code for bar in bars])
    most = max((bar.n for bar in bars), default=1)
    return [
        {
            "label": names.get(bar.code) or _nobody(by),
            "n": bar.n,
            "share": bar.share,
            "running": bar.running,
            "width": bar.n * 100 // most,
            "url": _url(request, by=by, cause=bar.code or missing.NOBODY),
            "is_active": cause == str(bar.code or missing.NOBODY),
        }
        for bar in bars
    ]


def _nobody(by: str) -> str:
    """The words for what nobody named. A miss without an OLA or UC behind it is our own."""
    if by == "accountable":
        return _("We ourselves, or not explained yet")
    return _("Not explained yet") if by == "reason" else _("None")


def _names(by: str, codes: list[Any]) -> dict[Any, Any]:
    if by == "reason":
        return dict(Breach.Reason.choices)
    if by == "tier":
        return dict(Team.Tier.choices)
    model: Any = Agreement if by == "accountable" else Team
    return {row.pk: row.name for row in model.objects.filter(pk__in=[c for c in codes if c])}


def _rows(breaches: Sequence[Breach]) -> list[dict[str, Any]]:
    """Each miss with its corrective action; one query for all of them."""
    keys = {f"breach:{b.pk}": b.pk for b in breaches}
    actions = {keys[a.key]: a for a in Action.objects.filter(key__in=keys)}
    return [
        {
            **layout.record_row(b.clock.record),
            "breach": b,
            "metric": Metric(b.clock.metric).label,
            "action": _action(actions.get(b.pk)),
        }
        for b in breaches
    ]


def _action(action: Action | None) -> dict[str, Any] | None:
    if action is None:
        return None
    state = process_of(action.kind).labels(action.state).label
    return {"title": action.title, "url": action.get_absolute_url(), "state": state}


def exclusion_list(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and with ?decided what was decided, the latest first."""
    is_decided = "decided" in request.GET
    rows = missing.exclusions(question_of(request).actor, is_decided=is_decided)
    shown = Paginator(rows, EXCLUSIONS).get_page(request.GET.get("page"))
    context = {
        "rows": [{"exclusion": e, "metric": Metric(e.clock.metric).label} for e in shown],
        "page": shown,
        "is_decided": is_decided,
    }
    return render(request, "reports/exclusions.html", context)
