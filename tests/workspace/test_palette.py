"""The palette's answers: tickets by number and words, customers, people, services; and following by key."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Grant, User
from records.models import Watch
from tests.cast import Cast, make_incident

ClientOf = Callable[[User], Client]


def found(client: Client, text: str) -> dict[str, list[str]]:
    groups: list[dict[str, Any]] = client.get("/palette/", {"q": text}).json()["groups"]
    return {group["key"]: [item["text"] for item in group["items"]] for group in groups}


def test_a_ticket_is_found_by_its_number_however_it_is_written_and_by_its_words(
    cast: Cast, client_of: ClientOf
) -> None:
    incident, alice = make_incident(cast, title="三楼打印机无法打印"), client_of(cast.alice)
    line = f"{incident.number} 三楼打印机无法打印"
    digits = incident.number.removeprefix("INC").lstrip("0")
    for text in (incident.number, incident.number.lower(), f"inc{digits}", digits, "打印机"):
        assert line in found(alice, text)["tickets"], text


def test_customers_people_and_services_lead_to_their_pages(cast: Cast, client_of: ClientOf) -> None:
    alice = client_of(cast.alice)
    for text, group, line in (
        ("acm", "customers", "Acme"),
        ("rit", "people", "Rita"),
        ("e-m", "services", "E-mail"),
    ):
        groups = {g["key"]: g["items"] for g in alice.get("/palette/", {"q": text}).json()["groups"]}
        assert line in [item["text"] for item in groups[group]]
        assert alice.get(groups[group][0]["url"]).status_code == 200


@pytest.mark.parametrize(
    "text", ["", " ", "a", "\0", "'", "%", "\\", "x" * 500, "INC", "9" * 12, "(((", "zz9"]
)
def test_odd_questions_find_nothing_or_something_and_break_nothing(
    cast: Cast, client_of: ClientOf, text: str
) -> None:
    assert client_of(cast.alice).get("/palette/", {"q": text}).status_code == 200


def test_nothing_of_customers_one_does_not_cover_is_offered(cast: Cast, client_of: ClientOf) -> None:
    theirs = make_incident(cast, customer=cast.globex, requester=cast.charlie, title="Secret plan")
    Grant.objects.filter(user=cast.alice).update(organisation=cast.acme)
    alice = client_of(User.objects.get(pk=cast.alice.pk))
    for text in (theirs.number, "Secret", "Globex", "Charlie"):
        assert found(alice, text) == {}
    for person in (cast.rita, cast.charlie, cast.robot):
        assert client_of(person).get("/palette/", {"q": "Secret"}).status_code in (302, 403)


def test_following_is_a_switch(cast: Cast, client_of: ClientOf) -> None:
    incident, alice = make_incident(cast), client_of(cast.alice)
    url, json = f"/workspace/{incident.number}/watch/", {"Accept": "application/json"}
    Watch.objects.filter(user=cast.alice).delete()
    first = alice.post(url, headers=json).json()
    assert (first["follows"], Watch.objects.filter(record=incident, user=cast.alice).count()) == (True, 1)
    assert alice.post(url, headers=json).json()["follows"] is False
    assert alice.post(url).status_code == 302
    assert Watch.objects.filter(record=incident, user=cast.alice).exists()
