"""What one department enters, the others see with their next look: nothing is carried over in batches."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from records import assignment
from tests.cast import MONDAY, Cast, make_incident


@pytest.mark.req("SD-25")
def test_what_the_desk_enters_is_there_for_the_second_line_and_the_managers_at_once(
    cast: Cast, client_of: Any
) -> None:
    alice, sven, mona = client_of(cast.alice), client_of(cast.sven), client_of(cast.mona)
    ticket = make_incident(cast)
    page = ticket.get_absolute_url()
    others: dict[str, Client] = {"second line": sven, "manager": mona}
    for name, browser in others.items():
        assert "Tried with another cable." not in browser.get(page).content.decode(), name
    url = reverse("incidents:comment", args=[ticket.number])
    said = alice.post(url, {"body": "Tried with another cable.", "visibility": "internal"})
    assert said.status_code in (200, 302)
    for name, browser in others.items():
        assert "Tried with another cable." in browser.get(page).content.decode(), name
    api = sven.get(f"/api/v1/incidents/{ticket.number}/comments/").json()["results"]
    assert "Tried with another cable." in [row["text"] for row in api]


@pytest.mark.req("SD-25")
def test_a_ticket_handed_on_stands_in_the_other_departments_queue_at_once(cast: Cast, client_of: Any) -> None:
    ticket = make_incident(cast, title="For the experts")
    sven: Client = client_of(cast.sven)
    find = reverse("records:search")
    assert "For the experts" in sven.get(find, {"q": ticket.number}, follow=True).content.decode()
    assignment.escalate(ticket, team=None, reason="skill", actor=cast.alice.actor, now=MONDAY)
    answer = sven.get(f"/api/v1/incidents/?team={cast.second.code}")
    assert answer.status_code == 200, answer.content
    found = answer.json()["results"]
    assert [row["number"] for row in found] == [ticket.number]
