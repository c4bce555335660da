"""/api/v1/appointments/ and /api/v1/service-forms/."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fieldwork.models import Appointment
from incidents.models import Incident
from tests.cast import Cast
from tests.fieldwork.conftest import HOUR, Maker

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
URL = "/api/v1/appointments/"


def post(client: Client, url: str, facts: dict[str, Any], **headers: str) -> Any:
    return client.post(url, facts, content_type="application/json", headers=headers)


def facts(ticket: Incident, **over: Any) -> dict[str, Any]:
    start = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    return {
        "ticket": ticket.number, "engineer": "alice", "starts_at": start.isoformat(),
        "ends_at": (start + HOUR).isoformat(), "site": "Building 3", **over,
    }  # fmt: skip


@pytest.mark.req("SD-29")
def test_an_appointment_is_made_agreed_moved_and_worked_off(
    cast: Cast, client_of: ClientOf, ticket: Incident
) -> None:
    client = client_of(cast.alice)
    made = post(client, URL, facts(ticket))
    assert made.status_code == 201
    one = made.json()
    assert (one["state"]["code"], one["promised_at"]) == ("proposed", None)
    agreed = post(client, f"{URL}{one['id']}/agree/", {}).json()
    assert agreed["promised_at"] == agreed["starts_at"]
    later = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    move = {
        "starts_at": later.isoformat(),
        "ends_at": (later + HOUR).isoformat(),
        "asked": "customer",
        "reason": "x",
    }
    assert post(client, f"{URL}{one['id']}/move/", move).status_code == 428
    assert post(client, f"{URL}{one['id']}/move/", move, **{"If-Match": '"v1"'}).status_code == 412
    moved = post(client, f"{URL}{one['id']}/move/", move, **{"If-Match": f'"v{agreed["version"]}"'})
    assert (moved.status_code, moved.json()["promised_at"]) == (200, moved.json()["starts_at"])
    assert post(client, f"{URL}{one['id']}/finish/", {}).status_code == 409
    assert post(client, f"{URL}{one['id']}/set-out/", {}).status_code == 200
    assert post(client, f"{URL}{one['id']}/arrive/", {}).json()["state"]["code"] == "arrived"
    work = {"work_done": "Done", "result": "solved", "parts": [{"name": "Fuse"}]}
    assert post(client, f"{URL}{one['id']}/report/", work).status_code == 200
    assert post(client, f"{URL}{one['id']}/finish/", {}).json()["state"]["code"] == "done"
    (form,) = client.get("/api/v1/service-forms/").json()["results"]
    assert (form["ticket"], form["parts"][0]["quantity"], form["satisfaction"]) == (ticket.number, 1, None)


@pytest.mark.req("SD-29")
def test_a_clash_is_answered_with_what_is_in_the_way(
    cast: Cast, client_of: ClientOf, ticket: Incident
) -> None:
    client, same = client_of(cast.alice), facts(ticket)
    assert post(client, URL, same).status_code == 201
    refused = post(client, URL, same)
    assert refused.status_code == 400
    assert ticket.number in refused.content.decode()


def test_appointments_are_found_by_engineer_state_and_time_and_only_ones_own(
    cast: Cast, client_of: ClientOf, make: Maker
) -> None:
    make(engineer=cast.bob)
    make()

    def ids(who: Any, query: str = "") -> list[int]:
        return [row["id"] for row in client_of(who).get(f"{URL}{query}").json()["results"]]

    assert len(ids(cast.alice)) == len(ids(cast.rita)) == len(ids(cast.carla)) == 2
    assert ids(cast.charlie) == []
    assert ids(cast.alice, "?engineer=bob") == [Appointment.objects.get(engineer=cast.bob).pk]
    assert ids(cast.alice, "?state=done") == []
    assert len(ids(cast.alice, "?starts_after=2026-03-05T00:00:00Z&starts_before=2026-03-06T00:00:00Z")) == 2
    assert client_of(cast.alice).get(f"{URL}?state=x").status_code == 400


def test_customers_agree_but_do_not_plan(
    cast: Cast, client_of: ClientOf, make: Maker, ticket: Incident
) -> None:
    visit = make(starts_at=timezone.now() + HOUR)
    rita = client_of(cast.rita)
    assert post(rita, URL, facts(ticket, engineer=None)).status_code in (400, 403)
    assert post(rita, f"{URL}{visit.pk}/arrive/", {}).status_code == 403
    assert post(client_of(cast.charlie), f"{URL}{visit.pk}/agree/", {}).status_code == 404
    assert post(rita, f"{URL}{visit.pk}/agree/", {}).json()["state"]["code"] == "agreed"
