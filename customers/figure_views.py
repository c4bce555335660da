"""The leaders' page of figures about complaints and callbacks, and the list behind each."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from customers import opinions
from customers.figures import FIGURES, Span, measured, rows_of
from customers.models import Callback
from customers.rows import row_of
from records.pages import agent_of, now_utc

PAGE = 50
TREND = timedelta(days=366)


def _leader(request: HttpRequest) -> Actor:
    actor = agent_of(request)
    require(actor, "lead_customers")
    return actor


def _span(request: HttpRequest) -> Span:
    return Span.read(request.GET.get("first", ""), request.GET.get("last", ""), timezone.localdate())


def _kept(span: Span) -> str:
    return urlencode({"first": span.first.isoformat(), "last": span.last.isoformat()})


def figures(request: HttpRequest) -> HttpResponse:
    """Number, completion, reply, handling and satisfaction, each leading to its list."""
    actor, span, now = _leader(request), _span(request), now_utc()
    found = [measured(figure, actor, span, now) for figure in FIGURES.values()]
    context = {
        "span": span,
        "cards": [_card(row, span) for row in found],
        "mean": opinions.mean_in(
            opinions.invitations(actor).filter(created_at__gte=span.start, created_at__lt=span.end)
        ),
    }
    return render(request, "customers/figures.html", context)


def _card(row: dict[str, Any], span: Span) -> dict[str, Any]:
    """As components/figure.html reads it."""
    figure, percent = row["figure"], row["percent"]
    is_rate = figure.hit is not None
    value = str(row["total"]) if not is_rate else "–" if percent is None else f"{percent:g}"
    note = _("%(hits)s of %(total)s") % row if is_rate else figure.help
    return {
        "label": figure.label,
        "value": value,
        "unit": "%" if is_rate and percent is not None else "",
        "goal": f"{figure.goal} %" if figure.goal is not None else "",
        "tone": row["tone"],
        "note": note,
        "url": f"{reverse('customers:figure', args=[figure.key])}?{_kept(span)}",
    }


def figure(request: HttpRequest, key: str) -> HttpResponse:
    """The rows behind one figure: all, those that count, those that do not."""
    actor, span, now = _leader(request), _span(request), now_utc()
    found = FIGURES.get(key)
    if found is None:
        raise Http404(_("There is no such figure."))
    part = request.GET.get("part", "")
    part = part if part in ("hit", "miss") else "all"
    rows = rows_of(found, part, actor, span, now)
    is_calls = rows.model is Callback
    rows = (
        rows.select_related("ticket", "person", "customer", "claimed_by").order_by("-closed_at", "-pk")
        if is_calls
        else rows.select_related("customer", "requester", "assignee", "about").order_by("-received_at", "-pk")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        **measured(found, actor, span, now),
        "span": span,
        "part": part,
        "parts": (("all", _("All")), ("hit", _("Counted")), ("miss", _("Not counted"))) if found.hit else (),
        "kept": _kept(span),
        "page": page,
        "is_calls": is_calls,
        "rows": list(page) if is_calls else [row_of(row, now) for row in page],
    }
    return render(request, "customers/figure.html", context)
