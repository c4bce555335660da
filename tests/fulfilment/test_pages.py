"""The pages of desk and portal, through the browser's requests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fulfilment import offerings, services
from fulfilment.models import ServiceRequest
from tests.cast import MONDAY, Cast
from tests.fulfilment.orders import COLOUR, WHICH, make_offering, make_request

ClientOf = Callable[[Any], Client]


def offering_url(code: str = "chair") -> str:
    return reverse("portal:offering", args=[code])


def ticket_url(request: ServiceRequest, name: str = "portal:detail") -> str:
    return reverse(name, args=[request.number])


# --- portal ----------------------------------------------------------------------------------


@pytest.mark.req("REQ-02")
def test_a_customer_finds_an_entry_with_price_and_duration_and_orders_it(
    cast: Cast, client_of: ClientOf
) -> None:
    make_offering(
        cast, price="120.00", unit={"en": "piece", "zh": "把"}, duration={"en": "Two days", "zh": "两天"},
        fields=[COLOUR, WHICH],
    )  # fmt: skip
    rita = client_of(cast.rita)
    assert "New chair" in rita.get(reverse("portal:catalogue"), {"q": "chair"}).content.decode()
    page = rita.get(offering_url()).content.decode()
    assert "CNY 120.00 / piece" in page
    assert "Two days" in page
    sent = {"edition": 1, "quantity": 2, "q_colour": "other", "q_which": "Green"}
    told = rita.post(offering_url(), sent, follow=True)
    request = ServiceRequest.objects.get()
    assert told.redirect_chain[-1][0] == ticket_url(request)
    assert (request.title, request.quantity) == ("New chair × 2", 2)
    assert [(row["key"], row["value"]) for row in request.answers] == [
        ("colour", "other"),
        ("which", "Green"),
    ]
    page = told.content.decode()
    assert "Green" in page
    assert request.number in page
    assert "Take the request back" in page


def test_what_is_hidden_is_neither_needed_nor_kept(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast, fields=[COLOUR, WHICH])
    rita = client_of(cast.rita)
    missing = rita.post(offering_url(), {"edition": 1, "quantity": 1, "q_colour": "other"})
    assert missing.status_code == 422
    assert "This is needed." in missing.content.decode()
    sent = {"edition": 1, "quantity": 1, "q_colour": "red", "q_which": "smuggled in"}
    assert rita.post(offering_url(), sent).status_code == 302
    assert [row["key"] for row in ServiceRequest.objects.get().answers] == ["colour"]


def test_an_order_sent_twice_is_one_order(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    rita = client_of(cast.rita)
    once = rita.get(offering_url()).context["form"]["once"].value()
    sent = {"edition": 1, "quantity": 1, "once": str(once)}
    first, second = rita.post(offering_url(), sent), rita.post(offering_url(), sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert ServiceRequest.objects.count() == 1


@pytest.mark.req("REQ-18")
def test_an_entry_that_is_away_says_so_and_takes_no_order(cast: Cast, client_of: ClientOf) -> None:
    offering = make_offering(cast)
    offerings.make_unavailable(
        offering, words_en="No wood.", words_zh="缺料。", until=None, actor=cast.mona.actor, now=MONDAY
    )
    rita = client_of(cast.rita)
    assert "No wood." in rita.get(offering_url()).content.decode()
    assert rita.post(offering_url(), {"edition": 1, "quantity": 1}).status_code == 422
    assert not ServiceRequest.objects.exists()


@pytest.mark.req("REQ-05")
def test_a_customer_sees_nothing_of_anothers_entries_and_requests(cast: Cast, client_of: ClientOf) -> None:
    offering = make_offering(cast)
    offerings.settle(
        offering, service=cast.mail, kind="standard", audience="named", organisations=[cast.acme],
        for_contacts_only=False, actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    request = make_request(cast, offering)
    charlie = client_of(cast.charlie)
    assert "New chair" not in charlie.get(reverse("portal:catalogue")).content.decode()
    assert charlie.get(offering_url()).status_code == 404
    assert charlie.get(ticket_url(request)).status_code == 404
    assert charlie.post(ticket_url(request, "portal:take-back")).status_code == 404
    assert request.number not in charlie.get(reverse("portal:list")).content.decode()
    found = charlie.get(reverse("portal:search"), {"q": "chair"}).content.decode()
    assert request.number not in found
    assert "New chair" not in found


def test_the_portal_shows_requests_among_the_tickets_and_asks_to_confirm(
    cast: Cast, client_of: ClientOf
) -> None:
    request = services.start(make_request(cast), actor=cast.alice.actor, now=MONDAY)
    rita = client_of(cast.rita)
    assert request.number in rita.get(reverse("portal:home")).content.decode()
    services.fulfil(request, outcome="Delivered.", actor=cast.alice.actor, now=MONDAY)
    page = rita.get(ticket_url(request)).content.decode()
    assert "Is everything as ordered?" in page
    assert "Delivered." in page
    again = rita.post(ticket_url(request, "portal:reopen"), {"reason": "One leg is missing."})
    request.refresh_from_db()
    assert again.status_code == 302
    assert request.state == "in_fulfilment"
    services.fulfil(request, outcome="Leg added.", actor=cast.alice.actor, now=MONDAY)
    rita.post(ticket_url(request, "portal:confirm"))
    request.refresh_from_db()
    assert request.state == "closed"


# --- desk ------------------------------------------------------------------------------------


def test_a_request_stands_in_the_desks_queue_and_is_worked_off_there(cast: Cast, client_of: ClientOf) -> None:
    request = make_request(cast, make_offering(cast, fields=[COLOUR]), given={"colour": "red"})
    alice = client_of(cast.alice)
    queue = alice.get(reverse("records:queue"), {"view": "all"}).content.decode()
    assert request.get_absolute_url() in queue
    page = alice.get(request.get_absolute_url()).content.decode()
    assert "Red" in page
    assert "Start work" in page
    act = reverse("fulfilment:act", args=[request.number, "start"])
    assert alice.post(act, {"version": request.version}).status_code == 302
    assert alice.post(act, {"version": request.version}).status_code == 409
    fulfil = reverse("fulfilment:act", args=[request.number, "fulfil"])
    request.refresh_from_db()
    assert alice.post(fulfil, {"version": request.version, "outcome": ""}).status_code == 422
    done = alice.post(
        fulfil, {"version": request.version, "outcome": "There."}, headers={"HX-Request": "true"}
    )
    assert done.status_code == 200
    assert "Saved." in done.content.decode()


def test_an_agent_orders_for_a_customer(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast, fields=[COLOUR])
    alice = client_of(cast.alice)
    address = f"{reverse('fulfilment:new')}?requester={cast.rita.pk}&offering=chair"
    form = alice.get(address).context["form"]
    sent = {
        "edition": 1, "quantity": 1, "channel": "phone", "once": str(form["once"].value()), "q_colour": "red",
    }  # fmt: skip
    assert alice.post(address, {**sent, "q_colour": ""}).status_code == 422
    first, second = alice.post(address, sent), alice.post(address, sent)
    request = ServiceRequest.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == request.get_absolute_url()
    assert (request.requester, request.owner, request.channel) == (cast.rita, cast.alice, "phone")


def test_customers_are_not_at_the_desk(cast: Cast, client_of: ClientOf) -> None:
    request = make_request(cast)
    for person in (cast.rita, cast.charlie):
        assert client_of(person).get(request.get_absolute_url()).status_code == 302
