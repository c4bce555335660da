"""The clocks of an incident, and why they say what they say."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

import incidents.services
import records.services
from records import alarms
from tests.api.conftest import Api, is_problem
from tests.cast import MONDAY, Cast, make_incident

Make = Callable[..., Api]
HOUR = timedelta(hours=1)


def clocks(api: Api, number: str) -> dict[str, dict[str, Any]]:
    rows = api.get(f"/incidents/{number}/clocks/").json()["results"]
    return {row["metric"]["code"]: row for row in rows}


@pytest.mark.req("SD-04", "PLT-04")
def test_a_running_clock_says_what_was_promised_and_what_is_left(cast: Cast, api: Make) -> None:
    program = api(cast.alice)
    incident = make_incident(cast)
    with time_machine.travel(MONDAY + HOUR, tick=False):
        found = clocks(program, incident.number)["first_response"]
    assert found | {"id": 0, "url": ""} == {
        "id": 0, "url": "", "metric": {"code": "first_response", "label": "First response"},
        "state": "running", "state_label": "running", "phase": "running", "breached": False,
        "breached_at": None, "elapsed": 3600, "target": 7200, "remaining": 3600, "overdue": 0,
        "due": "2026-03-02T04:00:00Z", "first_due": "2026-03-02T04:00:00Z",
        "fired": [{"threshold": 50, "at": "2026-03-02T03:00:00Z"}], "cycle": 1,
        "started_at": "2026-03-02T02:00:00Z", "stopped_at": None, "waived": False,
        "agreement": {"code": "default", "name": "Agreement", "version": 1},
        "calendar": {"code": "office", "name": "Office", "version": 1},
        "promise": {"kind": "business_seconds", "seconds": 7200},
    }  # fmt: skip


@pytest.mark.req("INC-25", "INC-20")
def test_an_explained_clock_shows_every_stretch_with_its_reason(cast: Cast, api: Make) -> None:
    incident = make_incident(cast, impact=1, urgency=1)
    incidents.services.hold(
        incident, reason="customer", actor=cast.alice.actor, now=MONDAY + HOUR, note="Which printer?"
    )
    incidents.services.resume(incident, actor=cast.alice.actor, now=MONDAY + 4 * HOUR)
    program = api(cast.alice)
    with time_machine.travel(MONDAY + 5 * HOUR, tick=False):
        path = clocks(program, incident.number)["resolution"]["url"].partition("/api/v1")[2]
        found = program.get(path).json()
    assert [(s["from"][11:16], s["to"][11:16], s["counted"], s["reason"]) for s in found["segments"]] == [
        ("02:00", "03:00", True, "open"),
        ("03:00", "06:00", False, "paused"),
        ("06:00", "07:00", True, "open"),
    ]
    assert [(e["type"], e["reason"], e["by"]["username"]) for e in found["events"]] == [
        ("pause", "customer", "alice"), ("resume", "customer", "alice"),
    ]  # fmt: skip
    assert found["elapsed"] == 7200
    assert found["first_due"] < found["due"]


@pytest.mark.req("INC-10")
def test_a_missed_clock_says_since_when(cast: Cast, api: Make) -> None:
    incident = make_incident(cast)
    alarms.sweep()  # it is long past Monday
    program = api(cast.alice)
    url = clocks(program, incident.number)["first_response"]["url"]
    found = program.get(url.partition("/api/v1")[2]).json()
    assert (found["state"], found["breached"]) == ("breached", True)
    assert found["breached_at"] == "2026-03-02T04:00:00Z"
    assert [a["step"] for a in found["alarms"]] == ["50", "75", "90", "breach"]
    assert found["overdue"] > 0


def test_cancelled_clocks_are_not_judged(cast: Cast, api: Make) -> None:
    incident = make_incident(cast)
    incidents.services.cancel(incident, reason="twice", actor=cast.alice.actor, now=MONDAY + HOUR)
    assert {c["state"] for c in clocks(api(cast.alice), incident.number).values()} == {"cancelled"}


def test_a_clock_of_another_incident_is_not_found_under_this_one(cast: Cast, api: Make) -> None:
    first, second = make_incident(cast), make_incident(cast)
    records.services.comment(first, text="x", is_public=True, actor=cast.alice.actor, now=MONDAY + HOUR)
    pk = clocks(api(cast.alice), first.number)["resolution"]["id"]
    is_problem(api(cast.alice).get(f"/incidents/{second.number}/clocks/{pk}/"), 404, "not-found")
