"""The page of impact analysis: whom it concerns, directions, depth, and words where something is cut."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import incidents.services
from cmdb import services
from cmdb.models import Item, Relation
from configuration import impact
from sla.models import Agreement, AgreementVersion
from tests.cast import EARLY, MONDAY, Cast, make_agreement, make_incident
from tests.cmdb.made import a_type, an_item, relation_type

ClientOf = Callable[[Any], Client]


def tie(cast: Cast, source: Item, kind: str, target: Item) -> None:
    services.relate(source, target, relation_type(kind), actor=cast.mona.actor, now=MONDAY)


@pytest.fixture
def chain(cast: Cast) -> list[Item]:
    """SRV <- DB <- APP <- PORTAL; e-mail runs on PORTAL, which is Acme's."""
    items = [an_item(cast, name) for name in ("SRV", "DB", "APP")]
    items.append(an_item(cast, "PORTAL", customer=cast.acme))
    for below, above in pairwise(items):
        tie(cast, above, "runs_on", below)
    services.name_service(items[-1], cast.mail, actor=cast.mona.actor, now=MONDAY)
    return items


@pytest.mark.req("CMDB-06")
def test_from_an_item_to_services_customers_agreements_and_open_tickets(
    cast: Cast, chain: list[Item], client_of: ClientOf
) -> None:
    own = make_agreement(cast.calendar, cast.globex).agreement
    ticket = make_incident(cast, item=chain[3], title="Portal is slow")
    closed = make_incident(cast, item=chain[1], title="Was slow")
    incidents.services.cancel(closed, reason="mistake", actor=cast.alice.actor, now=MONDAY)
    page = client_of(cast.alice).get(f"/configuration/{chain[0].number}/impact/")
    found = page.context["found"]
    assert [item.name for _each, item in found.rows] == ["DB", "APP", "PORTAL"]
    assert found.services == [cast.mail]
    assert {row.pk for row in found.agreements} == {own.pk, cast.agreement.agreement_id}
    assert found.customers == [cast.acme, cast.globex]
    assert [row.number for row in found.tickets] == [ticket.number]
    words = page.content.decode()
    for word in ("PORTAL", "E-mail", "Globex", "Portal is slow", "3 items", "1 open ticket"):
        assert word in words, word
    assert closed.title not in words


@pytest.mark.req("CMDB-06")
def test_the_other_direction_and_the_depth_are_chosen(
    cast: Cast, chain: list[Item], client_of: ClientOf
) -> None:
    browser = client_of(cast.alice)
    url = f"/configuration/{chain[3].number}/impact/?direction=depends"
    assert [item.name for _each, item in browser.get(url).context["found"].rows] == ["APP", "DB", "SRV"]
    assert [item.name for _each, item in browser.get(f"{url}&depth=2").context["found"].rows] == ["APP", "DB"]
    assert browser.get(f"{url}&depth=-7&direction=x").context["found"].depth == 0


def test_agreements_that_ended_or_are_about_other_services_are_not_concerned(cast: Cast) -> None:
    other = make_agreement(cast.calendar, cast.globex)
    Agreement.objects.filter(pk=other.agreement_id).update(ended_at=MONDAY - timedelta(days=1))
    narrow = make_agreement(cast.calendar, cast.acme, terms={"services": ["printing"]})
    about = impact.agreements_about([cast.mail], cast.alice.actor, now=MONDAY)
    assert about == [cast.agreement.agreement]
    assert narrow.agreement not in about
    assert impact.agreements_about([], cast.alice.actor, now=MONDAY) == []
    assert AgreementVersion.objects.filter(effective_from=EARLY).count() == 3


@pytest.mark.req("CMDB-06")
def test_what_is_cut_off_is_said(cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    switch = an_item(cast, "SWITCH")
    kind, type_ = relation_type("depends_on"), a_type()
    items = Item.objects.bulk_create([Item(name=f"S-{n:03}", type=type_) for n in range(40)])
    Relation.objects.bulk_create(Relation(source=item, target=switch, type=kind) for item in items)
    for name, most in (("LIMIT", 30), ("IN_TABLE", 20), ("IN_GRAPH", 10)):
        monkeypatch.setattr(impact, name, most)
    page = client_of(cast.alice).get(f"/configuration/{switch.number}/impact/")
    words = page.content.decode()
    assert "More than 30 items are reached." in words
    assert "The graph shows the 10 nearest of 30 items" in words
    assert "10 more items are not listed here" in words
    picture = page.context["picture"]
    assert len(picture["nodes"]) == 10
    ids = {node["id"] for node in picture["nodes"]}
    assert {edge["source"] for edge in picture["edges"]} | {
        edge["target"] for edge in picture["edges"]
    } <= ids


def test_an_item_alone_says_what_to_do(cast: Cast, client_of: ClientOf) -> None:
    item = an_item(cast)
    page = client_of(cast.alice).get(f"/configuration/{item.number}/impact/").content.decode()
    assert "No other item is reached." in page
    assert f"/configuration/{item.number}/relate/" in page


def test_pages_cost_the_same_however_much_there_is(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.alice)
    hub = an_item(cast, "HUB")

    def cost(url: str) -> int:
        browser.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        return len(queries)

    def grow(count: int) -> None:
        for n in range(count):
            item = an_item(cast, f"N{Item.objects.count()}", owner=cast.alice, customer=cast.acme)
            tie(cast, item, "depends_on", hub)
            services.name_service(item, cast.mail, actor=cast.mona.actor, now=MONDAY)
            make_incident(cast, item=item, title=f"T{n}")

    urls = (
        "/configuration/",
        f"/configuration/{hub.number}/",
        f"/configuration/{hub.number}/impact/?depth=1",
    )
    grow(2)
    few = [cost(url) for url in urls]
    grow(6)
    assert [cost(url) for url in urls] == few
