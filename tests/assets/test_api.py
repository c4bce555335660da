"""Assets, upkeep, licences and sites over HTTP."""

from typing import Any

import pytest

from assets import upkeep
from assets.models import Asset, Check
from tests.assets.making import make_asset, make_item, make_plan, make_type
from tests.cast import MONDAY, Cast

ROOT = "/api/v1/"


@pytest.mark.req("CMDB-07")
def test_a_program_enters_changes_and_moves_an_asset(cast: Cast, api: Any) -> None:
    robot, kind = api(cast.robot), make_type()
    body = {"tag": "IT-1", "name": "T14", "device_class": kind.code, "customer": "acme", "cost": "3600.00",
            "purchased_on": "2026-01-05", "received_on": "2026-01-08"}  # fmt: skip
    made = robot.post(f"{ROOT}assets/", body)
    assert made.status_code == 201, made.content
    number, tag = made.json()["number"], made["ETag"]
    assert made.json()["state"]["code"] == "in_stock"
    url = f"{ROOT}assets/{number}/"
    assert robot.patch(url, {"name": "T14s"}).status_code == 428
    changed = robot.patch(url, {"name": "T14s"}, If_Match=tag)
    assert (changed.status_code, changed.json()["name"]) == (200, "T14s")
    stale = robot.patch(url, {"name": "X"}, If_Match=tag)
    assert stale.status_code == 412
    assert robot.post(f"{url}receive/", {"on": "2026-01-08", "location": "x"}).status_code == 409
    out = robot.post(f"{url}hand-out/", {"user": "rita"})
    assert (out.status_code, out.json()["user"]["username"]) == (200, "rita")
    assert robot.patch(url, {"state": "disposed"}, If_Match="*").status_code == 400
    history = robot.get(f"{url}history/").json()
    assert [line["words"] for line in history][-1] == "entered it"
    listed = robot.get(f"{ROOT}assets/?customer=acme&state=in_use").json()["results"]
    assert [row["number"] for row in listed] == [number]
    assert robot.post(f"{ROOT}assets/", body).status_code == 400
    assert api(cast.carla).get(f"{ROOT}assets/").status_code == 403


def test_a_disposal_is_applied_for_and_decided_by_another_over_http(cast: Cast, api: Any) -> None:
    asset = make_asset(cast)
    mona, admin = api(cast.mona), api(cast.admin)
    body = {"on": "2026-03-02", "way": "sold", "data_wiped": True, "data_note": "wiped", "reason": "old"}
    asked = mona.post(f"{ROOT}assets/{asset.number}/dispose/", body)
    assert asked.status_code == 201, asked.content
    url = f"{ROOT}asset-applications/{asked.json()['id']}/"
    assert mona.post(f"{url}decide/", {"approve": True}).status_code == 403
    assert admin.post(f"{url}decide/", {"approve": True}).status_code == 200
    assert admin.post(f"{url}decide/", {"approve": True}).status_code == 409
    assert Asset.objects.get().state == "disposed"
    waiting = mona.get(f"{ROOT}asset-applications/?is_decided=false").json()["results"]
    assert waiting == []


@pytest.mark.req("CMDB-08")
def test_a_plan_is_made_and_its_check_recorded_over_http(cast: Cast, api: Any) -> None:
    mona, kind = api(cast.mona), make_type()
    body = {"name_en": "Laptops", "device_class": kind.code, "every": 1, "unit": "days", "team": "desk",
            "person": "alice", "starts_on": "2026-03-01",
            "checklist": [{"en": "Fan", "zh": "风扇"}]}  # fmt: skip
    made = mona.post(f"{ROOT}maintenance-plans/", body)
    assert made.status_code == 201, made.content
    assert api(cast.alice).post(f"{ROOT}maintenance-plans/", body).status_code == 403
    wrong = mona.post(f"{ROOT}maintenance-plans/", {**body, "checklist": [{"zh": "x"}]})
    assert wrong.status_code == 400
    make_asset(cast)
    upkeep.work_off(now=MONDAY)
    check = Check.objects.get()
    url = f"{ROOT}asset-checks/{check.pk}/"
    assert mona.get(url).json()["action"] == check.action.number  # type: ignore[union-attr]
    short = {"results": [], "done_on": "2026-03-02"}
    assert mona.post(f"{url}record/", short).status_code == 400
    full = {"results": [{"is_ok": False, "note": "Rattles"}], "done_on": "2026-03-02"}
    done = mona.post(f"{url}record/", full)
    assert (done.status_code, done.json()["has_findings"]) == (200, True)
    found = mona.get(f"{ROOT}asset-checks/?has_findings=true").json()["results"]
    assert [row["id"] for row in found] == [check.pk]


@pytest.mark.req("CMDB-09")
def test_licences_their_use_and_findings_over_http(cast: Cast, api: Any) -> None:
    mona, software = api(cast.mona), make_item("WPS", category="software")
    software.refresh_from_db()
    body = {"software": software.number, "metric": "device", "quantity": 1, "valid_from": "2020-01-01"}
    made = mona.post(f"{ROOT}licences/", body)
    assert made.status_code == 201, made.content
    use = mona.get(f"{ROOT}licences/{made.json()['number']}/use/").json()
    assert (use["used"], use["entitled"], use["verdict"]["code"]) == (0, 1, "in_order")
    assert api(cast.alice).post(f"{ROOT}licences/", body).status_code == 403
    asset = make_asset(cast)
    found = api(cast.robot).post(
        f"{ROOT}software-findings/",
        {"name": "BitTorrent", "asset": asset.number, "found_on": "2026-03-02", "responsible": "bob",
         "due_on": "2099-01-01"},
    )  # fmt: skip
    assert found.status_code == 201, found.content
    assert found.json()["action"].startswith("ACT")
    ended = mona.post(f"{ROOT}licences/{made.json()['number']}/end/", {"reason": "Replaced"})
    assert ended.json()["is_ended"] is True


@pytest.mark.req("CMDB-14")
def test_a_site_is_planned_and_opened_over_http(cast: Cast, api: Any) -> None:
    mona, admin = api(cast.mona), api(cast.admin)
    body = {"code": "suzhou", "name_en": "Suzhou", "address_en": "1 Xinghu St", "calendar": "office"}
    made = mona.post(f"{ROOT}service-sites/", body)
    assert made.status_code == 201, made.content
    apply = {"kind": "open_site", "on": "2026-03-02", "reason": "Ten customers"}
    asked = mona.post(f"{ROOT}service-sites/suzhou/apply/", apply)
    assert asked.status_code == 201, asked.content
    assert mona.post(f"{ROOT}service-sites/suzhou/apply/", apply).status_code == 400
    url = f"{ROOT}asset-applications/{asked.json()['id']}/"
    assert admin.post(f"{url}decide/", {"approve": True}).status_code == 200
    assert mona.get(f"{ROOT}service-sites/suzhou/").json()["state"]["code"] == "open"
    changed = mona.patch(f"{ROOT}service-sites/suzhou/", {"phone": "1"}, If_Match="*")
    assert changed.json()["phone"] == "1"


def test_the_customer_of_another_organisation_is_an_unknown_one(cast: Cast, api: Any) -> None:
    make_plan(cast)
    for name in ("assets", "asset-checks", "licences", "maintenance-plans", "service-sites"):
        assert api(cast.charlie).get(f"{ROOT}{name}/").status_code == 403
