"""The simulator's page: what a manager types, and what the clock answers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast

Browser = Callable[[Any], Client]
ASKED = {
    "amount": "4", "unit": "hours", "start": "2026-03-02 10:00", "at": "2026-03-02 17:00",
    "events": "2026-03-02 11:00 pause customer\n2026-03-02 15:00 resume", "thresholds": "50, 75",
}  # fmt: skip


@pytest.mark.req("PLT-06", "INC-25")
def test_a_manager_sees_due_time_use_and_every_segment(cast: Cast, client_of: Browser) -> None:
    asked = {**ASKED, "calendar": str(cast.calendar.pk)}
    answer = client_of(cast.mona).get("/sla/simulate/", asked)
    html = answer.content.decode()
    assert answer.status_code == 200
    # one hour before the pause, two after it by 17:00; one more on Monday is left until 18:00
    assert 'data-elapsed="10800"' in html
    assert 'data-due="2026-03-02T10:00:00Z"' in html
    assert len(re.findall('class="seg seg-', html)) == 3
    assert "customer" in html
    assert "POST /api/v1/sla/simulate/" in html


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"start": "tomorrow"}, "is not a time such as"),
        ({"events": "2026-03-02 11:00 sleep"}, "must be one of"),
        ({"events": "soon pause"}, "Line 1"),
        ({"amount": "0"}, "greater than or equal to 1"),
        ({"thresholds": "half"}, "whole numbers"),
        ({"calendar": "999999"}, "valid choice"),
    ],
)
def test_what_cannot_be_read_is_said_in_place(
    cast: Cast, client_of: Browser, wrong: dict[str, str], words: str
) -> None:
    asked = {**ASKED, "calendar": str(cast.calendar.pk), **wrong}
    answer = client_of(cast.mona).get("/sla/simulate/", asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_customers_have_no_simulator(cast: Cast, client_of: Browser) -> None:
    assert client_of(cast.rita).get("/sla/simulate/").status_code == 403
    assert client_of(cast.mona).get("/sla/simulate/").status_code == 200
