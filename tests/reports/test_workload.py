from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

import incidents.services
from accounts.models import Grant, Membership, Team
from records import assignment
from reports.models import WorkloadStatement
from tests.cast import MONDAY, Cast, make_incident

PERIOD = "from=2026-03-01&to=2026-03-31"
KEY = "0e8a2b1c-55f4-4c3e-9f4e-1d3a53f0a001"


def worked(cast: Cast) -> Any:
    """alice accepts two tickets, solves one and escalates the other, which sven accepts."""
    solved, escalated = make_incident(cast), make_incident(cast, title="Harder")
    later = MONDAY + timedelta(minutes=5)
    for ticket in (solved, escalated):
        assignment.accept(ticket, actor=cast.alice.actor, now=later)
    incidents.services.resolve(solved, code="solved", steps="Done", actor=cast.alice.actor, now=later)
    moved = assignment.escalate(escalated, team=None, reason="skill", actor=cast.alice.actor, now=later)
    assignment.accept(moved, actor=cast.sven.actor, now=later)
    return solved, escalated


@pytest.mark.req("SD-18", "PPL-18")
def test_the_workload_counts_what_each_person_did_and_lists_it(cast: Cast, client_of: Any) -> None:
    solved, escalated = worked(cast)
    mona = client_of(cast.mona)
    page = mona.get(f"/reports/workload/?{PERIOD}").content.decode()
    assert "Service desk" in page
    assert "Second line" in page
    wanted = {("accepted", cast.alice): 2, ("solved", cast.alice): 1, ("escalated", cast.alice): 1,
              ("accepted", cast.sven): 1}  # fmt: skip
    for (figure, person), n in wanted.items():
        listed = mona.get(f"/reports/workload/{figure}/?{PERIOD}&person={person.pk}").content.decode()
        assert f"<span data-total>{n}</span>" in listed
    listed = mona.get(f"/reports/workload/solved/?{PERIOD}&person={cast.alice.pk}").content.decode()
    assert (solved.number in listed, escalated.number in listed) == (True, False)


@pytest.mark.req("SD-18")
def test_a_published_statement_stays_as_it_was_said(cast: Cast, client_of: Any) -> None:
    worked(cast)
    mona = client_of(cast.mona)
    first = mona.post(f"/reports/workload/publish/?{PERIOD}", {"key": KEY})
    assert mona.post(f"/reports/workload/publish/?{PERIOD}", {"key": KEY}).url == first.url
    row = WorkloadStatement.objects.get()
    make = {r["person"]: (r["accepted"], r["solved"], r["escalated"]) for r in row.rows}
    assert make == {"Alice": (2, 1, 1), "Sven": (1, 0, 0)}
    assert "Mona" in mona.get(first.url).content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        WorkloadStatement.objects.update(rows=[])


def test_a_manager_of_one_customer_counts_no_ticket_of_another(cast: Cast, client_of: Any) -> None:
    worked(cast)
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    mona = client_of(cast.mona)
    assert "Alice" not in mona.get(f"/reports/workload/?{PERIOD}").content.decode()
    assert mona.post(f"/reports/workload/publish/?{PERIOD}", {"key": KEY}).status_code == 403


@pytest.mark.req("PPL-18")
def test_there_are_three_lines_of_support_behind_the_desk() -> None:
    assert Team.Tier.values == ["desk", "first", "second", "third"]


@pytest.mark.parametrize(("path", "status"), [("nothing/", 404), ("solved/?person=x", 400)])
def test_what_cannot_be_read_is_refused(cast: Cast, client_of: Any, path: str, status: int) -> None:
    assert client_of(cast.mona).get(f"/reports/workload/{path}").status_code == status


@pytest.mark.req("SD-18", "PPL-18")
def test_an_act_counts_for_the_tier_it_was_done_in_not_for_where_the_person_is_today(
    cast: Cast, client_of: Any
) -> None:
    worked(cast)
    Membership.objects.filter(user=cast.alice).update(team=cast.second)  # moved up afterwards
    mona = client_of(cast.mona)
    mona.post(f"/reports/workload/publish/?{PERIOD}", {"key": KEY})
    found = {(row["person"], row["tier"]): row["accepted"] for row in WorkloadStatement.objects.get().rows}
    assert found == {("Alice", "desk"): 2, ("Sven", "second"): 1}
    listed = f"/reports/workload/accepted/?{PERIOD}&person={cast.alice.pk}&tier="
    assert "<span data-total>2</span>" in mona.get(f"{listed}desk").content.decode()
    assert "<span data-total>0</span>" in mona.get(f"{listed}second").content.decode()
