"""Missed targets and exclusions over HTTP: listed, narrowed, decided, unknown to whom they do not concern."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

import incidents.services
from accounts.access import Role
from accounts.models import Grant
from incidents.models import Incident
from records import breaches
from sla.models import Agreement, Breach, Clock, Exclusion
from suppliers.models import Supplier
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, Cast, make_incident, make_user

pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
LATER = MONDAY + timedelta(days=1)


def missed(cast: Cast, **over: Any) -> Breach:
    """A critical ticket solved a day late."""
    incident = make_incident(cast, impact=1, urgency=1, **over)
    incidents.services.resolve(incident, code="solved", steps="Done.", actor=cast.alice.actor, now=LATER)
    return Breach.objects.get(clock__record=incident.pk, clock__metric="resolution")


def blamed(cast: Cast, breach: Breach, at: datetime = LATER) -> Agreement:
    """The supplier's contract answers for it."""
    supplier = Supplier.objects.create(code="huaxun", name_en="Huaxun", name_zh="华讯")
    contract = Agreement.objects.create(
        code="uc-line", kind=Agreement.Kind.UC, supplier=supplier, name_en="Line contract"
    )
    # as breaches.explain leaves it where a clock of the contract ran on the ticket
    Breach.objects.filter(pk=breach.pk).update(
        reason="supplier", note="Waited.", agreement=contract, explained_by=cast.alice, explained_at=at
    )
    return contract


def ask(program: Api, query: str = "") -> list[dict[str, Any]]:
    found = program.get(f"/breaches/?{query}")
    assert found.status_code == 200, found.content
    rows: list[dict[str, Any]] = found.json()["results"]
    return rows


@pytest.mark.req("SLM-32", "PLT-04")
def test_a_missed_target_says_whose_it_is_how_late_why_and_who_answers(cast: Cast, api: Make) -> None:
    breach = missed(cast)
    blamed(cast, breach)
    [row] = ask(api(cast.mona), "metric=resolution")
    # due on Monday 15:00 in Shanghai; until Tuesday 10:00 that is three and one working hours
    assert (row["id"], row["overdue"], row["waived"], row["explained"]) == (breach.pk, 4 * 3600, False, True)
    assert row["record"]["number"] == breach.clock.record.number
    assert row["cause"] == {"code": "supplier", "label": "Waiting for a supplier"}
    assert (row["accountable"]["code"], row["supplier"]["code"]) == ("uc-line", "huaxun")
    assert row["agreement"] == {"code": "default", "name": "Agreement", "version": 1}
    one = api(cast.mona).get(f"/breaches/{breach.pk}/")
    assert one.json() == row


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("cause=supplier", 1), ("cause=workload", 0), ("explained=true", 1), ("supplier=huaxun", 1),
        ("accountable=uc-line", 1), ("accountable=none&metric=resolution", 1), ("agreement=default", 4),
        ("customer=acme", 2), ("metric=resolution", 2), ("missed_before=2026-03-02T02:00:00Z", 0),
        ("missed_after=2026-03-02T02:00:00Z&metric=resolution", 2), ("agreement_kind=ola,uc", 0),
        ("record=INC9999999", 0),
    ],
)  # fmt: skip
def test_missed_targets_are_filtered(cast: Cast, api: Make, query: str, count: int) -> None:
    blamed(cast, missed(cast))
    missed(cast, customer=cast.globex, requester=cast.charlie)
    assert len(ask(api(cast.mona), query)) == count


@pytest.mark.parametrize(
    "query",
    ["cause=laziness", "supplier=nobody", "missed_after=yesterday", "explained=maybe", "period=2026"],
)
def test_a_filter_nobody_knows_is_refused_by_name(cast: Cast, api: Make, query: str) -> None:
    refused(api(cast.mona).get(f"/breaches/?{query}"), query.partition("=")[0])


def test_customers_and_other_scopes_learn_nothing(cast: Cast, api: Make) -> None:
    breach = missed(cast)
    blamed(cast, breach)
    for person in (cast.rita, cast.carla, cast.charlie):
        assert ask(api(person)) == []
        is_problem(api(person).get(f"/breaches/{breach.pk}/"), 404, "not-found")
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.globex)
    assert ask(api(scoped)) == []
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    [row] = ask(api(scoped), "metric=resolution")
    # suppliers are known to those who cover every customer
    assert (row["accountable"], row["supplier"]) == (None, None)
    refused(api(scoped).get("/breaches/?supplier=huaxun"), "supplier", code="does_not_exist")


