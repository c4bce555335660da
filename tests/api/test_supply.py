"""Admission, contracts, reviews of suppliers and procurements over HTTP."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine

from accounts.access import Role
from accounts.models import Grant
from reviews import services as reviews
from sourcing import rating
from suppliers import conditions
from suppliers.conditions import Asked
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, Cast, make_incident, make_supplier_contact, make_user
from tests.sourcing.week import DAY, handed, make_contract, make_sla, make_supplier

pytestmark = [pytest.mark.django_db]
Make = Callable[..., Api]


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.mark.req("SUP-01", "PLT-04")
def test_a_supplier_is_checked_and_admitted(cast: Cast, api: Make) -> None:
    asked = [Asked("Licence", "执照", expires=True), Asked("References", "案例")]
    conditions.publish("external", asked, note="", expected_number=0, actor=cast.mona.actor, now=MONDAY)
    mona, admin = api(cast.mona), api(cast.admin)
    new = {"code": "novus", "name_en": "Novus"}
    refused(mona.post("/suppliers/", {**new, "is_active": True}), "is_active")
    made = mona.post("/suppliers/", new).json()
    assert (made["is_active"], made["admission"]["code"]) == (False, "candidate")
    rows = mona.get("/suppliers/novus/checks/").json()["results"]
    assert [(r["name_en"], r["state"], r["checked_by"]) for r in rows] == [
        ("Licence", "open", None), ("References", "open", None),
    ]  # fmt: skip
    check = {"condition": rows[0]["id"], "is_met": True, "evidence": "Seen."}
    refused(mona.post("/suppliers/novus/checks/", check), "valid_until", code="required")
    refused(mona.post("/suppliers/novus/checks/", {**check, "condition": 999}), "condition")
    refused(mona.post("/suppliers/novus/checks/", {**check, "document": 999}), "document")
    found = mona.post("/suppliers/novus/checks/", {**check, "valid_until": "2026-09-01"}).json()["results"]
    assert (found[0]["state"], found[0]["checked_by"]["username"]) == ("met", "mona")
    refused(admin.post("/suppliers/novus/admission/", {"is_admitted": True}), "decision")
    mona.post("/suppliers/novus/checks/", {**check, "condition": rows[1]["id"]})
    refused(mona.post("/suppliers/novus/admission/", {"is_admitted": True}), "decision")
    done = admin.post("/suppliers/novus/admission/", {"is_admitted": True}).json()
    assert (done["is_active"], done["admitted_until"]) == (True, "2026-09-01")
    is_problem(api(cast.alice).post("/suppliers/novus/checks/", check), 403, "forbidden")


@pytest.mark.req("SUP-02", "SUP-11", "PLT-04")
def test_contracts_show_validity_responsible_and_what_rests_on_them(cast: Cast, api: Make) -> None:
    supplier = make_supplier(responsible=cast.bob)
    make_contract(cast, supplier, until=MONDAY + 20 * DAY)
    make_sla(cast)
    [row] = api(cast.alice).get("/contracts/?supplier=huaxun").json()["results"]
    assert (row["code"], row["state"]["code"], row["days_left"], row["warn_days"]) == (
        "uc-line", "in_force", 20, 30,
    )  # fmt: skip
    assert row["responsible"]["username"] == "bob"
    [rest] = row["rests"]
    assert (rest["agreement"]["code"], rest["is_longer"]) == ("acme-sla", True)
    assert api(cast.alice).get("/contracts/uc-line/").json()["code"] == "uc-line"
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    for person in (scoped, cast.carla, cast.charlie):
        assert api(person).get("/contracts/").json()["results"] == []
        is_problem(api(person).get("/contracts/uc-line/"), 404, "not-found")


@pytest.mark.req("SUP-03", "SUP-07", "PLT-04")
def test_a_review_is_given_its_score(cast: Cast, api: Make) -> None:
    supplier = make_supplier()
    make_contract(cast, supplier)
    make_sla(cast)
    handed(cast, supplier, hours=2)
    with time_machine.travel(MONDAY + 40 * DAY, tick=False):
        now = MONDAY + 40 * DAY
        review = reviews.plan(
            meeting="supplier", supplier=supplier, meets_at=now, period_from=date(2026, 3, 1),
            period_until=date(2026, 3, 31), chair=cast.mona, actor=cast.mona.actor, now=now,
        )  # fmt: skip
        mona, path = api(cast.mona), f"/supplier-reviews/{review.number}/"
        proposed = rating.propose(review, now=now).score
        assert mona.get(path).json()["proposal"]["score"] == proposed == 100
        refused(mona.post(f"{path}grade/", {"score": 60, "conclusion": "So."}), "reason", code="required")
        refused(mona.post(f"{path}grade/", {"score": 101, "conclusion": "So."}), "score")
        done = mona.post(f"{path}grade/", {"score": 60, "conclusion": "So.", "reason": "Rude."}).json()
        assert (done["score"], done["ratings"][0]["proposed"], done["ratings"][0]["reason"]) == (
            60, 100, "Rude.",
        )  # fmt: skip
        assert [r["number"] for r in mona.get("/supplier-reviews/?supplier=huaxun").json()["results"]] == [
            review.number
        ]
        again = {"score": 100, "conclusion": "x"}
        is_problem(api(cast.alice).post(f"{path}grade/", again), 403, "forbidden")
        is_problem(api(cast.carla).get(path), 404, "not-found")


@pytest.mark.req("SUP-06", "PLT-04")
def test_a_procurement_goes_from_the_request_to_the_goods(cast: Cast, api: Make) -> None:
    one, two = make_supplier(), make_supplier(code="beta", name_en="Beta")
    gone = make_supplier(code="gone", name_en="Gone", is_active=False)
    contract = make_contract(cast, two).agreement
    incident = make_incident(cast)
    alice, mona = api(cast.alice), api(cast.mona)
    ask = {"title": "Switches", "reason": "Old.", "amount": "9000.00", "cause": incident.number}
    refused(alice.post("/procurements/", {**ask, "amount": "-1"}), "amount")
    refused(alice.post("/procurements/", {**ask, "cause": "INC9"}), "cause")
    refused(alice.post("/procurements/", {**ask, "state": "ordered"}), "state", code="read_only")
    made = alice.post("/procurements/", ask)
    assert made.status_code == 201
    path = made["Location"]
    is_problem(mona.post(f"{path}decide/", {"approve": True}), 409, "illegal-move")
    assert alice.post(f"{path}submit/", {}).json()["state"]["code"] == "approving"
    is_problem(alice.post(f"{path}decide/", {"approve": True}), 403, "forbidden")
    assert mona.post(f"{path}decide/", {"approve": True}).json()["state"]["code"] == "selecting"
    criteria = [{"name_en": "Price", "weight": 70}, {"name_en": "Service", "weight": 30}]
    tender = {"invited": ["huaxun", "beta"], "criteria": criteria, "until": "2026-03-02"}
    refused(mona.post(f"{path}tender/", {**tender, "invited": ["huaxun", "gone"]}), "invited[1]")
    planned = mona.post(f"{path}tender/", tender).json()
    keys = [str(row["id"]) for row in planned["criteria"]]
    for supplier, points in ((one, (50, 50)), (two, (90, 60))):
        offer = {
            "supplier": supplier.code, "price": "8000", "received_on": "2026-03-02",
            "points": dict(zip(keys, points, strict=True)),
        }  # fmt: skip
        assert mona.post(f"{path}offers/", offer).status_code == 200
    rows = mona.get(path).json()["offers"]
    assert [(r["supplier"]["code"], r["score"], r["is_best"]) for r in rows] == [
        ("beta", 81.0, True), ("huaxun", 50.0, False),
    ]  # fmt: skip
    refused(mona.post(f"{path}choose-supplier/", {"supplier": gone.code, "reason": "x"}), "supplier")
    chosen = mona.post(f"{path}choose-supplier/", {"supplier": "beta", "reason": "Best."}).json()
    assert (chosen["supplier"]["code"], chosen["method"]["code"]) == ("beta", "tender")
    order = {"order_number": "PO-1", "ordered_on": "2026-03-02", "price": "8000"}
    refused(mona.post(f"{path}order/", order), "contract", code="required")
    done = mona.post(f"{path}order/", {**order, "contract": contract.code}).json()
    assert (done["state"]["code"], done["contract"]["code"]) == ("ordered", contract.code)
    reject = {"reason": "Broken.", "settlement": "return", "settle_by": "2026-03-09"}
    assert alice.post(f"{path}reject-goods/", reject).json()["state"]["code"] == "disputed"
    settled = mona.post(f"{path}settle/", {"settlement": "return", "note": "Sent back."}).json()
    assert (settled["state"]["code"], settled["goods"][0]["settled_note"]) == ("settled", "Sent back.")
    assert [r["number"] for r in alice.get("/procurements/?state=settled").json()["results"]] == [
        settled["number"]
    ]
    for person in (cast.carla, cast.rita, cast.charlie):
        is_problem(api(person).get(path), 404, "not-found")
        assert api(person).get("/procurements/").json()["results"] == []


@pytest.mark.req("PLT-04", "PLT-09")
def test_a_suppliers_people_get_nothing_over_http(cast: Cast, api: Make) -> None:
    sue = api(make_supplier_contact())
    for path in (
        "/suppliers/",
        "/contracts/",
        "/supplier-reviews/",
        "/procurements/",
        "/incidents/",
        "/users/me/",
    ):
        is_problem(sue.get(path), 403, "forbidden")
