"""Orderable entries written over HTTP: drafted, published, away, withdrawn; every wrong place is named."""

import threading
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfilment.api_blueprint import EXAMPLE
from fulfilment.models import Offering, OfferingVersion, ServiceRequest
from tests.cast import Cast, make_cast
from tests.fulfilment.orders import COLOUR, WHICH, make_offering

ClientOf = Callable[[Any], Client]
LIST = "/api/v1/offerings/"
NEW = {"code": "laptop", "name": {"en": "Laptop", "zh": "笔记本电脑"}, "service": "mail"}


def post(client: Client, url: str, body: Any, **headers: str) -> Any:
    return client.post(url, body, content_type="application/json", headers=headers)


def patch(client: Client, url: str, body: Any, tag: str = "") -> Any:
    headers = {"If-Match": tag} if tag else {}
    return client.patch(url, body, content_type="application/json", headers=headers)


def tag_of(client: Client, url: str) -> str:
    return str(client.get(url).headers["ETag"])


def named(response: Any) -> dict[str, str]:
    """field -> code of a refusal."""
    assert response.status_code == 400, response.content.decode()[:500]
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def begun(cast: Cast, client_of: ClientOf) -> tuple[Client, str]:
    mona = client_of(cast.mona)
    made = post(mona, LIST, NEW)
    assert made.status_code == 201, made.content
    return mona, str(made.headers["Location"]).removeprefix("http://testserver")


@pytest.mark.req("REQ-05")
def test_an_entry_is_begun_drafted_published_and_ordered_over_http(cast: Cast, client_of: ClientOf) -> None:
    mona, url = begun(cast, client_of)
    rita = client_of(cast.rita)
    assert url == f"{LIST}laptop/"
    assert rita.get(url).status_code == 404
    assert named(post(mona, f"{url}publish/", {})) == {"draft": "invalid"}
    drafted = patch(mona, url, {"draft": EXAMPLE, "kind": "access"}, tag_of(mona, url))
    assert drafted.status_code == 200, drafted.content
    assert drafted.json()["draft"]["fields"][0]["choices"][1]["key"] == "strong"
    assert drafted.json()["hindrances"] == []
    assert drafted.json()["version"] is None
    assert rita.get(url).status_code == 404
    told = post(mona, f"{url}publish/", {"reason": "First"}, **{"If-Match": drafted.headers["ETag"]})
    assert (told.status_code, told.json()["version"], told.json()["has_changes"]) == (200, 1, False)
    assert told.json()["price"] == "6800.00"
    seen = rita.get(url).json()
    assert [one["key"] for one in seen["questions"]] == ["model", "why"]
    ordered = post(rita, "/api/v1/requests/", {"offering": "laptop", "answers": {"model": "light"}})
    assert ordered.status_code == 201
    (version,) = mona.get(f"{url}versions/").json()["results"]
    assert (version["number"], version["reason"], version["created_by"]["username"]) == (1, "First", "mona")
    assert mona.get(f"{url}versions/1/").json()["content"] == told.json()["draft"]
    assert named(post(mona, f"{url}publish/", {})) == {"draft": "invalid"}


def test_what_was_read_can_be_written_again(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast, fields=[COLOUR, WHICH])
    mona, url = client_of(cast.mona), f"{LIST}chair/"
    read = mona.get(url)
    written = patch(mona, url, {"draft": read.json()["draft"]}, read.headers["ETag"])
    assert written.json()["draft"] == read.json()["draft"]
    assert written.json()["has_changes"] is False
    assert written.headers["ETag"] != read.headers["ETag"]


