"""Bulk edits over HTTP: previewed, run once however often it is asked, read, stopped; and by whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import Incident
from records.models import Activity
from tests.api.conftest import Api, api
from tests.cast import Cast, make_incident
from workspace.models import BulkEdit

__all__ = ["api"]
Ask = Callable[..., Api]
PRIORITY = {"name": "priority", "value": {"priority": 1, "reason": "All sites"}}
NOTE = {"name": "note", "value": "By the storm."}


def tickets(cast: Cast, count: int = 2) -> list[str]:
    return [make_incident(cast, now=timezone.now()).number for _n in range(count)]


def test_a_program_previews_runs_and_reads_a_bulk_edit(cast: Cast, api: Ask) -> None:
    robot, numbers = api(cast.robot), tickets(cast)
    made = robot.post("/bulk-edits/", {"tickets": numbers, "changes": [PRIORITY, NOTE]})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"]["code"], body["total"], body["forecast"]["changed"]) == ("draft", 2, 2)
    assert not Activity.objects.filter(verb="record.noted").exists()
    path = f"/bulk-edits/{body['id']}/"
    for _time in range(2):
        ran = robot.post(f"{path}run/", {})
        assert (ran.status_code, ran.json()["state"]["code"]) == (200, "done")
    assert robot.get(path).json()["counts"] == {"done": 2}
    rows = robot.get(f"{path}tickets/?ordering=id").json()["results"]
    assert [row["ticket"] for row in rows] == sorted(numbers)
    assert rows[0]["effects"][0]["after"] == "Critical"
    assert Activity.objects.filter(verb="record.noted", origin="api").count() == 2
    assert robot.post(f"{path}cancel/", {}).status_code == 409


def test_it_may_run_at_once_and_on_a_view(cast: Cast, api: Ask) -> None:
    tickets(cast, 3)
    data = {"view": f"view=all&customer={cast.acme.pk}", "changes": [NOTE], "run": True}
    made = api(cast.alice).post("/bulk-edits/", data)
    assert (made.status_code, made.json()["counts"]) == (201, {"done": 3})


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"changes": []},
        {"tickets": [], "changes": [NOTE]},
        {"tickets": ["INC9999999"], "changes": [NOTE]},
        {"tickets": ["INC0000001"], "view": "view=all", "changes": [NOTE]},
        {"view": "view=all", "changes": []},
        {"view": "view=all", "changes": [{"name": "no.such"}]},
        {"view": "view=all", "changes": [{"name": "priority", "value": {"priority": 9}}]},
        {"view": "view=all", "changes": [{"name": "priority", "value": "x"}]},
        {"view": "view=all", "changes": [{"name": "team", "value": {"a": 1}}]},
        {"view": "view=all", "changes": [{"name": "note", "value": None}]},
        {"view": "view=all", "changes": ["note"]},
        {"view": "\0", "changes": [NOTE]},
    ],
)
def test_what_makes_no_sense_is_refused_by_name(cast: Cast, api: Ask, data: Any) -> None:
    tickets(cast)
    answer = api(cast.robot).post("/bulk-edits/", data)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"]
    assert not BulkEdit.objects.exists()


def test_an_edit_is_ones_own(cast: Cast, api: Ask) -> None:
    made = api(cast.alice).post("/bulk-edits/", {"tickets": tickets(cast), "changes": [NOTE]}).json()
    path = f"/bulk-edits/{made['id']}/"
    assert api(cast.bob).get(path).status_code == 404
    assert api(cast.mona).get(path).status_code == 200
    assert api(cast.mona).post(f"{path}run/", {}).status_code == 403
    for person in (cast.rita, cast.carla, cast.charlie):
        assert api(person).get("/bulk-edits/").status_code == 403
        assert api(person).post("/bulk-edits/", {"changes": [NOTE]}).status_code in (400, 403)
    assert api(cast.bob).get("/bulk-edits/").json()["results"] == []
    assert {i.version for i in Incident.objects.all()} == {1}
