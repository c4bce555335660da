"""Clocks of all records: what falls due, whose they are, and why one says what it says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

import incidents.services
import records.services
from accounts.access import Role
from accounts.models import Grant
from incidents.models import Incident
from records import alarms
from sla.models import Agreement, Clock
from tests.api.conftest import Api, is_problem, refused
from tests.cast import MONDAY, Cast, make_agreement, make_incident, make_user

pytestmark = pytest.mark.django_db
Make = Callable[..., Api]
HOUR = timedelta(hours=1)


@pytest.fixture
def mail(cast: Cast) -> Incident:
    """Rita's, for an hour, then on hold."""
    incident = make_incident(cast, impact=1, urgency=1)
    records.services.comment(
        incident, text="We look.", is_public=True, actor=cast.alice.actor, now=MONDAY + HOUR
    )
    incidents.services.hold(
        Incident.objects.get(pk=incident.pk), reason="customer", note="The log?", actor=cast.alice.actor,
        now=MONDAY + HOUR,
    )  # fmt: skip
    return incident


@pytest.fixture
def disk(cast: Cast) -> Incident:
    """Charlie's, of Globex, under an agreement of their own; runs."""
    make_agreement(cast.calendar, cast.globex)
    return make_incident(cast, title="Disk full", customer=cast.globex, requester=cast.charlie)


def ask(program: Api, query: str = "") -> list[dict[str, Any]]:
    with time_machine.travel(MONDAY + HOUR, tick=False):
        rows: list[dict[str, Any]] = program.get(f"/clocks/?{query}").json()["results"]
    return rows


def names(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(f"{row['record']['title']}: {row['metric']['code']} {row['state']}" for row in rows)


@pytest.mark.req("PLT-04", "SD-04")
def test_clocks_of_all_records_are_listed_with_the_record_they_run_on(
    cast: Cast, api: Make, mail: Incident, disk: Incident
) -> None:
    found = ask(api(cast.mona))
    assert names(found) == [
        "Cannot send mail: first_response met",
        "Cannot send mail: next_update met",
        "Cannot send mail: next_update paused",
        "Cannot send mail: resolution paused",
        "Disk full: first_response running",
        "Disk full: next_update running",
        "Disk full: resolution running",
    ]
    assert [row["id"] for row in found] == sorted((row["id"] for row in found), reverse=True)
    first = next(r for r in found if r["metric"]["code"] == "first_response" and r["state"] == "running")
    assert first["record"] == {
        "number": disk.number, "kind": "incident", "title": "Disk full",
        "customer": {"id": cast.globex.pk, "code": "globex", "name": "Globex"},
    }  # fmt: skip
    assert (first["elapsed"], first["remaining"], first["due"]) == (3600, 3600, "2026-03-02T04:00:00Z")
    assert first["agreement"] == {"code": "globex", "name": "Agreement", "version": 1}


@pytest.mark.req("PLT-04")
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("metric=resolution", 2), ("metric=resolution,next_update", 5), ("state=met", 2), ("state=paused", 2),
        ("state=running,paused", 5), ("state=breached", 0), ("open=true", 5), ("open=false", 2),
        ("breached=false", 7), ("breached=true", 0), ("agreement=globex", 3), ("agreement=default", 4),
        ("agreement_kind=sla", 7), ("agreement_kind=ola,uc", 0), ("customer=acme", 4),
        ("due_before=2026-03-02T04:00:00Z", 0), ("due_before=2026-03-02T04:00:01Z&open=true", 1),
        ("due_after=2026-03-02T12:00:00%2B08:00&due_before=2026-03-02T04:00:01Z&open=true", 1),
        ("record=INC9999999", 0), ("customer=acme&state=paused&metric=resolution", 1),
    ],
)  # fmt: skip
def test_clocks_are_filtered(
    cast: Cast, api: Make, mail: Incident, disk: Incident, query: str, count: int
) -> None:
    assert len(ask(api(cast.mona), query)) == count


def test_the_numbers_of_several_records_may_be_given(
    cast: Cast, api: Make, mail: Incident, disk: Incident
) -> None:
    program = api(cast.mona)
    assert len(ask(program, f"record={mail.number.lower()}")) == 4
    assert len(ask(program, f"record={mail.number},{disk.number}")) == 7


def test_the_state_asked_for_is_the_state_answered(
    cast: Cast, api: Make, mail: Incident, disk: Incident
) -> None:
    make_incident(cast, title="Late")
    incidents.services.cancel(
        make_incident(cast, title="Twice"), reason="twice", actor=cast.alice.actor, now=MONDAY
    )
    program = api(cast.mona)
    seen: set[str] = set()

    def check() -> None:
        everything = program.get("/clocks/?page_size=200").json()["results"]
        for state in ("running", "paused", "met", "breached", "cancelled"):
            rows = program.get(f"/clocks/?state={state}&page_size=200").json()["results"]
            assert {r["id"] for r in rows} == {r["id"] for r in everything if r["state"] == state}
            seen.update(row["state"] for row in rows)
        missed = program.get("/clocks/?breached=true&page_size=200").json()["results"]
        assert {r["id"] for r in missed} == {r["id"] for r in everything if r["breached"]} != set()

    with time_machine.travel(MONDAY + 3 * HOUR, tick=False):
        check()  # past the two hours for a first response, and not swept yet
    alarms.sweep()  # it is long past Monday
    check()
    assert seen == {"running", "paused", "met", "breached", "cancelled"}


