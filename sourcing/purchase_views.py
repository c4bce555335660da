"""The pages of procurements: the list, a new one, one with its steps, the tender and its offers (SUP-06)."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import steps
from actions.steps import Step
from records.models import Record
from records.notices import read_about
from records.pages import agent_of, get_one, now_utc, paged, url_of
from records.timeline import entries
from sourcing import asking, contracts, purchases, tenders
from sourcing import purchase_forms as shapes
from sourcing import purchase_lifecycle as lifecycle
from sourcing.models import Offer, Purchase, State

PAGE = 50
TONES = {
    lifecycle.DRAFT: "quiet",
    lifecycle.APPROVING: "warn",
    lifecycle.SELECTING: "accent",
    lifecycle.ORDERED: "accent",
    lifecycle.DISPUTED: "bad",
    lifecycle.RECEIVED: "good",
    lifecycle.SETTLED: "good",
    lifecycle.REFUSED: "quiet",
    lifecycle.DROPPED: "quiet",
}
MONEY = "{} {:,.2f}"


def _is(*states: str, act: str, extra: Callable[[Purchase], bool] = lambda p: True) -> Callable[..., bool]:
    return lambda actor, purchase: purchase.state in states and may(actor, act, purchase) and extra(purchase)


def _own(actor: Actor, purchase: Purchase) -> bool:
    return purchase.requester_id == actor.user_id or may(actor, "run_purchase", purchase)


STEPS = {
    step.name: step
    for step in (
        Step(
            "submit", gettext_lazy("Ask for approval"), shapes.Note,
            lambda actor, p: p.state == lifecycle.DRAFT and _own(actor, p), purchases.submit,
        ),
        Step(
            "decide", gettext_lazy("Decide on it"), shapes.Decide,
            lambda actor, p: purchases.may_decide(p, actor), purchases.decide,
        ),
        Step(
            "choose-offer", gettext_lazy("Decide the tender"), shapes.ChooseOffer,
            _is(lifecycle.SELECTING, act="run_purchase", extra=lambda p: (
                p.supplier_id is None and p.method == Purchase.Method.TENDER
            )), tenders.choose_offer,
        ),
        Step(
            "choose", gettext_lazy("Choose a supplier directly"), shapes.Direct,
            _is(lifecycle.SELECTING, act="run_purchase", extra=lambda p: p.method != Purchase.Method.TENDER),
            tenders.choose_directly,
        ),
        Step(
            "order", gettext_lazy("Order"), shapes.Order,
            _is(lifecycle.SELECTING, act="place_order", extra=lambda p: p.supplier_id is not None),
            purchases.order,
        ),
        Step(
            "accept", gettext_lazy("Accept the goods"), shapes.Note,
            _is(lifecycle.ORDERED, act="accept_goods"), purchases.accept_goods,
        ),
        Step(
            "reject", gettext_lazy("Reject the goods"), shapes.Reject,
            _is(lifecycle.ORDERED, act="reject_goods"), purchases.reject_goods,
        ),
        Step(
            "settle", gettext_lazy("Settle the rejected goods"), shapes.Settle,
            _is(lifecycle.DISPUTED, act="settle_goods"), purchases.settle,
        ),
        Step(
            "change", gettext_lazy("Change what is asked for"), shapes.Change,
            lambda actor, p: p.state == lifecycle.DRAFT and _own(actor, p), purchases.change,
        ),
        Step(
            "drop", gettext_lazy("Give up"), shapes.Because,
            lambda actor, p: "drop_purchase" in lifecycle.LIFECYCLE.legal_moves(p.state) and _own(actor, p),
            purchases.drop,
        ),
    )
}  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    """The procurements, the open ones first; narrowed by the address."""
    actor = agent_of(request)
    state, words = request.GET.get("state", "open"), asking.words_of(request.GET)
    return _listed(request, actor, state, words, code="")


def of_supplier(request: HttpRequest, code: str) -> HttpResponse:
    """What was bought from one supplier."""
    actor = asking.reader(request)
    supplier = asking.supplier_of(actor, code)
    return _listed(request, actor, "all", "", code=supplier.code)


def _listed(request: HttpRequest, actor: Actor, state: str, words: str, code: str) -> HttpResponse:
    page, kept = paged(request, purchases.listed(actor, state, words, code), PAGE)
    context = {
        "rows": [row_of(purchase) for purchase in page],
        "page": page,
        "kept": kept,
        "state": state,
        "states": [("open", _("Not finished")), ("all", _("All")), *State.choices],
        "q": words,
        "supplier": contracts.suppliers(actor).filter(code=code).first() if code else None,
        "may_ask": actor.scope is None,
    }
    return render(request, "sourcing/purchases.html", context)


def row_of(purchase: Purchase) -> dict[str, Any]:
    return {
        "purchase": purchase,
        "state": State(purchase.state).label,
        "tone": TONES[purchase.state],
        "amount": MONEY.format(purchase.currency, purchase.amount),
        "price": "" if purchase.price is None else MONEY.format(purchase.currency, purchase.price),
    }


def new(request: HttpRequest) -> HttpResponse:
    """Ask for something; the address may bring what it is because of."""
    actor = agent_of(request)
    if request.method == "POST":
        form = shapes.New(request.POST, actor=actor)
        if made := steps.attempt(form, purchases.ask, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        asked = {name: request.GET.get(name, "")[:100] for name in ("cause", "agreement", "item")}
        form = shapes.New(actor=actor, initial={**asked, "currency": "CNY"})
    return render(request, "sourcing/purchase_new.html", {"form": form}, status=422 if form.errors else 200)


def _purchase(actor: Actor, number: str) -> Purchase:
    return get_one(Purchase, actor, number)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One procurement: what, why, approvals, the choice, the order, what came, next steps, history."""
    actor = agent_of(request)
    purchase = _purchase(actor, number)
    read_about(purchase, actor, now=now_utc())
    return _shown(request, actor, purchase)


