"""The lists behind a supplier's figures: tickets in his hands, his targets, and what was missed by him."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from records.models import Record
from records.pages import now_utc
from reports.period import Period
from sla.models import Metric
from sla.naming import Names
from sourcing import asking, figures, shown
from suppliers.models import Supplier

PAGE = 50
KEPT = ("from", "to", "outcome", "contract", "key")


def _frame(request: HttpRequest, supplier: Supplier, period: Period, page: Any) -> dict[str, Any]:
    kept = urlencode({name: request.GET[name] for name in KEPT if name in request.GET})
    return {"supplier": supplier, "period": period, "page": page, "kept": kept, "total": page.paginator.count}


def tickets(request: HttpRequest, code: str) -> HttpResponse:
    """The tickets the supplier had in hand in a period, and for how long."""
    actor, now = asking.reader(request), now_utc()
    supplier = asking.supplier_of(actor, code)
    period = asking.period_of(request, supplier, now)
    rows = figures.held(supplier, period, now=now)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    seen = Record.objects.visible_to(actor).select_related("customer", "team")
    records = seen.in_bulk([row["record"] for row in page])
    total = rows.order_by().aggregate(total=Sum("time"))["total"]
    context = _frame(request, supplier, period, page) | {
        "seconds": total,
        "rows": [
            {
                "record": records[row["record"]],
                "url": shown.record_url(records[row["record"]]),
                "time": row["time"],
            }
            for row in page
            if row["record"] in records
        ],
    }
    return render(request, "sourcing/tickets.html", context)


def clocks(request: HttpRequest, code: str) -> HttpResponse:
    """The supplier's own targets that were decided in a period: kept or missed."""
    actor, now = asking.reader(request), now_utc()
    supplier = asking.supplier_of(actor, code)
    period = asking.period_of(request, supplier, now)
    outcome, key = request.GET.get("outcome", "decided"), request.GET.get("key", "")[:120]
    if outcome not in figures.OUTCOMES or "\0" in key:
        raise BadRequest(_("There is no such list."))
    contract = request.GET.get("contract", "").replace("\0", "")[:50]
    rows = figures.clocks(supplier, period, outcome=outcome, contract=contract, key=key)
    related = ("record__customer", "support")
    page = Paginator(rows.select_related(*related), PAGE).get_page(request.GET.get("page"))
    context = _frame(request, supplier, period, page) | {
        "outcome": outcome,
        "key": Names.load().key(key) if key else "",
        "rows": [
            {"clock": clock, "metric": Metric(clock.metric).label, "url": shown.record_url(clock.record)}
            for clock in page
        ],
    }
    return render(request, "sourcing/clocks.html", context)


def breaches(request: HttpRequest, code: str) -> HttpResponse:
    """What we missed at our customers' because of the supplier, of a period or of all time."""
    actor, now = asking.reader(request), now_utc()
    supplier = asking.supplier_of(actor, code)
    rows, period = figures.breaches(supplier), None
    if "from" in request.GET or "to" in request.GET:
        period = asking.period_of(request, supplier, now)
        rows = rows.filter(at__gte=period.start, at__lt=period.end)
    page = Paginator(figures.ordered(rows), PAGE).get_page(request.GET.get("page"))
    kept = urlencode(period.query() if period else {})
    context = {
        "supplier": supplier,
        "period": period,
        "page": page,
        "kept": kept,
        "total": page.paginator.count,
        "misses": shown.breach_rows(list(page), actor, now),
    }
    return render(request, "sourcing/breaches.html", context)
