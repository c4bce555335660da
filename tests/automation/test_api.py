"""Automation over HTTP: read, used, and never beyond one's customers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Grant
from automation import engine, scheduling
from incidents.models import Incident
from tests.automation.test_rules import make_rule
from tests.automation.test_schedules import DAY, make_schedule
from tests.automation.test_words import make_macro, make_template
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
Programs = Callable[..., Any]


def test_a_manager_reads_the_rules_and_what_they_did(cast: Cast, api: Programs) -> None:
    rule, ticket = make_rule(cast, steps=[{"change": "note", "value": "Look."}]), make_incident(cast)
    engine.work_off()
    found = api(cast.mona).get("/automation-rules/").json()["results"]
    assert [(row["id"], row["is_on"], row["when"]) for row in found] == [(rule.pk, True, "opened")]
    runs = api(cast.mona).get(f"/automation-rules/{rule.pk}/runs/").json()
    assert runs[0]["record"] == ticket.number
    assert runs[0]["lines"][0]["refused"] == ""
    assert api(cast.alice).get("/automation-rules/").status_code == 403
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    assert api(cast.mona).get(f"/automation-rules/{rule.pk}/runs/").json() == []


def test_a_macro_is_used_on_the_version_that_was_seen(cast: Cast, api: Programs) -> None:
    macro, ticket = make_macro(cast), make_incident(cast)
    path, body = f"/macros/{macro.pk}/use/", {"record": ticket.number, "version": ticket.version}
    lines = api(cast.alice).post(path, body)
    assert lines.status_code == 200, lines.content
    assert [line["change"] for line in lines.json()] == ["team", "priority", "note"]
    assert api(cast.alice).post(path, body).status_code in (409, 412)
    assert api(cast.bob).post(path, body).status_code == 404
    assert api(cast.alice).post(path, {**body, "record": "INC9999999"}).status_code == 404


def test_a_text_is_filled_in_for_a_ticket(cast: Cast, api: Programs) -> None:
    template, ticket = make_template(cast), make_incident(cast)
    found = api(cast.alice).get(f"/reply-templates/{template.pk}/filled/?record={ticket.number}").json()
    assert found == {"language": "en", "text": f"Dear Rita, we have {ticket.number}."}
    assert api(cast.alice).get(f"/reply-templates/{template.pk}/filled/").status_code == 404


@pytest.mark.req("REQ-17")
def test_a_program_asks_for_an_extra_run_and_records_what_was_found(cast: Cast, api: Programs) -> None:
    schedule, robot = make_schedule(cast), api(cast.robot)
    scheduling.make_due(MONDAY - DAY)
    path = f"/schedules/{schedule.pk}/extra/"
    assert robot.post(path, {}).status_code == 400
    made = robot.post(path, {"reason": "Storm", "key": "s-1"})
    assert made.status_code == 201, made.content
    assert robot.post(path, {"reason": "Storm", "key": "s-1"}).json()["id"] == made.json()["id"]
    assert Incident.objects.count() == 2
    finish = f"/schedule-runs/{made.json()['id']}/finish/"
    assert robot.post(finish, {"findings": []}).status_code == 400
    found = [{"position": 1, "outcome": "ok"}, {"position": 2, "outcome": "found", "note": "A lamp"}]
    done = robot.post(finish, {"findings": found})
    assert done.status_code == 200, done.content
    assert done.json()["state"]["code"] == "done"
    listed = robot.get("/schedule-runs/?has_findings=true").json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    assert api(cast.carla).get("/schedule-runs/").json()["results"] == []


def test_the_list_of_macros_asks_no_more_for_more_macros(cast: Cast, api: Programs) -> None:
    def queries(ask: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ask().status_code == 200
        return len(asked)

    program, browser, ticket = api(cast.alice), Client(), make_incident(cast)
    browser.force_login(cast.alice)
    pages = [reverse("automation:macros"), reverse("automation:choose", args=[ticket.number])]
    make_macro(cast)
    asks: list[Callable[[], Any]] = [
        lambda: program.get("/macros/"),
        *(partial(browser.get, page) for page in pages),
    ]
    few = [[queries(ask) for ask in asks] for _ in range(2)][-1]
    for team in (cast.desk, cast.second, cast.desk):
        make_macro(cast, steps=[{"change": "team", "value": team.pk}, {"change": "note", "value": "Look."}])
    assert [queries(ask) for ask in asks] == few
    words = [row["steps"][0]["words"] for row in program.get("/macros/").json()["results"]]
    assert sorted(words) == sorted([cast.second.name, cast.second.name, cast.desk.name, cast.desk.name])