def _shown(request: HttpRequest, actor: Actor, purchase: Purchase, failed: Any = None) -> HttpResponse:
    granted = purchase.approvals.filter(round=purchase.round).select_related("decided_by").order_by("pk")
    causes = Record.objects.visible_to(actor).filter(links_to__source=purchase.pk).distinct()
    criteria = list(purchase.criteria.all())
    context = {
        **row_of(purchase),
        "steps": steps.possible(STEPS.values(), actor, purchase, failed),
        "approvals": granted,
        "missing": purchases.missing_approvals(purchase) if purchase.state == lifecycle.APPROVING else 0,
        "criteria": criteria,
        "offers": _offer_rows(purchase, criteria),
        "may_plan": _may_plan(actor, purchase),
        "may_run": purchase.state == lifecycle.SELECTING and may(actor, "run_purchase", purchase),
        "goods": purchase.goods_checks.select_related("checked_by", "settled_by").order_by("-pk"),
        "defects": purchase.found_bad.select_related("record").order_by("-pk"),
        "causes": [{"record": row, "url": url_of(row, actor)} for row in causes],
        "timeline": entries(purchase, actor, fold=False).entries[::-1],
    }
    return render(request, "sourcing/purchase.html", context, status=422 if failed else 200)


def _may_plan(actor: Actor, purchase: Purchase) -> bool:
    return (
        purchase.state == lifecycle.SELECTING
        and purchase.supplier_id is None
        and may(actor, "run_purchase", purchase)
        and not purchase.offers.exclude(recorded_at=None).exists()
    )


def _offer_rows(purchase: Purchase, criteria: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "offer": row.offer,
            "price": "" if row.offer.price is None else MONEY.format(purchase.currency, row.offer.price),
            "points": [row.points.get(each.pk) for each in criteria],
            "score": row.score,
            "is_best": row.is_best,
            "is_chosen": purchase.supplier_id == row.offer.supplier_id,
        }
        for row in tenders.compared(purchase)
    ]


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    purchase = _purchase(actor, number)
    failed = steps.take(STEPS, act, purchase, request.POST, actor=actor)
    if failed is None:
        return redirect(purchase)
    return _shown(request, actor, _purchase(actor, number), failed)


def tender(request: HttpRequest, number: str) -> HttpResponse:
    """Plan the tender: whom we invite, until when, and by what we compare."""
    actor = agent_of(request)
    purchase = _purchase(actor, number)
    if not _may_plan(actor, purchase):
        raise Http404(_("There is no tender to be planned."))
    held = list(purchase.criteria.all())
    start = [{"name_en": c.name_en, "name_zh": c.name_zh, "weight": c.weight} for c in held]
    invited = [offer.supplier_id for offer in purchase.offers.all()]
    form = shapes.Tender(asking.posted(request), initial={"invited": invited, "until": purchase.offers_until})
    rows = shapes.CriterionRows(asking.posted(request), initial=start or _usual(), prefix="criteria")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and rows.is_valid():
            try:
                tenders.plan(
                    purchase, invited=list(form.cleaned_data["invited"]), until=form.cleaned_data["until"],
                    criteria=shapes.weighed(rows), actor=actor, now=now_utc(),
                )  # fmt: skip
                return redirect(purchase)
            except ValidationError as refused:
                steps.add_errors(form, refused)
    context = {"purchase": purchase, "form": form, "rows": rows}
    return render(request, "sourcing/tender.html", context, status=status)


def _usual() -> list[dict[str, Any]]:
    return [
        {"name_en": "Price", "name_zh": "价格", "weight": 40},
        {"name_en": "Quality and fitness", "name_zh": "质量与适用性", "weight": 40},
        {"name_en": "Service and delivery", "name_zh": "服务与交付", "weight": 20},
    ]


def offer(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Write down an offer that came, or correct it."""
    actor = agent_of(request)
    purchase = _purchase(actor, number)
    found: Offer = get_object_or_404(purchase.offers.select_related("supplier", "purchase"), pk=item)
    is_open = purchase.state == lifecycle.SELECTING and purchase.supplier_id is None
    if not is_open or not may(actor, "run_purchase", purchase):
        raise Http404(_("Offers are not taken any more."))
    shape: dict[str, Any] = {"criteria": list(purchase.criteria.all()), "offer": found}
    form = shapes.OfferForm(asking.posted(request), asking.posted_files(request), **shape)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            tenders.record_offer(
                found, price=words["price"], received_on=words["received_on"], points=form.points,
                note=words["note"], upload=words["upload"], actor=actor, now=now_utc(),
            )  # fmt: skip
            return redirect(purchase)
        except ValidationError as refused:
            steps.add_errors(form, refused)
    context = {"purchase": purchase, "offer": found, "form": form}
    return render(request, "sourcing/offer.html", context, status=422 if form.errors else 200)
