"""Licences against installations, and unauthorised software that was found (CMDB-09)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.access import Denied, Role
from accounts.models import Grant
from actions.models import Action
from assets import installations, licences, register
from assets.licensing import Verdict
from assets.models import Licence, SoftwareFinding
from cmdb.models import Item, Relation, RelationType
from tests.assets.making import TODAY, install, make_asset, make_item
from tests.cast import MONDAY, Cast, make_user


def make_licence(cast: Cast, software: Item, **over: Any) -> Licence:
    facts = {
        "software": software, "metric": "device", "quantity": 2, "valid_from": date(2025, 1, 1),
        "currency": "CNY", **over,
    }  # fmt: skip
    return licences.save(None, facts, actor=cast.mona.actor, now=MONDAY)


def standing(software: Item) -> Any:
    return installations.uses([software], today=TODAY)[0].standing


@pytest.fixture
def office() -> Item:
    return make_item("WPS Office", category="software")


@pytest.mark.req("CMDB-09")
def test_installations_are_counted_from_relations_against_the_licence(cast: Cast, office: Item) -> None:
    laptops = [make_item(f"laptop-{n}", of=cast.acme) for n in range(3)]
    assert standing(office).verdict is Verdict.UNUSED
    install(office, *laptops[:2])
    assert standing(office).verdict is Verdict.UNLICENSED
    licence = make_licence(cast, office)
    assert licence.number.startswith("LIC")
    assert (standing(office).verdict, standing(office).used, standing(office).entitled) == ("in_order", 2, 2)
    install(office, laptops[2])
    assert (standing(office).verdict, standing(office).over) == (Verdict.OVER_USED, 1)
    Item.objects.filter(pk=laptops[0].pk).update(is_active=False, state="retired")
    assert standing(office).verdict is Verdict.IN_ORDER


@pytest.mark.req("CMDB-09")
def test_a_licence_that_ends_is_shown_as_ending_and_then_as_expired(cast: Cast, office: Item) -> None:
    install(office, make_item("laptop-1"))
    make_licence(cast, office, valid_until=TODAY + timedelta(days=30))
    assert standing(office).verdict is Verdict.ENDS_SOON
    later = installations.uses([office], today=TODAY + timedelta(days=31))[0].standing
    assert later.verdict is Verdict.EXPIRED


@pytest.mark.req("CMDB-09")
def test_users_are_the_people_with_the_devices_and_sites_their_places(cast: Cast, office: Item) -> None:
    laptops = [make_item(f"laptop-{n}", of=cast.acme, site="Suzhou") for n in range(3)]
    install(office, *laptops)
    for n, laptop in enumerate(laptops[:2]):
        asset = make_asset(cast, f"IT-{n}", item=laptop)
        register.hand_out(
            asset, user=cast.rita, location="", actor=cast.alice.actor, now=MONDAY, expected_version=None
        )
    licence = make_licence(cast, office, metric="user", quantity=5)
    assert standing(office).used == 2  # rita with two laptops, and one laptop nobody is known of
    person = make_item("Wang Lei", category="user")
    Relation.objects.create(source=person, target=office, type=RelationType.objects.get(code="uses"))
    assert standing(office).used == 3
    licences.save(licence, {"metric": "site"}, actor=cast.mona.actor, now=MONDAY, expected_version=1)
    assert standing(office).used == 1


def test_licences_of_one_software_are_counted_alike(cast: Cast, office: Item) -> None:
    make_licence(cast, office)
    with pytest.raises(ValidationError) as refused:
        make_licence(cast, office, metric="user")
    assert "metric" in refused.value.message_dict
    with pytest.raises(ValidationError) as no_software:
        make_licence(cast, make_item("laptop-1"))
    assert "software" in no_software.value.message_dict
    with pytest.raises(Denied):
        licences.save(None, {"software": office}, actor=cast.alice.actor, now=MONDAY)


@pytest.mark.req("CMDB-09")
def test_documents_of_a_licence_are_kept_and_handed_out_no_more_when_removed(
    cast: Cast, office: Item, client_of: Any
) -> None:
    licence = make_licence(cast, office)
    upload = SimpleUploadedFile("certificate.pdf", b"%PDF-1.4")
    document = licences.add_document(licence, upload=upload, actor=cast.mona.actor, now=MONDAY)
    url = f"/assets/licences/{licence.number}/documents/{document.pk}/"
    answer = client_of(cast.alice).get(url)
    assert b"".join(answer.streaming_content) == b"%PDF-1.4"
    assert client_of(cast.carla).get(url).status_code in (302, 403)
    licences.remove_document(document, actor=cast.mona.actor, now=MONDAY)
    licences.remove_document(document, actor=cast.mona.actor, now=MONDAY)
    assert client_of(cast.alice).get(url).status_code == 404
    verbs = list(licence.entries.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["entered", "document", "document_removed"]


def test_who_sees_a_licence_follows_the_software(cast: Cast) -> None:
    confined = make_user("conny", cast.provider)
    Grant.objects.create(user=confined, role=Role.MANAGER, organisation=cast.globex)
    licence = make_licence(cast, make_item("CAD", category="software", of=cast.acme))
    assert not Licence.objects.visible_to(confined.actor).exists()
    with pytest.raises(Denied):
        licences.end(licence, reason="x", actor=confined.actor, now=MONDAY)
    Item.objects.update(customer=cast.globex)
    assert Licence.objects.visible_to(confined.actor).get() == licence
    assert not Licence.objects.visible_to(cast.carla.actor).exists()


def test_a_licence_that_was_given_up_counts_no_more(cast: Cast, office: Item) -> None:
    install(office, make_item("laptop-1"))
    licence = make_licence(cast, office)
    licences.end(licence, reason="Replaced", actor=cast.mona.actor, now=MONDAY)
    assert standing(office).verdict is Verdict.UNLICENSED


@pytest.mark.req("CMDB-09")
def test_unauthorised_software_that_was_found_becomes_an_action_once(cast: Cast) -> None:
    asset = make_asset(cast)
    facts: dict[str, Any] = {
        "name": "BitTorrent", "software": None, "asset": asset, "device": None, "found_on": TODAY,
        "note": "Seen by the scan", "responsible": cast.bob, "due_on": TODAY + timedelta(days=7),
        "actor": cast.alice.actor, "now": MONDAY,
    }  # fmt: skip
    found = licences.record_finding(**facts)
    assert licences.record_finding(**facts) == found
    assert SoftwareFinding.objects.count() == 1
    task = Action.objects.get()
    assert found.action == task
    assert (task.assignee, task.customer) == (cast.bob, cast.acme)
    assert "BitTorrent" in task.title
    assert asset.entries.filter(verb="found").count() == 1
    with pytest.raises(ValidationError) as nowhere:
        licences.record_finding(**{**facts, "asset": None})
    assert "asset" in nowhere.value.message_dict
    with pytest.raises(Denied):
        licences.record_finding(**{**facts, "actor": cast.carla.actor})
