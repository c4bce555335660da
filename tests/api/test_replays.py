"""What-if replays through the interface: asked for, watched, and read with the tickets that flip."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import incidents.services
from accounts.access import Role
from accounts.models import Grant
from agreements import replays
from agreements.models import ReplayRun
from incidents.models import Incident
from sla.models import Agreement
from tests.api.conftest import Api, is_problem, refused
from tests.api.test_agreements import acme, document, ola
from tests.api.test_editions import begin
from tests.cast import MONDAY, Cast, make_incident, make_user

__all__ = ["acme", "ola"]
pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
PERIOD = {"start": "2026-03-02T00:00:00+08:00", "end": "2026-03-03T00:00:00+08:00"}


@pytest.fixture
def slow(cast: Cast, acme: Agreement) -> Incident:
    """Solved after five working hours; eight are promised. One more was quick."""
    incidents.services.resolve(
        make_incident(cast), code="solved", steps="x", actor=cast.alice.actor, now=MONDAY
    )
    made = make_incident(cast, title="Slow")
    return incidents.services.resolve(
        made, code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + timedelta(hours=6)
    )


def asked(program: Api, number: str) -> dict[str, Any]:
    answer = program.post(f"/editions/{number}/replay/", PERIOD)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    assert answer["Location"] == found["url"]
    return found


@pytest.mark.req("PLT-04", "SLM-21")
def test_a_replay_is_asked_for_watched_and_read(cast: Cast, api: Make, slow: Incident) -> None:
    mona = api(cast.mona)
    number = begin(mona, terms=document(4))["number"]
    run = asked(mona, number)
    assert (run["state"]["code"], run["result"], run["outdated"]) == ("queued", None, False)
    assert (run["start"], run["end"]) == ("2026-03-01T16:00:00Z", "2026-03-02T16:00:00Z")
    assert asked(mona, number)["id"] == run["id"]  # the same question is one run
    replays.run(run["id"])
    found = mona.get(f"/editions/{number}/replay/{run['id']}/").json()
    assert (found["state"]["code"], found["done"], found["total"]) == ("done", 2, 2)
    assert (found["result"]["tickets"], found["result"]["flips"]) == (2, {"now_missed": 1, "now_met": 0})
    assert found["result"]["total"]["after"]["percent"] < found["result"]["total"]["before"]["percent"]
    assert [row["id"] for row in mona.get(f"/editions/{number}/replay/").json()["results"]] == [run["id"]]
    (flip,) = mona.get(f"/editions/{number}/replay/{run['id']}/flips/").json()["results"]
    assert (flip["record"]["number"], flip["direction"]["code"], flip["seconds"]) == (
        slow.number, "now_missed", 3600,
    )  # fmt: skip
    flips = f"/editions/{number}/replay/{run['id']}/flips/"
    assert mona.get(f"{flips}?direction=now_met").json()["results"] == []
    assert len(mona.get(f"{flips}?target_key={flip['target_key']}&page_size=1").json()["results"]) == 1
    refused(mona.get(f"{flips}?record=1"), "record", code="unknown_filter")
    mona.patch(f"/editions/{number}/", {"terms": document(5)}, If_Match="*")
    assert mona.get(f"/editions/{number}/replay/{run['id']}/").json()["outdated"] is True


def test_a_replay_that_makes_no_sense_is_refused(cast: Cast, api: Make, slow: Incident) -> None:
    mona = api(cast.mona)
    number = begin(mona, terms=document(4))["number"]
    path = f"/editions/{number}/replay/"
    refused(mona.post(path, {}), "start", "end", code="required")
    refused(mona.post(path, {**PERIOD, "end": PERIOD["start"]}), "end")
    refused(mona.post(path, {"start": "2998-01-01T00:00:00Z", "end": "2999-01-01T00:00:00Z"}), "start")
    refused(mona.post(path, {"start": "1998-01-01T00:00:00Z", "end": "1999-01-01T00:00:00Z"}), "start")
    refused(mona.post(path, {**PERIOD, "zone": "UTC"}), "zone", code="unknown_field")
    is_problem(mona.get(f"{path}999999/"), 404, "not-found")
    is_problem(mona.get(f"{path}999999/flips/"), 404, "not-found")
    assert not ReplayRun.objects.exists()


@pytest.mark.req("PLT-09")
def test_replays_are_for_who_makes_agreements(cast: Cast, api: Make, slow: Incident) -> None:
    mona = api(cast.mona)
    number = begin(mona, terms=document(4))["number"]
    pk = asked(mona, number)["id"]
    other = make_user("lena", cast.provider)
    Grant.objects.create(user=other, role=Role.SERVICE_LEVEL_MANAGER, organisation=cast.globex)
    for user, status, slug in (
        (cast.alice, 403, "forbidden"), (cast.robot, 403, "forbidden"), (cast.carla, 404, "not-found"),
        (cast.rita, 404, "not-found"), (cast.charlie, 404, "not-found"), (other, 404, "not-found"),
    ):  # fmt: skip
        program = api(user)
        for path in ("", f"{pk}/", f"{pk}/flips/"):
            is_problem(program.get(f"/editions/{number}/replay/{path}"), status, slug)
        is_problem(program.post(f"/editions/{number}/replay/", PERIOD), status, slug)
    is_problem(api(cast.mona, "read").post(f"/editions/{number}/replay/", PERIOD), 403, "forbidden")
