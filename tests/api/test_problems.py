"""Every error is a problem (RFC 9457), wherever it comes from."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import incidents.services
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast

Make = Callable[..., Api]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/",
        "/incidents/INC9999999/",
        "/incidents/%00/",
        "/incidents/INC1/fly/",
        "/users/0/",
        "/users/999999999999999999/",
        "/incidents/INC0000001/clocks/abc/",
    ],
)
def test_what_is_not_there_is_404(cast: Cast, api: Make, path: str) -> None:
    is_problem(api(cast.alice).get(path), 404, "not-found")


def test_unknown_paths_below_api_are_problems_even_without_login(db: None) -> None:
    for path in ("/api/", "/api/v2/incidents/", "/api/v1/x", "/api"):
        answer = Client().get(path)
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"


def test_a_lost_slash_is_put_back_with_method_and_body(cast: Cast, api: Make) -> None:
    program = api(cast.rita)
    program.client = Client(enforce_csrf_checks=True)
    answer = program.post("/incidents?x=1", {"title": "x"})
    assert answer.status_code == 308
    assert answer["Location"] == "/api/v1/incidents/?x=1"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nonsense",
        b'{"title": NaN}',
        b'{"title": "a", "title": "b"}',
        b'{"title": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"a":' * 50 + b"1" + b"}" * 50,
        b'{"title": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_sound_json_is_400(cast: Cast, api: Make, raw: bytes) -> None:
    is_problem(api(cast.alice).ask("POST", "/incidents/", raw=raw), 400, "malformed-request")


@pytest.mark.parametrize("body", [[], "text", 5, None, True])
def test_a_body_that_is_no_object_is_400(cast: Cast, api: Make, body: object) -> None:
    answer = api(cast.alice).ask("POST", "/incidents/", raw=repr(body).replace("'", '"').encode())
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_body_too_large_is_413(cast: Cast, api: Make) -> None:
    raw = b'{"title": "' + b"x" * 6_000_000 + b'"}'
    is_problem(api(cast.alice).ask("POST", "/incidents/", raw=raw), 413, "too-large")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_another_content_type_is_415(cast: Cast, api: Make, kind: str) -> None:
    answer = api(cast.alice).ask("POST", "/incidents/", {"title": "x"}, Content_Type=kind)
    is_problem(answer, 415, "unsupported-media-type")


def test_another_accept_is_406(cast: Cast, api: Make) -> None:
    is_problem(api(cast.alice).get("/incidents/", Accept="application/xml"), 406, "not-acceptable")
    assert api(cast.alice).get("/incidents/", Accept="text/html,*/*;q=0.8").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE"])
def test_a_ticket_is_neither_replaced_nor_deleted(cast: Cast, api: Make, number: str, method: str) -> None:
    answer = api(cast.admin).ask(method, f"/incidents/{number}/", {"title": "x"}, If_Match='"v1"')
    is_problem(answer, 405, "method-not-allowed")
    assert {"GET", "PATCH"} <= {name.strip() for name in answer["Allow"].split(",")}


def test_what_breaks_inside_does_not_show_outside(
    cast: Cast, api: Make, monkeypatch: Any, caplog: Any
) -> None:
    def burst(**_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(incidents.services, "open", burst)
    answer = api(cast.alice).post("/incidents/", {"title": "x", "requester": "rita"})
    is_problem(answer, 500, "internal")
    assert "secret" not in answer.content.decode()
    assert "the secret inside" in caplog.text


def test_every_problem_has_a_page_of_its_own(cast: Cast, api: Make) -> None:
    kinds = Client().get("/api/v1/errors/").json()["results"]
    for kind in kinds:
        shown = Client().get(kind["type"] + "/").json()
        assert shown["status"] == kind["status"]
    is_problem(api(None).get("/errors/none/"), 404, "not-found")


def test_messages_are_in_the_language_that_is_asked_for(cast: Cast, api: Make) -> None:
    program = api(cast.alice)
    said = {
        wanted: program.get("/incidents/", Accept_Language=wanted)["Content-Language"]
        for wanted in ("en", "zh-Hans", "zh-CN", "zh-TW", "fr, zh;q=0.5", "*")
    }
    assert said == {
        "en": "en",
        "zh-Hans": "zh-hans",
        "zh-CN": "zh-hans",
        "zh-TW": "zh-hant",
        "fr, zh;q=0.5": "zh-hans",
        "*": "en",
    }
    cast.alice.language = "zh-hans"
    cast.alice.save(update_fields=["language"])
    assert program.get("/incidents/")["Content-Language"] == "zh-hans"


def test_unknown_filters_are_refused_by_name(cast: Cast, api: Make) -> None:
    refused(api(cast.alice).get("/incidents/?stat=new"), "stat", code="unknown_filter")
    refused(api(cast.alice).get("/users/?password=x"), "password", code="unknown_filter")
