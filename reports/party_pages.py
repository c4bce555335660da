"""Whose time it was in a period: the time each party had tickets, and what OLAs and UCs promised about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Team
from records.counting import tally
from records.models import Record
from reports import figures, layout, paging
from reports.asking import narrowing, question_of
from reports.figures import Question
from sla import spans
from sla.models import Agreement, Clock, Holding, Metric
from suppliers.models import Supplier

MODELS: dict[str, Any] = {Holding.Party.TEAM: Team, Holding.Party.SUPPLIER: Supplier}


def page(request: HttpRequest) -> HttpResponse:
    """The time of the period by party, to the second, and the attainment of the OLAs and UCs."""
    question = question_of(request)
    begin, end = _bounds(question)
    rows = spans.time_in(question.records(), begin, end) if begin < end else []
    total = sum(row["seconds"] for row in rows)
    names = _names(rows)
    kept = layout.kept(request.GET)
    parties = [
        {
            **row,
            "label": _label(row, names),
            "share": row["seconds"] * 100 / (total or 1),
            "width": row["seconds"] * 100 // (rows[0]["seconds"] or 1),
            "url": f"{reverse('reports:party', args=[_slug(row)])}?{kept}",
        }
        for row in rows
    ]
    context = layout.frame(question, request.GET) | {
        "narrowing": narrowing(question),
        "parties": parties,
        "total": total,
        "supports": _supports(question, kept),
    }
    return render(request, "reports/parties.html", context)


def _bounds(question: Question) -> tuple[datetime, datetime]:
    """The part of the period that lies behind us."""
    return question.period.start, min(question.period.end, question.now)


def _slug(row: dict[str, Any]) -> str:
    party: str = row["party"]
    return f"{party}-{row['hand']}" if row["hand"] else party


def _names(rows: list[dict[str, Any]]) -> dict[tuple[str, Any], str]:
    found: dict[tuple[str, Any], str] = {}
    for party, model in MODELS.items():
        keys = [row["hand"] for row in rows if row["party"] == party and row["hand"]]
        found |= {(str(party), made.pk): made.name for made in model.objects.filter(pk__in=keys)}
    return found


def _label(row: dict[str, Any], names: dict[tuple[str, Any], str]) -> str:
    party: str = row["party"]
    return names.get((party, row["hand"]), "") or str(Holding.Party(party).label)


def _supports(question: Question, kept: str) -> list[dict[str, Any]]:
    """Each OLA and UC with its metrics: met, missed, attainment."""
    counted = (
        figures.support_clocks(question)
        .values("support", "metric")
        .annotate(met=tally(figures.MET), missed=tally(figures.MISSED))
        .order_by("support", "metric")
    )
    rows = list(counted)
    agreements = Agreement.objects.in_bulk([row["support"] for row in rows])
    return [
        {
            "agreement": agreements[row["support"]],
            "metric": Metric(row["metric"]).label,
            "met": row["met"],
            "missed": row["missed"],
            "percent": figures.percent(row["met"], row["missed"]),
            **{f"{what}_url": _clocks_url(row, what, kept) for what in ("met", "missed")},
        }
        for row in rows
    ]


def _clocks_url(row: Mapping[str, Any], outcome: str, kept: str) -> str:
    return f"{reverse('reports:support', args=[row['support'], row['metric'], outcome])}?{kept}"


def tickets(request: HttpRequest, party: str) -> HttpResponse:
    """The tickets a party had in the period, each with its time; they sum to the party's figure."""
    question = question_of(request)
    kind, dash, key = party.partition("-")
    is_key = key.isascii() and key.isdigit() and len(key) <= 9 and kind in MODELS
    if kind not in Holding.Party.values or (dash and not is_key):
        raise Http404(_("There is no such figure."))
    hand = int(key) if is_key else None
    who = {kind: hand} if kind in MODELS else {}
    begin, end = _bounds(question)
    rows = _held(question.records(), Q(party=kind, **who), begin, end)
    shown = paging.page(
        rows.select_related("customer", "team", "assignee"), after=request.GET.get("after", "")
    )
    row = {"party": kind, "hand": hand}
    context = layout.frame(question, request.GET) | {
        "label": _label(row, _names([row])),
        "total": rows.count(),
        "tickets": [{**layout.record_row(r), "seconds": int(r.held.total_seconds())} for r in shown.rows],
        "next_url": layout.following(request.GET, shown),
    }
    return render(request, "reports/party.html", context)


def _held(records: QuerySet[Record], who: Q, begin: datetime, end: datetime) -> QuerySet[Any]:
    """Records with the time ``who`` had them between the instants, as ``held``."""
    own = spans.within(begin, end).filter(who, record=OuterRef("pk")).values("record")
    return (
        records.annotate(held=Subquery(own.annotate(time=spans.time_sum(begin, end)).values("time")))
        .filter(held__isnull=False)
        .annotate(place=F("opened_at"))
        .order_by("place", "pk")
    )


def clocks(request: HttpRequest, agreement: int, metric: str, outcome: str) -> HttpResponse:
    """The clocks of one OLA or UC that were decided in the period."""
    question = question_of(request)
    support = Agreement.objects.filter(pk=agreement).exclude(kind=Agreement.Kind.SLA).first()
    if support is None or metric not in Metric.values or outcome not in ("met", "missed"):
        raise Http404(_("There is no such figure."))
    rows = figures.support_clocks(question).filter(support=support, metric=metric)
    rows = rows.filter(figures.MET if outcome == "met" else figures.MISSED)
    rows = rows.annotate(place=F("decided_at")).order_by("place", "pk")
    related = ("record__customer", "record__team", "record__assignee", "agreement_version__agreement")
    shown = paging.page(
        rows.select_related(*related, "breach").prefetch_related("exclusions"),
        after=request.GET.get("after", ""),
    )
    listed: list[Clock] = list(shown.rows)
    context = layout.frame(question, request.GET) | {
        "title": f"{support.name} · {layout.clock_title(metric, outcome)}",
        "help": "",
        "total": rows.count(),
        "clocks": [layout.clock_row(clock) for clock in listed],
        "next_url": layout.following(request.GET, shown),
    }
    return render(request, "reports/clocks.html", context)
