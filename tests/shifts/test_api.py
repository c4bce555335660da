import json
from typing import Any

import pytest

from shifts.models import Duty, Handover
from tests.cast import make_incident
from tests.shifts.conftest import Desk, Log


def post(client: Any, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


@pytest.mark.req("INC-22")
def test_a_program_reads_who_is_on_call_and_a_manager_writes_it(desk: Desk, client_of: Log) -> None:
    mona, robot = client_of(desk.cast.mona), client_of(desk.cast.robot)
    body = {"team": "desk", "person": "bob", "pattern": "early", "date": "2026-03-02", "kind": "on_call"}
    made = post(mona, "shifts/", **body)
    assert (made.status_code, post(mona, "shifts/", **body).json()["id"]) == (201, made.json()["id"])
    found = robot.get("/api/v1/shifts/?team=desk&kind=on_call&at=2026-03-02T02:00:00Z").json()["results"]
    assert [(row["person"]["username"], row["starts_at"]) for row in found] == [
        ("bob", "2026-03-02T00:00:00Z")
    ]
    assert robot.get("/api/v1/shifts/?at=2026-03-03T02:00:00Z").json()["results"] == []
    assert post(robot, "shifts/", **body).status_code == 403
    assert client_of(desk.cast.charlie).get("/api/v1/shifts/").status_code == 403
    assert robot.delete(f"/api/v1/shifts/{made.json()['id']}/").status_code == 403
    assert mona.delete(f"/api/v1/shifts/{made.json()['id']}/").status_code == 204
    assert not Duty.objects.exists()


def test_what_clashes_is_refused_at_its_field(desk: Desk, client_of: Log) -> None:
    desk.add(desk.cast.bob, desk.early)
    body = {"team": "desk", "person": "bob", "pattern": "late", "date": "2026-03-02"}
    answer = post(client_of(desk.cast.mona), "shifts/", **body)
    assert answer.status_code == 400
    assert "on duty then already" in answer.content.decode()


@pytest.mark.req("SD-19")
def test_a_shift_is_handed_over_and_accepted_over_http(desk: Desk, client_of: Log) -> None:
    incident = make_incident(desk.cast)
    alice, bob = client_of(desk.cast.alice), client_of(desk.cast.bob)
    note = {"number": incident.number, "note": "Call her."}
    made = post(alice, "handovers/", team="desk", note="Quiet.", notes=[note])
    assert made.status_code == 201
    assert [(line["number"], line["note"]) for line in made.json()["lines"]] == [
        (incident.number, "Call her.")
    ]
    path = f"handovers/{made.json()['id']}/accept/"
    assert post(client_of(desk.cast.sven), path).status_code == 403
    done = post(bob, path)
    assert (done.status_code, done.json()["state"]["code"]) == (200, "accepted")
    assert post(client_of(desk.join("nora")), path).status_code == 409
    assert Handover.objects.get().accepted_by == desk.cast.bob


@pytest.mark.req("SD-19")
def test_a_note_to_a_ticket_the_team_does_not_have_is_refused_by_its_number(
    desk: Desk, client_of: Log
) -> None:
    ticket = make_incident(desk.cast, team=desk.cast.desk)
    notes = [{"number": ticket.number, "note": "Call back."}, {"number": "INC9999999", "note": "Lost?"}]
    answer = post(client_of(desk.cast.alice), "handovers/", team="desk", note="", notes=notes)
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "INC9999999" in text
    assert ticket.number not in text
    assert not Handover.objects.exists()
