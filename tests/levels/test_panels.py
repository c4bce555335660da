"""A planned interruption is seen on the tickets of its services, by the desk and by their customer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from levels import services
from tests.cast import MONDAY, Cast, make_incident

HOUR = timedelta(hours=1)


def announced(cast: Cast, **over: Any) -> Any:
    facts = {
        "services": [cast.mail], "customers": [cast.acme], "starts_at": MONDAY + HOUR,
        "ends_at": MONDAY + 3 * HOUR, "reason_en": "New mail servers", "reason_zh": "更换邮件服务器",
        "actor": cast.mona.actor, "now": MONDAY,
    }  # fmt: skip
    return services.announce(**{**facts, **over})


def page(client: Client, name: str, number: str) -> str:
    return client.get(reverse(name, args=[number])).content.decode()


@pytest.mark.req("SLM-32", "INC-25")
def test_a_ticket_shows_the_planned_interruptions_of_its_service(
    cast: Cast, client_of: Callable[[Any], Client]
) -> None:
    ticket = make_incident(cast)
    announced(cast)
    with time_machine.travel(MONDAY + 30 * timedelta(minutes=1), tick=False):
        before = page(client_of(cast.alice), "incidents:detail", ticket.number)
    assert "New mail servers" in before
    assert "Put it on hold for a planned interruption" not in before
    with time_machine.travel(MONDAY + 2 * HOUR, tick=False):
        during = page(client_of(cast.alice), "incidents:detail", ticket.number)
        customers = page(client_of(cast.rita), "portal:detail", ticket.number)
    assert "Put it on hold for a planned interruption" in during
    assert "New mail servers" in customers
    assert "Put it on hold" not in customers
    with time_machine.travel(MONDAY + 4 * HOUR, tick=False):
        assert "New mail servers" not in page(client_of(cast.alice), "incidents:detail", ticket.number)


def test_an_interruption_of_others_or_one_that_was_called_off_is_not_shown(
    cast: Cast, client_of: Callable[[Any], Client]
) -> None:
    ticket = make_incident(cast)
    announced(cast, customers=[cast.globex], reason_en="Only theirs")
    everybody = announced(cast, customers=[], reason_en="Of everybody")
    off = announced(cast, reason_en="Called off")
    services.cancel(off, reason="Postponed", actor=cast.mona.actor, now=MONDAY)
    with time_machine.travel(MONDAY + 2 * HOUR, tick=False):
        shown = page(client_of(cast.alice), "incidents:detail", ticket.number)
    assert everybody.reason in shown
    assert "Only theirs" not in shown
    assert "Called off" not in shown
