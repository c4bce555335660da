from datetime import timedelta
from typing import Any

import pytest
import time_machine

from shifts.models import Duty
from tests.cast import MONDAY, make_incident
from tests.shifts.conftest import DAY, Desk, Log

WEEK = "/roster/?team=desk&week=2026-03-04"


@pytest.mark.req("PPL-06", "PPL-07", "PPL-08")
def test_the_roster_shows_the_week_its_gaps_and_the_rules(desk: Desk, client_of: Log) -> None:
    desk.need(2, 9, 20)
    desk.add(desk.cast.alice, desk.early)
    desk.add(desk.cast.bob, desk.late, kind="on_call")
    page = client_of(desk.cast.alice).get(WEEK).content.decode()
    assert "08:00–20:00" in page
    assert "Be there early." in page
    assert "Mon 03-02 09:00–20:00: 1 of 2" in page  # who is on call does not sit
    assert "Tue 03-03 09:00–20:00: 0 of 2" in page
    assert "20:00–08:00+1" in page
    assert "Put on the roster" not in page


def test_a_manager_fills_copies_and_clears_the_roster_with_forms(desk: Desk, client_of: Log) -> None:
    mona, alice = client_of(desk.cast.mona), desk.cast.alice
    assert "Put on the roster" in mona.get(WEEK).content.decode()
    form = {"team": "desk", "person": alice.pk, "pattern": desk.early.pk, "kind": "seat", "date": DAY}
    done = mona.post("/roster/add/", {**form, "until": "2026-03-08", "weekdays": ["0", "1"]})
    assert done.status_code == 302
    assert Duty.objects.count() == 2
    assert mona.post("/roster/copy/", {"team": "desk", "week": "2026-03-09"}).status_code == 302
    assert Duty.objects.count() == 4
    duty = Duty.objects.earliest("pk")
    assert mona.post(f"/roster/remove/{duty.pk}/").status_code == 302
    assert Duty.objects.count() == 3


@pytest.mark.parametrize(
    "wrong",
    [{"date": "soon"}, {"until": "2026-03-01"}, {"person": "999999"}, {"kind": "x"}, {"date": "9999-12-31"}],
)
def test_what_cannot_be_meant_is_said_at_its_field(desk: Desk, client_of: Log, wrong: dict[str, str]) -> None:
    form = {
        "team": "desk",
        "person": desk.cast.alice.pk,
        "pattern": desk.early.pk,
        "kind": "seat",
        "date": DAY,
    }
    answer = client_of(desk.cast.mona).post("/roster/add/", {**form, **wrong})
    assert answer.status_code == 422
    assert not Duty.objects.exists()


@pytest.mark.parametrize(
    ("query", "status"), [("?week=x", 400), ("?team=none", 404), ("?week=9999-12-31", 400)]
)
def test_an_address_that_cannot_be_read_is_refused(
    desk: Desk, client_of: Log, query: str, status: int
) -> None:
    assert client_of(desk.cast.alice).get(f"/roster/{query}").status_code == status


@pytest.mark.req("INC-22")
def test_beside_a_ticket_stands_whom_to_ring(desk: Desk, client_of: Log) -> None:
    desk.cast.bob.phone = "139 0000 1111"
    desk.cast.bob.save()
    desk.add(desk.cast.bob, desk.early, kind="on_call")
    incident = make_incident(desk.cast)
    with time_machine.travel(MONDAY, tick=False):
        page = client_of(desk.cast.alice).get(f"/incidents/{incident.number}/").content.decode()
        assert "139 0000 1111" in page
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        page = client_of(desk.cast.alice).get(f"/incidents/{incident.number}/").content.decode()
        assert "Nobody of this team is on the roster now." in page


def test_a_full_roster_asks_no_query_per_duty(
    desk: Desk, client_of: Log, django_assert_max_num_queries: Any
) -> None:
    people = [desk.join(f"p{n}") for n in range(12)]
    for person in people:
        desk.add(person, desk.early, *[DAY + timedelta(days=n) for n in range(7)])
    mona = client_of(desk.cast.mona)
    mona.get(WEEK)
    with django_assert_max_num_queries(20):
        assert mona.get(WEEK).status_code == 200
