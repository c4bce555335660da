import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from actions.models import Action
from outbound import sending, services, tasks
from outbound.models import Attempt, Message, Subscription
from records import services as records
from records.models import Activity
from tests.cast import MONDAY, Cast, make_incident
from tests.outbound.conftest import SECRET, Receiver

Subscribe = Callable[..., Subscription]


def test_the_task_works_off_what_waits(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    subscribe()
    make_incident(cast)
    assert tasks.send_pending() == 1
    assert tasks.send_pending() == 0


def send_all() -> int:
    """What the worker does, without waiting for back-offs."""
    Message.objects.filter(state="new").update(available_at=MONDAY)
    Subscription.objects.update(paused_until=None)
    sent = 0
    while True:
        _tried, good = sending.send_batch()
        sent += good
        if not good:
            return sent


# --- planned with the log ------------------------------------------------------------------------


def test_an_event_is_planned_with_the_log_and_gone_with_it(cast: Cast, subscribe: Subscribe) -> None:
    subscribe()
    point = transaction.savepoint()
    make_incident(cast)
    assert Message.objects.exists()
    transaction.savepoint_rollback(point)
    assert not Message.objects.exists()
    make_incident(cast)
    assert list(Message.objects.values_list("activity__verb", flat=True)) == ["incident.open"]


@pytest.mark.parametrize(
    ("over", "verbs"),
    [
        ({"events": ["incident.open"]}, ["incident.open"]),
        ({"events": ["record.*"]}, ["record.noted"]),
        ({"events": ["*"]}, ["incident.open", "record.noted"]),
        ({"events": ["*"], "public_only": True}, ["incident.open"]),
        ({"events": ["*"], "is_active": False}, []),
        ({"events": ["sla.breached"]}, []),
    ],
)
def test_a_subscription_gets_the_events_it_asked_for(
    cast: Cast, subscribe: Subscribe, over: dict[str, Any], verbs: list[str]
) -> None:
    subscribe(**over)
    incident = make_incident(cast)
    records.comment(incident, text="internal", is_public=False, actor=cast.alice.actor, now=MONDAY)
    assert list(Message.objects.order_by("pk").values_list("activity__verb", flat=True)) == verbs


def test_nothing_of_another_customer_or_team_is_told(cast: Cast, subscribe: Subscribe) -> None:
    theirs = subscribe(customer=cast.globex)
    second = subscribe(team=cast.second)
    make_incident(cast)
    assert not Message.objects.exists()
    make_incident(cast, customer=cast.globex, requester=cast.charlie, team=cast.second)
    assert set(Message.objects.values_list("subscription", flat=True)) == {theirs.pk, second.pk}


# --- sent ---------------------------------------------------------------------------------------------


def test_the_receiver_can_verify_what_it_gets(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    subscribe()
    incident = make_incident(cast)
    assert send_all() == 1
    got = receiver.got[0]
    key, stamp = got.headers["webhook-id"], got.headers["webhook-timestamp"]
    signed = f"{key}.{stamp}.".encode() + got.body
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(stamp) - timezone.now().timestamp()) < 60
    body = json.loads(got.body)
    assert (body["id"], body["type"], body["at"]) == (key, "incident.open", "2026-03-02T02:00:00Z")
    assert (body["record"]["number"], body["record"]["customer"]) == (incident.number, "acme")
    message = Message.objects.get()
    assert (message.state, message.attempts, message.tries.get().status) == ("sent", 1, 200)


def test_it_is_sent_once_and_in_order(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    subscribe()
    incident = make_incident(cast)
    for n in range(3):
        records.comment(incident, text=f"note {n}", is_public=False, actor=cast.alice.actor, now=MONDAY)
    assert send_all() == 4
    assert send_all() == 0
    told = [json.loads(got.body)["sequence"] for got in receiver.got]
    assert told == sorted(told) == list(Activity.objects.order_by("pk").values_list("pk", flat=True))


class Killed(BaseException):
    """The worker is gone between sending and storing."""


def test_a_worker_that_dies_after_sending_sends_again_under_the_same_key(
    cast: Cast, subscribe: Subscribe, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe()
    make_incident(cast)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_taken", _die)
        with pytest.raises(Killed):
            send_all()
    assert send_all() == 0  # its lease still stands
    Message.objects.update(lease_until=MONDAY)
    assert send_all() == 1
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert (len(receiver.got), Message.objects.get().attempts) == (2, 2)


def _die(*args: Any) -> None:
    raise Killed


def test_who_lost_the_lease_changes_nothing(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    subscribe()
    make_incident(cast)
    [(pk, token)] = sending.claim(timezone.now())
    Message.objects.update(lease_token="another")
    assert not sending.send(pk, token, now=timezone.now())
    assert receiver.got == []


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_busy_receiver_is_asked_later_with_all_its_messages(
    cast: Cast, subscribe: Subscribe, receiver: Receiver, status: int
) -> None:
    subscribe()
    make_incident(cast)
    make_incident(cast)
    receiver.status = status
    now = timezone.now()
    assert send_all() == 0
    assert len(receiver.got) == 1
    row = Message.objects.order_by("pk").first()
    assert row is not None
    assert (row.state, row.attempts, row.tries.get().status) == ("new", 1, status)
    assert row.available_at >= now + timedelta(seconds=9)
    assert sending.send_batch() == (0, 0)
    receiver.status = 204
    assert send_all() == 2
    assert Subscription.objects.get().failures == 0


def test_after_about_a_day_a_message_is_given_up(
    cast: Cast, subscribe: Subscribe, receiver: Receiver
) -> None:
    subscribe()
    make_incident(cast)
    receiver.status = 500
    Message.objects.update(attempts=sending.GIVE_UP_AFTER - 1)
    send_all()
    assert Message.objects.get().state == "dead"


def test_a_receiver_that_refuses_is_switched_off_and_its_keeper_told(
    cast: Cast, subscribe: Subscribe, receiver: Receiver
) -> None:
    row = subscribe()
    receiver.status = 404
    for _n in range(sending.SWITCH_OFF_AFTER + 1):
        make_incident(cast)
    for _n in range(10):
        send_all()
    row.refresh_from_db()
    assert (row.is_active, row.failures) == (False, sending.SWITCH_OFF_AFTER)
    assert Message.objects.filter(state="dead").count() == sending.SWITCH_OFF_AFTER
    action = Action.objects.get()
    assert (action.assignee, "ERP" in action.title) == (cast.mona, True)
    receiver.status = 200
    services.change(row, {"is_active": True}, actor=cast.mona.actor, now=MONDAY, expected_version=None)
    assert send_all() >= 1  # what waited was not lost


def test_one_that_says_it_is_gone_is_switched_off_at_once(
    cast: Cast, subscribe: Subscribe, receiver: Receiver
) -> None:
    row = subscribe()
    receiver.status = 410
    make_incident(cast)
    send_all()
    row.refresh_from_db()
    assert not row.is_active


def test_an_address_that_came_to_lie_inside_is_refused_and_not_tried_again(
    cast: Cast, subscribe: Subscribe, receiver: Receiver, settings: Any
) -> None:
    subscribe(url="https://localhost:8443/")
    settings.EGRESS_ALLOWED = []
    make_incident(cast)
    send_all()
    message = Message.objects.get()
    assert (message.state, message.tries.get().status) == ("dead", None)
    assert "not on the public internet" in message.last_error


def test_what_may_no_longer_be_told_is_withheld(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    row = subscribe()
    incident = make_incident(cast)
    records.comment(incident, text="secret", is_public=False, actor=cast.alice.actor, now=MONDAY)
    services.change(row, {"public_only": True}, actor=cast.mona.actor, now=MONDAY, expected_version=None)
    for _n in range(3):
        send_all()
    assert [json.loads(got.body)["type"] for got in receiver.got] == ["incident.open"]
    assert Message.objects.get(activity__verb="record.noted").state == "dead"


def test_a_hanging_receiver_does_not_keep_others_waiting(
    cast: Cast, subscribe: Subscribe, receiver: Receiver
) -> None:
    slow = subscribe(name="slow", url="http://127.0.0.1:9/hook")  # nobody listens there
    subscribe(name="good")
    for _n in range(3):
        make_incident(cast)
    for _n in range(4):
        sending.send_batch()
    assert len(receiver.got) == 3
    assert Attempt.objects.filter(message__subscription=slow).count() == 1


def test_a_replay_goes_out_under_the_same_key(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    subscribe()
    make_incident(cast)
    send_all()
    services.replay(Message.objects.get(), actor=cast.mona.actor, now=MONDAY)
    services.replay(Message.objects.get(), actor=cast.mona.actor, now=MONDAY)
    assert send_all() == 1
    first, second = (got.headers["webhook-id"] for got in receiver.got)
    assert first == second
    assert Attempt.objects.count() == 2


# --- robots ----------------------------------------------------------------------------------------------


def test_wecom_gets_markdown_and_its_answer_counts(
    cast: Cast, subscribe: Subscribe, receiver: Receiver
) -> None:
    subscribe(kind="wecom", secret="", language="zh-hans", url=f"{receiver.url}?key=k1")
    receiver.answer = b'{"errcode":0,"errmsg":"ok"}'
    incident = make_incident(cast, title="[x](http://evil) <@all>")
    assert send_all() == 1
    body = json.loads(receiver.got[0].body)
    assert (receiver.got[0].path, body["msgtype"]) == ("/hook?key=k1", "markdown")
    words = body["markdown"]["content"]
    assert incident.number in words
    assert "](http://evil)" not in words
    assert "<@all>" not in words
    receiver.answer = b'{"errcode":45009,"errmsg":"api freq out of limit"}'
    make_incident(cast)
    assert send_all() == 0
    assert Message.objects.filter(state="new").count() == 1
    receiver.answer = b'{"errcode":93000,"errmsg":"invalid webhook url"}'
    assert send_all() == 0
    assert Message.objects.get(state="dead").last_error == "93000: invalid webhook url"


def test_dingtalk_gets_a_signed_address(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    subscribe(kind="dingtalk", secret="SECabc", url=f"{receiver.url}?access_token=t")
    receiver.answer = b'{"errcode":0,"errmsg":"ok"}'
    make_incident(cast)
    assert send_all() == 1
    from urllib.parse import parse_qs, urlsplit

    query = parse_qs(urlsplit(receiver.got[0].path).query)
    stamp = query["timestamp"][0]
    digest = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(digest).decode()]
    assert (len(stamp), query["access_token"]) == (13, ["t"])
    assert json.loads(receiver.got[0].body)["msgtype"] == "markdown"


def test_feishu_gets_its_signature_in_the_body(cast: Cast, subscribe: Subscribe, receiver: Receiver) -> None:
    subscribe(kind="feishu", secret="s3cret")
    receiver.answer = b'{"code":0,"msg":"success"}'
    incident = make_incident(cast)
    assert send_all() == 1
    body = json.loads(receiver.got[0].body)
    digest = hmac.new(f"{body['timestamp']}\ns3cret".encode(), b"", hashlib.sha256).digest()
    assert (body["sign"], body["msg_type"]) == (base64.b64encode(digest).decode(), "text")
    assert incident.number in body["content"]["text"]
