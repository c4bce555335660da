"""The way through the pages: select, choose, preview, confirm, read; and what others get to see of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Grant, User
from incidents.models import Incident
from tests.cast import Cast, make_incident
from workspace.models import BulkEdit

ClientOf = Callable[[User], Client]


def asked(client: Client, tickets: list[Incident], **data: Any) -> Any:
    numbers = [ticket.number for ticket in tickets]
    return client.post("/bulk/new/", {"number": numbers, "next": "/queue/?view=all", **data})


def table_of(client: Client, edit: BulkEdit) -> str:
    answer: Any = client.get(f"/bulk/{edit.pk}/results.csv")
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def tickets_of(cast: Cast, count: int) -> list[Incident]:
    return [make_incident(cast, now=timezone.now(), title=f"=Ticket {n}") for n in range(count)]


def test_from_the_selection_to_the_result(cast: Cast, client_of: ClientOf) -> None:
    alice, tickets = client_of(cast.alice), tickets_of(cast, 2)
    page = asked(alice, tickets, begin="priority").content.decode()
    assert "Change 2 tickets" in page
    assert 'value="priority" id="change-priority" checked' in page
    refused = asked(alice, tickets, step="preview", change="priority", **{"priority-value_priority": "1"})
    assert refused.status_code == 422
    data = {"priority-value_priority": "1", "priority-value_reason": "Storm"}
    preview = asked(alice, tickets, step="preview", change=["priority", "assignee.me"], **data)
    edit = BulkEdit.objects.get()
    assert preview["Location"] == f"/bulk/{edit.pk}/"
    html = alice.get(f"/bulk/{edit.pk}/").content.decode()
    assert "Moderate" in html
    assert "Critical" in html
    assert "Will be changed" in html
    assert alice.post(f"/bulk/{edit.pk}/confirm/").status_code == 302
    assert alice.post(f"/bulk/{edit.pk}/confirm/").status_code == 302
    assert {i.priority for i in Incident.objects.all()} == {1}
    assert {i.assignee for i in Incident.objects.all()} == {cast.alice}
    assert alice.get(f"/bulk/{edit.pk}/", {"show": "done"}).context["counts"][0]["n"] == 2
    assert f"/bulk/{edit.pk}/" in alice.get("/bulk/").content.decode()
    table = table_of(alice, edit)
    assert len(table.splitlines()) == 3
    assert "'=Ticket 0" in table  # no spreadsheet takes it for a formula


def test_all_of_a_view_are_changed_with_its_filter(cast: Cast, client_of: ClientOf) -> None:
    low, high = tickets_of(cast, 2)
    Incident.objects.filter(pk=low.pk)  # stays as it is
    alice = client_of(cast.alice)
    next_url = f"/queue/?view=all&customer={cast.globex.pk}"
    assert alice.post("/bulk/new/", {"all": "1", "next": next_url}).status_code == 302
    page = alice.post("/bulk/new/", {"all": "1", "next": "/queue/?view=all"})
    assert page.context["count"] == 2
    data = {"all": "1", "next": "/queue/?view=all", "step": "preview", "change": "note", "note-value": "x"}
    alice.post("/bulk/new/", data)
    assert set(BulkEdit.objects.get().items.values_list("record", flat=True)) == {low.pk, high.pk}


def test_the_change_chosen_last_is_needed(cast: Cast, client_of: ClientOf) -> None:
    answer = asked(client_of(cast.alice), tickets_of(cast, 1), step="preview")
    assert answer.status_code == 422
    assert "Choose at least one change." in answer.content.decode()


def test_an_edit_is_its_askers_and_for_managers_of_all_customers(cast: Cast, client_of: ClientOf) -> None:
    alice, tickets = client_of(cast.alice), tickets_of(cast, 1)
    asked(alice, tickets, step="preview", change="note", **{"note-value": "x"})
    edit = BulkEdit.objects.get()
    bob, mona = client_of(cast.bob), client_of(cast.mona)
    for url in (f"/bulk/{edit.pk}/", f"/bulk/{edit.pk}/results.csv"):
        assert bob.get(url).status_code == 404
        assert mona.get(url).status_code == 200
    assert bob.post(f"/bulk/{edit.pk}/confirm/").status_code == 404
    assert mona.post(f"/bulk/{edit.pk}/confirm/").status_code == 403
    for person in (cast.rita, cast.carla, cast.charlie, cast.robot):
        assert client_of(person).get(f"/bulk/{edit.pk}/").status_code in (302, 403)
        assert client_of(person).post(f"/bulk/{edit.pk}/confirm/").status_code == 403
    assert mona.post(f"/bulk/{edit.pk}/cancel/").status_code == 302
    edit.refresh_from_db()
    assert edit.state == "cancelled"
    alice.post(f"/bulk/{edit.pk}/confirm/")
    assert not tickets[0].activities.filter(verb="record.noted").exists()


def test_a_reader_is_shown_only_tickets_he_may_see(cast: Cast, client_of: ClientOf) -> None:
    alice = client_of(cast.alice)
    theirs = make_incident(cast, customer=cast.globex, requester=cast.charlie, now=timezone.now())
    asked(alice, [theirs, *tickets_of(cast, 1)], step="preview", change="note", **{"note-value": "x"})
    edit = BulkEdit.objects.get()
    assert theirs.number in alice.get(f"/bulk/{edit.pk}/").content.decode()
    Grant.objects.filter(user=cast.alice).update(organisation=cast.acme)
    narrowed = client_of(User.objects.get(pk=cast.alice.pk))
    assert theirs.number not in narrowed.get(f"/bulk/{edit.pk}/").content.decode()
    table = table_of(narrowed, edit)
    assert theirs.number not in table


def test_while_it_works_only_the_part_that_moves_is_sent(cast: Cast, client_of: ClientOf) -> None:
    alice = client_of(cast.alice)
    asked(alice, tickets_of(cast, 1), step="preview", change="note", **{"note-value": "x"})
    BulkEdit.objects.update(state="running")
    edit = BulkEdit.objects.get()
    part = alice.get(f"/bulk/{edit.pk}/", headers={"HX-Target": "section#bulk-progress"}).content.decode()
    assert part.lstrip().startswith("<section")
    assert "0 of 1 tickets" in part
    BulkEdit.objects.update(state="done")
    last = alice.get(f"/bulk/{edit.pk}/", headers={"HX-Target": "section#bulk-progress"})
    assert last["HX-Refresh"] == "true"
    assert last.content.decode().lstrip().startswith("<section")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_render_in_both_languages(cast: Cast, client_of: ClientOf, language: str) -> None:
    User.objects.filter(pk=cast.alice.pk).update(language=language)
    alice, tickets = client_of(cast.alice), tickets_of(cast, 1)
    assert asked(alice, tickets).headers["Content-Language"] == language
    made = asked(alice, tickets, step="preview", change="note", **{"note-value": "x"})
    assert alice.get(made["Location"]).status_code == 200
