"""Outages, interruptions, values, standings and credits over HTTP."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from levels import credits as ledger
from sla.models import Agreement
from tests.api.conftest import is_problem, refused
from tests.cast import MONDAY, Cast, make_agreement
from tests.levels.test_standing import outage, solved, terms

NOON = MONDAY + timedelta(hours=4)


@pytest.fixture(autouse=True)
def _on_that_day() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    since = datetime(2026, 2, 28, 16, tzinfo=UTC)
    return make_agreement(cast.calendar, cast.acme, terms=terms(), effective_from=since).agreement


DOWN = {"service": "mail", "started_at": "2026-03-02T02:00:00Z", "reference": "alert-7"}


@pytest.mark.req("SLM-30")
def test_monitoring_tells_of_an_outage_once_and_ends_it(api: Any, cast: Cast) -> None:
    robot = api(cast.robot)
    made = robot.post("/outages/", DOWN)
    assert (made.status_code, made["ETag"]) == (201, '"v1"')
    again = robot.post("/outages/", DOWN)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    path = f"/outages/{made.json()['id']}/"
    ended = {"ended_at": "2026-03-02T03:00:00Z"}
    is_problem(robot.patch(path, ended), 428, "precondition-required")
    done = robot.patch(path, ended, If_Match='"v1"')
    assert (done.status_code, done.json()["version"], done["ETag"]) == (200, 2, '"v2"')
    is_problem(robot.patch(path, ended, If_Match='"v1"'), 412, "stale")
    refused(robot.patch(path, {"ended_at": "2026-03-02T01:00:00Z"}, If_Match='"v2"'), "ended_at")
    refused(robot.patch(path, {"service": "mail"}, If_Match='"v2"'), "service")
    refused(
        robot.post("/outages/", {"service": "nothing", "started_at": "2026-03-02"}), "service", "started_at"
    )
    assert robot.get("/outages/?open=false&service=mail").json()["results"][0]["record"] is None
    assert robot.get("/outages/?open=true").json()["results"] == []
    refused(robot.post(f"{path}withdraw/", {}), "reason")
    assert robot.post(f"{path}withdraw/", {"reason": "Test alert"}).json()["withdrawn_reason"] == "Test alert"
    assert len(robot.get("/outages/?withdrawn=true").json()["results"]) == 1
    assert robot.get("/outages/?withdrawn=false").json()["results"] == []


@pytest.mark.req("SLM-32")
def test_an_interruption_is_announced_and_cancelled(api: Any, cast: Cast) -> None:
    mona = api(cast.mona)
    asked = {
        "services": ["mail"], "customers": ["acme"], "starts_at": "2026-03-03T12:00:00Z",
        "ends_at": "2026-03-03T15:00:00Z", "reason_en": "Update", "reason_zh": "升级", "agreed_with": "Carla",
    }  # fmt: skip
    made = mona.post("/planned-interruptions/", asked)
    assert made.status_code == 201, made.content
    assert made.json()["taken_out"] is True
    past = {**asked, "starts_at": "2026-03-01T12:00:00Z"}
    refused(mona.post("/planned-interruptions/", past), "starts_at")
    refused(mona.post("/planned-interruptions/", {**asked, "services": []}), "services")
    is_problem(api(cast.alice).post("/planned-interruptions/", asked), 403, "forbidden")
    path = f"/planned-interruptions/{made.json()['id']}/"
    is_problem(mona.post(f"{path}cancel/", {"reason": "x"}), 428, "precondition-required")
    gone = mona.post(f"{path}cancel/", {"reason": "Postponed"}, If_Match='"v1"')
    assert gone.json()["taken_out"] is False
    is_problem(mona.post(f"{path}cancel/", {"reason": "x"}, If_Match='"v1"'), 412, "stale")
    refused(mona.post(f"{path}cancel/", {"reason": "x"}, If_Match="*"), "cancelled_at", code="cancelled")
    assert len(mona.get("/planned-interruptions/?cancelled=true&service=mail").json()["results"]) == 1


@pytest.mark.req("SLM-30")
def test_a_value_may_be_delivered_again_and_corrected_with_a_reason(api: Any, cast: Cast) -> None:
    robot = api(cast.robot)
    value = {
        "service": "mail", "measure": "answer_rate", "started_at": "2026-03-01T16:00:00Z",
        "ended_at": "2026-03-02T02:00:00Z", "numerator": "57", "denominator": "61", "source": "calls",
    }  # fmt: skip
    made = robot.post("/measured-values/", value)
    assert made.status_code == 201, made.content
    assert (made.json()["numerator"], made.json()["revision"]) == ("57", 1)
    again = robot.post("/measured-values/", {**value, "numerator": 57})
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    refused(robot.post("/measured-values/", {**value, "numerator": "58"}), "correction")
    fixed = robot.post("/measured-values/", {**value, "numerator": "58", "correction": "Test calls"})
    assert (fixed.status_code, fixed.json()["revision"]) == (201, 2)
    refused(robot.post("/measured-values/", {**value, "started_at": "2026-03-01T17:00:00Z"}), "started_at")
    refused(robot.post("/measured-values/", {**value, "denominator": None}), "value")
    refused(
        robot.post("/measured-values/", {**value, "measure": "mood", "source": "guess"}), "measure", "source"
    )
    assert robot.ask("DELETE", f"/measured-values/{made.json()['id']}/").status_code == 405
    assert len(robot.get("/measured-values/?measure=answer_rate&source=calls").json()["results"]) == 2


@pytest.mark.req("SLM-31")
def test_a_standing_is_the_figures_of_the_page(api: Any, cast: Cast, acme: Agreement) -> None:
    solved(cast, timedelta(hours=1))
    outage(cast, 1)
    mona = api(cast.mona)
    found = mona.get("/levels/acme/?month=2026-03").json()
    target = next(row for row in found["targets"] if row["key"] == "resolution//1")
    assert (target["met"], target["net_percent"], target["on_goal"]) == (1, 100, True)
    measure = next(row for row in found["measures"] if row["measure"]["code"] == "availability")
    assert (measure["kept"], len(measure["outages"])) == (False, 1)
    assert found["workload"][0]["actual"] == found["work"]["opened"] == 1
    assert (found["credits"]["closed"], found["credits"]["percent"]) == (False, 10)
    assert {row["agreement"]["code"] for row in mona.get("/levels/").json()["results"]} == {"acme", "default"}
    (only,) = mona.get("/levels/?customer=acme&page_size=1&month=2026-03").json()["results"]
    assert only == found
    assert mona.get("/levels/?page_size=1").json()["next"]
    refused(mona.get("/levels/?month=2026-13"), "month")
    refused(mona.get("/levels/?year=2026"), "year")
    is_problem(mona.get("/levels/nothing/"), 404, "not-found")
    for person in (cast.alice, cast.robot, cast.carla):
        is_problem(api(person).get("/levels/"), 403, "forbidden")


def test_the_ledger_is_read_and_never_written(api: Any, cast: Cast, acme: Agreement) -> None:
    (entry,) = ledger.close(acme, date(2026, 3, 1), actor=cast.system, now=MONDAY + timedelta(days=40))
    assert entry is not None
    mona = api(cast.mona)
    (line,) = mona.get("/credits/?agreement=acme&kind=closing").json()["results"]
    assert (line["month"], line["amount"], line["currency"]) == ("2026-03", "0.00", "CNY")
    assert mona.get(f"/credits/{entry.pk}/").json() == line
    assert mona.post("/credits/", {}).status_code == 405
    is_problem(api(cast.alice).get("/credits/"), 403, "forbidden")
    is_problem(api(cast.charlie).get(f"/credits/{entry.pk}/"), 404, "not-found")


def test_customers_learn_nothing_of_outages_here(api: Any, cast: Cast) -> None:
    row = outage(cast, 1)
    carla = api(cast.carla)
    assert carla.get("/outages/").json()["results"] == []
    assert carla.get("/measured-values/").json()["results"] == []
    assert carla.get("/planned-interruptions/").json()["results"] == []
    is_problem(carla.get(f"/outages/{row.pk}/"), 404, "not-found")
    is_problem(carla.post("/outages/", DOWN), 403, "forbidden")


@pytest.mark.req("FIN-10")
def test_rewards_are_told_with_the_standing_and_as_lines_of_the_ledger(api: Any, cast: Cast) -> None:
    since = datetime(2026, 2, 28, 16, tzinfo=UTC)
    given = terms(rewards=[{"target": "resolution//1", "above": 98, "percent": 2}])
    agreement = make_agreement(cast.calendar, cast.acme, terms=given, effective_from=since).agreement
    solved(cast, timedelta(hours=1))
    mona = api(cast.mona)
    found = mona.get("/levels/acme/?month=2026-03").json()["rewards"]
    assert (found["closed"], found["percent"], found["amount"]) == (False, 2, "20.00")
    ledger.close(agreement, date(2026, 3, 1), actor=cast.system, now=MONDAY + timedelta(days=40))
    (line,) = mona.get("/credits/?agreement=acme&side=reward").json()["results"]
    assert (line["side"]["code"], line["kind"]["code"], line["amount"]) == ("reward", "closing", "20.00")
    assert line["rules"] == [{"target": "resolution//1", "percent": 100, "above": 98, "reward": 2}]
    assert len(mona.get("/credits/?agreement=acme").json()["results"]) == 2
    refused(mona.get("/credits/?side=bonus"), "side")
