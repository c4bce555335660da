"""The robots' own rules, by the examples of their makers: signatures, bodies, answers, how many a minute."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from django.utils import timezone

from outbound import chat, sending, signing
from outbound.models import Message, Subscription
from records import services as records
from tests.cast import MONDAY, Cast, make_incident
from tests.outbound.conftest import Receiver

Subscribe = Callable[..., Subscription]
AT = 1_599_360_473_000


def posted(kind: str, secret: str = "this is secret") -> chat.Post:
    return chat.message(
        kind, "https://robot.example/send?access_token=XXX", secret, title="Title", lines=["One", "Two"],
        link="https://itsm.example/1", at=AT,
    )  # fmt: skip


def test_dingtalk_signs_the_time_and_the_secret_with_the_secret() -> None:
    """The maker's example: key "this is secret", milliseconds, the signature quoted into the address."""
    expected = hmac.new(b"this is secret", f"{AT}\nthis is secret".encode(), hashlib.sha256).digest()
    quoted = quote_plus(base64.b64encode(expected))
    assert signing.dingtalk_query("this is secret", milliseconds=AT) == f"timestamp={AT}&sign={quoted}"
    found = parse_qs(urlsplit(posted("dingtalk").url).query)
    assert (found["access_token"], found["timestamp"]) == (["XXX"], [str(AT)])
    assert found["sign"] == [base64.b64encode(expected).decode()]


def test_feishu_signs_nothing_with_the_time_and_the_secret_as_its_key() -> None:
    """The maker's example: seconds, an empty message; both fields beside the message in the body."""
    expected = hmac.new(b"1599360473\nthis is secret", b"", hashlib.sha256).digest()
    body = json.loads(posted("feishu").body)
    assert body["timestamp"] == "1599360473"
    assert body["sign"] == base64.b64encode(expected).decode()
    assert body["msg_type"] == "text"
    assert body["content"]["text"].startswith("Title\n")
    assert "sign" not in json.loads(posted("feishu", secret="").body)


def test_wecom_and_dingtalk_take_markdown_each_in_its_own_form() -> None:
    wecom, dingtalk = json.loads(posted("wecom").body), json.loads(posted("dingtalk").body)
    assert set(wecom) == set(dingtalk) == {"msgtype", "markdown"}
    assert wecom["markdown"]["content"].startswith("**Title**\n")
    assert dingtalk["markdown"]["title"] == "Title"
    assert "sign=" not in posted("wecom").url  # its key is the address


@pytest.mark.parametrize(
    ("kind", "answer", "is_taken", "is_final", "wait"),
    [
        ("wecom", {"errcode": 0, "errmsg": "ok"}, True, True, 0),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, False, False, 60),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, False, True, 0),
        ("dingtalk", {"errcode": 0, "errmsg": "ok"}, True, True, 0),
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, False, True, 0),
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, False, False, 600),
        ("dingtalk", {"errcode": -1, "errmsg": "system busy"}, False, False, 0),
        ("feishu", {"code": 0, "msg": "success", "data": {}}, True, True, 0),
        ("feishu", {"StatusCode": 0, "StatusMessage": "success"}, True, True, 0),
        ("feishu", {"code": 19021, "msg": "sign match fail or timestamp"}, False, True, 0),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, False, False, 60),
        ("feishu", {"code": 9499, "msg": "Bad Request"}, False, True, 0),
    ],
)
def test_an_error_inside_a_good_answer_is_an_error(
    kind: str, answer: dict[str, Any], is_taken: bool, is_final: bool, wait: int
) -> None:
    found = chat.read(kind, json.dumps(answer).encode())
    assert (found.is_taken, found.is_final, found.wait) == (is_taken, is_final, wait)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b"{}"])
def test_what_is_no_answer_of_a_robot_is_tried_again(body: bytes) -> None:
    for kind in (chat.WECOM, chat.DINGTALK, chat.FEISHU):
        found = chat.read(kind, body)
        assert (found.is_taken, found.is_final) == (False, False)


@pytest.mark.parametrize(("kind", "most"), [("wecom", 20), ("dingtalk", 20), ("feishu", 100)])
def test_the_gap_between_messages_keeps_the_makers_limit(kind: str, most: int) -> None:
    assert 60 / chat.GAP[kind] <= most


def test_a_robot_is_not_sent_to_faster_than_it_takes(
    cast: Cast, subscribe: Subscribe, receiver: Receiver
) -> None:
    receiver.answer = b'{"errcode":0,"errmsg":"ok"}'
    row = subscribe(kind="wecom", secret="")
    incident = make_incident(cast)
    records.comment(incident, text="note", is_public=False, actor=cast.alice.actor, now=MONDAY)
    now = timezone.now()
    [(pk, token)] = sending.claim(now)
    assert sending.send(pk, token, now=now)
    assert sending.claim(now + timedelta(seconds=2)) == []
    assert len(sending.claim(now + timedelta(seconds=3))) == 1
    row.refresh_from_db()
    assert Message.objects.filter(state="sent").count() == 1
