"""The pages of the figures of releases: a quarter or a year, and the list behind each number (REL-07)."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from records import spans
from records.pages import agent_of
from records.span_words import words
from records.spans import Span
from releases import figures, show
from releases.models import PeriodReport

PAGE = 50
TONES = {"success": "good", "failed": "bad", "backed_out": "warn"}


def _period(request: HttpRequest) -> Span:
    """The period of the address; the present quarter where it names none."""
    zone = timezone.get_default_timezone()
    return spans.read(request.GET.get("period", ""), figures.SPANS, today=timezone.localdate(), zone=zone)


def overview(request: HttpRequest) -> HttpResponse:
    """The figures of a period, each of which opens its list; and the reports kept of past ones."""
    actor = agent_of(request)
    period = _period(request)
    found = figures.of(period, actor)
    rate = found.success_rate
    context = {
        "period": period,
        "title": words(period),
        "cards": [
            {
                "label": _("Success rate"), "value": "–" if rate is None else f"{rate:g}",
                "unit": "" if rate is None else "%", "url": _list("success", period),
                "note": _("of the releases deployed"),
            },
            *(
                {
                    "label": label, "value": found.counts[key], "url": _list(key, period),
                    "tone": TONES.get(key, "") if found.counts[key] else "",
                }
                for key, (label, _rows) in figures.FIGURES.items()
            ),
        ],
        "previous": period.previous.code,
        "following": period.next.code if period.next.first <= timezone.localdate() else "",
        "year": period.year.code,
        "quarters": period.year.parts("quarter"),
        "reports": _reports(actor),
    }  # fmt: skip
    return render(request, "releases/figures.html", context)


def _list(key: str, period: Span) -> str:
    return f"{reverse('releases:figure', args=[key])}?period={period.code}"


def _reports(actor: Actor) -> list[dict[str, Any]]:
    """The reports kept; they count all customers' releases, so who sees some customers only has none."""
    if actor.scope is not None:
        return []
    rows = []
    for row in PeriodReport.objects.all()[:40]:
        period = spans.parse(row.period, timezone.get_default_timezone())
        rows.append({"row": row, "name": words(period), "code": row.period})
    return rows


def figure(request: HttpRequest, key: str) -> HttpResponse:
    """The releases behind a number."""
    actor = agent_of(request)
    if key not in figures.FIGURES:
        raise Http404(_("There is no such figure."))
    period = _period(request)
    page = Paginator(figures.listed(key, period, actor), PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [show.row_of(row) for row in page],
        "page": page,
        "kept": f"period={period.code}",
        "title": f"{figures.FIGURES[key][0]} · {words(period)}",
        "period": period,
    }
    return render(request, "releases/figure.html", context)
