"""How one works at the desk: columns, density, what follows sending, and a ticket's place in its list."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import incidents.services
from accounts.models import Grant
from records import assignment
from records.models import DeskSetting
from tests.cast import MONDAY, Cast, make_incident, make_user

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
HOUR = timedelta(hours=1)


# --- how one works ---------------------------------------------------------------------------


def test_columns_density_and_what_follows_sending_are_kept_for_each_person(
    cast: Cast, client_of: ClientOf
) -> None:
    make_incident(cast)
    client = client_of(cast.alice)
    assert client.get("/queue/mine/").status_code == 200
    client.post("/queue/mine/", {"keep_columns": "1", "columns": ["owner", "title", "site", "number"]})
    client.post("/queue/setting/", {"density": "compact", "back": "view=all&priority=3"})
    client.post("/queue/mine/", {"after": "next", "density": "compact", "start": "all"})
    setting = DeskSetting.objects.get(user=cast.alice)
    assert (setting.columns, setting.density, setting.after, setting.start) == (
        ["owner", "title", "site", "number"], "compact", "next", "all",
    )  # fmt: skip
    page = client.get("/queue/").content.decode()
    assert "is-compact" in page
    assert re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([A-Z]\w+)', page) == [
        "Owner", "Title", "Site", "Number",
    ]  # fmt: skip
    assert "is-compact" not in client_of(cast.bob).get("/queue/?view=all").content.decode()
    for wrong in ({"density": "huge"}, {"after": "?"}, {"start": "v999"}):
        assert client.post("/queue/mine/", wrong).status_code == 422
    once = {"show_columns": "1", "columns": ["number", "title", "due"], "back": "view=all&priority=3"}
    assert client.post("/queue/setting/", once).headers["Location"] == (
        "/queue/?view=all&priority=3&columns=number&columns=title&columns=due"
    )
    assert DeskSetting.objects.get(user=cast.alice).columns == setting.columns
    answer = client.post("/queue/setting/", {"density": "x", "back": "//evil.example/"})
    assert answer.headers["Location"].startswith("/queue/?view=")


def test_whatever_columns_are_shown_a_page_costs_the_same(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)

    def cost(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    parent = make_incident(cast, title="parent")
    every = "&".join(
        f"columns={key}"
        for key in (
            "number", "title", "sla", "service", "team", "assignee", "owner", "requester", "grade", "site",
            "parent", "reopens", "contact_type", "offering",
        )
    )  # fmt: skip
    few = cost("/queue/?view=all")
    assert cost(f"/queue/?view=all&{every}") == few
    for n in range(12):
        child = make_incident(cast, title=f"n{n}", site=f"Floor {n}")
        incidents.models.Incident.objects.filter(pk=child.pk).update(parent=parent.pk)
        assignment.assign(child, team=cast.desk, assignee=cast.alice, actor=cast.bob.actor, now=MONDAY)
    assert cost(f"/queue/?view=all&{every}") == few
    page = client.get(f"/queue/?view=all&{every}").content.decode()
    assert "Floor 3" in page
    assert page.count(f'data-label="Parent" title="{parent.number}"') == 12


# --- from the list to the ticket -------------------------------------------------------------


def place(client: Client, number: str, reference: str) -> str:
    answer = client.get(f"/queue/place/{number}/", {"from": reference})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_ticket_knows_its_place_in_the_list_it_was_opened_from(cast: Cast, client_of: ClientOf) -> None:
    rows = [make_incident(cast, title=f"n{n}", now=MONDAY + n * HOUR) for n in range(3)]
    client = client_of(cast.alice)
    reference = "view=all&sort=opened"
    middle = place(client, rows[1].number, reference)
    assert ">2 of 3<" in middle
    assert f'rel="prev" href="/incidents/{rows[0].number}/?from=view%3Dall%26sort%3Dopened"' in middle
    assert f'rel="next" href="/incidents/{rows[2].number}/?from=' in middle
    assert 'rel="prev"' not in place(client, rows[0].number, reference)
    assert 'rel="next"' not in place(client, rows[2].number, reference)
    turned = place(client, rows[0].number, "view=all&sort=-opened")
    assert ">3 of 3<" in turned
    incidents.services.resolve(
        rows[1], code="solved", steps="x", actor=cast.alice.actor, now=MONDAY + 5 * HOUR
    )
    gone = place(client, rows[1].number, reference)
    assert "no longer in this list" in gone
    assert f'rel="next" href="/incidents/{rows[2].number}/' in gone


def test_the_list_a_ticket_came_from_is_only_what_a_queue_understands(
    cast: Cast, client_of: ClientOf
) -> None:
    incident = make_incident(cast)
    client = client_of(cast.alice)
    for strange in (
        "//evil.example/",
        "view=v99",
        "x" * 9000,
        "view=all&assignee=" + "9" * 40,
        "%00",
        "&" * 1400,
    ):
        words = place(client, incident.number, strange)
        assert "evil" not in words
    assert client.get("/queue/place/INC9999999/").status_code == 404
    local = make_user("lena", cast.provider)
    Grant.objects.create(user=local, role="agent", organisation=cast.globex)
    assert client_of(local).get(f"/queue/place/{incident.number}/").status_code == 404


def test_the_tickets_page_asks_for_its_place_only_when_it_came_from_a_list(
    cast: Cast, client_of: ClientOf
) -> None:
    incident = make_incident(cast)
    client = client_of(cast.alice)
    url = f"/incidents/{incident.number}/"
    assert "/queue/place/" not in client.get(url).content.decode()
    page = client.get(url, {"from": "view=all"}).content.decode()
    assert f'hx-get="/queue/place/{incident.number}/?from=view%3Dall"' in page


def test_a_place_costs_the_same_whatever_the_list_holds(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    incident = make_incident(cast)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            place(client, incident.number, "view=all")
        return len(queries)

    cost()
    few = cost()
    for _n in range(10):
        make_incident(cast)
    assert cost() == few
