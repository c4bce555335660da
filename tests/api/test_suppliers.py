"""Suppliers over HTTP: read by who covers every customer, changed by managers on the version they read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import incidents.services
from accounts.access import Role
from accounts.models import Grant
from suppliers.models import Supplier
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, Cast, make_incident, make_user
from tests.sourcing.week import make_contract, make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-02", "PLT-04")]
Make = Callable[..., Api]
NEW = {"code": "huaxun", "name_en": "Huaxun", "name_zh": "华讯", "kind": "external", "responsible": "bob"}


def codes(program: Api, query: str = "") -> list[str]:
    return [row["code"] for row in program.get(f"/suppliers/?{query}").json()["results"]]


def test_suppliers_are_listed_with_their_contracts_and_narrowed(cast: Cast, api: Make) -> None:
    make_contract(cast, make_supplier(responsible=cast.bob))
    make_supplier(code="beta", name_en="Beta", kind="internal", is_active=False)
    for person in (cast.mona, cast.alice, cast.robot):
        assert codes(api(person)) == ["beta", "huaxun"]
    program = api(cast.alice)
    assert codes(program, "kind=internal") == codes(program, "is_active=false") == ["beta"]
    assert codes(program, "q=HUAX") == codes(program, "responsible=bob") == ["huaxun"]
    refused(program.get("/suppliers/?kind=cheap"), "kind")
    refused(program.get("/suppliers/?price=1"), "price", code="unknown_filter")
    one = program.get("/suppliers/huaxun/")
    assert one["ETag"] == '"v1"'
    found = one.json()
    assert [c["code"] for c in found["contracts"]] == ["uc-line"]
    assert (found["responsible"]["username"], found["kind"]["code"]) == ("bob", "external")


def test_a_manager_enters_and_changes_one_on_the_version_that_was_read(cast: Cast, api: Make) -> None:
    mona = api(cast.mona)
    made = mona.post("/suppliers/", NEW)
    assert (made.status_code, made["ETag"]) == (201, '"v1"')
    path = made["Location"]
    refused(mona.post("/suppliers/", NEW), "code", code="unique")
    is_problem(mona.patch(path, {"contact": "Gao"}), 428, "precondition-required")
    done = mona.patch(path, {"contact": "Gao", "responsible": None}, If_Match='"v1"')
    assert (done.json()["contact"], done.json()["responsible"], done["ETag"]) == ("Gao", None, '"v2"')
    late = is_problem(mona.patch(path, {"contact": "Li"}, If_Match='"v1"'), 412, "stale")
    assert late["version"] == 2
    same = mona.patch(path, {"contact": "Gao"}, If_Match='"v2"')
    assert same["ETag"] == '"v2"'
    events = Supplier.objects.get().events.order_by("pgh_id")  # type: ignore[attr-defined]
    assert [e.contact for e in events] == ["", "Gao"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name_en": "X"}, "code"), ({"code": "new", "name_en": "X"}, "code"),
        ({"code": "x y", "name_en": "X"}, "code"), ({**NEW, "version": 3}, "version"),
        ({"code": "x"}, "name_en"), ({**NEW, "kind": "cheap"}, "kind"), ({**NEW, "email": "x"}, "email"),
        ({**NEW, "responsible": "carla"}, "responsible"), ({**NEW, "price": 1}, "price"),
    ],
)  # fmt: skip
def test_bad_input_is_named(cast: Cast, api: Make, body: dict[str, object], field: str) -> None:
    refused(api(cast.mona).post("/suppliers/", body), field)


def test_others_read_or_learn_nothing(cast: Cast, api: Make) -> None:
    supplier = make_supplier()
    for person in (cast.alice, cast.robot):
        is_problem(api(person).post("/suppliers/", NEW), 403, "forbidden")
        change = api(person).patch("/suppliers/huaxun/", {"contact": "x"}, If_Match='"v1"')
        is_problem(change, 403, "forbidden")
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    for person in (cast.rita, cast.carla, cast.charlie, scoped):
        program = api(person)
        assert codes(program) == []
        is_problem(program.get(f"/suppliers/{supplier.pk}/"), 404, "not-found")
        is_problem(program.patch("/suppliers/huaxun/", {"contact": "x"}, If_Match='"v1"'), 404, "not-found")
        is_problem(program.post("/suppliers/", NEW), 403, "forbidden")


def test_a_page_costs_the_same_however_many_suppliers_there_are(cast: Cast, api: Make) -> None:
    program = api(cast.alice)
    make_contract(cast, make_supplier())
    program.get("/suppliers/")
    with CaptureQueriesContext(connection) as few:
        program.get("/suppliers/")
    for n in range(3):
        make_contract(cast, make_supplier(code=f"s{n}", responsible=cast.bob), code=f"uc-{n}")
    with CaptureQueriesContext(connection) as many:
        assert len(codes(program)) == 4
    assert len(many) == len(few)


def test_the_supplier_of_a_ticket_is_told_to_the_desk_only(cast: Cast, api: Make) -> None:
    supplier = make_supplier()
    doing: dict[str, Any] = {"actor": cast.alice.actor, "now": MONDAY}
    incident = incidents.services.start(make_incident(cast), **doing)
    incidents.services.hold(
        incident, reason="supplier", note="x", supplier=supplier, supplier_reference="HX-7", **doing
    )
    path = f"/incidents/{incident.number}/"
    seen = api(cast.alice).get(path).json()
    assert (seen["supplier"]["code"], seen["supplier_reference"]) == ("huaxun", "HX-7")
    for person in (cast.rita, cast.carla):
        hidden = api(person).get(path).json()
        assert (hidden["supplier"], hidden["supplier_reference"]) == (None, None)
        assert "huaxun" not in api(person).get("/incidents/").content.decode().lower()
    change = api(cast.alice).patch(path, {"supplier": "huaxun"}, If_Match=f'"v{seen["version"]}"')
    refused(change, "supplier", code="read_only")
