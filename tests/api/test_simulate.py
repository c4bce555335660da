"""The simulator over HTTP: the public case format in, its answers out."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Api, is_problem, refused
from tests.cast import OFFICE, Cast

Make = Callable[..., Api]
DUE = {
    "id": "a", "type": "due", "calendar": "desk", "start": "2026-03-02T10:00:00+08:00",
    "target": {"kind": "business_seconds", "seconds": 4 * 3600},
}  # fmt: skip


def ask(api: Api, *cases: Any, calendars: Any = None) -> Any:
    return api.post("/sla/simulate/", {"calendars": calendars or {"desk": OFFICE}, "cases": list(cases)})


@pytest.mark.req("PLT-04", "PLT-06")
def test_a_due_time_is_computed(cast: Cast, api: Make) -> None:
    answer = ask(api(cast.mona), DUE)
    assert answer.status_code == 200
    assert answer.json() == {
        "results": [{"id": "a", "result": {"due": "2026-03-02T07:00:00Z", "seconds": 14400}}]
    }


def test_a_bad_case_answers_in_its_place_and_stops_no_other(cast: Cast, api: Make) -> None:
    bad = {**DUE, "id": "b", "start": "2026-03-02T10:00:00"}
    answer = ask(
        api(cast.robot), bad, DUE, {"id": "c", "type": "reject", "definition": {"timezone": "Mars"}}, 5
    )
    results = answer.json()["results"]
    assert results[0]["error"]["field"] == "start"
    assert results[1]["result"]["seconds"] == 14400
    assert results[2]["result"] == {"rejected": True}
    assert results[3]["error"]["field"] == "cases[3]"


def test_a_request_of_another_form_is_refused(cast: Cast, api: Make) -> None:
    program = api(cast.alice)
    refused(program.post("/sla/simulate/", []), None)
    refused(program.post("/sla/simulate/", {}), "cases")
    refused(program.post("/sla/simulate/", {"cases": "x"}), "cases")
    refused(program.post("/sla/simulate/", {"cases": [], "calendars": []}), "calendars")
    many = [{**DUE, "id": str(n)} for n in range(1001)]
    refused(ask(program, *many), "cases")
    assert len(ask(program, *many[:1000]).json()["results"]) == 1000


@pytest.mark.parametrize(
    ("calendar", "field"),
    [({**OFFICE, "timezone": "Mars/Phobos"}, "timezone"), ({"timezone": "UTC"}, "weekly"), ({}, "timezone")],
)
def test_an_unknown_zone_and_an_empty_calendar_are_named(
    cast: Cast, api: Make, calendar: dict[str, Any], field: str
) -> None:
    error = ask(api(cast.mona), DUE, calendars={"desk": calendar}).json()["results"][0]["error"]
    assert error["field"].endswith(field)
    assert error["detail"]


def test_who_may_simulate(cast: Cast, api: Make) -> None:
    for person in (cast.alice, cast.mona, cast.admin, cast.robot):
        assert ask(api(person), DUE).status_code == 200
    for person in (cast.rita, cast.carla):
        is_problem(ask(api(person), DUE), 403, "forbidden")
    is_problem(ask(api(None), DUE), 401, "not-authenticated")
