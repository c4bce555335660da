"""The indicators over HTTP."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from accounts.models import Grant
from kpis import closing
from kpis.catalogue import entries
from tests.api.conftest import Api, refused
from tests.cast import Cast, make_incident

Make = Callable[..., Api]
pytestmark = pytest.mark.django_db
MARCH = {"from": "2026-03-01", "to": "2026-04-01"}


def kpis(program: Api, query: dict[str, str], path: str = "") -> Any:
    return program.get(f"/api/v1/kpis/{path}?{urlencode(query)}")


def one(answer: Any, kpi: str) -> dict[str, Any]:
    return next(row for row in answer.json()["results"] if row["id"] == kpi)


@pytest.mark.req("KPI-01", "PLT-04")
def test_all_of_the_catalogue_are_listed_and_each_leads_to_its_rows(cast: Cast, api: Make) -> None:
    tickets = [make_incident(cast) for _n in range(3)]
    mona = api(cast.mona)
    answer = kpis(mona, MARCH)
    assert [row["id"] for row in answer.json()["results"]] == list(entries())
    opened = one(answer, "X21")
    assert (opened["value"], opened["record_count"], opened["no_data"]) == (3, 3, False)
    assert opened["name"]["zh"] == "问题数"
    rows = mona.get(opened["records"]).json()["results"]
    assert [row["record"].split()[0] for row in rows] == [t.number for t in tickets]
    share = one(answer, "P11.R1.K2")
    assert (share["value"], share["no_data"], share["record_count"]) == (None, True, 0)
    waiting = one(answer, "P16.R1.K1")
    assert waiting["waits_for"] == "internal audits"
    assert waiting["records"] is None


def test_the_end_is_the_first_day_after_the_period(cast: Cast, api: Make) -> None:
    make_incident(cast)  # on 2 March
    mona = api(cast.mona)
    for to, n in (("2026-03-02", 0), ("2026-03-03", 1)):
        answer = kpis(mona, {"from": "2026-03-01", "to": to}, "X21/")
        assert answer.json()["value"] == n


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-03-01", "to": "2026-03-01"}, "to"),
        ({"from": "2020-01-01", "to": "2026-03-01"}, "to"),
        ({**MARCH, "customer": "nobody"}, "customer"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_field(
    cast: Cast, api: Make, query: dict[str, str], field: str
) -> None:
    answer = kpis(api(cast.mona), query)
    refused(answer, field)


def test_a_part_that_is_not_there_is_told(cast: Cast, api: Make) -> None:
    answer = kpis(api(cast.mona), {**MARCH, "part": "3"}, "X21/records/")
    refused(answer, "part")


def test_agents_and_customers_get_none(cast: Cast, api: Make) -> None:
    for person in (cast.alice, cast.rita, cast.carla):
        assert kpis(api(person), MARCH).status_code == 403


def test_who_covers_one_customer_counts_only_its_tickets(cast: Cast, api: Make) -> None:
    make_incident(cast)
    make_incident(cast, customer=cast.globex, requester=cast.charlie)
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    answer = kpis(api(cast.mona), MARCH)
    assert one(answer, "X21")["value"] == 1
    assert one(answer, "X19")["no_data"]  # calls are of all customers
    assert kpis(api(cast.mona), {**MARCH, "customer": "acme"}, "X21/").status_code == 400


def test_a_checkers_program_reads_what_is_to_be_checked_and_no_other(cast: Cast, api: Make) -> None:
    program = api(cast.alice)
    assert kpis(program, MARCH).status_code == 403
    closing.name_checkers("Incident manager", [cast.alice.pk], actor=cast.mona.actor)
    assert {row["checker"]["en"] for row in kpis(program, MARCH).json()["results"]} == {"Incident manager"}
    assert kpis(program, MARCH, "P01.R2.K2/records/").status_code == 200
    assert kpis(program, MARCH, "P01.R1.K1/").status_code == 404
