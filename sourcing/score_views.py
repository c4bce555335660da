"""Scores and figures of suppliers: the scorecard, a review's score, the rule, all side by side."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import may
from actions import steps
from exports import csv_table
from exports.building import at
from exports.columns import Column
from exports.writing import sent_lines
from itsm.download import file_answer
from records.pages import get_one, now_utc
from reports.period import Period
from reviews import lifecycle
from reviews.models import Review
from servicereports import schedule
from sourcing import asking, contracts, figures, overview, rating, scorecard
from sourcing.models import Defect
from sourcing.score_forms import RateForm, RuleForm
from sourcing.standing import badge

PAGE = 50


def card(request: HttpRequest, code: str) -> HttpResponse:
    """A supplier's scorecard."""
    actor = asking.reader(request)
    supplier = asking.supplier_of(actor, code)
    context = scorecard.context(supplier, actor, now=now_utc())
    context |= {"badge": badge(supplier), "leads": may(actor, "lead_suppliers")}
    return render(request, "sourcing/scorecard.html", context)


def rate(request: HttpRequest, number: str) -> HttpResponse:
    """The proposed score of a review with its parts; a manager confirms it, or gives another with reason."""
    actor, now = asking.reader(request), now_utc()
    review = get_one(Review, actor, number)
    if review.supplier is None or not contracts.suppliers(actor).filter(pk=review.supplier_id or 0).exists():
        raise Http404(_("Only suppliers are given a score."))
    proposal = rating.propose(review, now=now)
    is_open = review.state in lifecycle.UNSENT and may(actor, "grade", review)
    form = None
    if is_open:
        first = review.score if review.score is not None else proposal.score
        form = RateForm(asking.posted(request), initial={"score": first, "conclusion": review.conclusion})
    if request.method == "POST":
        if form is None:
            raise Http404(_("The score of this review is fixed."))
        if steps.attempt(form, lambda **kw: rating.rate(review, **kw), actor=actor, now=now):
            return redirect(review)
    period = Period(review.period_from, review.period_until, figures.zone_of(review.supplier))
    parts = [vars(part) for part in proposal.parts]
    context = {
        "review": review,
        "supplier": review.supplier,
        "proposal": proposal,
        "parts": scorecard.part_rows(parts, review.supplier, period),
        "rule": rating.rule(),
        "form": form,
        "given": review.ratings.select_related("rated_by").order_by("-pk"),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "sourcing/rate.html", context, status=status)


def rule(request: HttpRequest) -> HttpResponse:
    """The weights of a score, the mark, and how many reviews below it open an action."""
    actor = asking.leader(request)
    form = RuleForm(asking.posted(request), instance=rating.rule())
    if request.method == "POST" and form.is_valid():
        try:
            rating.set_rule(**form.cleaned_data, actor=actor, now=now_utc())
            return redirect("sourcing:rules")
        except ValidationError as refused:
            steps.add_errors(form, refused)
    status = 422 if form.errors else 200
    return render(request, "sourcing/rule.html", {"form": form}, status=status)


def problems(request: HttpRequest, code: str) -> HttpResponse:
    """The quality problems of what a supplier delivered, of some days or all."""
    actor, now = asking.reader(request), now_utc()
    supplier = asking.supplier_of(actor, code)
    rows, period = figures.problems(supplier), None
    if "from" in request.GET or "to" in request.GET:
        period = asking.period_of(request, supplier, now)
        rows = rows.filter(raised_at__gte=period.start, raised_at__lt=period.end)
    rows = rows.select_related("record", "buyer", "purchase", "item").order_by("-raised_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "supplier": supplier, "period": period, "page": page, "total": page.paginator.count,
        "rows": [{"defect": row, "state": _state(row)} for row in page],
        "kept": "&".join(f"{k}={v}" for k, v in (period.query() if period else {}).items()),
    }  # fmt: skip
    return render(request, "sourcing/problems.html", context)


def _state(defect: Defect) -> dict[str, str]:
    if defect.answered_at:
        return {"label": str(Defect.Outcome(defect.outcome).label), "tone": "neutral"}
    if defect.passed_at:
        return {"label": _("with the vendor"), "tone": "accent"}
    return {"label": _("to be passed on"), "tone": "warn"}


def compare(request: HttpRequest) -> HttpResponse:
    """All suppliers in one month, quarter or year; as a file too (SUP-10)."""
    actor, now = asking.reader(request), now_utc()
    step = request.GET.get("every", "quarter")
    if step not in figures.STEPS:
        step = "quarter"
    periods = overview.periods(step, now)
    asked = request.GET.get("of", "")
    chosen = next((p for p in periods if p.first.isoformat() == asked), periods[0])
    rows = overview.rows(contracts.suppliers(actor), schedule.span_of(chosen.first, step), now=now)
    if request.GET.get("format") == "csv":
        return _csv(rows, f"suppliers-{scorecard.period_words(chosen, step)}".replace(" ", "-"))
    context: dict[str, Any] = {
        "rows": rows,
        "step": step,
        "steps": [("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year"))],
        "periods": [(p.first.isoformat(), scorecard.period_words(p, step)) for p in periods],
        "chosen": chosen.first.isoformat(),
        "words": scorecard.period_words(chosen, step),
    }
    return render(request, "sourcing/compare.html", context)


def _of(path: str, key: str = "month") -> Any:
    value = at(path)
    return lambda row: value(row[key])


def _csv(rows: list[dict[str, Any]], name: str) -> HttpResponse:
    columns = [
        Column("supplier", _("Supplier"), _of("name", "supplier")),
        Column("tickets", _("Tickets in hand"), _of("tickets"), "number"),
        Column("held", _("Time in hand"), _of("held"), "duration"),
        Column("decided", _("Contract targets decided"), _of("decided"), "number"),
        Column("missed", _("Contract targets missed"), _of("missed"), "number"),
        Column("attainment", _("Attainment"), _of("percent"), "number"),
        Column("breaches", _("Customers' targets missed"), _of("breaches"), "number"),
        Column("problems", _("Quality problems"), _of("problems"), "number"),
        Column("score", _("Last score"), lambda row: row["score"], "number"),
    ]
    content = b"".join(sent_lines(columns, rows))
    return file_answer(
        content, content_type=csv_table.CONTENT_TYPE, name=f"{name}.csv", full_name=f"{name}.csv"
    )


def register(request: HttpRequest) -> HttpResponse:
    """The contracts with all suppliers: validity, who answers, files, what ends soon (SUP-02, SUP-11)."""
    actor, now = asking.reader(request), now_utc()
    rows = overview.all_contracts(actor, request.GET.get("state", ""), now)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": list(page), "page": page, "state": request.GET.get("state", ""),
        "states": [("", _("All contracts")), *((key, words) for key, (words, _t) in contracts.STATES.items()),
                   ("ending", _("Ending within 90 days"))],
    }  # fmt: skip
    return render(request, "sourcing/register.html", context)
