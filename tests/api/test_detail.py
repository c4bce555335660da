"""Reading one incident: its facts, its timeline, and what may be done next."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import incidents.services
import records.services
from records.models import Record
from tests.api.conftest import Api
from tests.cast import MONDAY, Cast, make_incident

Make = Callable[..., Api]
# token, roles, teams; incident, clocks, their events, links, linked records
DETAIL_QUERIES = 8


def test_facts_moves_clocks_and_links_come_together(cast: Cast, api: Make) -> None:
    incident, other, foreign = (
        make_incident(cast),
        make_incident(cast, title="Other"),
        make_incident(cast, customer=cast.globex, requester=cast.charlie),
    )
    for target in (other, foreign):
        records.services.link(incident, target, kind="duplicate", actor=cast.alice.actor, now=MONDAY)
    answer = api(cast.alice).get(f"/incidents/{incident.number.lower()}/")
    body = answer.json()
    assert answer["ETag"] == f'"v{body["version"]}"'
    assert body["moves"] == [
        "start", "hold", "resolve", "cancel", "assign", "accept", "escalate", "link", "arrive", "restore",
    ]  # fmt: skip
    assert [clock["metric"]["code"] for clock in body["clocks"]] == [
        "first_response", "next_update", "resolution",
    ]  # fmt: skip
    assert {link["number"] for link in body["links"]} == {other.number, foreign.number}
    assert body["links"][0]["type"] == {"code": "duplicate", "label": "is a duplicate of"}
    by_customer = api(cast.rita).get(f"/incidents/{incident.number}/").json()
    assert {link["number"] for link in by_customer["links"]} == {other.number}
    assert by_customer["moves"] == []


def test_what_may_be_done_follows_state_and_role(cast: Cast, api: Make) -> None:
    incident = make_incident(cast)
    incidents.services.resolve(
        incident, code="solved", steps="Done.", actor=cast.alice.actor, now=MONDAY + timedelta(hours=1)
    )
    path = f"/incidents/{incident.number}/"
    assert api(cast.alice).get(path).json()["moves"] == ["close", "reopen", "confirm", "link"]
    assert api(cast.rita).get(path).json()["moves"] == ["reopen", "confirm"]


def test_detail_costs_a_fixed_number_of_queries(cast: Cast, api: Make) -> None:
    incident = make_incident(cast, assignee=cast.bob, team=cast.desk)
    for n in range(4):
        other = make_incident(cast, title=str(n))
        records.services.link(incident, other, kind="related", actor=cast.alice.actor, now=MONDAY)
        records.services.comment(
            incident, text="So far so good.", is_public=True, actor=cast.alice.actor,
            now=MONDAY + timedelta(hours=n),
        )  # fmt: skip
    program = api(cast.alice)
    with CaptureQueriesContext(connection) as queries:
        assert program.get(f"/incidents/{incident.number}/").status_code == 200
    assert len(queries) == DETAIL_QUERIES, [q["sql"][:200] for q in queries]


@pytest.mark.req("INC-01", "INC-24")
def test_the_timeline_tells_what_happened_to_whom_it_concerns(cast: Cast, api: Make) -> None:
    incident = make_incident(cast)
    records.services.comment(incident, text="secret", is_public=False, actor=cast.bob.actor, now=MONDAY)
    incidents.services.edit(
        incident, {"title": "New title"}, actor=cast.alice.actor, now=MONDAY, expected_version=None
    )
    incidents.services.hold(
        incident, reason="customer", note="Please send it.", actor=cast.alice.actor, now=MONDAY
    )
    path = f"/incidents/{incident.number}/activities/"
    rows = api(cast.alice).get(path).json()["results"]
    assert [row["verb"] for row in rows] == [
        "incident.open", "record.noted", "record.edited", "incident.hold",
    ]  # fmt: skip
    assert rows[2]["data"]["changes"]["title"] == ["Cannot send mail", "New title"]
    assert rows[3]["sentence"] == "put it on hold: waiting for the customer"
    assert rows[3]["at"] == "2026-03-02T02:00:00Z"
    assert rows[3]["actor"]["username"] == "alice"
    seen = api(cast.rita).get(path)
    assert [row["verb"] for row in seen.json()["results"]] == ["incident.open", "incident.hold"]
    assert "secret" not in seen.content.decode()
    assert seen.json()["results"][1]["actor"] == {"id": cast.alice.pk, "username": None, "name": "Alice"}
    latest = api(cast.alice).get(f"{path}?ordering=-at&page_size=1").json()
    assert latest["results"][0]["verb"] == "incident.hold"
    assert latest["next"]


def test_a_colleague_of_the_customer_sees_it_only_by_role(cast: Cast, api: Make) -> None:
    incident = make_incident(cast, requester=cast.carla)
    assert api(cast.carla).get(f"/incidents/{incident.number}/").status_code == 200
    assert api(cast.rita).get(f"/incidents/{incident.number}/").status_code == 404
    assert Record.objects.filter(number=incident.number).exists()
