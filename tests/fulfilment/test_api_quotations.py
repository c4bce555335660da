"""Quotations and access rights over HTTP: sent by the desk, decided by the customer's contact."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfilment import attainment, services
from fulfilment.models import AccessRight, Quotation, ServiceRequest
from tests.cast import MONDAY, Cast, make_cast
from tests.fulfilment.orders import make_offering, make_request

ClientOf = Callable[[Any], Client]
REQUESTS = "/api/v1/requests/"
RIGHTS = "/api/v1/access-rights/"


def post(client: Client, url: str, body: Any, **headers: str) -> Any:
    return client.post(url, body, content_type="application/json", headers=headers)


def in_days(n: int) -> str:
    return (timezone.localdate() + timedelta(days=n)).isoformat()


def lines(price: Any = "500.00") -> list[dict[str, Any]]:
    return [
        {"kind": "labour", "what": "Repair", "quantity": "2.5", "price": 300},
        {"kind": "parts", "what": "Battery", "price": price},
        {"kind": "travel", "price": 0},
    ]


def charged(cast: Cast) -> ServiceRequest:
    return make_request(cast, make_offering(cast, is_chargeable=True))


def below(request: ServiceRequest) -> str:
    return f"{REQUESTS}{request.number}/quotations/"


def sent(cast: Cast, client_of: ClientOf, request: ServiceRequest, **over: Any) -> dict[str, Any]:
    body = {"lines": lines(), "valid_until": in_days(7), **over}
    made = post(client_of(cast.alice), below(request), body)
    assert made.status_code == 201, made.content
    found: dict[str, Any] = made.json()
    return found


def fields(response: Any) -> set[str]:
    assert response.status_code == 400, response.content
    return {error["field"] for error in response.json()["errors"]}


@pytest.mark.req("REQ-15")
def test_charged_work_is_quoted_accepted_by_the_contact_and_begun(cast: Cast, client_of: ClientOf) -> None:
    request = make_request(cast)
    alice, carla = client_of(cast.alice), client_of(cast.carla)
    url = f"{REQUESTS}{request.number}/"
    assert fields(post(alice, below(request), {"lines": lines(), "valid_until": in_days(7)})) == {"lines"}
    assert "charge" in alice.get(url).json()["moves"]
    assert "charge" not in carla.get(url).json()["moves"]
    assert post(carla, f"{url}charge/", {"why": "x"}).status_code == 403
    told = post(alice, f"{url}charge/", {"why": "Outside the warranty"}).json()
    assert (told["is_chargeable"], "charge" in told["moves"]) == (True, False)
    assert post(alice, f"{url}charge/", {"why": "again"}).status_code == 409
    assert post(alice, f"{url}start/", {}).status_code == 400
    made = sent(cast, client_of, request)
    assert (made["total"], made["currency"], made["state"]["code"]) == ("1250.00", "CNY", "sent")
    assert [line["amount"] for line in made["lines"]] == ["750.00", "500.00"]
    assert alice.get(url).json()["state"]["code"] == "offered"
    (listed,) = carla.get(below(request)).json()["results"]
    assert listed["url"] == made["url"]
    done = post(carla, f"{listed['url']}accept/", {})
    assert (done.json()["state"]["code"], done.json()["decided_by"]["username"]) == ("accepted", "carla")
    assert post(carla, f"{listed['url']}decline/", {"reason": "late"}).status_code == 409
    assert post(alice, f"{url}start/", {}).json()["state"]["code"] == "in_fulfilment"
    assert post(alice, below(request), {"lines": lines(), "valid_until": in_days(7)}).status_code == 409


@pytest.mark.req("REQ-15")
def test_a_later_quotation_replaces_the_one_that_waits_and_declining_ends_the_request(
    cast: Cast, client_of: ClientOf
) -> None:
    request, carla = charged(cast), client_of(cast.carla)
    first = sent(cast, client_of, request)
    last = sent(cast, client_of, request, lines=lines("9.99"), note="Cheaper")
    assert carla.get(first["url"]).json()["state"]["code"] == "replaced"
    assert post(carla, f"{first['url']}accept/", {}).status_code == 409
    assert fields(post(carla, f"{last['url']}decline/", {})) == {"reason"}
    done = post(carla, f"{last['url']}decline/", {"reason": "Too dear"})
    assert (done.json()["state"]["code"], done.json()["reason"]) == ("declined", "Too dear")
    request.refresh_from_db()
    assert request.state == "rejected"


def test_only_the_contact_decides_and_a_manager_records_what_the_contact_said(
    cast: Cast, client_of: ClientOf
) -> None:
    request = charged(cast)
    url = sent(cast, client_of, request)["url"]
    for person, status in (
        (cast.alice, 403), (cast.robot, 403), (cast.rita, 403), (cast.charlie, 404),
    ):  # fmt: skip
        assert post(client_of(person), f"{url}accept/", {"note": "x"}).status_code == status
        assert post(client_of(person), f"{url}decline/", {"reason": "x"}).status_code == status
    assert client_of(cast.charlie).get(url).status_code == 404
    assert client_of(cast.charlie).get(below(request)).status_code == 404
    assert client_of(cast.rita).get(url).status_code == 200
    for person in (cast.rita, cast.carla):
        body = {"lines": lines(), "valid_until": in_days(7)}
        assert post(client_of(person), below(request), body).status_code == 403
    assert fields(post(client_of(cast.mona), f"{url}accept/", {})) == {"note"}
    told = post(client_of(cast.mona), f"{url}accept/", {"note": "Carla, by telephone"}).json()
    assert (told["state"]["code"], told["reason"]) == ("accepted", "Carla, by telephone")


def test_a_quotation_below_another_request_is_not_there(cast: Cast, client_of: ClientOf) -> None:
    one, other = charged(cast), make_request(cast, make_offering(cast, "desk"))
    made = sent(cast, client_of, one)
    carla = client_of(cast.carla)
    assert carla.get(f"{below(other)}{made['id']}/").status_code == 404
    assert post(carla, f"{below(other)}{made['id']}/accept/", {}).status_code == 404


def test_a_quotation_past_its_day_is_not_accepted(cast: Cast, client_of: ClientOf) -> None:
    url = sent(cast, client_of, charged(cast))["url"]
    Quotation.objects.update(valid_until=MONDAY.date())
    assert fields(post(client_of(cast.carla), f"{url}accept/", {})) == {"quotation"}


def test_a_quotation_on_a_version_that_was_not_read_or_sent_twice(cast: Cast, client_of: ClientOf) -> None:
    request, alice = charged(cast), client_of(cast.alice)
    body = {"lines": lines(), "valid_until": in_days(7)}
    assert post(alice, below(request), body, **{"If-Match": '"v99"'}).status_code == 412
    tag = alice.get(f"{REQUESTS}{request.number}/").headers["ETag"]
    key = {"Idempotency-Key": "q" * 30, "If-Match": tag}
    first, again = post(alice, below(request), body, **key), post(alice, below(request), body, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert Quotation.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"lines": []}, "lines"), ({"lines": "x"}, "lines"), ({"lines": None}, "lines"),
        ({"lines": [1]}, "lines[0]"), ({"lines": [{"kind": "gift", "price": 1}]}, "lines[0].kind"),
        ({"lines": [{"kind": "parts"}]}, "lines[0].price"), ({"lines": lines("1.234")}, "lines[1].price"),
        ({"lines": lines("-1")}, "lines[1].price"), ({"lines": lines(True)}, "lines[1].price"),
        ({"lines": lines("1e400")}, "lines[1].price"), ({"lines": lines([])}, "lines[1].price"),
        ({"lines": [{"kind": "parts", "price": 1, "amount": 2}]}, "lines[0].amount"),
        ({"lines": [{"kind": "parts", "price": 0}]}, "lines"), ({"lines": lines()[:1] * 51}, "lines"),
        ({"lines": [{"kind": "parts", "price": "9999999999.99", "quantity": "999999.99"}]}, "lines"),
        ({"currency": "yuan"}, "currency"), ({"valid_until": "tomorrow"}, "valid_until"),
        ({"valid_until": "2020-01-01"}, "valid_until"), ({"valid_until": 5}, "valid_until"),
        ({"note": 5}, "note"), ({"total": 5}, "total"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_quotation_is_named(
    cast: Cast, client_of: ClientOf, change: dict[str, Any], place: str
) -> None:
    request = charged(cast)
    body = {"lines": lines(), "valid_until": in_days(7), **change}
    assert fields(post(client_of(cast.alice), below(request), body)) == {place}
    assert not Quotation.objects.exists()


ODD = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=8
)  # fmt: skip
LINES = st.lists(
    st.dictionaries(st.sampled_from(["kind", "what", "quantity", "price", "odd"]), ODD, max_size=4) | ODD,
    max_size=3,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=LINES | ODD, price=ODD, quantity=ODD, day=ODD)
def test_whatever_stands_in_a_quotation_is_taken_or_refused(
    cast: Cast, client_of: ClientOf, rows: Any, price: Any, quantity: Any, day: Any
) -> None:
    request = ServiceRequest.objects.first() or charged(cast)
    alice = client_of(cast.alice)
    good = {"kind": "parts", "price": price, "quantity": quantity}
    for body in (
        {"lines": rows, "valid_until": in_days(7)}, {"lines": [good], "valid_until": in_days(7)},
        {"lines": lines(), "valid_until": day}, rows,
    ):  # fmt: skip
        assert post(alice, below(request), body).status_code in (201, 400)


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts(client_of: ClientOf) -> None:
    cast = make_cast()
    url = sent(cast, client_of, charged(cast))["url"]
    gate, statuses = threading.Barrier(2), []

    def answer(client: Client, act: str) -> None:
        gate.wait()
        statuses.append(post(client, f"{url}{act}/", {} if act == "accept" else {"reason": "No"}).status_code)
        connection.close()

    threads = [
        threading.Thread(target=answer, args=(client_of(cast.carla), act)) for act in ("accept", "decline")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]
    assert Quotation.objects.get().state in ("accepted", "declined")


@pytest.mark.req("REQ-10")
def test_a_right_is_checked_authorised_granted_listed_and_withdrawn(cast: Cast, client_of: ClientOf) -> None:
    stage = {
        "name": {"en": "Contact", "zh": "联系人"}, "rule": "any", "parties": [{"kind": "customer_manager"}],
    }  # fmt: skip
    request = make_request(cast, make_offering(cast, kind="access", stages=[stage]))
    alice, carla, url = client_of(cast.alice), client_of(cast.carla), f"{REQUESTS}{request.number}/"
    (asked,) = carla.get("/api/v1/approvals/", {"waiting": "true"}).json()["results"]
    post(carla, f"/api/v1/approvals/{asked['id']}/decide/", {"result": "approved"})
    services.start(ServiceRequest.objects.get(), actor=cast.alice.actor, now=MONDAY)
    grant = {"right": "Read the ledger", "valid_from": in_days(0), "valid_until": in_days(5)}
    assert fields(post(alice, f"{url}grant_right/", grant)) == {"right"}
    assert post(carla, f"{url}check_identity/", {"how": "x"}).status_code == 403
    assert "check_identity" in alice.get(url).json()["moves"]
    assert post(alice, f"{url}check_identity/", {"how": "Called back"}).status_code == 200
    assert fields(post(alice, f"{url}grant_right/", {**grant, "valid_until": in_days(-1)})) == {"valid_until"}
    told = post(alice, f"{url}grant_right/", grant)
    assert told.status_code == 200
    assert not {"check_identity", "grant_right"} & set(told.json()["moves"])
    assert post(alice, f"{url}grant_right/", grant).status_code == 409
    (row,) = alice.get(RIGHTS, {"in_force": "true", "person": "rita"}).json()["results"]
    assert (row["right"], row["authorised_by"]["username"]) == ("Read the ledger", "carla")
    assert alice.get(RIGHTS, {"to_withdraw": "true"}).json()["results"] == []
    for person in (cast.rita, cast.carla, cast.charlie):
        assert client_of(person).get(RIGHTS).json()["results"] == []
        assert post(client_of(person), f"{RIGHTS}{row['id']}/withdraw/", {"reason": "x"}).status_code == 404
    assert fields(post(alice, f"{RIGHTS}{row['id']}/withdraw/", {})) == {"reason"}
    done = post(alice, f"{RIGHTS}{row['id']}/withdraw/", {"reason": "Over"}).json()
    assert (done["withdrawn_by"]["username"], AccessRight.objects.get().withdrawal_reason) == (
        "alice",
        "Over",
    )


def test_the_acts_of_access_are_not_for_other_requests(cast: Cast, client_of: ClientOf) -> None:
    request, alice = make_request(cast), client_of(cast.alice)
    url = f"{REQUESTS}{request.number}/"
    assert not {"check_identity", "grant_right"} & set(alice.get(url).json()["moves"])
    assert post(alice, f"{url}check_identity/", {"how": "x"}).status_code == 409


@pytest.mark.req("REQ-19")
def test_what_was_done_stands_beside_what_was_planned(cast: Cast, client_of: ClientOf) -> None:
    request = make_request(cast, quantity=3)
    attainment.plan(request.offering, MONDAY.date().replace(day=1), 6, actor=cast.mona.actor)
    services.start(request, actor=cast.alice.actor, now=MONDAY)
    request.refresh_from_db()
    services.fulfil(request, outcome="There.", actor=cast.alice.actor, now=MONDAY)
    alice, url = client_of(cast.alice), "/api/v1/attainment/"
    (group,) = alice.get(url, {"month": "2026-03"}).json()
    assert (group["service"], group["planned"], group["done"], group["share"]) == ("E-mail", 6, 3, 50)
    assert [row["offering"]["code"] for row in group["rows"]] == ["chair"]
    for odd in ("2026-13", "march", "", "2026-03-01", "9999-01"):
        assert fields(alice.get(url, {"month": odd})) == {"month"}
    assert alice.get(url).json() == alice.get(url, {"month": f"{timezone.localdate():%Y-%m}"}).json()
    assert fields(alice.get(url, {"month": "2026-03", "year": "1"})) == {"year"}
    for person in (cast.rita, cast.carla, cast.charlie):
        assert client_of(person).get(url, {"month": "2026-03"}).status_code == 403
