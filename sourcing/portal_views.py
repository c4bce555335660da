"""The few pages of a supplier's people: tickets in their hands now, and how their contracts are kept."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Origin, require
from agreements.terms_words import within
from incidents.models import Incident
from records import files
from records.chips import chips_by_record
from records.pages import actor_of, now_utc
from records.services import Stale
from reports.period import Period
from servicereports import schedule
from sla.models import Holding
from sla.naming import Names
from sla.terms import MeasureTerm
from sourcing import contracts, figures, handed, noticed, reported, scorecard, shown
from suppliers.models import Supplier

PAGE = 50
P = ParamSpec("P")


def supplier_page(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only for a supplier's people; everybody else is refused."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        require(actor_of(request), "supply")
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    return login_required(guarded)


@require_safe
@supplier_page
def home(request: HttpRequest) -> HttpResponse:
    """The tickets in the supplier's hands now, those whose target is nearest first."""
    actor, now = actor_of(request), now_utc()
    supplier = handed.supplier_of(actor)
    page = Paginator(handed.in_hand(supplier), PAGE).get_page(request.GET.get("page"))
    rows = _rows(supplier, list(page), now)
    context = {"supplier": supplier, "rows": rows, "page": page, "total": page.paginator.count}
    return render(request, "sourcing/portal/home.html", context)


def _rows(supplier: Supplier, holdings: list[Holding], now: Any) -> list[dict[str, Any]]:
    records = [holding.record for holding in holdings]
    clocks = list(handed.clocks_of([r.pk for r in records], supplier))
    chips = chips_by_record(records, clocks, now)
    ours = Incident.objects.in_bulk([r.pk for r in records])
    return [
        {
            "record": h.record, "since": h.since, "chips": chips.get(h.record_id, []),
            "reference": ours[h.record_id].supplier_reference if h.record_id in ours else "",
        }
        for h in holdings
    ]  # fmt: skip


@require_safe
@supplier_page
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket in the supplier's hands: what it is about, what was said, and the ways to answer."""
    return _shown(request, number)


def _shown(request: HttpRequest, number: str, errors: Any = (), text: str = "") -> HttpResponse:
    actor, now = actor_of(request), now_utc()
    supplier, incident, holding = handed.ticket(actor, number)
    clocks = list(handed.clocks_of([incident.pk], supplier))
    context = {
        "supplier": supplier,
        # no more of the ticket than what the supplier needs goes to the template
        "ticket": {
            "number": incident.number, "title": incident.title, "description": incident.description,
            "reference": incident.supplier_reference, "since": holding.since,
            "items": [incident.item.name] if incident.item else [],
        },
        "chips": chips_by_record([holding.record], clocks, now).get(incident.pk, []),
        "messages_said": handed.messages(incident, supplier),
        "errors": list(errors),
        "text": text,
    }  # fmt: skip
    return render(request, "sourcing/portal/ticket.html", context, status=422 if errors else 200)


@require_POST
@supplier_page
def write(request: HttpRequest, number: str) -> HttpResponse:
    """A message, an answer, or that it is solved; with files."""
    actor = actor_of(request).via(Origin.PORTAL)
    _supplier, incident, _holding = handed.ticket(actor, number)
    act, text = request.POST.get("act", ""), request.POST.get("text", "")
    if act not in ("write", "answer", "solved"):
        raise Http404(_("There is no such step."))
    try:
        handed.write(
            incident, text=text, attachments=request.FILES.getlist("attachments"),
            is_answer=act == "answer", is_solved=act == "solved",
            reference=request.POST.get("reference", ""), actor=actor, now=now_utc(),
        )  # fmt: skip
    except ValidationError as refused:
        return _shown(request, number, refused.messages, text)
    except Stale:
        return _shown(
            request, number, [_("Somebody wrote at the same moment; look at it and send again.")], text
        )
    if act == "solved":
        messages.success(
            request, _("%(number)s is back with the service desk. Thank you.") % {"number": number}
        )
        return redirect("supplier:home")
    messages.success(request, _("Your message was sent."))
    return redirect("supplier:ticket", number)


@require_safe
@supplier_page
def attachment(request: HttpRequest, number: str, key: str) -> HttpResponseBase:
    """The bytes of a file of the conversation, always as a download."""
    found = handed.attachment(actor_of(request), number, key)
    try:
        stream = files.path_of(found.key).open("rb")
    except OSError as missing:
        raise Http404 from missing
    response = FileResponse(stream, as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_safe
@supplier_page
def notices(request: HttpRequest) -> HttpResponse:
    """The quality notices sent to the supplier, with the way to answer."""
    return _notices(request)


def _notices(request: HttpRequest, failed: int = 0, errors: Any = (), text: str = "") -> HttpResponse:
    supplier = handed.supplier_of(actor_of(request))
    page = Paginator(noticed.notices(supplier), PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate(now_utc())
    context = {
        "supplier": supplier, "page": page, "failed": failed, "errors": list(errors), "text": text,
        "rows": [{"notice": row, "is_late": not row.answered_at and row.due_on < today} for row in page],
    }  # fmt: skip
    status = 422 if errors else 200
    return render(request, "sourcing/portal/notices.html", context, status=status)


@require_POST
@supplier_page
def answer_notice(request: HttpRequest, item: int) -> HttpResponse:
    """The supplier's answer to a notice."""
    actor, text = actor_of(request).via(Origin.PORTAL), request.POST.get("answer", "")
    try:
        noticed.answer(actor, item, text=text, now=now_utc())
    except ValidationError as refused:
        return _notices(request, item, refused.messages, text)
    messages.success(request, _("Your answer was sent."))
    return redirect("supplier:notices")


@require_safe
@supplier_page
def own_contracts(request: HttpRequest) -> HttpResponse:
    """The supplier's contracts in force: what it promised, and how it was kept this quarter and the last."""
    now = now_utc()
    supplier = handed.supplier_of(actor_of(request))
    held = contracts.load([supplier], now).get(supplier.pk, [])
    zone = figures.zone_of(supplier)
    today = now.astimezone(zone).date()
    periods = figures.spans(today, zone, "quarter", 2)
    names = Names.load()
    rows = [
        {**shown.contract_row(contract), "targets": _targets(contract, periods, names)}
        for contract in held
        if contract.state == contracts.IN_FORCE
    ]
    context = {
        "supplier": supplier,
        "rows": rows,
        "heads": [scorecard.period_words(period, "quarter") for period in periods],
    }
    return render(request, "sourcing/portal/contracts.html", context)


def _targets(contract: contracts.Contract, periods: list[Period], names: Names) -> list[dict[str, Any]]:
    heads = [scorecard.period_words(period, "quarter") for period in periods]
    kept = [figures.by_target(contract.agreement, period.start, period.end) for period in periods]
    last = schedule.span_of(periods[0].first, "quarter")[1]
    found = []
    for term in reported.promises(contract.agreement, last):
        is_measure = isinstance(term, MeasureTerm)
        values = [
            {"head": head, "kept": None if is_measure else each.get(term.key)}
            for head, each in zip(heads, kept, strict=True)
        ]
        found.append({"name": names.key(term.key), "promise": within(term), "values": values})
    return found
