from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Grant, Token, User
from accounts.services import issue_token
from outbound.models import Message, Subscription
from tests.api.conftest import Api, is_problem, refused
from tests.cast import Cast, make_incident
from tests.outbound.conftest import SECRET, Receiver
from tests.outbound.test_sending import send_all

Subscribe = Callable[..., Subscription]
Log = Callable[[Any], Client]


def entered(cast: Cast, **over: Any) -> dict[str, Any]:
    return {
        "name": "ERP", "kind": "webhook", "url": "https://erp.example.com/hook", "events": ["incident.open"],
        "language": "en", "keeper": cast.mona.pk, "public_only": "on", "is_active": "on", **over,
    }  # fmt: skip


def test_a_manager_subscribes_a_program_and_sees_its_secret_once(cast: Cast, client_of: Log) -> None:
    mona = client_of(cast.mona)
    page = mona.post("/outbound/new/", entered(cast), follow=True).content.decode()
    row = Subscription.objects.get()
    assert row.secret.startswith("whsec_")
    assert row.secret in page
    assert row.secret not in mona.get(row.get_absolute_url()).content.decode()
    assert row.secret not in mona.get(f"{row.get_absolute_url()}edit/").content.decode()


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"url": "http://erp.example.com/"}, "This address is not taken"),
        ({"url": "https://user@erp.example.com/"}, "This address is not taken"),
        ({"url": ""}, "This field is required"),
        ({"events": []}, "This field is required"),
        ({"secret": "short"}, "at least 16 characters"),
    ],
)
def test_what_cannot_be_a_subscription_is_said_on_the_page(
    cast: Cast, client_of: Log, over: dict[str, Any], words: str
) -> None:
    answer = client_of(cast.mona).post("/outbound/new/", entered(cast, **over))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Subscription.objects.exists()


def test_a_change_keeps_what_is_secret_and_refuses_what_is_stale(
    cast: Cast, client_of: Log, subscribe: Subscribe
) -> None:
    row = subscribe()
    mona = client_of(cast.mona)
    url = f"{row.get_absolute_url()}edit/"
    given = entered(cast, name="ERP 2", url="", secret="", version=1)
    assert mona.post(url, given).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.secret, row.version) == ("ERP 2", SECRET, 2)
    assert mona.post(url, given).status_code == 422


def test_the_log_shows_attempts_and_sends_again(
    cast: Cast, client_of: Log, subscribe: Subscribe, receiver: Receiver
) -> None:
    row = subscribe()
    receiver.status = 404
    number = make_incident(cast).number
    send_all()
    mona = client_of(cast.mona)
    page = mona.get(row.get_absolute_url()).content.decode()
    assert f"{number} was received" in page
    assert "404 refused" in page
    receiver.status = 200
    assert mona.post(f"/outbound/messages/{Message.objects.get().pk}/replay/").status_code == 302
    assert mona.post(f"{row.get_absolute_url()}test/").status_code == 302
    assert send_all() == 2
    assert b'"type":"test"' in receiver.got[-1].body
    assert mona.get("/outbound/").status_code == 200


def test_a_new_secret_voids_the_former(cast: Cast, client_of: Log, subscribe: Subscribe) -> None:
    row = subscribe()
    page = client_of(cast.mona).post(f"{row.get_absolute_url()}secret/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.secret != SECRET
    assert row.secret in page


def test_a_long_log_asks_no_query_per_row(
    cast: Cast, client_of: Log, subscribe: Subscribe, django_assert_max_num_queries: Any
) -> None:
    row = subscribe()
    for _n in range(10):
        make_incident(cast)
    mona = client_of(cast.mona)
    mona.get(row.get_absolute_url())
    with django_assert_max_num_queries(14):
        mona.get(row.get_absolute_url())


def test_only_managers_of_all_customers_keep_subscriptions(cast: Cast, client_of: Log) -> None:
    assert client_of(cast.alice).get("/outbound/").status_code == 403
    assert client_of(cast.carla).get("/outbound/").status_code == 403
    Grant.objects.filter(user=cast.mona).update(organisation=cast.acme)
    assert client_of(cast.mona).get("/outbound/").status_code == 403


# --- the interface -------------------------------------------------------------------------------------


def program(user: User) -> Api:
    return Api(issue_token(user, name="test", scope=Token.Scope.WRITE, lifetime=None))


def test_a_program_subscribes_and_is_given_its_secret_once(cast: Cast) -> None:
    api = program(cast.mona)
    body = {
        "name": "ERP",
        "url": "https://erp.example.com/hook",
        "events": ["incident.*"],
        "customer": "acme",
    }
    made = api.post("/webhooks/", body)
    assert made.status_code == 201
    row = Subscription.objects.get()
    assert made.json()["secret"] == row.secret
    assert (row.customer, row.keeper, row.public_only) == (cast.acme, cast.mona, True)
    shown = api.get(f"/webhooks/{row.pk}/")
    assert "secret" not in shown.json()
    assert shown.json()["receiver"] == "erp.example.com"
    tag = shown["ETag"]
    assert api.patch(f"/webhooks/{row.pk}/", {"is_active": False}, If_Match=tag).status_code == 200
    is_problem(api.patch(f"/webhooks/{row.pk}/", {"is_active": True}, If_Match=tag), 412, "stale")
    is_problem(api.patch(f"/webhooks/{row.pk}/", {"name": "x"}), 428, "precondition-required")
    refused(api.post(f"/webhooks/{row.pk}/test/"), "is_active")


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"url": "https://127.0.0.1:22/"}, "url"),
        ({"events": ["incident.explode"]}, "events"),
        ({"kind": "telegram"}, "kind"),
        ({"customer": "nobody"}, "customer"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_the_interface_names_what_is_wrong(cast: Cast, over: dict[str, Any], field: str) -> None:
    body = {"name": "ERP", "url": "https://erp.example.com/", "events": ["*"], **over}
    refused(program(cast.mona).post("/webhooks/", body), field)


def test_messages_are_read_and_sent_again_over_the_interface(
    cast: Cast, subscribe: Subscribe, receiver: Receiver
) -> None:
    row = subscribe()
    number = make_incident(cast).number
    send_all()
    api = program(cast.mona)
    [found] = api.get(f"/webhooks/{row.pk}/messages/").json()
    assert (found["event"], found["record"], found["state"]["code"]) == ("incident.open", number, "sent")
    assert found["tries"][0]["status"] == 200
    assert api.post(f"/webhooks/{row.pk}/replay/", {"message": found["id"]}).status_code == 202
    is_problem(api.post(f"/webhooks/{row.pk}/replay/", {"message": 999999}), 404, "not-found")
    for person in (cast.alice, cast.robot, cast.carla):
        is_problem(program(person).get("/webhooks/"), 403, "forbidden")
