"""Coverage of important assets by items (CMDB-04), and the service objects of agreements (CMDB-10)."""

from typing import Any

import pytest

from accounts.access import Role
from accounts.models import Grant
from assets import contracts, queries
from assets.queries import Choice
from catalog.models import Service
from cmdb.models import Item, ItemService
from tests.assets.making import TODAY, make_asset, make_item
from tests.cast import MONDAY, Cast, make_agreement, make_user


@pytest.mark.req("CMDB-04")
def test_the_share_of_important_assets_covered_by_items_opens_its_two_lists(cast: Cast) -> None:
    actor = cast.mona.actor
    none = queries.coverage(actor)
    assert (none.total, none.percent) == (0, None)
    covered = [make_asset(cast, f"IT-{n}", is_important=True, item=make_item(f"i-{n}")) for n in range(3)]
    bare = make_asset(cast, "IT-3", is_important=True)
    gone = make_asset(cast, "IT-4", is_important=True, item=make_item("i-4"))
    Item.objects.filter(name="i-4").update(is_active=False, state="retired")
    make_asset(cast, "IT-5", is_important=True, received_on=None)  # ordered: not there yet
    make_asset(cast, "IT-6")
    found = queries.coverage(actor)
    lists = {
        part: set(queries.listed(actor, Choice(coverage=part), TODAY)) for part in ("covered", "missing")
    }
    assert lists == {"covered": set(covered), "missing": {bare, gone}}
    assert (found.covered, found.missing) == (len(lists["covered"]), len(lists["missing"]))
    assert found.percent == 60


@pytest.mark.req("CMDB-04")
def test_the_page_says_no_data_where_there_is_none_and_each_number_opens_its_list(
    cast: Cast, client_of: Any
) -> None:
    mona = client_of(cast.mona)
    assert b"No data" in mona.get("/assets/coverage/").content
    make_asset(cast, "IT-1", is_important=True, item=make_item("i-1"))
    make_asset(cast, "IT-2", is_important=True)
    page = mona.get("/assets/coverage/").content.decode()
    assert "50" in page
    for part in ("covered", "missing"):
        assert f"coverage={part}" in page
        listed = mona.get(f"/assets/?coverage={part}")
        assert len(listed.context["rows"]) == 1
    by_customer = mona.get(f"/assets/?coverage=missing&customer={cast.acme.pk}")
    assert len(by_customer.context["rows"]) == 1


@pytest.mark.req("CMDB-10")
def test_an_agreement_lists_the_items_and_assets_it_is_about(cast: Cast) -> None:
    phone = Service.objects.create(code="phone", name_en="Telephone", support_team=cast.desk)
    version = make_agreement(cast.calendar, cast.acme)
    own, shared, other = make_item("own", of=cast.acme), make_item("shared"), make_item("idle")
    foreign = make_item("foreign", of=cast.globex)
    ItemService.objects.create(item=shared, service=cast.mail)
    asset = make_asset(cast, "IT-1")
    twin = make_asset(cast, "IT-2", item=own)
    make_asset(cast, "IT-3", customer=cast.globex)
    assert [row.agreement.code for row in contracts.in_force(cast.mona.actor, MONDAY)] == ["acme"]
    found = contracts.objects_of(version, cast.mona.actor)
    assert set(found.items) == {own, shared}
    assert set(found.assets) == {asset}
    assert [row["asset"] for row in found.rows()] == [twin, None, asset]
    assert {other, foreign}.isdisjoint(found.items)
    limited = make_agreement(cast.calendar, cast.globex, terms={"calendar": "office", "services": ["phone"]})
    ItemService.objects.create(item=foreign, service=cast.mail)
    bare, carrier = make_item("bare", of=cast.globex), make_item("pbx")
    ItemService.objects.create(item=carrier, service=phone)
    narrowed = contracts.objects_of(limited, cast.mona.actor)
    assert set(narrowed.items) == {bare, carrier}


@pytest.mark.req("CMDB-10")
def test_the_list_of_service_objects_is_a_page_and_a_table_for_download(cast: Cast, client_of: Any) -> None:
    make_agreement(cast.calendar, cast.acme)
    make_item("=danger", of=cast.acme)
    make_asset(cast, "IT-1", location="Suzhou")
    mona = client_of(cast.mona)
    assert "acme" in mona.get("/assets/contracts/").content.decode()
    page = mona.get("/assets/contracts/acme/?part=assets").content.decode()
    assert "IT-1" in page
    answer = mona.get("/assets/contracts/acme/objects.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv")
    assert len(text.strip().splitlines()) == 3
    assert "'=danger" in text
    assert "Suzhou" in text


def test_who_works_for_another_customer_finds_no_such_contract(cast: Cast, client_of: Any) -> None:
    make_agreement(cast.calendar, cast.acme)
    confined = make_user("conny", cast.provider)
    Grant.objects.create(user=confined, role=Role.MANAGER, organisation=cast.globex)
    assert client_of(confined).get("/assets/contracts/acme/").status_code == 404
    assert client_of(confined).get("/assets/contracts/acme/objects.csv").status_code == 404
    assert client_of(cast.carla).get("/assets/contracts/acme/").status_code in (302, 403)
