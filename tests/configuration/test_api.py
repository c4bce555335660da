"""The register over HTTP: by number or id, If-Match, Idempotency-Key, control, types, relations, impact."""

from collections.abc import Callable
from typing import Any

import pytest

import changes.reading
from cmdb import services
from cmdb.authority import Authority
from cmdb.models import Alteration, Item, ItemAttribute, Relation
from tests.api.conftest import Api, is_problem
from tests.cast import MONDAY, Cast, make_incident
from tests.cmdb.made import a_type, an_attribute, an_item, approved, relation_type

Make = Callable[..., Api]


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> dict[str, Authority]:
    known: dict[str, Authority] = {}
    real = changes.reading.authority

    def authority(number: str, *, actor: Any) -> Authority:
        return known[number] if number in known else real(number, actor=actor)

    monkeypatch.setattr(changes.reading, "authority", authority)
    return known


@pytest.mark.req("CMDB-01")
def test_items_are_read_by_number_and_by_id(cast: Cast, api: Make) -> None:
    item = an_item(cast, owner=cast.alice, customer=cast.acme)
    program = api(cast.robot)
    by_number, by_id = program.get(f"/items/{item.number}/"), program.get(f"/items/{item.pk}/")
    assert by_number.json() == by_id.json()
    assert by_number["ETag"] == '"v1"'
    found = by_number.json()
    assert (found["number"], found["state"]["code"], found["owner"]["username"]) == (
        item.number,
        "in_use",
        "alice",
    )
    for query in (
        "type=server", "state=in_use", "owner=alice", "customer=acme", f"q={item.number}", "category=hardware"
    ):  # fmt: skip
        assert [row["id"] for row in program.get(f"/items/?{query}").json()["results"]] == [item.pk], query
    for query in ("owner=none", "state=retired", "customer=none", "is_important=true"):
        assert program.get(f"/items/?{query}").json()["results"] == [], query


def test_customers_see_nothing_new_of_their_items(cast: Cast, api: Make) -> None:
    item = an_item(cast, owner=cast.alice, customer=cast.acme)
    other = an_item(cast, "X", customer=cast.globex)
    program = api(cast.carla)
    found = program.get(f"/items/{item.pk}/").json()
    assert set(found) == {"id", "name", "type", "customer", "site", "is_active"}
    is_problem(program.get(f"/items/{other.pk}/"), 404, "not-found")
    is_problem(program.get(f"/items/{item.pk}/impact/"), 403, "forbidden")
    is_problem(program.get(f"/items/{item.pk}/alterations/"), 403, "forbidden")
    is_problem(program.patch(f"/items/{item.pk}/", {"site": "X"}, If_Match='"v1"'), 403, "forbidden")
    is_problem(program.get("/relations/"), 403, "forbidden")


@pytest.mark.req("CMDB-02")
def test_items_are_added_once_per_key(cast: Cast, api: Make) -> None:
    an_attribute(a_type(), "ram", kind="number")
    program = api(cast.robot)
    body = {"type": "server", "name": "DB-7", "attributes": {"ram": 64}, "customer": "acme"}
    made = program.post("/items/", body, Idempotency_Key="one")
    assert made.status_code == 201
    again = program.post("/items/", body, Idempotency_Key="one")
    assert again["Idempotency-Replayed"] == "true"
    assert Item.objects.count() == 1
    assert made["Location"].endswith(f"/items/{made.json()['number']}/")
    twice = program.post("/items/", body)
    assert is_problem(twice, 400, "validation")["errors"][0]["field"] == "name"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"type": "rocket"}, "type"),
        ({"name": ""}, "name"),
        ({"state": "broken"}, "state"),
        ({"attributes": {"ram": "much"}}, "attributes.ram"),
        ({"attributes": {"wheels": 4}}, "attributes.wheels"),
        ({"attributes": []}, "attributes"),
        ({"number": "HW000001"}, "number"),
        ({"change": "CHG0009999"}, "change"),
        ({"owner": "rita"}, "owner"),
    ],
)
def test_wrong_input_is_refused_by_field(cast: Cast, api: Make, over: dict[str, Any], field: str) -> None:
    an_attribute(a_type(), "ram", kind="number")
    answer = api(cast.mona).post("/items/", {"type": "server", "name": "X", **over})
    problem = is_problem(answer, 400, "validation")
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.req("CMDB-05")
def test_altering_needs_the_version_and_for_controlled_facts_the_change(
    cast: Cast, api: Make, change: dict[str, Authority]
) -> None:
    item = an_item(cast)
    program = api(cast.mona)
    path = f"/items/{item.number}/"
    is_problem(program.patch(path, {"site": "B"}), 428, "precondition-required")
    done = program.patch(path, {"site": "B"}, If_Match='"v1"')
    assert (done.status_code, done["ETag"], done.json()["site"]) == (200, '"v2"', "B")
    stale = is_problem(program.patch(path, {"site": "C"}, If_Match='"v1"'), 412, "stale")
    assert stale["version"] == 2
    refused = program.patch(path, {"revision": "2"}, If_Match='"v2"')
    error = is_problem(refused, 400, "validation")["errors"][0]
    assert (error["field"], error["code"]) == ("revision", "no_change")
    assert Alteration.objects.filter(item=item, is_refused=True).count() == 1
    change["CHG0000001"] = approved(item)
    done = program.patch(path, {"revision": "2", "change": "CHG0000001"}, If_Match='"v2"')
    assert done.json()["revision"] == "2"
    rows = program.get(f"{path}alterations/").json()["results"]
    assert [(row["act"]["code"], row["is_refused"], row["change"]) for row in rows] == [
        ("altered", False, "CHG0000001"),
        ("altered", True, ""),
        ("altered", False, ""),
        ("added", False, ""),
    ]


