"""The list of suppliers, one supplier with all that is known of it, its facts and its files."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import steps
from records import files
from records.pages import now_utc
from reviews.models import Review
from reviews.show import row_of as review_row
from sla.models import Agreement
from sla.queries import knows_what_is_behind
from sourcing import asking, contracts, figures, forms, reported, services, shown
from sourcing.models import Document
from sourcing.standing import badge
from suppliers import services as verbs
from suppliers.models import Supplier

PAGE = 50
SHORT = 5


def listing(request: HttpRequest) -> HttpResponse:
    """The suppliers with what is to be done about each, and what to be warned of above them."""
    actor, now = asking.reader(request), now_utc()
    words, everybody = asking.words_of(request.GET), "all" in request.GET
    rows = contracts.listed(actor, words, everybody=everybody)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    suppliers = list(page)
    held = contracts.load(suppliers, now)
    reviews = _reviews(actor, suppliers)
    due = reported.expected([contract for own in held.values() for contract in own], now)
    late = Counter(each.contract.supplier_id for each in due if each.is_overdue)
    context = {
        "rows": [
            _row(supplier, held.get(supplier.pk, []), reviews[supplier.pk], late[supplier.pk], now)
            for supplier in suppliers
        ],
        "warnings": shown.warnings(c for own in held.values() for c in own),
        "page": page,
        "q": words,
        "everybody": everybody,
        "leads": may(actor, "lead_suppliers"),
        "drafts": may(actor, "draft_agreement"),
        "knows": knows_what_is_behind(actor),
    }
    return render(request, "sourcing/list.html", context)


def _reviews(actor: Actor, suppliers: Sequence[Supplier]) -> dict[int, list[Review]]:
    """The reviews of suppliers, the newest first; one query."""
    found: dict[int, list[Review]] = defaultdict(list)
    rows = Review.objects.visible_to(actor).filter(supplier__in=suppliers)
    for review in rows.select_related("supplier", "agreement", "assignee").order_by("-meets_at", "-pk"):
        found[review.supplier_id].append(review)
    return found


def _row(
    supplier: Supplier,
    held: Sequence[contracts.Contract],
    reviews: Sequence[Review],
    late: int,
    now: Any,
) -> dict[str, Any]:
    running = [c for c in held if c.state == contracts.IN_FORCE]
    ending = min((c for c in running if c.until), key=lambda c: c.until or now, default=None)
    return {
        "supplier": supplier,
        "contracts": len(running),
        "ending": shown.contract_row(ending) if ending else None,
        "graded": shown.last_graded(reviews),
        "next": shown.next_review(held, reviews, now),
        "late_reports": late,
        "badge": badge(supplier),
    }


def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One supplier: contracts, figures, misses, reviews, reports, files."""
    actor = asking.reader(request)
    return _shown(request, actor, asking.supplier_of(actor, code))


def _shown(
    request: HttpRequest, actor: Actor, supplier: Supplier, failed: forms.Upload | None = None
) -> HttpResponse:
    now = now_utc()
    held = contracts.load([supplier], now).get(supplier.pk, [])
    reviews = _reviews(actor, [supplier])[supplier.pk]
    expected = reported.expected(held, now)
    missed = figures.breaches(supplier)
    graded = [r for r in reviews if r.score is not None]
    leads = may(actor, "lead_suppliers")
    context = {
        "supplier": supplier,
        "badge": badge(supplier),
        "contracts": [shown.contract_row(contract) for contract in held],
        "warnings": shown.warnings(held),
        "months": [shown.month_row(supplier, month) for month in figures.by_step(supplier, now=now)],
        "missed": missed.count(),
        "misses": shown.breach_rows(list(figures.ordered(missed)[:SHORT]), actor, now),
        "reviews": [review_row(r, now) for r in graded[:SHORT]],
        "next": shown.next_review(held, reviews, now),
        "overdue": [shown.expected_row(e) for e in expected if e.is_overdue],
        "received": [shown.expected_row(e) for e in expected if e.report][:SHORT],
        "documents": _documents(supplier),
        "leads": leads,
        "plans_reviews": may(actor, "lead_reviews"),
        "upload": failed or (forms.Upload(contracts=_own(supplier)) if leads else None),
    }
    return render(request, "sourcing/detail.html", context, status=422 if failed else 200)


def _documents(supplier: Supplier) -> list[Document]:
    rows = supplier.documents.filter(removed_at=None).select_related("agreement", "created_by")
    return list(rows.order_by("-created_at", "-pk"))


def _own(supplier: Supplier) -> Any:
    return Agreement.objects.filter(supplier=supplier).order_by("code")


# --- facts --------------------------------------------------------------------------------------


def new(request: HttpRequest) -> HttpResponse:
    """Enter a supplier."""
    actor = asking.leader(request)
    form = forms.New(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = verbs.enter(**form.cleaned_data, actor=actor)
            return redirect("sourcing:detail", made.code)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    status = 422 if request.method == "POST" else 200
    return render(request, "sourcing/edit.html", {"form": form}, status=status)


def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a supplier's facts; who was second to save is told."""
    actor = asking.leader(request)
    supplier = asking.supplier_of(actor, code)
    context: dict[str, Any] = {"supplier": supplier, "version": supplier.version}
    status = 200
    if request.method == "POST":
        form = forms.Facts(request.POST, instance=_bare(supplier))
        status = 422
        if form.is_valid():
            try:
                verbs.change(supplier, form.cleaned_data, actor=actor, expected_version=_version(request))
                return redirect("sourcing:detail", supplier.code)
            except ValidationError as refused:
                steps.add_errors(form, refused)
            except verbs.Stale as stale:
                status, context["version"] = 409, stale.supplier.version
                form.add_error(
                    None, _("Somebody changed this supplier since you opened it; compare and save anew.")
                )
    else:
        form = forms.Facts(instance=supplier)
    return render(request, "sourcing/edit.html", {**context, "form": form}, status=status)


def _bare(supplier: Supplier) -> Supplier:
    """A supplier to fill a form into, so that what is refused never shows up elsewhere on the page."""
    return Supplier(
        pk=supplier.pk, code=supplier.code, admission=supplier.admission, is_active=supplier.is_active
    )


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


# --- files --------------------------------------------------------------------------------------


@require_POST
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a file about the supplier or one of its contracts."""
    actor = asking.leader(request)
    supplier = asking.supplier_of(actor, code)
    form = forms.Upload(request.POST, request.FILES, contracts=_own(supplier))
    if form.is_valid():
        try:
            services.add_document(supplier, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect("sourcing:detail", supplier.code)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    return _shown(request, actor, supplier, form)


def _document(supplier: Supplier, item: int) -> Document:
    return get_object_or_404(supplier.documents.filter(removed_at=None), pk=item)


def document(request: HttpRequest, code: str, item: int) -> HttpResponseBase:
    """The bytes of a file, always as a download and never rendered as a page of this site."""
    actor = asking.reader(request)
    found = _document(asking.supplier_of(actor, code), item)
    try:
        stream = files.path_of(found.key).open("rb")
    except OSError as missing:
        raise Http404 from missing
    response = FileResponse(stream, as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def remove(request: HttpRequest, code: str, item: int) -> HttpResponse:
    """Hand a file out no longer."""
    actor = asking.leader(request)
    supplier = asking.supplier_of(actor, code)
    services.remove_document(_document(supplier, item), actor=actor, now=now_utc())
    return redirect("sourcing:detail", supplier.code)
