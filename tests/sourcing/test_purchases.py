"""Procurement from the request to goods that are settled: who approves, who is chosen, what came."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from accounts.access import Denied, Role
from accounts.models import Grant
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Link, Record
from sourcing import purchases, scoring, tenders, upkeep
from sourcing.models import ApprovalBand, Offer, Purchase
from sourcing.tenders import Weighed
from tests.cast import MONDAY, Cast, make_incident, make_user
from tests.sourcing.week import DAY, HOUR, make_contract, make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-06")]
TODAY = date(2026, 3, 2)
CRITERIA = [Weighed("Price", "价格", 60), Weighed("Quality", "质量", 40)]


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


def ask(cast: Cast, **over: Any) -> Purchase:
    facts: dict[str, Any] = {
        "title": "Two switches", "reason": "The old ones fail.", "amount": Decimal(8000),
        "actor": cast.alice.actor, "now": MONDAY, **over,
    }  # fmt: skip
    return purchases.ask(**facts)


def approved(cast: Cast, **over: Any) -> Purchase:
    made = purchases.submit(ask(cast, **over), actor=cast.alice.actor, now=MONDAY)
    return purchases.decide(made, approve=True, comment="", actor=cast.mona.actor, now=MONDAY)


def ordered(cast: Cast, supplier: Any) -> Purchase:
    mona: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY}
    made = tenders.choose_directly(approved(cast), supplier=supplier, reason="Only they mend it.", **mona)
    contract = make_contract(cast, supplier).agreement
    return purchases.order(
        made, order_number="PO-1", ordered_on=TODAY, expected_on=TODAY + timedelta(days=9),
        price=Decimal(7900), contract=contract, **mona,
    )  # fmt: skip


def verbs(purchase: Purchase) -> list[str]:
    rows = Activity.objects.filter(record=purchase.pk).order_by("pk")
    return [row.verb.removeprefix("procurement.") for row in rows]


def test_from_the_request_to_the_goods(cast: Cast) -> None:
    incident = make_incident(cast)
    made = ask(cast, cause=incident, buyer=cast.bob)
    assert (made.number[:3], made.state, made.requester, made.assignee) == (
        "PUR",
        "draft",
        cast.alice,
        cast.bob,
    )
    assert Link.objects.filter(source=made.pk, target=incident.pk).exists()
    made = purchases.submit(made, actor=cast.alice.actor, now=MONDAY)
    asked = Activity.objects.get(record=made.pk, verb="procurement.ask_purchase")
    assert Delivery.objects.filter(activity=asked, recipient=cast.mona).exists()
    made = purchases.decide(made, approve=True, comment="Go.", actor=cast.mona.actor, now=MONDAY)
    supplier = make_supplier()
    mona: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY}
    made = tenders.choose_directly(made, supplier=supplier, reason="Only they mend it.", **mona)
    order: dict[str, Any] = {
        "order_number": "PO-1", "ordered_on": TODAY, "expected_on": None, "price": Decimal(7900), **mona,
    }  # fmt: skip
    with pytest.raises(ValidationError, match="say why none is needed"):
        purchases.order(made, contract=None, **order)
    other = make_contract(cast, make_supplier(code="other", name_en="Other"), code="uc-other").agreement
    with pytest.raises(ValidationError, match="with the chosen supplier"):
        purchases.order(made, contract=other, **order)
    contract = make_contract(cast, supplier).agreement
    made = purchases.order(made, contract=contract, **order)
    assert (made.state, made.contract, made.price) == ("ordered", contract, Decimal(7900))
    made = purchases.accept_goods(made, note="As ordered.", actor=cast.alice.actor, now=MONDAY)
    assert (made.state, made.goods_checks.get().is_accepted) == ("received", True)
    assert verbs(made) == [
        "open", "record.linked", "ask_purchase", "grant_purchase", "supplier_chosen", "place_order",
        "accept_goods",
    ]  # fmt: skip


def test_who_approves_goes_by_the_amount(cast: Cast) -> None:
    ApprovalBand.objects.create(up_to=Decimal(10_000), needed=1)
    ApprovalBand.objects.create(up_to=None, needed=2, role="administrator")
    nora = make_user("nora", cast.provider, Role.MANAGER)
    small = purchases.submit(ask(cast, amount=Decimal(10_000)), actor=cast.alice.actor, now=MONDAY)
    assert (small.approvals_needed, small.approver_role) == (1, "")
    big = purchases.submit(ask(cast, amount=Decimal("10000.01")), actor=cast.alice.actor, now=MONDAY)
    assert (big.approvals_needed, big.approver_role) == (2, "administrator")
    big = purchases.decide(big, approve=True, comment="", actor=cast.mona.actor, now=MONDAY)
    assert (big.state, purchases.missing_approvals(big)) == ("approving", 1)
    with pytest.raises(ValidationError, match="decided already"):
        purchases.decide(big, approve=True, comment="", actor=cast.mona.actor, now=MONDAY)
    big = purchases.decide(big, approve=True, comment="", actor=nora.actor, now=MONDAY)
    assert (big.state, purchases.missing_approvals(big)) == ("approving", 1)  # no administrator yet
    big = purchases.decide(big, approve=True, comment="", actor=cast.admin.actor, now=MONDAY)
    assert big.state == "selecting"


def test_nobody_approves_what_he_asked_for_and_agents_approve_nothing(cast: Cast) -> None:
    own = purchases.submit(ask(cast, actor=cast.mona.actor), actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="somebody else must"):
        purchases.decide(own, approve=True, comment="", actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(Denied):
        purchases.decide(own, approve=True, comment="", actor=cast.alice.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="Say why it is not approved"):
        purchases.decide(own, approve=False, comment=" ", actor=cast.admin.actor, now=MONDAY)
    no = purchases.decide(own, approve=False, comment="Too dear.", actor=cast.admin.actor, now=MONDAY)
    assert (no.state, no.done_at) == ("refused", MONDAY)
    with pytest.raises(IllegalMove):
        purchases.decide(no, approve=True, comment="", actor=cast.admin.actor, now=MONDAY)


def test_only_who_covers_the_providers_own_affairs_asks_and_sees(cast: Cast) -> None:
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    with pytest.raises(Denied):
        ask(cast, actor=scoped.actor)
    made = ask(cast)
    for person in (scoped, cast.carla, cast.rita):
        assert not Record.objects.visible_to(person.actor).filter(pk=made.pk).exists()
    with pytest.raises(Denied):
        purchases.submit(made, actor=cast.bob.actor, now=MONDAY)  # neither his nor his to lead


def test_a_tender_is_planned_before_offers_come_and_decided_by_weighted_points(cast: Cast) -> None:
    one, two = make_supplier(), make_supplier(code="beta", name_en="Beta")
    gone = make_supplier(code="gone", name_en="Gone", is_active=False)
    lapsed = make_supplier(code="old", name_en="Old", admitted_until=date(2026, 3, 1))
    made = approved(cast)
    mona: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY}
    plan: dict[str, Any] = {"invited": [one, two], "criteria": CRITERIA, "until": date(2026, 3, 10), **mona}
    for field, over in (
        ("invited", {"invited": [one]}), ("invited", {"invited": [one, gone]}),
        ("invited", {"invited": [one, lapsed]}), ("until", {"until": date(2026, 3, 1)}),
        ("criteria", {"criteria": CRITERIA[:1]}), ("criteria", {"criteria": []}),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            tenders.plan(made, **{**plan, **over})
        assert set(refused.value.message_dict) == {field}
    made = tenders.plan(made, **plan)
    price, quality = made.criteria.all()
    first, second = Offer.objects.order_by("pk")
    offer: dict[str, Any] = {"price": Decimal(7000), "received_on": TODAY, **mona}
    with pytest.raises(ValidationError, match="no such criterion"):
        tenders.record_offer(first, points={0: 5}, **offer)
    tenders.record_offer(first, points={price.pk: 90, quality.pk: 50}, **offer)
    with pytest.raises(ValidationError, match="cannot change any more"):
        tenders.plan(made, **plan)
    with pytest.raises(ValidationError, match="may still offer"):
        tenders.choose_offer(made, offer=first, reason="Cheap.", **mona)
    tenders.record_offer(second, points={price.pk: 60, quality.pk: 100}, **{**offer, "price": Decimal(8000)})
    rows = tenders.compared(made)
    assert [(r.offer.supplier, r.score, r.is_best) for r in rows] == [(two, 76.0, True), (one, 74.0, False)]
    with pytest.raises(ValidationError, match="Say by what you decide"):
        tenders.choose_offer(made, offer=first, reason=" ", **mona)
    with pytest.raises(ValidationError, match="tender is under way"):
        tenders.choose_directly(made, supplier=one, reason="x", **mona)
    chosen = tenders.choose_offer(made, offer=second, reason="Best in all.", **mona)
    assert (chosen.supplier, chosen.method, chosen.selection_reason) == (two, "tender", "Best in all.")
    with pytest.raises(ValidationError, match="chosen already"):
        tenders.record_offer(first, points={price.pk: 100, quality.pk: 100}, **offer)


def test_points_are_weighed() -> None:
    assert scoring.weighted({1: 90, 2: 50}, {1: 60, 2: 40}) == 74
    assert scoring.weighted({1: 90}, {1: 60, 2: 40}) is None
    assert scoring.weighted({}, {}) is None


def test_an_offer_after_the_last_day_is_not_taken(cast: Cast) -> None:
    one, two = make_supplier(), make_supplier(code="beta", name_en="Beta")
    made = approved(cast)
    mona: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY}
    tenders.plan(made, invited=[one, two], criteria=CRITERIA, until=date(2026, 3, 4), **mona)
    late: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY + 5 * DAY}
    offer = Offer.objects.first()
    assert offer
    with pytest.raises(ValidationError, match="after the last day"):
        tenders.record_offer(offer, price=Decimal(1), received_on=date(2026, 3, 6), points={}, **late)


@pytest.mark.parametrize("over", [{"is_active": False}, {"admitted_until": date(2026, 3, 1)}])
def test_only_an_active_supplier_whose_admission_holds_is_chosen_or_ordered_from(
    cast: Cast, over: dict[str, Any]
) -> None:
    bad = make_supplier(**over)
    with pytest.raises(ValidationError, match="Only active suppliers"):
        tenders.choose_directly(approved(cast), supplier=bad, reason="x", actor=cast.mona.actor, now=MONDAY)


def test_rejected_goods_are_followed_until_they_are_settled(cast: Cast) -> None:
    made = ordered(cast, make_supplier())
    reject: dict[str, Any] = {
        "reason": "One is broken.", "settlement": "replacement", "settle_by": date(2026, 3, 5),
        "actor": cast.alice.actor, "now": MONDAY,
    }  # fmt: skip
    for field, over in (
        ("reason", {"reason": ""}), ("settlement", {"settlement": "prayer"}),
        ("settle_by", {"settle_by": date(2026, 3, 1)}),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            purchases.reject_goods(made, **{**reject, **over})
        assert set(refused.value.message_dict) == {field}
    made = purchases.reject_goods(made, **reject)
    assert (made.state, made.done_at) == ("disputed", None)
    with pytest.raises(IllegalMove):
        purchases.accept_goods(made, note="", actor=cast.alice.actor, now=MONDAY)
    # its day passes: told once a week
    later = MONDAY + 5 * DAY
    assert (upkeep.tell(now=later), upkeep.tell(now=later + HOUR)) == (1, 0)
    assert upkeep.tell(now=later + 7 * DAY) == 1
    mona: dict[str, Any] = {"actor": cast.mona.actor, "now": later}
    made = purchases.settle(made, settlement="replacement", note="Sent anew.", discount=None, **mona)
    assert made.state == "ordered"
    made = purchases.reject_goods(made, **{**reject, "settle_by": date(2026, 3, 9), "now": later})
    with pytest.raises(ValidationError, match="how much the supplier takes off"):
        purchases.settle(made, settlement="discount", note="Less.", discount=None, **mona)
    with pytest.raises(ValidationError, match="No more is taken off"):
        purchases.settle(made, settlement="discount", note="Less.", discount=Decimal(8000), **mona)
    made = purchases.settle(made, settlement="discount", note="Less.", discount=Decimal(500), **mona)
    assert (made.state, made.phase) == ("settled", "done")
    assert [row.settlement for row in made.goods_checks.order_by("pk")] == ["replacement", "discount"]
    assert upkeep.tell(now=later + 20 * DAY) == 0


def test_the_pages_lead_from_the_request_to_the_goods(client_of: Any, cast: Cast) -> None:
    alice, mona = client_of(cast.alice), client_of(cast.mona)
    words = {"title": "Headsets", "reason": "For the desk.", "amount": "1200", "currency": "CNY"}
    assert alice.post("/procurements/new/", {**words, "amount": "-1"}).status_code == 422
    assert alice.post("/procurements/new/", {**words, "cause": "INC9"}).status_code == 422
    url = alice.post("/procurements/new/", words).headers["Location"]
    assert "Headsets" in alice.get("/procurements/").content.decode()
    assert alice.post(f"{url}submit/", {}).status_code == 302
    assert alice.post(f"{url}decide/", {"approve": "yes"}).status_code == 403
    assert mona.post(f"{url}decide/", {"approve": "no"}).status_code == 422
    assert mona.post(f"{url}decide/", {"approve": "yes"}).status_code == 302
    one, two = make_supplier(), make_supplier(code="beta", name_en="Beta")
    rows = {
        "criteria-TOTAL_FORMS": "2", "criteria-INITIAL_FORMS": "0", "criteria-0-name_en": "Price",
        "criteria-0-weight": "100", "invited": [one.pk, two.pk], "until": "2026-03-10",
    }  # fmt: skip
    assert alice.get(f"{url}tender/").status_code == 404
    assert mona.post(f"{url}tender/", {**rows, "criteria-0-weight": "90"}).status_code == 422
    assert mona.post(f"{url}tender/", rows).status_code == 302
    purchase = Purchase.objects.get()
    criterion = purchase.criteria.get()
    for n, offer in enumerate(Offer.objects.order_by("pk")):
        sent = {"price": "1100", "received_on": "2026-03-02", f"points-{criterion.pk}": str(90 - n)}
        assert mona.post(f"{url}offers/{offer.pk}/", sent).status_code == 302
    page = mona.get(url).content.decode()
    assert "Decide the tender" in page
    assert "90" in page
    first = Offer.objects.order_by("pk")[0]
    assert mona.post(f"{url}choose-offer/", {"offer": first.pk, "reason": "Best."}).status_code == 302
    order = {"order_number": "PO-9", "ordered_on": "2026-03-02", "price": "1100"}
    assert mona.post(f"{url}order/", order).status_code == 422
    assert mona.post(f"{url}order/", {**order, "no_contract_reason": "Goods."}).status_code == 302
    reject = {"reason": "Wrong colour.", "settlement": "return", "settle_by": "2026-03-20"}
    assert alice.post(f"{url}reject/", reject).status_code == 302
    assert mona.post(f"{url}settle/", {"settlement": "return", "note": "Sent back."}).status_code == 302
    assert "Rejected goods settled" in alice.get(url).content.decode()
    assert "Headsets" in alice.get("/suppliers/beta/procurements/").content.decode()
    assert alice.get("/procurements/PUR9999999/").status_code == 404
    assert client_of(cast.carla).get(url).status_code == 302
