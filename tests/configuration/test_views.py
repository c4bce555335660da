"""The pages of the register: list, item, forms that ask for a change, types without code, the report."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

import changes.reading
from accounts.models import User
from accounts.pages import now_utc
from changes.services import open_change
from cmdb import services
from cmdb.authority import Authority
from cmdb.models import Alteration, Item, ItemAttribute, ItemService, ItemType, Relation
from tests.cast import MONDAY, Cast, make_incident
from tests.cmdb.made import a_type, an_attribute, an_item, approved, relation_type
from tests.problems.made import known_error

ClientOf = Callable[[Any], Client]


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> dict[str, Authority]:
    """Changes by number, as far as the register asks for them."""
    known: dict[str, Authority] = {}
    real = changes.reading.authority

    def authority(number: str, *, actor: Any) -> Authority:
        return known[number] if number in known else real(number, actor=actor)

    monkeypatch.setattr(changes.reading, "authority", authority)
    return known


def posted(item: Item, **over: Any) -> dict[str, Any]:
    """What the form of an item sends."""
    facts = {
        "name": item.name,
        "customer": item.customer_id or "",
        "site": item.site,
        "state": item.state,
        "owner": item.owner_id or "",
        "revision": item.revision,
        "change": "",
        "version": item.version,
    }
    return {**facts, **over}


def test_the_list_is_narrowed_and_found_by_words(cast: Cast, client_of: ClientOf) -> None:
    an_attribute(a_type(), "os", kind="choice", choices=[{"code": "kylin", "en": "Kylin", "zh": "麒麟"}])
    one = an_item(
        cast, "DB-1", attributes={"os": "kylin"}, owner=cast.alice, customer=cast.acme, site="Room 1"
    )
    an_item(cast, "APP-1", item_type=a_type("application", "software"), state="planned")
    services.name_service(one, cast.mail, actor=cast.mona.actor, now=MONDAY)
    browser = client_of(cast.alice)
    only_one = (
        "type=server", "state=in_use", "owner=me", f"owner={cast.alice.pk}", f"customer={cast.acme.pk}",
        f"service={cast.mail.pk}", "q=db-1", f"q={one.number}", "q=麒麟", "q=kylin", "q=room",
    )  # fmt: skip
    for query in only_one:
        page = browser.get(f"/configuration/?{query}").content.decode()
        assert "DB-1" in page, query
        assert "APP-1" not in page, query
    for query in ("customer=none", "owner=none", "category=software", "q=app"):
        page = browser.get(f"/configuration/?{query}").content.decode()
        assert "APP-1" in page, query
        assert ">DB-1<" not in page, query


def test_the_list_goes_by_keyset_and_survives_odd_addresses(cast: Cast, client_of: ClientOf) -> None:
    kind = a_type()
    Item.objects.bulk_create([Item(name=f"S-{n:03}", type=kind) for n in range(120)])
    browser = client_of(cast.alice)
    seen: list[str] = []
    url = "/configuration/?type=server"
    while url:
        context = browser.get(url).context
        seen += [row["item"].name for row in context["rows"]]
        url = f"/configuration/{context['after']}" if context["after"] else ""
    assert seen == [f"S-{n:03}" for n in range(120)]
    back = browser.get(f"/configuration/{context['before']}").context
    assert [row["item"].name for row in back["rows"]] == seen[50:100]
    for odd in (
        "after=%00",
        "after=x",
        "order=password",
        "state=%27",
        "owner=9999999999999999999999",
        "type=x",
    ):
        assert browser.get(f"/configuration/?{odd}").status_code == 200, odd


@pytest.mark.req("CMDB-02")
@pytest.mark.req("CMDB-06")
def test_an_item_shows_facts_both_ways_of_relations_and_its_history(cast: Cast, client_of: ClientOf) -> None:
    an_attribute(a_type(), "ram", kind="number")
    server = an_item(cast, "SRV-1", attributes={"ram": 64}, owner=cast.alice)
    application = an_item(cast, "APP-1", item_type=a_type("application", "software"))
    services.relate(application, server, relation_type("runs_on"), actor=cast.mona.actor, now=MONDAY)
    make_incident(cast, item=server, title="Fan is loud")
    browser = client_of(cast.bob)
    page = browser.get(f"/configuration/{server.number}/").content.decode()
    for word in ("SRV-1", server.number, "Alice", "64", "carries", "APP-1", "Fan is loud", "Added"):
        assert word in page, word
    other = browser.get(f"/configuration/{application.pk}/").content.decode()
    assert "runs on" in other
    cast.bob.language = "zh-hans"
    cast.bob.save()
    assert "承载" in client_of(cast.bob).get(f"/configuration/{server.number}/").content.decode()


@pytest.mark.req("CMDB-05")
def test_a_controlled_fact_asks_for_the_change_by_number(
    cast: Cast, client_of: ClientOf, change: dict[str, Authority]
) -> None:
    item = an_item(cast)
    browser = client_of(cast.mona)
    url = f"/configuration/{item.number}/edit/"
    refused = browser.post(url, posted(item, state="maintenance"))
    assert refused.status_code == 422
    assert "“state” is under control: name the approved change." in refused.content.decode()
    unknown = browser.post(url, posted(item, state="maintenance", change="CHG0009999"))
    assert "There is no change of this number." in unknown.content.decode()
    change["CHG0000001"] = Authority("CHG0000001", frozenset(), is_approved=True)
    other = browser.post(url, posted(item, state="maintenance", change="CHG0000001"))
    assert "CHG0000001 does not name this item" in other.content.decode()
    change["CHG0000001"] = approved(item)
    assert browser.post(url, posted(item, state="maintenance", change="CHG0000001")).status_code == 302
    item.refresh_from_db()
    assert item.state == "maintenance"
    history = browser.get(f"/configuration/{item.number}/").content.decode()
    assert history.count("No change was named") == 1
    assert "CHG0000001" in history


@pytest.mark.req("CMDB-05")
def test_who_may_not_is_told_so_in_words_and_it_is_written_down(cast: Cast, client_of: ClientOf) -> None:
    item = an_item(cast)
    refused = client_of(cast.alice).post(f"/configuration/{item.number}/edit/", posted(item, site="X"))
    assert refused.status_code == 403
    assert f"You may alter {item.number} only by an approved change" in refused.content.decode()
    assert Alteration.objects.get(item=item, is_refused=True).refusal == "not_permitted"


def test_an_owner_alters_by_the_form_and_cannot_say_whose_or_how_important(
    cast: Cast, client_of: ClientOf
) -> None:
    item = an_item(cast, owner=cast.alice, customer=cast.acme)
    over = {"site": "Room 9", "customer": cast.globex.pk, "is_important": "on"}
    answer = client_of(cast.alice).post(f"/configuration/{item.number}/edit/", posted(item, **over))
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.site, item.customer, item.is_important) == ("Room 9", cast.acme, False)


def test_an_item_of_the_provider_keeps_its_customer(cast: Cast, client_of: ClientOf) -> None:
    item = an_item(cast, customer=cast.provider)
    answer = client_of(cast.mona).post(f"/configuration/{item.number}/edit/", posted(item, site="X"))
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.site, item.customer) == ("X", cast.provider)


def test_a_stale_form_is_kept_and_said_so(cast: Cast, client_of: ClientOf) -> None:
    item = an_item(cast)
    services.alter_item(item, {"site": "A"}, actor=cast.mona.actor, now=MONDAY)
    answer = client_of(cast.mona).post(f"/configuration/{item.number}/edit/", posted(item, site="B"))
    assert answer.status_code == 409
    assert "Somebody altered this item" in answer.content.decode()
    assert 'value="2"' in answer.content.decode()


def test_adding_chooses_a_type_and_asks_for_its_attributes(cast: Cast, client_of: ClientOf) -> None:
    an_attribute(a_type(), "ram", kind="number", is_required=True)
    browser = client_of(cast.mona)
    assert "?type=server" in browser.get("/configuration/new/").content.decode()
    url = "/configuration/new/?type=server"
    facts = {"name": "DB-9", "state": "in_use", "attr_ram": "much", "owner": cast.bob.pk}
    wrong = browser.post(url, facts)
    assert wrong.status_code == 422
    assert "Not a number." in wrong.content.decode()
    assert browser.post(url, {**facts, "attr_ram": "64"}).status_code == 302
    item = Item.objects.get(name="DB-9")
    assert (item.attributes, item.owner) == ({"ram": 64}, cast.bob)
    again = browser.post(url, {**facts, "attr_ram": "64"})
    assert "There is an item of this name already." in again.content.decode()


@pytest.mark.req("CMDB-06")
def test_relating_goes_both_ways_and_refuses_itself_and_circles(cast: Cast, client_of: ClientOf) -> None:
    kind = relation_type("part_of")
    part, whole = an_item(cast, "PART"), an_item(cast, "WHOLE")
    browser = client_of(cast.mona)
    assert (
        browser.post(
            f"/configuration/{whole.number}/relate/", {"way": f"in-{kind.pk}", "other": part.pk}
        ).status_code
        == 302
    )
    relation = Relation.objects.get()
    assert (relation.source, relation.target) == (part, whole)
    itself = browser.post(f"/configuration/{part.number}/relate/", {"way": f"in-{kind.pk}", "other": part.pk})
    assert "An item is not related to itself." in itself.content.decode()
    circle = browser.post(
        f"/configuration/{whole.number}/relate/", {"way": f"out-{kind.pk}", "other": part.pk}
    )
    assert circle.status_code == 422
    assert "That would go in a circle" in circle.content.decode()
    gone = browser.post(f"/configuration/{part.number}/relations/{relation.pk}/", {})
    assert gone.status_code == 302
    assert not Relation.objects.exists()


def test_services_are_named_and_removed_and_an_item_is_retired(
    cast: Cast, client_of: ClientOf, change: dict[str, Authority]
) -> None:
    item = an_item(cast)
    browser = client_of(cast.mona)
    base = f"/configuration/{item.number}"
    assert browser.post(f"{base}/service/", {"service": cast.mail.pk}).status_code == 302
    row = ItemService.objects.get(item=item, service=cast.mail)
    assert browser.post(f"{base}/services/{row.pk}/", {}).status_code == 302
    assert not ItemService.objects.exists()
    user = an_item(cast, "APP-1")
    services.relate(user, item, relation_type("runs_on"), actor=cast.mona.actor, now=MONDAY)
    assert "1 item in use needs it." in browser.get(f"{base}/retire/").content.decode()
    assert browser.post(f"{base}/retire/", {"version": 1}).status_code == 422
    change["CHG0000001"] = approved(item)
    assert browser.post(f"{base}/retire/", {"version": 1, "change": "CHG0000001"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.is_active) == ("retired", False)


@pytest.mark.req("CMDB-01")
def test_types_and_attributes_are_made_without_code(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.mona)
    made = browser.post(
        "/configuration/types/new/",
        {"name_en": "Meeting room", "name_zh": "会议室", "code": "room", "category": "site", "prefix": "rm"},
    )
    assert made.status_code == 302
    url = "/configuration/types/room"
    attribute = {"name_en": "Seats", "name_zh": "座位", "code": "seats", "kind": "number", "position": 1}
    assert browser.post(f"{url}/new/", attribute).status_code == 302
    floor = {
        "name_en": "Floor",
        "code": "floor",
        "kind": "choice",
        "position": 2,
        "choices": "g | Ground | 一层",
    }
    assert browser.post(f"{url}/new/", floor).status_code == 302
    item = an_item(cast, "Blue", item_type=ItemType.objects.get(code="room"), attributes={"seats": 12})
    assert item.number == "RM000001"
    page = browser.get(f"/configuration/{item.number}/edit/").content.decode()
    assert "Seats" in page
    assert "Ground" in page
    kept = browser.post(f"{url}/seats/", {**attribute, "kind": "text"})
    assert kept.status_code == 422
    assert "1 item has a value of this attribute" in kept.content.decode()
    assert browser.post(f"{url}/seats/drop/").status_code == 302
    assert browser.post(f"{url}/floor/drop/").status_code == 302
    assert list(ItemAttribute.objects.values_list("code", flat=True)) == ["seats"]
    taken = browser.post(
        "/configuration/types/new/", {"name_en": "X", "code": "x", "category": "site", "prefix": "INC"}
    )
    assert "Tickets or other records are numbered so." in taken.content.decode()


@pytest.mark.req("CMDB-12")
def test_every_number_of_the_report_opens_its_list(
    cast: Cast, client_of: ClientOf, change: dict[str, Authority]
) -> None:
    item = an_item(cast, is_important=True)
    an_item(cast, "DB-2", owner=cast.alice, state="planned")
    services.alter_item(item, {"site": "B"}, actor=cast.mona.actor, now=MONDAY + timedelta(days=1))
    with pytest.raises(Exception, match="under control"):
        services.alter_item(item, {"revision": "2"}, actor=cast.mona.actor, now=MONDAY)
    services.retire(item, authority=approved(item), actor=cast.mona.actor, now=MONDAY)
    browser = client_of(cast.alice)
    for period in ("2026-Q1", "2026"):
        page = browser.get(f"/configuration/report/?period={period}")
        counts = {key: n for key, _label, n in page.context["counts"]}
        wanted = {
            "added": 2,
            "altered": 2,
            "retired": 1,
            "by_change": 1,
            "refused": 1,
            "refused-no_change": 1,
        }
        assert {key: counts[key] for key in wanted} == wanted
        for key, _label, n in page.context["counts"]:
            listed = browser.get(f"/configuration/alterations/?period={period}&part={key}")
            assert listed.context["page"].paginator.count == n, key
        assert page.context["gaps"] == {"without_owner": 0, "important_without_owner": 0, "important": 0}
        (row,) = page.context["types"]
        for state, n in row["states"]:
            found = browser.get(f"/configuration/?type=server&state={state}").context["rows"]
            assert len(found) == n, state
    assert browser.get("/configuration/report/?period=2025-Q4").context["counts"][0][2] == 0
    assert browser.get("/configuration/report/?period=nonsense").status_code == 200


@pytest.mark.req("CMDB-11")
def test_what_goes_on_around_an_item_is_read_beside_a_ticket(cast: Cast, client_of: ClientOf) -> None:
    item = an_item(cast)
    make_incident(cast, item=item, title="Disk is full")
    known = known_error(cast, title="Controller forgets its disks", items=[item])
    open_change(
        title="New firmware", description="For the controller.", category="normal", nature="component",
        items=[item], actor=cast.alice.actor, now=now_utc(),
    )  # fmt: skip
    services.alter_item(item, {"site": "Room 9"}, actor=cast.mona.actor, now=now_utc())
    browser = client_of(cast.alice)
    page = browser.get(f"/configuration/beside/?item={item.pk}").content.decode()
    for word in ("Disk is full", "New firmware", "Controller forgets its disks", "Room 9"):
        assert word in page, word
    without = browser.get(f"/configuration/beside/?item={item.pk}&known=no").content.decode()
    assert known.title not in without
    assert "Disk is full" in without
    assert browser.get("/configuration/beside/?item=77777").content == b""
    assert browser.get("/configuration/beside/").content == b""


def test_another_customers_item_is_not_there_for_a_scoped_agent(cast: Cast, client_of: ClientOf) -> None:
    from accounts.access import Role
    from accounts.models import Grant
    from tests.cast import make_user

    agent = make_user("ann", cast.provider)
    Grant.objects.create(user=agent, role=Role.AGENT, organisation=cast.acme)
    item = an_item(cast, "SECRET", customer=cast.globex)
    browser = client_of(User.objects.get(pk=agent.pk))
    assert "SECRET" not in browser.get("/configuration/").content.decode()
    for part in ("", "impact/", "edit/"):
        assert browser.get(f"/configuration/{item.number}/{part}").status_code == 404
    assert "SECRET" not in browser.get("/configuration/alterations/?period=2026-Q1").content.decode()