def test_a_page_of_missed_targets_costs_the_same_however_many_there_are(cast: Cast, api: Make) -> None:
    program = api(cast.mona)
    missed(cast)
    program.get("/breaches/")
    with CaptureQueriesContext(connection) as few:
        program.get("/breaches/")
    for _n in range(3):
        missed(cast)
    with CaptureQueriesContext(connection) as many:
        assert len(ask(program)) == 8
    assert len(many) == len(few)


# --- exclusions --------------------------------------------------------------------------------


@pytest.mark.req("SLM-32")
def test_an_exclusion_is_asked_for_and_decided_by_a_second_person(cast: Cast, api: Make) -> None:
    clock = missed(cast).clock
    alice, mona = api(cast.alice), api(cast.mona)
    asked = {"clock": clock.pk, "reason": "force_majeure", "evidence": "Notice of the grid."}
    made = alice.post("/exclusions/", asked)
    assert made.status_code == 201
    path = made["Location"]
    assert made.json()["state"] == {"code": "pending", "label": "to be decided"}
    assert [row["id"] for row in mona.get("/exclusions/?state=pending").json()["results"]] == [
        made.json()["id"]
    ]
    refused(alice.post("/exclusions/", asked), "clock", code="unique")
    is_problem(alice.post(f"{path}decide/", {"decision": "approved"}), 403, "forbidden")
    refused(mona.post(f"{path}decide/", {"decision": "rejected"}), "note", code="required")
    done = mona.post(f"{path}decide/", {"decision": "approved"})
    assert (done.json()["state"]["code"], done.json()["decided_by"]["username"]) == ("approved", "mona")
    assert Clock.objects.get(pk=clock.pk).waived_at is not None
    [row] = ask(mona, "metric=resolution")
    assert row["waived"] is True
    assert mona.get("/exclusions/?state=pending").json()["results"] == []
    assert (
        len(mona.get("/exclusions/?state=approved&reason=force_majeure&asked_by=alice").json()["results"])
        == 1
    )


def test_who_asked_cannot_decide_and_bad_input_is_named(cast: Cast, api: Make) -> None:
    clock = missed(cast).clock
    mona = api(cast.mona)
    refused(mona.post("/exclusions/", {}), "clock", "reason", "evidence")
    refused(
        mona.post("/exclusions/", {"clock": 10**17, "reason": "planned", "evidence": "x"}), "clock",
        code="does_not_exist",
    )  # fmt: skip
    refused(mona.post("/exclusions/", {"clock": clock.pk, "reason": "mood", "evidence": "x"}), "reason")
    path = mona.post("/exclusions/", {"clock": clock.pk, "reason": "planned", "evidence": "x"})["Location"]
    refused(mona.post(f"{path}decide/", {"decision": "approved"}), "decision")
    refused(mona.post(f"{path}decide/", {"decision": "maybe"}), "decision")


def test_customers_neither_ask_nor_read_exclusions(cast: Cast, api: Make) -> None:
    clock = missed(cast).clock
    api(cast.alice).post("/exclusions/", {"clock": clock.pk, "reason": "planned", "evidence": "x"})
    made = Exclusion.objects.get()
    for person in (cast.carla, cast.charlie):
        program = api(person)
        assert program.get("/exclusions/").json()["results"] == []
        is_problem(program.get(f"/exclusions/{made.pk}/"), 404, "not-found")
        body = {"clock": clock.pk, "reason": "planned", "evidence": "x"}
        is_problem(program.post("/exclusions/", body), 403, "forbidden")


def test_a_clock_out_of_scope_is_unknown(cast: Cast, api: Make) -> None:
    clock = missed(cast).clock
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.AGENT, organisation=cast.globex)
    body = {"clock": clock.pk, "reason": "planned", "evidence": "x"}
    refused(api(scoped).post("/exclusions/", body), "clock", code="does_not_exist")


def test_explaining_names_the_accountable_agreement_measured_on_the_ticket(cast: Cast) -> None:
    breach = missed(cast)
    incident = Incident.objects.get(pk=breach.clock.record_id)
    with time_machine.travel(LATER, tick=False):
        kept = breaches.explain(
            incident, breach, reason="workload", note="Too many.", actor=cast.alice.actor, now=LATER
        )
    assert (kept.reason, kept.agreement) == ("workload", None)
