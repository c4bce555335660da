"""The dispatch board and the calendars: what stands there, for whom, and at what cost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fieldwork import queries, services
from fieldwork.models import Appointment
from fieldwork.queries import Asked
from incidents.models import Incident
from records.models import Record
from sla.models import Metric, Target
from tests.cast import MONDAY, Cast, make_incident
from tests.fieldwork.conftest import HOUR, MINUTE, THURSDAY, Maker

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]


@pytest.mark.req("SD-28")
def test_the_board_has_open_jobs_with_what_is_late_first_and_tickets_nobody_is_sent_to(
    cast: Cast, ticket: Incident, make: Maker
) -> None:
    late = make(is_agreed=True)
    soon = make(engineer=None, starts_at=THURSDAY + HOUR)
    fine = make(engineer=cast.bob, starts_at=THURSDAY + 2 * HOUR)
    alone = make_incident(cast, title="Nobody was sent")
    found = queries.board(Asked(), cast.alice.actor, THURSDAY + MINUTE)
    assert [(job.visit, job.risk) for job in found.jobs] == [(late, "late"), (soon, "soon"), (fine, "soon")]
    assert [record.pk for record, _chips in found.waiting] == [alone.pk]
    services.arrive(late, actor=cast.alice.actor, now=THURSDAY + MINUTE)
    assert queries.board(Asked(), cast.alice.actor, THURSDAY + MINUTE).jobs[0].visit == soon


@pytest.mark.req("SD-28")
def test_the_board_is_narrowed_by_team_engineer_and_day(cast: Cast, make: Maker) -> None:
    first = make()
    second = make(engineer=cast.sven, starts_at=THURSDAY + timedelta(days=3))

    def shown(**asked: Any) -> list[Appointment]:
        return [job.visit for job in queries.board(Asked(**asked), cast.alice.actor, MONDAY + HOUR).jobs]

    assert shown() == [first, second]
    assert shown(engineer=cast.sven.pk) == [second]
    assert shown(team=cast.second.pk) == [second]
    assert shown(day=THURSDAY.date()) == [first]


@pytest.mark.req("SD-28")
def test_the_board_is_asked_for_changes_and_answers_only_if_there_are_some(
    cast: Cast, client_of: ClientOf, make: Maker
) -> None:
    visit = make(starts_at=timezone.now() + HOUR)
    client = client_of(cast.alice)
    page = client.get("/fieldwork/board/")
    url = page.context["changes_url"]
    assert f"{visit.ticket.number}" in page.content.decode()
    assert client.get(url).status_code == 204
    services.agree(visit, actor=cast.alice.actor, now=timezone.now())
    answer = client.get(url)
    assert (answer.status_code, "The board has changed: 1 job" in answer.content.decode()) == (200, True)
    part = client.get(page.context["here"], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Agreed" in part


def test_the_board_costs_the_same_however_many_jobs_there_are(
    cast: Cast, client_of: ClientOf, ticket: Incident, make: Maker
) -> None:
    client, start = client_of(cast.alice), timezone.now() + HOUR

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get("/fieldwork/board/").status_code == 200
        return len(found)

    make(starts_at=start)
    make(starts_at=start, engineer=cast.bob)
    cost()  # what is remembered after the first page
    before = cost()
    for n in range(1, 5):
        make(starts_at=start + n * HOUR, ticket=make_incident(cast, title=f"Fault {n}"))
    assert cost() == before


@pytest.mark.req("SD-29")
@pytest.mark.parametrize("view", ["week", "day"])
def test_the_calendar_shows_an_engineers_appointments(
    cast: Cast, client_of: ClientOf, make: Maker, view: str
) -> None:
    visit = make(travel_minutes=30)
    client = client_of(cast.mona)
    url = f"/fieldwork/calendar/?view={view}&day=2026-03-05&engineer={cast.alice.pk}"
    page = client.get(url).content.decode()
    assert visit.ticket.number in page
    assert visit.get_absolute_url() in page
    other = client.get(url.replace(str(cast.alice.pk), str(cast.bob.pk)) + "&day=2026-03-12").content.decode()
    assert visit.ticket.number not in other


def test_strange_addresses_are_answered_and_customers_are_not(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    for odd in (
        "day=x",
        "day=0001-01-01",
        "engineer=-1",
        "team=99999999999999999999",
        "engineer=%00",
        "by=x",
    ):
        for page in ("board", "calendar", "figures", "board/changes"):
            assert client.get(f"/fieldwork/{page}/?{odd}").status_code in (200, 204)
    assert client_of(cast.rita).get("/fieldwork/board/").status_code in (302, 403)


def test_who_covers_one_customer_sees_no_job_of_another(cast: Cast, ticket: Incident, make: Maker) -> None:
    make()
    cast.bob.grants.update(organisation=cast.globex)
    fresh = type(cast.bob).objects.get(pk=cast.bob.pk)
    assert queries.board(Asked(), fresh.actor, MONDAY + HOUR).jobs == []


@pytest.mark.req("SD-29")
def test_free_times_leave_out_what_is_taken_and_the_way_there(
    cast: Cast, client_of: ClientOf, ticket: Incident
) -> None:
    day = (timezone.localtime() + timedelta(days=2)).date().isoformat()
    page = client_of(cast.alice).get(f"/fieldwork/new/{ticket.number}/?day={day}&minutes=60")
    offers = [row["slot"] for row in page.context["slots"]]
    assert offers
    taken = offers[0]
    services.make(
        ticket, engineer=taken.engineer, starts_at=taken.starts_at, ends_at=taken.ends_at, site="Here",
        key="6f0f6b3e-4a34-4bd1-9f3c-1c7a0b4f3a11", actor=cast.alice.actor, now=timezone.now(),  # type: ignore[arg-type]
    )  # fmt: skip
    again = client_of(cast.alice).get(f"/fieldwork/new/{ticket.number}/?day={day}&minutes=60")
    assert taken not in [row["slot"] for row in again.context["slots"]]


@pytest.mark.req("SD-29")
def test_an_appointment_is_made_beside_its_ticket_and_a_clash_is_said_on_the_form(
    cast: Cast, client_of: ClientOf, ticket: Incident
) -> None:
    client = client_of(cast.alice)
    start = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT10:00")
    facts = {
        "engineer": cast.alice.pk, "starts_at": start, "minutes": 60, "site": "Building 3", "is_agreed": "on",
        "key": "6f0f6b3e-4a34-4bd1-9f3c-1c7a0b4f3a12",
    }  # fmt: skip
    made = client.post(f"/fieldwork/new/{ticket.number}/", facts)
    assert made.headers["Location"] == ticket.get_absolute_url()
    again = client.post(
        f"/fieldwork/new/{ticket.number}/", facts | {"key": "6f0f6b3e-4a34-4bd1-9f3c-1c7a0b4f3a13"}
    )
    assert again.status_code == 422
    assert "another appointment then" in again.content.decode()


def test_a_ticket_with_an_arrival_target_waits_on_the_board_of_its_team(cast: Cast) -> None:
    Target.objects.create(version=cast.agreement, metric=Metric.ON_SITE, amount=2 * 3600)
    record = make_incident(cast)
    assert queries.waiting_tickets(Asked(), cast.alice.actor) == [Record.objects.get(pk=record.pk)]
    assert queries.waiting_tickets(Asked(team=cast.second.pk), cast.alice.actor) == []


@pytest.mark.req("SD-28")
def test_a_job_is_given_from_the_board_by_a_form_that_leads_back_to_it(
    cast: Cast, client_of: ClientOf, make: Maker
) -> None:
    visit = make(engineer=None, starts_at=timezone.now() + HOUR)
    client = client_of(cast.alice)
    assert (
        f"/fieldwork/visits/{visit.pk}/?do=give&amp;next=" in client.get("/fieldwork/board/").content.decode()
    )
    url = f"/fieldwork/visits/{visit.pk}/do/give/"
    given = client.post(url, {"engineer": cast.bob.pk, "next": "/fieldwork/board/?by=engineer"})
    assert given.headers["Location"] == "/fieldwork/board/?by=engineer"
    assert Appointment.objects.get(pk=visit.pk).engineer == cast.bob
    away = client.post(url, {"engineer": cast.alice.pk, "reason": "x", "next": "//evil.example/"})
    assert away.headers["Location"] == visit.get_absolute_url()
