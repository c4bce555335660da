"""The pages and the interface of exports: the button, the list, asking, fetching, stopping."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Grant, User
from exports import running, services
from exports.models import Export
from tests.cast import Cast, make_incident

pytestmark = pytest.mark.django_db
Clients = Callable[[User], Client]
ASKED = {"source": "tickets", "query": "view=all", "format": "csv", "key": "k1"}


def ask(client: Client, **over: Any) -> Any:
    return client.post(reverse("exports:new"), {**ASKED, **over})


@pytest.fixture
def tickets(cast: Cast) -> list[Any]:
    now = timezone.now().replace(microsecond=0)
    return [make_incident(cast, now=now, title=f"Ticket {n}") for n in range(3)]


@pytest.mark.req("RPT-13")
def test_a_list_offers_itself_as_a_file_with_its_filters(
    cast: Cast, client_of: Clients, tickets: list[Any]
) -> None:
    page = client_of(cast.alice).get(reverse("records:queue") + "?view=all&priority=3").content.decode()
    assert 'action="/exports/new/"' in page
    assert "view=all&amp;priority=3" in page
    assert 'name="source" value="tickets"' in page
    portal = client_of(cast.carla).get(reverse("portal:list") + "?show=all&before=9").content.decode()
    assert 'name="query" value="show=all"' in portal
    assert 'name="source" value="portal-tickets"' in portal


@pytest.mark.req("RPT-13")
def test_asked_made_fetched_made_again_and_removed(
    cast: Cast, client_of: Clients, tickets: list[Any]
) -> None:
    client = client_of(cast.alice)
    answer = ask(client)
    export = Export.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/exports/#export-{export.pk}")
    assert "Waiting" in client.get(reverse("exports:list")).content.decode()
    file = reverse("exports:file", args=[export.pk])
    assert client.get(file).status_code == 404
    running.run(export.pk)
    page = client.get(reverse("exports:list")).content.decode()
    assert file in page
    assert "/queue/?view=all" in page
    sent = client.get(file)
    assert sent["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in sent["Content-Disposition"]
    assert sent["Cache-Control"] == "private, no-store"
    content = b"".join(sent.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert {row[0] for row in rows[1:]} == {ticket.number for ticket in tickets}
    again = client.post(reverse("exports:act", args=[export.pk, "again"]), {"key": "k2"})
    assert again.status_code == 302
    assert Export.objects.count() == 2
    client.post(reverse("exports:act", args=[export.pk, "remove"]))
    assert client.get(file).status_code == 404
    assert "The file was removed" in client.get(reverse("exports:list")).content.decode()


def test_the_same_form_twice_is_one_and_says_so(cast: Cast, client_of: Clients) -> None:
    client = client_of(cast.alice)
    ask(client)
    ask(client)
    assert Export.objects.count() == 1
    assert "asked for already" in client.get(reverse("exports:list")).content.decode()
    ask(client, format="xlsx")
    assert Export.objects.count() == 2


def test_a_fourth_is_refused_in_words_on_the_page_it_came_from(cast: Cast, client_of: Clients) -> None:
    client = client_of(cast.alice)
    for n in range(4):
        answer = ask(client, key=f"k{n}", back="/queue/?view=all")
    assert answer["Location"] == "/queue/?view=all"
    assert Export.objects.count() == services.AT_ONCE
    assert "still being made" in client.get("/queue/?view=all").content.decode()
    elsewhere = ask(client, key="k9", back="https://evil.example/")
    assert elsewhere["Location"] == reverse("exports:list")


@pytest.mark.parametrize(
    ("over", "status"),
    [
        ({"source": "nothing"}, 404),
        ({"format": "exe"}, 302),
        ({"query": "x" * 5000}, 302),
        ({"query": "a\0"}, 302),
    ],
)
def test_what_cannot_be_asked_is_refused(
    over: dict[str, str], status: int, cast: Cast, client_of: Clients
) -> None:
    assert ask(client_of(cast.alice), **over).status_code == status
    assert not Export.objects.exists()


@pytest.mark.req("SEC-06")
def test_nobody_fetches_or_stops_anothers(cast: Cast, client_of: Clients, tickets: list[Any]) -> None:
    ask(client_of(cast.alice))
    export = Export.objects.get()
    running.run(export.pk)
    for user in (cast.bob, cast.admin, cast.carla, cast.charlie):
        client = client_of(user)
        assert client.get(reverse("exports:file", args=[export.pk])).status_code == 404
        assert client.post(reverse("exports:act", args=[export.pk, "remove"])).status_code == 404
        assert client.get(f"/api/v1/exports/{export.pk}/").status_code == 404
    assert ask(client_of(cast.carla), key="c").status_code == 403
    assert Export.objects.count() == 1


@pytest.mark.req("SEC-06")
def test_a_file_is_not_given_to_who_lost_the_right_to_its_list(
    cast: Cast, client_of: Clients, tickets: list[Any]
) -> None:
    client = client_of(cast.alice)
    ask(client)
    export = Export.objects.get()
    running.run(export.pk)
    Grant.objects.filter(user=cast.alice).update(role="customer")
    answer = client.get(reverse("exports:file", args=[export.pk]))
    assert answer.status_code in (302, 403)


def test_while_it_is_made_the_page_asks_again_and_is_heard_seldom(
    cast: Cast, client_of: Clients, tickets: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK", 1)
    client = client_of(cast.alice)
    ask(client)
    export = Export.objects.get()
    running.run(export.pk, seconds=0)
    page = client.get(reverse("exports:list"))
    assert b'hx-trigger="every 2s"' in page.content
    assert b"1 of 3 rows" in page.content
    again = page.context["again"]
    htmx = {"HX-Target": "div#exports", "HX-Request": "true"}
    part = client.get(again, headers=htmx)
    assert b"<html" not in part.content
    assert b"hx-swap-oob" not in part.content  # nothing new to be heard
    running.run(export.pk, seconds=0)
    assert b"Tickets: 50 % done." in client.get(again, headers=htmx).content
    running.run(export.pk)
    done = client.get(again, headers=htmx)
    assert b"Tickets: Ready." in done.content
    assert b"every 2s" not in done.content


# --- over HTTP -----------------------------------------------------------------------------------------


@pytest.mark.req("RPT-13")
def test_a_program_asks_waits_and_fetches(cast: Cast, tickets: list[Any]) -> None:
    client = Client()
    client.force_login(cast.robot)
    body = {"source": "tickets", "query": "view=all", "format": "xlsx", "language": "zh-hans", "zone": "UTC"}
    answer = client.post("/api/v1/exports/", body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    url = answer["Location"]
    assert answer.json()["state"]["code"] == "queued"
    assert client.get(f"{url}file/").status_code == 404
    running.run(answer.json()["id"])
    found = client.get(url).json()
    assert (found["state"]["code"], found["rows"], found["file"]) == ("done", 3, f"{url}file/")
    sent = client.get(found["file"])
    assert b"".join(sent.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert client.post(f"{url}cancel/").status_code == 409
    assert [row["id"] for row in client.get("/api/v1/exports/?state=done").json()["results"]] == [found["id"]]


@pytest.mark.parametrize(
    ("over", "field"),
    [({"source": "nothing"}, "source"), ({"format": "exe"}, "format"), ({"zone": "Mars"}, "zone"),
     ({"language": "tlh"}, "language"), ({"query": "a" * 4001}, "query"), ({"odd": 1}, "odd")],
)  # fmt: skip
def test_a_program_is_told_what_is_wrong(over: dict[str, Any], field: str, cast: Cast) -> None:
    client = Client()
    client.force_login(cast.robot)
    answer = client.post("/api/v1/exports/", {"source": "tickets", **over}, content_type="application/json")
    assert answer.status_code == 400
    assert field in answer.content.decode()


@pytest.mark.req("SEC-06")
def test_the_interface_names_only_lists_one_may_export(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.carla)
    names = {row["name"] for row in client.get("/api/v1/exports/sources/").json()["results"]}
    assert names == {"portal-tickets", "portal-reports"}
    answer = client.post("/api/v1/exports/", {"source": "tickets"}, content_type="application/json")
    assert answer.status_code == 403
    client.force_login(cast.alice)
    rows = client.get("/api/v1/exports/sources/").json()["results"]
    tickets = next(row for row in rows if row["name"] == "tickets")
    assert {"name": "opened_at", "label": "Opened", "kind": "moment"} in tickets["columns"]


def test_an_old_files_row_says_that_it_was_removed(
    cast: Cast, client_of: Clients, tickets: list[Any]
) -> None:
    client = client_of(cast.alice)
    ask(client)
    export = Export.objects.get()
    running.run(export.pk)
    Export.objects.update(expires_at=timezone.now() - timedelta(days=1))
    services.expire(timezone.now())
    page = client.get(reverse("exports:list")).content.decode()
    assert "make it again if you need it" in page
    assert reverse("exports:file", args=[export.pk]) not in page