def test_unknown_filters_and_values_are_refused(cast: Cast, api: Make) -> None:
    program = api(cast.mona)
    refused(program.get("/clocks/?metrics=resolution"), "metrics", code="unknown_filter")
    refused(program.get("/clocks/?state=not_started"), "state")
    refused(program.get("/clocks/?due_before=tomorrow"), "due_before", code="invalid_instant")
    refused(program.get("/clocks/?agreement=nothing"), "agreement", code="does_not_exist")
    refused(program.get("/clocks/?ordering=elapsed"), "ordering")
    is_problem(program.post("/clocks/", {}), 405, "method-not-allowed")


@pytest.mark.req("PLT-04")
@pytest.mark.parametrize("ordering", ["id", "-id", "due", "-due"])
def test_pages_give_every_clock_once_in_either_direction(
    cast: Cast, api: Make, mail: Incident, disk: Incident, ordering: str
) -> None:
    program = api(cast.mona)
    base = f"/clocks/?open=true&ordering={ordering}"
    with time_machine.travel(MONDAY + HOUR, tick=False):
        whole = [row["id"] for row in program.get(base).json()["results"]]
        assert len(whole) == (3 if "due" in ordering else 5)  # paused clocks have no due time
        found: list[int] = []
        back: list[int] = []
        url = f"{base}&page_size=2"
        while url:
            page = program.get(url).json()
            found += [row["id"] for row in page["results"]]
            last, url = page, page["next"]
        while last["previous"]:
            last = program.get(last["previous"]).json()
            back = [row["id"] for row in last["results"]] + back
    assert found == whole
    assert back == whole[: len(back)]


def test_what_falls_due_next_is_read_from_an_index(cast: Cast) -> None:
    rows = Clock.objects.filter(stopped_at=None, due_at__isnull=False).order_by("due_at", "id")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        assert "clock_open_due" in rows.explain()


@pytest.mark.req("INC-25", "PLT-04")
def test_one_clock_is_explained_with_segments_events_and_what_it_is_measured_by(
    cast: Cast, api: Make, mail: Incident
) -> None:
    program = api(cast.alice)
    (row,) = ask(program, "metric=resolution")
    with time_machine.travel(MONDAY + 4 * HOUR, tick=False):
        found = program.get(f"/clocks/{row['id']}/").json()
        below = program.get(f"/incidents/{mail.number}/clocks/{row['id']}/").json()
    assert [(s["from"][11:16], s["to"][11:16], s["reason"]) for s in found["segments"]] == [
        ("02:00", "03:00", "open"), ("03:00", "06:00", "paused"),
    ]  # fmt: skip
    assert [(e["type"], e["reason"], e["by"]["name"]) for e in found["events"]] == [
        ("pause", "customer", "Alice")
    ]
    assert (found["first_due"], found["due"]) == ("2026-03-02T07:00:00Z", None)
    assert (found["agreement"]["version"], found["calendar"]["version"]) == (1, 1)
    assert found.pop("record")["number"] == mail.number
    # the same as below its record, but for the address
    assert {**found, "url": ""} == {**below, "url": ""}
    assert row["url"].endswith(f"/api/v1/clocks/{row['id']}/")


# --- who may know what --------------------------------------------------------------------------


@pytest.mark.req("PLT-09")
def test_nobody_sees_a_clock_of_a_record_that_is_invisible_to_them(
    cast: Cast, api: Make, mail: Incident, disk: Incident
) -> None:
    of_mail = Clock.objects.filter(record=mail.pk).values_list("pk", flat=True)
    gina = make_user("gina", cast.provider)
    Grant.objects.create(user=gina, role=Role.AGENT, organisation=cast.globex)
    gus = make_user("gus", cast.globex)
    Grant.objects.create(user=gus, role=Role.CUSTOMER, organisation=cast.globex)
    for user, count in ((cast.charlie, 3), (gina, 3), (gus, 0)):
        program = api(user)
        assert {row["record"]["number"] for row in ask(program)} <= {disk.number}
        assert len(ask(program)) == count
        assert ask(program, f"record={mail.number}") == []
        for pk in of_mail:
            is_problem(program.get(f"/clocks/{pk}/"), 404, "not-found")
        told, unknown = program.get("/clocks/?customer=acme"), program.get("/clocks/?customer=none-such")
        assert told.json() == unknown.json()
        assert told.status_code == 400
    for user in (cast.rita, cast.carla):
        assert {row["record"]["number"] for row in ask(api(user))} == {mail.number}


@pytest.mark.req("PLT-09")
def test_customers_see_no_clock_of_an_ola_and_no_internal_name(cast: Cast, api: Make, mail: Incident) -> None:
    pk = Clock.objects.get(record=mail.pk, metric="resolution").pk
    found = api(cast.rita).get(f"/clocks/{pk}/").json()
    assert [(e["by"]["username"], e["by"]["name"]) for e in found["events"]] == [(None, "Alice")]
    Agreement.objects.filter(code="default").update(kind="ola", team=cast.desk)
    anna = make_user("anna", cast.provider)
    Grant.objects.create(user=anna, role=Role.AGENT, organisation=cast.acme)
    for user in (cast.rita, cast.carla, anna):
        assert ask(api(user)) == []
        is_problem(api(user).get(f"/clocks/{pk}/"), 404, "not-found")
    assert len(ask(api(cast.alice), "agreement_kind=ola")) == 4


def test_a_page_of_clocks_costs_a_fixed_number_of_queries(cast: Cast, api: Make, mail: Incident) -> None:
    programs = (api(cast.mona), api(cast.carla))

    def costs() -> list[int]:
        found = []
        for program in programs:
            for path in ("/clocks/", f"/clocks/{Clock.objects.earliest('pk').pk}/"):
                with CaptureQueriesContext(connection) as queries:
                    assert program.get(path).status_code == 200
                found.append(len(queries))
        return found

    costs()  # versions never change and are remembered
    before = costs()
    for _ in range(5):
        make_incident(cast)
    assert costs() == before
    assert max(before) <= 9
