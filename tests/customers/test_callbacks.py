"""Callbacks: made by rule, claimed by one who did not solve the ticket, stored with every attempt."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from customers import aftercare, callbacks
from customers.callback_views import rate
from customers.models import Callback, CallbackRule, CallbackTry, Closing
from records.lifecycle import IllegalMove
from tests.cast import Cast, make_cast
from tests.customers.made import closed, instant

Browser = Callable[[Any], Client]
DAY = timedelta(days=1)


def due(cast: Cast, **over: Any) -> Callback:
    if not CallbackRule.objects.exists():
        CallbackRule.objects.create(**over)
    ticket = closed(cast)
    aftercare.look(now=instant())
    return Callback.objects.get(ticket=ticket.pk)


@pytest.mark.django_db
@pytest.mark.req("BRM-09", "SD-30")
def test_a_closed_ticket_is_called_about_from_the_due_list_and_the_result_stored(
    client_of: Browser, cast: Cast
) -> None:
    callback = due(cast, due_days=2)
    assert callback.due_at == callback.closed_at + 2 * DAY
    sven = client_of(cast.sven)
    page = sven.get("/callbacks/").content.decode()
    assert callback.ticket.number in page
    url = f"/callbacks/{callback.pk}/"
    # who solved it, and who owns it, do not call
    for person in (cast.bob, cast.alice):
        assert client_of(person).post(f"{url}claim/").status_code == 422
    assert sven.post(f"{url}claim/").status_code == 302
    assert client_of(cast.mona).post(f"{url}claim/").status_code == 422
    later = (instant() + DAY).strftime("%Y-%m-%dT%H:%M")
    missed = sven.post(f"{url}record/", {"is_reached": "no", "next_at": later})
    assert missed.status_code == 302
    callback.refresh_from_db()
    assert (callback.state, callback.claimed_by) == ("waiting", None)
    assert sven.post(f"{url}record/", {"is_reached": "yes", "content": ""}).status_code == 422
    said = {"is_reached": "yes", "content": "partly", "words": "Took long."}
    assert sven.post(f"{url}record/", said).status_code == 302
    callback.refresh_from_db()
    assert (callback.state, callback.claimed_by) == ("done", cast.sven)
    assert [t.is_reached for t in callback.tries.order_by("pk")] == [False, True]
    assert "Took long." in sven.get("/callbacks/?show=done").content.decode()
    assert callback.ticket.activities.filter(verb="callback.reached").count() == 1
    with pytest.raises(IllegalMove):
        callbacks.claim(callback, actor=cast.sven.actor, now=instant())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE customers_callbacktry SET content = 'yes'")


@pytest.mark.django_db
@pytest.mark.req("BRM-09")
def test_the_rate_is_of_the_calls_that_were_due(cast: Cast) -> None:
    CallbackRule.objects.create()
    first, second = due(cast), due(cast)
    assert rate(cast.mona.actor)["percent"] is None
    callbacks.record(first, is_reached=True, content="yes", actor=cast.sven.actor, now=instant())
    callbacks.record(second, is_reached=False, words="Left.", actor=cast.sven.actor, now=instant())
    assert rate(cast.mona.actor) == {"made": 1, "asked": 2, "percent": 50}
    assert rate(cast.rita.actor)["asked"] == 0


@pytest.mark.django_db
def test_the_most_exact_rule_counts_and_a_share_is_the_same_whenever_asked(cast: Cast) -> None:
    CallbackRule.objects.create(percent=100)
    CallbackRule.objects.create(customer=cast.acme, percent=0)
    closed(cast)
    closed(cast, customer=cast.globex, requester=cast.charlie)
    aftercare.look(now=instant())
    assert list(Closing.objects.order_by("pk").values_list("callback", flat=True)) == ["not_its_turn", "done"]
    CallbackRule.objects.create(customer=cast.acme, priority=1, percent=100)
    closed(cast, impact=1, urgency=1)
    aftercare.look(now=instant())
    assert Callback.objects.count() == 2
    chosen = [n for n in range(1000) if callbacks.is_chosen(f"INC{n:07d}", 30)]
    assert 240 < len(chosen) < 360


@pytest.mark.django_db
def test_a_claim_left_lying_is_taken_over_and_customers_see_no_callback(
    client_of: Browser, cast: Cast
) -> None:
    callback = due(cast)
    now = instant()
    callbacks.claim(callback, actor=cast.sven.actor, now=now - timedelta(hours=3))
    assert callbacks.claim(callback, actor=cast.mona.actor, now=now).claimed_by == cast.mona
    assert callbacks.release(callback, actor=cast.mona.actor, now=now).claimed_by is None
    with pytest.raises(ValidationError):
        callbacks.record(callback, is_reached=False, next_at=now - DAY, actor=cast.sven.actor, now=now)
    for person in (cast.rita, cast.charlie):
        assert client_of(person).post(f"/callbacks/{callback.pk}/claim/").status_code == 403
    assert Callback.objects.visible_to(cast.charlie.actor).count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_makes_the_call() -> None:
    cast = make_cast()
    callback = due(cast)
    won: list[int] = []
    start = threading.Barrier(2)

    def claim(person: Any) -> None:
        start.wait()
        try:
            callbacks.claim(callback, actor=person.actor, now=instant())
            won.append(person.pk)
        except ValidationError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=(p,)) for p in (cast.sven, cast.mona)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert CallbackTry.objects.count() == 0
    callback.refresh_from_db()
    assert callback.claimed_by_id == won[0]