def test_the_draft_is_for_those_who_design_and_never_for_customers(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    url = f"{LIST}chair/"
    designing = ("draft", "hindrances", "organisations", "audience", "has_changes", "for_contacts_only")
    assert all(client_of(cast.mona).get(url).json()[name] is not None for name in designing)
    for person in (cast.rita, cast.carla, cast.charlie, cast.alice, cast.robot):
        shown = client_of(person).get(url).json()
        assert all(shown[name] is None for name in designing), person
    for person, status in ((cast.rita, 404), (cast.carla, 404), (cast.charlie, 404), (cast.alice, 200)):
        assert client_of(person).get(f"{url}versions/").status_code == status
        assert client_of(person).get(f"{url}versions/1/").status_code == status


def test_only_designers_write(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    url = f"{LIST}chair/"
    for person in (cast.rita, cast.carla, cast.charlie, cast.alice, cast.robot):
        client = client_of(person)
        assert post(client, LIST, NEW).status_code == 403
        assert patch(client, url, {"kind": "access"}, "*").status_code == 403
        for act in ("publish", "make_unavailable", "make_available", "withdraw"):
            assert post(client, f"{url}{act}/", {}).status_code == 403
    assert Offering.objects.get().kind == "standard"


@pytest.mark.req("REQ-05")
def test_an_entry_for_named_customers_is_not_there_for_others(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    mona, url = client_of(cast.mona), f"{LIST}chair/"
    assert named(patch(mona, url, {"audience": "named"}, "*")) == {"organisations": "required"}
    assert named(patch(mona, url, {"organisations": ["acme"]}, "*")) == {"organisations": "invalid"}
    wrong = {"audience": "named", "organisations": ["acme", "nobody", True, [], 10**30, "a\0"]}
    assert set(named(patch(mona, url, wrong, "*"))) == {f"organisations[{n}]" for n in range(1, 6)}
    body = {"audience": "named", "organisations": ["acme", cast.acme.pk], "for_contacts_only": True}
    told = patch(mona, url, body, "*")
    assert [row["code"] for row in told.json()["organisations"]] == ["acme"]
    assert client_of(cast.carla).get(url).status_code == 200
    assert client_of(cast.rita).get(url).status_code == 404
    assert client_of(cast.charlie).get(url).status_code == 404
    told = patch(mona, url, {"audience": "all"}, "*")
    assert (told.json()["organisations"], told.json()["for_contacts_only"]) == ([], True)


@pytest.mark.req("REQ-18")
def test_an_entry_is_away_comes_back_and_is_withdrawn_for_good(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    mona, rita, url = client_of(cast.mona), client_of(cast.rita), f"{LIST}chair/"
    assert set(named(post(mona, f"{url}make_unavailable/", {}))) == {"words_en", "words_zh"}
    past = {"words_en": "Sold out.", "words_zh": "缺货。", "until": "2020-01-01T00:00:00Z"}
    assert set(named(post(mona, f"{url}make_unavailable/", past))) == {"until"}
    post(mona, f"{url}make_unavailable/", {**past, "until": "2099-01-01T00:00:00Z"})
    seen = rita.get(url).json()
    assert (seen["is_available"], seen["unavailable_because"]) == (False, "Sold out.")
    assert seen["returns_at"] == "2099-01-01T00:00:00Z"
    assert post(rita, "/api/v1/requests/", {"offering": "chair"}).status_code == 400
    assert post(mona, f"{url}make_available/", {}).json()["is_available"] is True
    assert set(named(post(mona, f"{url}withdraw/", {"reason": " "}))) == {"reason"}
    assert post(mona, f"{url}withdraw/", {"reason": "Old"}).json()["withdrawal_reason"] == "Old"
    assert rita.get(url).status_code == 404
    assert ServiceRequest.objects.count() == 0
    for act in ("publish", "make_unavailable", "make_available", "withdraw"):
        assert post(mona, f"{url}{act}/", {}).status_code == 409
    assert patch(mona, url, {"kind": "access"}, "*").status_code == 409


def test_a_version_that_was_not_read_is_not_changed(cast: Cast, client_of: ClientOf) -> None:
    make_offering(cast)
    mona, url = client_of(cast.mona), f"{LIST}chair/"
    tag = tag_of(mona, url)
    assert patch(mona, url, {"kind": "access"}).status_code == 428
    assert patch(mona, url, {"kind": "access"}, tag).status_code == 200
    stale = patch(mona, url, {"kind": "standard"}, tag)
    assert stale.status_code == 412
    assert stale.json()["version"] == Offering.objects.get().version
    for act in ("publish", "make_unavailable", "make_available", "withdraw"):
        assert post(mona, f"{url}{act}/", {}, **{"If-Match": tag}).status_code == 412
    assert Offering.objects.get().kind == "access"


def test_a_repeated_post_is_done_once(cast: Cast, client_of: ClientOf) -> None:
    mona, key = client_of(cast.mona), {"Idempotency-Key": "k" * 30}
    first, again = post(mona, LIST, NEW, **key), post(mona, LIST, NEW, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Offering.objects.count() == 1
    assert named(post(mona, LIST, NEW)) == {"code": "invalid"}
    assert named(post(mona, LIST, {**NEW, "code": "LAPTOP"})) == {"code": "invalid"}
    assert set(named(post(mona, LIST, {"name": {"en": "x"}, "kind": 1, "draft": {}}))) == {
        "code", "name", "service", "kind", "draft",
    }  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    """The example with another value at a path such as ``fields.0.label``."""
    body = deepcopy(EXAMPLE)
    place: Any = body
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        place = place[part]
    place[last] = value
    return body


FIELD = EXAMPLE["fields"][0]
WRONG = [
    ("what", "text", "what"), ("name.fr", "x", "name.fr"), ("name.en", "x" * 201, "name.en"),
    ("name.en", 5, "name.en"), ("name", None, "name"), ("colour", "x", "colour"), ("price", "1.234", "price"),
    ("price", "-1", "price"), ("price", "NaN", "price"), ("price", True, "price"), ("price", [], "price"),
    ("currency", "yuan", "currency"), ("priority", "3", "priority"), ("priority", 9, "priority"),
    ("is_chargeable", "yes", "is_chargeable"), ("team", "nobody", "team"), ("team", 3, "team"),
    ("fields", {}, "fields"), ("fields", [1], "fields[0]"), ("fields", [None], "fields[0]"),
    ("fields", [FIELD, FIELD], "fields[1].key"), ("fields", [FIELD] * 41, "fields"),
    ("fields.0.key", "Model!", "fields[0].key"), ("fields.0.type", "colour", "fields[0].type"),
    ("fields.0.type", ["text"], "fields[0].type"), ("fields.0.type", "text", "fields[0].choices"),
    ("fields.0.label", {}, "fields[0].label"), ("fields.0.label", "Model", "fields[0].label"),
    ("fields.0.choices", [], "fields[0].choices"), ("fields.0.choices.1.key", "", "fields[0].choices[1].key"),
    ("fields.0.choices.1.key", "light", "fields[0].choices[1].key"),
    ("fields.0.choices.1.label", {"en": ""}, "fields[0].choices[1].label"),
    ("fields.0.choices.1.price", 1, "fields[0].choices[1].price"),
    ("fields.0.required", 1, "fields[0].required"), ("fields.0.least", "1", "fields[0].least"),
    ("fields.0.least", 1.5, "fields[0].least"), ("fields.0.least", 10**40, "fields[0].least"),
    ("fields.0.most", True, "fields[0].most"), ("fields.1.pattern", "(", "fields[1].pattern"),
    ("fields.1.pattern", "a{99999999999999}", "fields[1].pattern"),
    ("fields.1.pattern", "((a+))+b", "fields[1].pattern"), ("fields.1.pattern", 1, "fields[1].pattern"),
    ("fields.1.shown_when", {"field": "why", "value": "x"}, "fields[1].shown_when"),
    ("fields.1.shown_when", {"field": "model", "value": "x"}, "fields[1].shown_when"),
    ("fields.1.shown_when", {"field": "model"}, "fields[1].shown_when.value"),
    ("fields.1.shown_when", "model", "fields[1].shown_when"),
    ("stages.0.parties", [], "stages[0].parties"), ("stages.0.rule", "most", "stages[0].rule"),
    ("stages.0.name", {"en": "x"}, "stages[0].name"), ("stages", [EXAMPLE["stages"][0]] * 7, "stages"),
    ("stages.0.parties.0", {"kind": "team_lead"}, "stages[0].parties[0].code"),
    ("stages.0.parties.0", {"kind": "user", "code": "rita"}, "stages[0].parties[0].code"),
    ("stages.0.parties.0", {"kind": "customer_manager", "code": "x"}, "stages[0].parties[0].code"),
    ("stages.0.parties.0", {"kind": "boss", "code": "x"}, "stages[0].parties[0].kind"),
    ("tasks", [EXAMPLE["tasks"][0]] * 31, "tasks"), ("tasks.0.order", 0, "tasks[0].order"),
    ("tasks.0.order", "1", "tasks[0].order"), ("tasks.0.title", {"zh": "x"}, "tasks[0].title"),
    ("tasks.0.team", "nobody", "tasks[0].team"), ("tasks.0.team", "a\0", "tasks[0].team"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place"), WRONG)
def test_what_is_wrong_in_a_draft_is_named_by_its_place(
    cast: Cast, client_of: ClientOf, path: str, value: Any, place: str
) -> None:
    mona, url = begun(cast, client_of)
    refused = patch(mona, url, {"draft": changed(path, value)}, "*")
    assert f"draft.{place}" in named(refused)
    assert len(named(refused)) <= 2  # a condition may lose what it depends on
    assert Offering.objects.get().draft["fields"] == []


def test_all_mistakes_are_named_at_once_and_other_shapes_are_refused(cast: Cast, client_of: ClientOf) -> None:
    mona, url = begun(cast, client_of)
    body = {"draft": {"fields": [{"key": "a"}, {"type": "text"}], "stages": 1}, "kind": "x", "code": "y"}
    assert set(named(patch(mona, url, body, "*"))) == {
        "draft.name", "draft.fields[0].type", "draft.fields[0].label", "draft.fields[1].key",
        "draft.fields[1].label", "draft.stages", "kind", "code",
    }  # fmt: skip
    odds: tuple[Any, ...] = (None, [], 1, "x", True)
    for odd in odds:
        assert set(named(patch(mona, url, {"draft": odd}, "*"))) == {"draft"}
    for raw in (
        b"{",
        b"[]",
        b"nul",
        b'{"draft": NaN}',
        b'{"draft": {}, "draft": {}}',
        b"\xff",
        b'"\\ud800"',
    ):
        answer = mona.patch(url, raw, content_type="application/json", headers={"If-Match": "*"})
        assert answer.status_code == 400, raw
    deep: Any = []
    for _level in range(50):
        deep = [deep]
    assert patch(mona, url, {"draft": {"fields": deep}}, "*").status_code == 400
    wide = {"name": {"en": "x"}, "fields": [FIELD | {"key": f"k{n}"} for n in range(3000)]}
    assert set(named(patch(mona, url, {"draft": wide}, "*"))) == {"draft.fields"}


def test_a_draft_that_came_to_nothing_is_not_half_written(cast: Cast, client_of: ClientOf) -> None:
    mona, url = begun(cast, client_of)
    before = Offering.objects.get()
    refused = patch(mona, url, {"kind": "access", "draft": {"name": {"en": "x"}, "tasks": [{}]}}, "*")
    assert refused.status_code == 400
    now = Offering.objects.get()
    assert (now.kind, now.draft, now.version) == (before.kind, before.draft, before.version)


def test_teams_and_colleagues_are_named_by_code_and_hindrances_told_at_publishing(
    cast: Cast, client_of: ClientOf
) -> None:
    mona, url = begun(cast, client_of)
    draft = changed("stages.0.parties", [
        {"kind": "team_lead", "code": "desk"}, {"kind": "user", "code": "alice"},
    ])  # fmt: skip
    draft["tasks"][0]["team"] = draft["team"] = "second"
    assert patch(mona, url, {"draft": draft, "kind": "change"}, "*").status_code == 200
    cast.second.is_active = False
    cast.second.save()
    refused = post(mona, f"{url}publish/", {})
    messages = [error["message"] for error in refused.json()["errors"]]
    assert named(refused) == {"draft": "invalid"}
    assert any("“second” is not there any more." in words for words in messages)
    assert any("asks the customer's contact" in words for words in messages)
    assert mona.get(url).json()["hindrances"] == messages
    assert OfferingVersion.objects.count() == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["text", "choice", "flag", "team_lead", "any", "(a+)+", "[[", "1e9", "desk", ""]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from([
            "key", "type", "label", "choices", "shown_when", "field", "value", "en", "zh", "parties", "kind",
            "code", "rule", "name", "title", "order", "team", "pattern", "least", "help", "odd",
        ]), inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip
PATHS = [
    "name", "what", "price", "currency", "unit", "priority", "team", "fields", "stages", "tasks", "level",
    "fields.0", "fields.0.key", "fields.0.type", "fields.0.label", "fields.0.choices", "fields.0.choices.0",
    "fields.0.choices.0.key", "fields.1.shown_when", "fields.1.shown_when.value", "fields.1.pattern",
    "fields.1.least", "fields.1.most", "stages.0", "stages.0.parties", "stages.0.parties.0.code",
    "stages.0.parties.0.kind", "stages.0.rule", "tasks.0", "tasks.0.order", "tasks.0.title", "odd",
]  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(path=st.sampled_from(PATHS), value=JSON)
def test_whatever_stands_in_a_draft_it_is_taken_or_refused_never_an_error(
    cast: Cast, client_of: ClientOf, path: str, value: Any
) -> None:
    mona, url = client_of(cast.mona), f"{LIST}laptop/"
    if not Offering.objects.exists():
        begun(cast, client_of)
    answer = patch(mona, url, {"draft": changed(path, value)}, "*")
    assert answer.status_code in (200, 400), answer.content
    if answer.status_code == 400:
        assert all(error["field"].startswith("draft") for error in answer.json()["errors"])
        return
    # what was taken can be read, shown as a form, and published or told what hinders it
    assert mona.get(url).json()["draft"] == answer.json()["draft"]
    assert mona.get("/offerings/laptop/").status_code == 200
    assert post(mona, f"{url}publish/", {}).status_code in (200, 400)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(draft=JSON, other=JSON)
def test_whatever_is_sent_instead_of_a_draft_is_no_error(
    cast: Cast, client_of: ClientOf, draft: Any, other: Any
) -> None:
    mona, url = client_of(cast.mona), f"{LIST}laptop/"
    if not Offering.objects.exists():
        begun(cast, client_of)
    for body in ({"draft": draft}, {"organisations": other, "audience": "named"}, {"service": other}, draft):
        assert patch(mona, url, body, "*").status_code in (200, 400)
    assert post(mona, LIST, {"code": other, "name": draft, "service": "mail"}).status_code in (201, 400)


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_once_one_is_told_that_the_other_was_quicker(client_of: ClientOf) -> None:
    cast = make_cast()
    make_offering(cast)
    url, statuses = f"{LIST}chair/", []
    writers = [client_of(cast.mona), client_of(cast.admin)]
    tag, gate = tag_of(writers[0], url), threading.Barrier(2)

    def write(client: Client, priority: int) -> None:
        gate.wait()
        body = {"draft": {**EXAMPLE, "priority": priority}, "kind": "access"}
        statuses.append(patch(client, url, body, tag).status_code)
        connection.close()

    threads = [threading.Thread(target=write, args=(c, n)) for n, c in enumerate(writers, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412]
    gate.reset()
    statuses.clear()

    def publish(client: Client) -> None:
        gate.wait()
        statuses.append(post(client, f"{url}publish/", {}).status_code)
        connection.close()

    threads = [threading.Thread(target=publish, args=(c,)) for c in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 400]
    assert OfferingVersion.objects.count() == 2
