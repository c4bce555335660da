"""Requests and entries over HTTP."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from fulfilment.models import ServiceRequest
from tests.cast import Cast
from tests.fulfilment.orders import COLOUR, WHICH, make_offering, make_request

ClientOf = Callable[[Any], Client]
LIST = "/api/v1/requests/"


def post(client: Client, url: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(url, body, content_type="application/json", headers=headers)


def test_a_program_orders_with_typed_answers_once_per_key(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast, fields=[COLOUR, WHICH])
    rita = client_of(cast.rita)
    entry = rita.get("/api/v1/offerings/chair/").json()
    assert [one["key"] for one in entry["questions"]] == ["colour", "which"]
    body = {"offering": "chair", "answers": {"colour": "red", "which": "hidden"}}
    first = post(rita, LIST, body, **{"Idempotency-Key": "a" * 36})
    again = post(rita, LIST, body, **{"Idempotency-Key": "a" * 36})
    assert first.status_code == 201
    assert again.json()["number"] == first.json()["number"]
    assert ServiceRequest.objects.count() == 1
    assert [row["key"] for row in first.json()["answers"]] == ["colour"]
    assert "take_back" in first.json()["moves"]


def test_wrong_answers_are_named(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast, fields=[COLOUR, WHICH])
    rita = client_of(cast.rita)
    for answers, key in (
        ({}, "answers.colour"), ({"colour": "blue"}, "answers.colour"),
        ({"colour": "other"}, "answers.which"), ({"size": 3}, "answers.size"),
    ):  # fmt: skip
        refused = post(rita, LIST, {"offering": "chair", "answers": answers})
        assert refused.status_code == 400
        assert key in refused.content.decode()


def test_moves_answer_the_request_and_the_next_ones(cast: Cast, client_of: ClientOf) -> None:
    request = make_request(cast)
    alice, url = client_of(cast.alice), f"{LIST}{request.number}/"
    etag = alice.get(url).headers["ETag"]
    assert post(alice, f"{url}fulfil/", {"outcome": "x"}).status_code == 409
    assert post(alice, f"{url}start/", {}, **{"If-Match": etag}).json()["state"]["code"] == "in_fulfilment"
    assert post(alice, f"{url}hold/", {"reason": "customer"}, **{"If-Match": etag}).status_code == 412
    told = post(alice, f"{url}refuse/", {"reason": "No wood", "alternative": "A stool"})
    assert told.json()["alternative"] == "A stool"
    assert client_of(cast.charlie).get(url).status_code == 404
    assert [row["number"] for row in client_of(cast.rita).get(LIST).json()["results"]] == [request.number]
    assert client_of(cast.charlie).get(LIST).json()["results"] == []


def test_facts_are_changed_on_the_version_that_was_read(cast: Cast, client_of: ClientOf) -> None:
    request = make_request(cast)
    alice, url = client_of(cast.alice), f"{LIST}{request.number}/"
    etag = alice.get(url).headers["ETag"]
    changed = alice.patch(url, {"priority": 2}, content_type="application/json", headers={"If-Match": etag})
    assert changed.json()["priority"]["code"] == 2


def test_who_was_asked_decides_and_the_desk_works_off_tasks(cast: Cast, client_of: ClientOf) -> None:
    party = {"kind": "customer_manager"}
    stage = {"name": {"en": "Contact", "zh": "联系人"}, "rule": "any", "parties": [party]}
    task = {"title": {"en": "Buy", "zh": "采购"}, "order": 1, "team": ""}
    request = make_request(cast, make_offering(cast, stages=[stage], tasks=[task]))
    carla, alice = client_of(cast.carla), client_of(cast.alice)
    (asked,) = carla.get("/api/v1/approvals/", {"waiting": "true"}).json()["results"]
    assert asked["request"] == request.number
    url = f"/api/v1/approvals/{asked['id']}/decide/"
    assert client_of(cast.charlie).post(url).status_code == 404
    assert post(carla, url, {"result": "rejected"}).status_code == 400
    assert post(carla, url, {"result": "approved"}).json()["result"]["code"] == "approved"
    assert post(alice, f"{LIST}{request.number}/start/", {}).status_code == 200
    assert carla.get("/api/v1/tasks/").json()["results"] == []
    # months after it was ordered its limit is reached: the second line has it by now
    sven = client_of(cast.sven)
    (todo,) = sven.get("/api/v1/tasks/", {"mine": "true"}).json()["results"]
    done = post(sven, f"/api/v1/tasks/{todo['id']}/finish/", {"result": "Bought."})
    assert done.json()["state"]["code"] == "done"
    assert post(alice, f"{LIST}{request.number}/fulfil/", {"outcome": "There."}).status_code == 200
