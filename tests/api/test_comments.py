"""Replies and internal notes."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from records.models import Activity
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast

Make = Callable[..., Api]


@pytest.mark.req("PLT-04", "SD-08")
def test_a_public_reply_reaches_the_customer_and_a_note_does_not(cast: Cast, api: Make, number: str) -> None:
    path = f"/incidents/{number}/comments/"
    answer = api(cast.alice).post(path, {"text": "We are on it."})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["text"], body["public"], body["author"]["username"]) == ("We are on it.", True, "alice")
    assert api(cast.rita).get(answer["Location"].partition("/api/v1")[2]).json()["text"] == "We are on it."
    note = api(cast.alice).post(path, {"text": "Typical.", "public": False})
    assert note.json()["public"] is False
    assert [c["text"] for c in api(cast.alice).get(path).json()["results"]] == ["We are on it.", "Typical."]
    assert [c["text"] for c in api(cast.rita).get(path).json()["results"]] == ["We are on it."]
    is_problem(api(cast.rita).get(note["Location"].partition("/api/v1")[2]), 404, "not-found")
    clocks = {
        c["metric"]["code"]: c
        for c in api(cast.alice).get(f"/incidents/{number}/clocks/").json()["results"]
        if c["cycle"] == 1
    }
    assert clocks["first_response"]["phase"] == "stopped"


def test_customers_write_in_public_only(cast: Cast, api: Make, number: str) -> None:
    path = f"/incidents/{number}/comments/"
    assert api(cast.rita).post(path, {"text": "It is urgent."}).status_code == 201
    refused(api(cast.rita).post(path, {"text": "x", "public": False}), "public")
    assert Activity.objects.get(record__number=number, verb="record.asked").text == "It is urgent."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "  "}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"text": "x" * 50_001}, "text"),
        ({"text": "nul\0"}, "text"),
        ({"text": "x", "public": "yes"}, "public"),
        ({"text": "x", "public": 1}, "public"),
        ({"text": "x", "body": "y"}, "body"),
        ({"text": "x", "attachments": ["a"]}, "attachments"),
    ],
)
def test_a_wrong_comment_is_refused_by_field(
    cast: Cast, api: Make, number: str, body: dict[str, object], field: str
) -> None:
    answer = api(cast.alice).post(f"/incidents/{number}/comments/", body)
    named = {
        error["field"].partition(".")[0].partition("[")[0]
        for error in is_problem(answer, 400, "validation")["errors"]
    }
    assert named == {field}
    assert not Activity.objects.filter(record__number=number, verb="record.replied").exists()


def test_a_comment_carries_files_in_a_form(cast: Cast, api: Make, number: str) -> None:
    upload = SimpleUploadedFile("screen 截图.png", b"picture", "image/png")
    answer = api(cast.rita).send_form(
        f"/incidents/{number}/comments/", {"text": "See here", "public": "true", "attachments": upload}
    )
    assert answer.status_code == 201, answer.content
    shown = answer.json()["attachments"]
    assert [(f["name"], f["size"], f["content_type"]) for f in shown] == [("screen 截图.png", 7, "image/png")]
    note = api(cast.alice).send_form(f"/incidents/{number}/comments/", {"text": "x", "public": "false"})
    assert note.json()["public"] is False
