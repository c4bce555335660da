"""The reports of a supplier: which are there and which are late, and one beside our own figures."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Actor, may
from actions import steps
from records.pages import now_utc
from sla.naming import Names
from sourcing import asking, contracts, forms, reported, services, shown
from sourcing.models import SupplierReport
from sourcing.reported import Expected
from suppliers.models import Supplier


def listing(request: HttpRequest, code: str) -> HttpResponse:
    """The reports of the last periods by contract: received, late, expected."""
    actor, now = asking.reader(request), now_utc()
    supplier = asking.supplier_of(actor, code)
    held = contracts.load([supplier], now).get(supplier.pk, [])
    expected = reported.expected(held, now)
    context = {
        "supplier": supplier,
        "rows": [shown.expected_row(each) for each in expected],
        "unasked": [c.agreement for c in held if c.version and not _promises_reports(c)],
        "leads": may(actor, "lead_suppliers"),
    }
    return render(request, "sourcing/reports.html", context)


def _promises_reports(contract: contracts.Contract) -> bool:
    return contract.version is not None and any(t.due_day for t in reported.asked_for(contract.version))


def report(request: HttpRequest, code: str, contract: str, kind: str, first: str, last: str) -> HttpResponse:
    """One report: the claims beside our own figures, and the form to record or correct it."""
    actor = asking.reader(request)
    supplier = asking.supplier_of(actor, code)
    expected = _expected(supplier, contract, kind, first, last)
    names, found = Names.load(), expected.report
    terms = reported.promises(expected.contract, expected.last)
    shapes: dict[str, Any] = {"terms": terms, "report": found, "names": names}
    form = forms.Report(**shapes, initial={"received_on": expected.today})
    if request.method == "POST":
        actor = asking.leader(request)
        form = forms.Report(request.POST, request.FILES, **shapes)
        if form.is_valid() and _received(form, expected, actor):
            return redirect(request.path)
    rows = _compared(expected, found, names) if found else []
    context = {
        "supplier": supplier,
        **shown.expected_row(expected),
        "report": found,
        "rows": rows,
        "differing": sum(row["row"].differs for row in rows),
        "form": form if may(actor, "lead_suppliers") else None,
    }
    return render(request, "sourcing/report.html", context, status=422 if form.errors else 200)


def _expected(supplier: Supplier, contract: str, kind: str, first: str, last: str) -> Expected:
    """The report of an address: one that is expected, or was received in its time; else 404."""
    now = now_utc()
    held = contracts.load([supplier], now).get(supplier.pk, [])
    for each in reported.expected(held, now):
        if (each.contract.code, each.kind, each.first.isoformat(), each.last.isoformat()) == (
            contract, kind, first, last,
        ):  # fmt: skip
            return each
    own = next((c for c in held if c.agreement.code == contract), None)
    days = _days(first, last)
    old = own and days and SupplierReport.objects.filter(
        agreement=own.agreement, kind=kind, period_from=days[0], period_until=days[1]
    ).first()  # fmt: skip
    if not own or not days or not old:
        raise Http404(_("No such report is expected."))
    return Expected(own.agreement, kind, *days, None, old, now.astimezone(own.zone).date())


def _days(first: str, last: str) -> tuple[date, date] | None:
    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None


def _received(form: forms.Report, expected: Expected, actor: Actor) -> bool:
    entered = form.cleaned_data
    try:
        services.receive_report(
            expected.contract, kind=expected.kind, first=expected.first, last=expected.last,
            received_on=entered["received_on"], note=entered["note"], upload=entered["upload"],
            claims=form.claims, actor=actor, now=now_utc(),
        )  # fmt: skip
    except ValidationError as refused:
        steps.add_errors(form, refused)
        return False
    return True


def _compared(expected: Expected, found: SupplierReport, names: Names) -> list[dict[str, Any]]:
    rows = reported.compare(expected.contract, expected.first, expected.last, found.claims.all())
    return shown.compared_rows(found, rows, names)