@pytest.mark.req("CMDB-05")
@pytest.mark.django_db(transaction=True)
def test_a_refused_post_with_a_key_stays_in_the_history(cast: Cast, api: Make) -> None:
    one, two = an_item(cast, "A", is_important=True), an_item(cast, "B")
    body = {"source": one.number, "target": two.number, "type": relation_type("uses").code}
    answer = api(cast.mona).post("/relations/", body, Idempotency_Key="r")
    is_problem(answer, 400, "validation")
    assert Alteration.objects.filter(item=one, is_refused=True, act="related").count() == 1
    assert not Relation.objects.exists()


@pytest.mark.req("CMDB-06")
def test_relations_are_made_read_from_both_sides_and_removed(cast: Cast, api: Make) -> None:
    relation_type("runs_on")
    app, server = an_item(cast, "APP"), an_item(cast, "SRV")
    program = api(cast.mona)
    body = {"source": app.number, "target": server.pk, "type": "runs_on"}
    made = program.post("/relations/", body)
    assert made.status_code == 201
    assert (made.json()["type"]["name"], made.json()["type"]["reverse"]) == ("runs on", "carries")
    assert program.post("/relations/", body).json()["id"] == made.json()["id"]
    assert len(program.get(f"/relations/?source={app.number}").json()["results"]) == 1
    assert len(program.get(f"/relations/?target={server.number}").json()["results"]) == 1
    itself = program.post("/relations/", {**body, "target": app.number})
    assert is_problem(itself, 400, "validation")["errors"][0]["code"] == "itself"
    back = program.post("/relations/", {**body, "source": server.number, "target": app.number})
    assert is_problem(back, 400, "validation")["errors"][0]["code"] == "circle"
    other = {**body, "target": an_item(cast).pk}
    is_problem(api(cast.alice).post("/relations/", other), 403, "forbidden")
    assert program.ask("DELETE", f"/relations/{made.json()['id']}/").status_code == 204
    assert "runs_on" in {row["code"] for row in program.get("/relations/types/").json()}


@pytest.mark.req("CMDB-06")
def test_impact_names_services_customers_agreements_and_tickets(cast: Cast, api: Make) -> None:
    server, app = an_item(cast, "SRV"), an_item(cast, "APP", customer=cast.globex)
    services.relate(app, server, relation_type("runs_on"), actor=cast.mona.actor, now=MONDAY)
    services.name_service(app, cast.mail, actor=cast.mona.actor, now=MONDAY)
    ticket = make_incident(cast, item=app, customer=cast.globex, requester=cast.charlie)
    program = api(cast.alice)
    found = program.get(f"/items/{server.number}/impact/?direction=impact&depth=3").json()
    assert [(row["number"], row["depth"]) for row in found["items"]] == [(app.number, 1)]
    assert [row["code"] for row in found["services"]] == ["mail"]
    assert [row["code"] for row in found["customers"]] == ["globex"]
    assert [row["code"] for row in found["agreements"]] == ["default"]
    assert [row["number"] for row in found["tickets"]] == [ticket.number]
    back = program.get(f"/items/{app.pk}/impact/?direction=depends").json()
    assert [row["number"] for row in back["items"]] == [server.number]
    is_problem(program.get(f"/items/{app.pk}/impact/?direction=up"), 400, "validation")
    is_problem(program.get(f"/items/{app.pk}/impact/?depth=-1"), 400, "validation")


@pytest.mark.req("CMDB-01")
def test_types_and_attributes_are_made_over_http(cast: Cast, api: Make) -> None:
    program = api(cast.mona)
    made = program.post(
        "/item-types/", {"code": "room", "name_en": "Room", "category": "site", "prefix": "RM"}
    )
    assert made.status_code == 201
    seats = {"code": "seats", "name_en": "Seats", "kind": "number"}
    assert program.post("/item-types/room/attributes/", seats).status_code == 201
    twice = program.post("/item-types/room/attributes/", seats)
    assert is_problem(twice, 400, "validation")["errors"][0]["field"] == "code"
    blue = {"type": "room", "name": "Blue", "attributes": {"seats": "8"}}
    assert program.post("/items/", blue).status_code == 201
    kind = program.patch("/item-types/room/attributes/seats/", {"kind": "text"})
    assert is_problem(kind, 400, "validation")["errors"][0]["field"] == "kind"
    is_problem(program.ask("DELETE", "/item-types/room/attributes/seats/"), 400, "validation")
    named = program.patch("/item-types/room/attributes/seats/", {"name_zh": "座位"}).json()
    assert named["attributes"][0]["name_zh"] == "座位"
    assert program.patch("/item-types/room/", {"name_zh": "会议室"}).json()["name_zh"] == "会议室"
    is_problem(api(cast.alice).post("/item-types/", {"code": "x"}), 403, "forbidden")
    assert ItemAttribute.objects.count() == 1


def test_services_of_an_item_are_named_and_taken_away(cast: Cast, api: Make) -> None:
    item = an_item(cast)
    program = api(cast.mona)
    named = program.post(f"/items/{item.number}/services/", {"service": "mail"})
    assert [row["code"] for row in named.json()] == ["mail"]
    assert program.post(f"/items/{item.number}/remove_service/", {"service": "mail"}).json() == []
    assert program.get(f"/items/{item.number}/services/").json() == []
