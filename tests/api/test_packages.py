"""Service packages, and the hours a calendar comes to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from itsm import defaults
from sla import packages
from sla.models import CalendarVersion
from sla.terms import Terms
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, OFFICE, Cast, make_calendar

pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
MARCH = "from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z"


@pytest.mark.req("PLT-04", "SLM-54")
def test_packages_are_read_with_terms_rank_and_price(cast: Cast, api: Make) -> None:
    defaults.ensure()
    program = api(cast.mona)
    rows = program.get("/packages/?page_size=200").json()["results"]
    assert {row["code"] for row in rows} == {package.code for package in packages.PACKAGES}
    found = program.get("/packages/nanjing-2/").json()
    assert (found["family"], found["rank"], found["price"]) == (
        "nanjing", 1, {"amount": "0.1", "unit": "m2"},
    )  # fmt: skip
    assert Terms.parse(found["terms"]).targets[0].key == "on_site//1"
    assert program.get(f"/packages/{found['id']}/").json() == found
    family = program.get("/packages/?family=shijiazhuang&ordering=rank").json()["results"]
    assert [row["rank"] for row in family] == [1, 2, 3, 4, 5]
    assert family[0]["price"] is None
    assert program.get("/packages/?is_active=false").json()["results"] == []
    refused(program.get("/packages/?rank=1"), "rank", code="unknown_filter")
    is_problem(program.get("/packages/gold/"), 404, "not-found")
    is_problem(program.post("/packages/", {}), 405, "method-not-allowed")


@pytest.mark.req("PLT-09")
def test_customers_know_neither_packages_nor_hours_and_programs_know_both(cast: Cast, api: Make) -> None:
    defaults.ensure()
    for user in (cast.rita, cast.carla, cast.charlie):
        program = api(user)
        assert program.get("/packages/").json()["results"] == []
        is_problem(program.get("/packages/desk-rule/"), 404, "not-found")
        is_problem(program.get(f"/calendars/office/hours/?{MARCH}"), 404, "not-found")
    robot = api(cast.robot, "read")
    assert robot.get("/packages/desk-rule/").status_code == 200
    assert robot.get(f"/calendars/office/hours/?{MARCH}").status_code == 200


@pytest.mark.req("PLT-04", "SLM-06")
def test_the_hours_of_a_calendar_are_those_the_clocks_use(cast: Cast, api: Make) -> None:
    program = api(cast.alice)
    found = program.get(f"/calendars/office/hours/?{MARCH}").json()
    assert found == {
        "calendar": "office", "version": 1, "timezone": "Asia/Shanghai",
        "from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z", "seconds": 8 * 3600,
        "spans": [
            {"from": "2026-03-02T01:00:00Z", "to": "2026-03-02T04:00:00Z", "detail": "mon 09:00-12:00"},
            {"from": "2026-03-02T05:00:00Z", "to": "2026-03-02T10:00:00Z", "detail": "mon 13:00-18:00"},
        ],
    }  # fmt: skip
    by_id = program.get(f"/calendars/{cast.calendar.pk}/hours/?{MARCH}")
    assert by_id.json() == found
    cut = program.get("/calendars/office/hours/?from=2026-03-02T10:30:00+08:00&to=2026-03-02T11:00:00+08:00")
    assert (cut.json()["seconds"], len(cut.json()["spans"])) == (1800, 1)


def test_the_version_in_force_at_the_beginning_counts_or_the_one_asked_for(cast: Cast, api: Make) -> None:
    CalendarVersion.objects.create(
        calendar=cast.calendar, number=2, effective_from=MONDAY, created_at=MONDAY,
        definition={**OFFICE, "holidays": ["2026-03-03"]},
        created_by=User.objects.get(username="system"),
    )  # fmt: skip
    program = api(cast.alice)
    week = "to=2026-03-09T00:00:00Z"
    before = program.get(f"/calendars/office/hours/?from=2026-03-02T00:00:00Z&{week}").json()
    after = program.get(f"/calendars/office/hours/?from=2026-03-02T02:00:00Z&{week}").json()
    asked = program.get(f"/calendars/office/hours/?from=2026-03-02T02:00:00Z&{week}&version=1").json()
    assert [row["version"] for row in (before, after, asked)] == [1, 2, 1]
    assert asked["seconds"] - after["seconds"] == 8 * 3600
    assert [v["number"] for v in program.get("/calendars/office/").json()["versions"]] == [2, 1]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "from", "required"),
        ("from=2026-03-02T00:00:00Z", "to", "required"),
        ("from=2026-03-02&to=2026-03-03T00:00:00Z", "from", "invalid_instant"),
        ("from=2026-03-03T00:00:00Z&to=2026-03-02T00:00:00Z", "to", "invalid"),
        ("from=2026-01-01T00:00:00Z&to=2027-02-05T00:00:01Z", "to", "too_long"),
        (f"{MARCH}&version=7", "version", "does_not_exist"),
        (f"{MARCH}&version=two", "version", "invalid"),
        (f"{MARCH}&until=x", "until", "unknown_field"),
        (f"{MARCH}&version=1&version=1", "version", "repeated"),
    ],
)
def test_hours_that_cannot_be_said_are_refused(
    cast: Cast, api: Make, query: str, field: str, code: str
) -> None:
    program = api(cast.alice)
    answer = program.get(f"/calendars/office/hours/?{query}")
    assert {"field": field, "code": code}.items() <= is_problem(answer, 400, "validation")["errors"][
        0
    ].items()


def test_four_hundred_days_round_the_clock_are_one_span(cast: Cast, api: Make) -> None:
    definition: dict[str, Any] = {"timezone": "UTC", "always_open": True}
    make_calendar("always", definition)
    end = (MONDAY + timedelta(days=400)).isoformat().replace("+00:00", "Z")
    found = api(cast.alice).get(f"/calendars/always/hours/?from=2026-03-02T02:00:00Z&to={end}").json()
    assert found["seconds"] == 400 * 86_400
    assert sum(1 for span in found["spans"]) <= 401
