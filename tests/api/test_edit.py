"""PATCH: only on the version that was read, and only what may be changed."""

from collections.abc import Callable

import pytest

from incidents.models import Incident
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast

Make = Callable[..., Api]


@pytest.mark.req("PLT-04", "PLT-03")
def test_facts_are_changed_on_the_version_that_was_read(cast: Cast, api: Make, number: str) -> None:
    path, alice = f"/incidents/{number}/", api(cast.alice)
    etag = alice.get(path)["ETag"]
    answer = alice.patch(path, {"impact": 1, "urgency": 1, "service": None, "site": "Floor 3"}, If_Match=etag)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["priority"]["code"], body["service"], body["site"]) == (1, None, "Floor 3")
    assert answer["ETag"] != etag
    edited = [a for a in alice.get(f"{path}activities/").json()["results"] if a["verb"] == "record.edited"]
    assert edited[-1]["data"]["changes"]["site"] == ["", "Floor 3"]
    assert edited[-1]["data"]["changes"]["impact"] == [
        {"code": 2, "label": "Medium"}, {"code": 1, "label": "High"},
    ]  # fmt: skip


def test_without_if_match_it_is_428_and_with_an_old_one_412(cast: Cast, api: Make, number: str) -> None:
    path, alice, bob = f"/incidents/{number}/", api(cast.alice), api(cast.bob)
    is_problem(alice.patch(path, {"title": "x"}), 428, "precondition-required")
    is_problem(alice.patch(path, {"title": "x"}, If_Match="v1"), 428, "precondition-required")
    old = alice.get(path)["ETag"]
    new = bob.patch(path, {"title": "Bob's title"}, If_Match=old)["ETag"]
    for stale in (old, '"nonsense"', '"v99"', 'W/"v1"'):
        answer = alice.patch(path, {"title": "Alice's"}, If_Match=stale)
        body = is_problem(answer, 412, "stale")
        assert answer["ETag"] == new
        assert f'"v{body["version"]}"' == new
    told = is_problem(alice.patch(path, {"title": "Alice's"}, If_Match=old), 412, "stale")["changes"]
    assert told[-1]["data"]["changes"]["title"] == ["Cannot send mail", "Bob's title"]
    assert told[-1]["actor"]["username"] == "bob"
    assert Incident.objects.get(number=number).title == "Bob's title"
    assert alice.patch(path, {"title": "Alice's"}, If_Match=f"{old}, {new}").status_code == 200
    assert alice.patch(path, {"title": "Whatever"}, If_Match="*").status_code == 200


def test_the_same_again_changes_nothing(cast: Cast, api: Make, number: str) -> None:
    path, alice = f"/incidents/{number}/", api(cast.alice)
    etag = alice.patch(path, {"title": "x"}, If_Match=alice.get(path)["ETag"])["ETag"]
    assert alice.patch(path, {"title": "x"}, If_Match=etag)["ETag"] == etag
    assert alice.patch(path, {}, If_Match=etag)["ETag"] == etag


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("state", "closed", "read_only"), ("team", "desk", "read_only"), ("customer", "globex", "read_only"),
        ("version", 3, "read_only"), ("titel", "x", "unknown_field"), ("title", "", "blank"),
        ("title", None, "null"), ("occurred_at", "2026-03-02T10:00:00", "invalid_instant"),
        ("impact", 7, "invalid_choice"), ("priority", 1, "required"), ("requester", "charlie", "invalid"),
    ],
)  # fmt: skip
def test_what_may_not_be_changed_is_refused_by_name(
    cast: Cast, api: Make, number: str, field: str, value: object, code: str
) -> None:
    path, alice = f"/incidents/{number}/", api(cast.alice)
    named = "priority_reason" if field == "priority" else field
    refused(alice.patch(path, {field: value}, If_Match="*"), named, code=code)


def test_customers_do_not_edit(cast: Cast, api: Make, number: str) -> None:
    is_problem(api(cast.rita).patch(f"/incidents/{number}/", {"title": "x"}, If_Match="*"), 403, "forbidden")
