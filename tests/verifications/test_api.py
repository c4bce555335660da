"""Imports, baselines and audits over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from actions.models import Action
from changes.models import UnauthorisedChange
from cmdb.models import Item, ItemType
from tests.api.conftest import Api, api
from tests.cast import Cast
from tests.verifications.test_audits import checked, planned, some
from tests.verifications.test_imports import approved, make_item, make_type
from verifications.models import Baseline, ItemImport

__all__ = ["api"]
Ask = Callable[..., Api]


@pytest.fixture
def server(db: None) -> ItemType:
    return make_type()


def body(**over: Any) -> dict[str, Any]:
    return {
        "item_type": "server", "match": "attributes.serial", "customer": "acme",
        "items": [
            {"name": "web-1", "site": "Hall 1", "attributes": {"serial": "SN-001", "ram": 64}},
            {"name": "web-2", "attributes": {"serial": "SN-002", "ram": 128}},
        ],
        **over,
    }  # fmt: skip


# --- imports ----------------------------------------------------------------------------------


def test_discovery_tries_out_brings_in_and_brings_in_again(cast: Cast, api: Ask, server: ItemType) -> None:
    robot = api(cast.robot)
    tried = robot.post("/item-imports/", body(dry_run=True))
    assert tried.status_code == 201, tried.content
    path = f"/item-imports/{tried.json()['id']}/"
    assert (tried.json()["state"]["code"], tried.json()["counts"]) == ("previewed", {"add": 2})
    assert not Item.objects.filter(type=server).exists()
    for _time in range(2):
        ran = robot.post(f"{path}run/", {})
        assert (ran.status_code, ran.json()["counts"]) == (200, {"added": 2})
    again = robot.post("/item-imports/", body())
    assert (again.json()["state"]["code"], again.json()["counts"]) == ("done", {"same": 2})
    changed = body()
    changed["items"][0]["attributes"]["ram"] = 96
    made = robot.post("/item-imports/", changed).json()
    lines = robot.get(f"/item-imports/{made['id']}/lines/").json()["results"]
    assert [line["state"]["code"] for line in lines] == ["altered", "same"]
    assert lines[0]["effects"] == [
        {"fact": "attributes.ram", "label": "Memory", "before": "64", "after": "96"}
    ]
    assert lines[0]["item"] == Item.objects.get(name="web-1").number
    assert Item.objects.filter(type=server).count() == 2


def test_the_same_key_answers_the_same_and_brings_in_once(cast: Cast, api: Ask, server: ItemType) -> None:
    robot = api(cast.robot)
    first = robot.post("/item-imports/", body(), Idempotency_Key="nightly-1")
    second = robot.post("/item-imports/", body(), Idempotency_Key="nightly-1")
    assert (first.status_code, first.json()) == (201, second.json())
    assert ItemImport.objects.count() == 1


@pytest.mark.req("CMDB-05")
def test_controlled_facts_need_the_number_of_an_approved_change(
    cast: Cast, api: Ask, server: ItemType
) -> None:
    item = make_item(cast, server, "web-1", attributes={"serial": "SN-001"}, revision="1.0")
    robot = api(cast.robot)
    wish = body(items=[{"revision": "2.0", "attributes": {"serial": "SN-001"}}])
    made = robot.post("/item-imports/", wish).json()
    assert made["counts"] == {"refused": 1}
    line = robot.get(f"/item-imports/{made['id']}/lines/?state=refused").json()["results"][0]
    assert line["faults"][0]["column"] == "revision"
    assert "under control" in line["faults"][0]["message"]
    change = approved(cast, item)
    made = robot.post("/item-imports/", {**wish, "change": change.number}).json()
    assert made["counts"] == {"altered": 1}
    item.refresh_from_db()
    assert item.revision == "2.0"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"nam": "x"}]}, "items"),
        ({"items": [{"name": ["x"]}]}, "items"),
        ({"items": "x"}, "items"),
        ({"match": "site"}, "match"),
        ({"match": "number"}, "match"),
        ({"change": "CHG9999999"}, "change"),
        ({"item_type": "nothing"}, "item_type"),
        ({"customer": "nobody"}, "customer"),
        ({"files": 1}, "files"),
    ],
)
def test_what_is_no_import_is_refused_by_field(
    cast: Cast, api: Ask, server: ItemType, over: dict[str, Any], field: str
) -> None:
    answer = api(cast.robot).post("/item-imports/", body(**over))
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert not ItemImport.objects.exists()


def test_more_items_than_one_waits_for_go_to_a_worker_and_can_be_stopped(
    cast: Cast, api: Ask, server: ItemType
) -> None:
    robot = api(cast.robot)
    items = [{"name": f"web-{n}", "attributes": {"serial": f"S{n}"}} for n in range(30)]
    made = robot.post("/item-imports/", body(items=items)).json()
    assert made["state"]["code"] == "waiting"
    stopped = robot.post(f"/item-imports/{made['id']}/cancel/", {}).json()
    assert (stopped["state"]["code"], stopped["counts"]) == ("cancelled", {"cancelled": 30})
    assert robot.post(f"/item-imports/{made['id']}/run/", {}).status_code == 409


def test_an_import_is_read_by_who_made_it_and_by_managers(cast: Cast, api: Ask, server: ItemType) -> None:
    made = api(cast.robot).post("/item-imports/", body(dry_run=True)).json()
    path = f"/item-imports/{made['id']}/"
    assert [api(who).get(path).status_code for who in (cast.mona, cast.alice, cast.carla)] == [200, 404, 403]
    assert api(cast.mona).post(f"{path}run/", {}).status_code == 403


# --- baselines --------------------------------------------------------------------------------


@pytest.mark.req("CMDB-13")
def test_a_baseline_is_taken_read_and_compared(cast: Cast, api: Ask, server: ItemType) -> None:
    item = make_item(cast, server, "web-1", site="Hall 1")
    mona = api(cast.mona)
    made = mona.post("/baselines/", {"name_en": "Before", "types": ["server"]})
    assert made.status_code == 201, made.content
    path = f"/baselines/{made.json()['id']}/"
    assert made.json()["item_count"] == 1
    assert mona.get(f"{path}items/").json()["results"][0]["facts"]["site"] == "Hall 1"
    Item.objects.filter(pk=item.pk).update(site="Hall 2")
    found = mona.get(f"{path}compare/").json()
    assert found["altered"] == [
        {"number": item.number, "fact": "site", "before": "Hall 1", "after": "Hall 2"}
    ]
    other = mona.post("/baselines/", {"name_en": "After", "items": [item.number]}).json()["id"]
    assert len(mona.get(f"{path}compare/?other={other}").json()["altered"]) == 1
    assert mona.get(f"{path}compare/?other=99999").status_code == 404
    assert api(cast.alice).post("/baselines/", {"name_en": "x"}).status_code == 403
    assert mona.post("/baselines/", {"name_en": "x", "items": ["SRV999999"]}).status_code == 400
    assert mona.post("/baselines/", {"name_en": "x", "customer": "globex"}).status_code == 400
    assert Baseline.objects.count() == 2
    assert api(cast.carla).get("/baselines/").status_code == 403


# --- audits -----------------------------------------------------------------------------------


@pytest.mark.req("CMDB-03")
def test_an_audit_goes_its_way_over_http(cast: Cast, api: Ask, server: ItemType) -> None:
    some(cast, server, 2, owner=cast.bob)
    mona, alice = api(cast.mona), api(cast.alice)
    day = (timezone.localdate() + timedelta(days=2)).isoformat()
    wish = {"title": "Servers", "types": ["server"], "auditor": "alice", "planned_on": day, "sample": "every"}
    refused = mona.post("/item-audits/", {**wish, "auditor": "bob"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "auditor")
    made = mona.post("/item-audits/", wish)
    assert made.status_code == 201, made.content
    path = f"/item-audits/{made.json()['number']}/"
    assert mona.post(f"{path}draw_sample/", {}).status_code == 403
    drawn = alice.post(f"{path}draw_sample/", {}, If_Match=made.headers["ETag"])
    assert (drawn.status_code, drawn.json()["figures"]["sample"]) == (200, 2), drawn.content
    stale = alice.post(f"{path}conclude_audit/", {"conclusion": "x"}, If_Match=made.headers["ETag"])
    assert stale.status_code == 412
    found = {"result": "differs", "found": {"revision": "2.0"}}
    assert (
        alice.post(f"{path}items/1/check/", {"result": "differs", "found": {"revision": "1.0"}}).status_code
        == 400
    )
    checked_ = alice.post(f"{path}items/1/check/", found)
    assert checked_.json()["differences"][0]["found"] == "2.0", checked_.content
    assert alice.post(f"{path}items/9/check/", found).status_code == 404
    alice.post(f"{path}items/2/check/", {"result": "agrees"})
    assert alice.post(f"{path}unregistered/", {"name": "Box", "note": "Rack 7"}).status_code == 201
    assert alice.post(f"{path}conclude_audit/", {"conclusion": "One differs."}).status_code == 200
    assert alice.post(f"{path}conclude_audit/", {"conclusion": "Again."}).status_code == 409
    assert alice.post(f"{path}approve_audit/", {"due_on": day}).status_code == 403
    done = mona.post(f"{path}approve_audit/", {"due_on": day}).json()
    assert (done["state"]["code"], done["legal_moves"], done["figures"]["differs"]) == ("approved", [], 1)
    rows = mona.get(f"{path}items/").json()["results"]
    assert {row["action"] for row in rows if row["action"]} == set(
        Action.objects.filter(source="audit").values_list("number", flat=True)
    )
    assert UnauthorisedChange.objects.count() == 1


def test_audits_are_listed_by_state_and_called_off_and_customers_see_none(
    cast: Cast, api: Ask, server: ItemType
) -> None:
    audit = checked(cast, server)
    second = planned(cast, server)
    mona = api(cast.mona)
    assert (
        mona.post(f"/item-audits/{second.number}/call_off_audit/", {"reason": "Closed."}).status_code == 200
    )
    listed = mona.get("/item-audits/?open=true").json()["results"]
    assert [row["number"] for row in listed] == [audit.number]
    assert (
        mona.get("/item-audits/?state=cancelled&auditor=alice").json()["results"][0]["number"]
        == second.number
    )
    assert api(cast.alice).get(f"/item-audits/{audit.number}/").json()["legal_moves"] == ["conclude_audit"]
    for who in (cast.carla, cast.charlie):
        assert api(who).get(f"/item-audits/{audit.number}/").status_code in (403, 404)


@pytest.mark.parametrize(
    "value", ["\x00", "\u202e" * 3, "=1+1", 10**300, -1e300, "x" * 5_000, True, "\ud83d\ude00" * 100]
)
def test_odd_values_are_refused_in_their_line_or_kept_as_they_are(
    cast: Cast, api: Ask, server: ItemType, value: Any
) -> None:
    items = [
        {"name": "web", "attributes": {"serial": "S", "ram": value}},
        {"site": value, "attributes": {"serial": value}},
    ]
    made = api(cast.robot).post("/item-imports/", body(items=items))
    assert made.status_code in (201, 400), made.content
    if made.status_code == 201:
        assert set(made.json()["counts"]) <= {"added", "refused"}
        assert made.json()["counts"]["refused"] >= 1
