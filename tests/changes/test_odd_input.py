"""Addresses and times nobody means: answered as what is not there or refused in words, never by an error."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import Change
from tests.cast import Cast
from tests.changes.making import make_change

Clients = Callable[[Any], Client]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/changes/risk/?edition=²", 200),
        ("/changes/risk/?edition=99999", 200),
        ("/changes/models/new/?from=²", 200),
        ("/changes/?item=" + "0" * 12 + "9" * 5000, 200),
        ("/changes/new/?template=%00&item=%00&service=%00", 200),
        ("/changes/new/?from=%00", 404),
        ("/changes/CHG%00/", 404),
    ],
)
def test_an_address_that_names_nothing_is_answered(
    cast: Cast, client_of: Clients, address: str, status: int
) -> None:
    assert client_of(cast.mona).get(address).status_code == status


@pytest.mark.parametrize(
    ("first", "last"), [("planned_start_at", "planned_end_at"), ("outage_from", "outage_until")]
)
def test_a_time_is_no_longer_than_the_calendar_is_looked_through_for(
    cast: Cast, client_of: Clients, first: str, last: str
) -> None:
    change = make_change(cast)
    address = reverse("changes:part", args=[change.number, "plan"])
    times = {first: "2026-03-04T10:00", last: "2126-03-04T10:00"}
    refused = client_of(cast.bob).post(address, times)
    assert refused.status_code == 422
    assert "at most 31 days later" in refused.content.decode()
    assert getattr(Change.objects.get(pk=change.pk), last) is None
    times[last] = "2026-03-05T10:00"
    assert client_of(cast.bob).post(address, times).status_code == 302
