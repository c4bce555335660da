"""Saved views, as a browser, two tabs and programs meet them."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import Denied
from accounts.models import Grant, Membership, Team
from records import desk_page, queues, saved
from records.desk import Desk
from records.models import SavedView
from tests.cast import MONDAY, Cast, make_cast, make_incident, make_user

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]
HOUR = timedelta(hours=1)
FORM = {"name_en": "Urgent mail", "name_zh": "紧急邮件", "base": "all", "sort": "due", "priority": ["1", "2"]}


def keep(client: Client, **over: Any) -> Any:
    return client.post("/queue/views/", {**FORM, **over})


@pytest.fixture
def led(cast: Cast) -> Cast:
    """alice leads the desk's team."""
    Membership.objects.filter(user=cast.alice, team=cast.desk).update(is_lead=True)
    return cast


@pytest.fixture
def three(cast: Cast) -> None:
    make_incident(cast, title="critical", impact=1, urgency=1)
    make_incident(cast, title="low", impact=3, urgency=3)
    make_incident(cast, title="globex's", impact=1, urgency=1, customer=cast.globex, requester=cast.charlie)


def titles(page: str) -> list[str]:
    return re.findall(r'data-row-link title="([^"]+)"', page)


# --- one's own -------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
def test_the_present_queue_becomes_a_view_in_one_step(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    answer = keep(client, columns=["title", "number", "owner"])
    view = SavedView.objects.get()
    assert answer.headers["Location"] == f"/queue/?view=v{view.pk}"
    assert (view.owner, view.team, view.filters) == (cast.alice, None, {"priority": ["1", "2"]})
    assert (view.base, view.sort, view.columns) == ("all", "due", ["title", "number", "owner"])
    page = client.get(f"/queue/?view={view.key}").content.decode()
    assert sorted(titles(page)) == ["critical", "globex&#x27;s"]
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([A-Z][a-z]+)', page)
    assert heads == ["Title", "Number", "Owner"]
    assert re.search(rf'data-view-count="{view.key}">2<', page)
    assert "紧急邮件" not in page
    other = client_of(cast.bob).get(f"/queue/?view={view.key}").content.decode()
    assert "is not there any more" in other
    assert "Urgent mail" not in other


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"name_en": " ", "name_zh": ""}, "Give the view a name"),
        ({"name_en": "x" * 61}, "At most 60 characters"),
        ({"base": "nonsense"}, "There is no view “nonsense”"),
        ({"sort": "password"}, "no order “password”"),
        ({"columns": ["number", "password"]}, "There is no column “password”"),
        ({"priority": "9"}, "A value cannot be one: Priority"),
        ({"team": "4711"}, "Team: there is no #4711 to choose."),
        ({"for_team": "4711"}, "You may share views with teams you lead"),
    ],
)
def test_what_cannot_be_a_view_is_refused_with_its_reason(
    cast: Cast, client_of: ClientOf, over: dict[str, Any], words: str
) -> None:
    answer = keep(client_of(cast.alice), **over)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_there_once_for_each_owner_whatever_its_case(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    assert keep(client).status_code == 302
    assert "You have a view of this name." in keep(client, name_en="URGENT MAIL", name_zh="").content.decode()
    assert "You have a view of this name." in keep(client, name_en="Other").content.decode()
    assert keep(client_of(cast.bob)).status_code == 302
    assert SavedView.objects.count() == 2


def test_a_changed_view_is_kept_or_thrown_away(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    keep(client)
    view = SavedView.objects.get()
    assert "This is not what the view holds." not in client.get(f"/queue/?view={view.key}").content.decode()
    page = client.get(f"/queue/?view={view.key}&edited=1&priority=3").content.decode()
    assert "This is not what the view holds." in page
    sent = {"base": "all", "sort": "due", "priority": "3", "version": "1"}
    assert client.post(f"/queue/views/{view.pk}/content/", sent).status_code == 302
    view.refresh_from_db()
    assert (view.filters, view.version, view.name_en) == ({"priority": ["3"]}, 2, "Urgent mail")
    page = client.post(f"/queue/views/{view.pk}/content/", sent, follow=True).content.decode()
    assert "Somebody changed this view meanwhile" in page
    cleared = client.get(f"/queue/?view={view.key}&edited=1").content.decode()
    assert "Active filters" not in cleared


def test_two_tabs_edit_the_same_view_and_the_second_is_told(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    keep(client)
    view = SavedView.objects.get()
    assert client.get(f"/queue/views/{view.pk}/").status_code == 200
    one = {**FORM, "name_en": "One", "version": "1"}
    assert client.post(f"/queue/views/{view.pk}/", one).status_code == 302
    answer = client.post(f"/queue/views/{view.pk}/", {**one, "name_en": "Two"})
    assert answer.status_code == 409
    assert 'value="Two"' in answer.content.decode()
    assert 'name="version" value="2"' in answer.content.decode()
    assert SavedView.objects.get().name_en == "One"


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_save_the_same_name_at_once_leave_one_view() -> None:
    cast = make_cast()
    start, outcome = Barrier(2), []

    def save() -> None:
        content = saved.Content("all", {}, "due", [])
        start.wait()
        try:
            saved.save(
                name_en="Twice", name_zh="", team=None, content=content, actor=cast.alice.actor, now=MONDAY
            )
            outcome.append("saved")
        except ValidationError as error:
            outcome.append(error.message_dict["name_en"][0])
        finally:
            connection.close()

    threads = [Thread(target=save) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["You have a view of this name.", "saved"]
    assert SavedView.objects.count() == 1


# --- a team's --------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
def test_a_teams_view_is_written_by_its_lead_read_by_its_members_and_copied(
    led: Cast, client_of: ClientOf
) -> None:
    assert keep(client_of(led.alice), for_team=led.desk.pk).status_code == 302
    view = SavedView.objects.get()
    assert view.team == led.desk
    bob = client_of(led.bob)
    page = bob.get(f"/queue/?view={view.key}").content.decode()
    assert len(titles(page)) == 2
    assert "View of the team Service desk" in page
    assert "Copy as mine" in page
    assert bob.post(f"/queue/views/{view.pk}/", {**FORM, "version": "1"}).status_code == 403
    assert bob.post(f"/queue/views/{view.pk}/delete/").status_code == 403
    assert "its leads and managers change it" in bob.get(f"/queue/views/{view.pk}/").content.decode()
    assert bob.post(f"/queue/views/{view.pk}/copy/").status_code == 302
    assert bob.post(f"/queue/views/{view.pk}/copy/").status_code == 302
    own = SavedView.objects.filter(owner=led.bob, team=None).order_by("pk")
    assert [(v.name_en, v.name_zh) for v in own] == [
        ("Urgent mail", "紧急邮件"), ("Urgent mail (2)", "紧急邮件 (2)"),
    ]  # fmt: skip
    assert own[0].filters == view.filters
    assert client_of(led.sven).get(f"/queue/views/{view.pk}/").status_code == 404
    assert client_of(led.sven).post(f"/queue/views/{view.pk}/copy/").status_code == 404
    mona = client_of(led.mona)
    assert "Urgent mail" in mona.get("/queue/mine/").content.decode()
    assert mona.post(f"/queue/views/{view.pk}/delete/").status_code == 302
    assert mona.post(f"/queue/views/{view.pk}/delete/").status_code == 404


def test_who_leads_no_team_shares_nothing(cast: Cast) -> None:
    content = saved.Content("all", {}, "due", [])
    for user in (cast.bob, cast.rita):
        with pytest.raises(Denied):
            saved.save(name_en="x", name_zh="", team=cast.desk, content=content, actor=user.actor, now=MONDAY)
    assert list(saved.teams_for(cast.bob.actor)) == []
    assert set(saved.teams_for(cast.mona.actor)) == {cast.desk, cast.second}


@pytest.mark.usefixtures("three")
def test_a_shared_view_shows_each_reader_only_what_he_may_see(led: Cast, client_of: ClientOf) -> None:
    keep(client_of(led.alice), for_team=led.desk.pk, customer=[led.acme.pk, led.globex.pk])
    local = make_user("lena", led.provider)
    Grant.objects.create(user=local, role="agent", organisation=led.globex)
    Membership.objects.create(user=local, team=led.desk)
    page = client_of(local).get(f"/queue/?view={SavedView.objects.get().key}").content.decode()
    assert titles(page) == ["globex&#x27;s"]
    assert "Acme" not in page
    assert "is not there any more" not in page


@pytest.mark.usefixtures("three")
def test_a_view_of_a_team_that_is_gone_says_so_instead_of_failing(cast: Cast, client_of: ClientOf) -> None:
    lost = Team.objects.create(code="lost", name_en="Lost", name_zh="")
    client = client_of(cast.alice)
    keep(client, team=[lost.pk])
    view = SavedView.objects.get()
    gone = lost.pk
    lost.delete()
    page = client.get(f"/queue/?view={view.key}").content.decode()
    assert f"What this view asks for is not there any more: Team #{gone}." in page
    assert titles(page) == []
    SavedView.objects.update(base="gone", sort="x", columns=["y"], filters={"z": ["1"], "team": "no list"})
    page = client.get(f"/queue/?view={view.key}").content.decode()
    assert len(titles(page)) == 3


# --- in the rail -----------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
def test_all_counts_are_one_query_and_those_beyond_the_first_are_left_out(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_page, "COUNTED_VIEWS", 2)
    client = client_of(cast.alice)
    keep(client, name_en="A", name_zh="")
    keep(client, name_en="B", name_zh="", q="critical")
    keep(client, name_en="C", name_zh="")
    views = {v.name_en: v for v in SavedView.objects.all()}
    desk = Desk.asked(QueryDict("view=all"), cast.alice.actor, MONDAY)
    with CaptureQueriesContext(connection) as queries:
        counted = desk_page.counts(desk)
    assert len(queries) == 1
    assert counted[views["A"].key] == 2
    assert views["B"].key not in counted  # looks for words
    assert views["C"].key not in counted  # beyond the first
    page = client.get("/queue/").content.decode()
    assert page.count("Not counted: beyond the first views, or by words") == 2


def test_views_are_put_in_order_and_one_of_them_opens_the_desk(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    for name in ("A", "B", "C"):
        keep(client, name_en=name, name_zh="")
    ids = {v.name_en: v.pk for v in SavedView.objects.all()}

    def order() -> list[str]:
        return [v.name for v in saved.listed(cast.alice.actor, saved.setting_of(cast.alice.actor))]

    assert order() == ["A", "B", "C"]
    assert client.post(f"/queue/views/{ids['C']}/up/").status_code == 302
    assert client.post(f"/queue/views/{ids['A']}/down/").status_code == 302
    assert client.post(f"/queue/views/{ids['A']}/sideways/").status_code == 404
    assert order() == ["C", "A", "B"]
    client.post(f"/queue/views/{ids['B']}/start/")
    assert (
        '<h1 class="page-heading" tabindex="-1" data-live-heading>B</h1>'
        in client.get("/queue/").content.decode()
    )
    client.post(f"/queue/views/{ids['B']}/delete/")
    assert "My team" in client.get("/queue/").content.decode()


# --- over HTTP -------------------------------------------------------------------------------


def call(client: Client, method: str, url: str, body: Any = None, **headers: str) -> Any:
    send = getattr(client, method)
    if body is None:
        return send(url, headers=headers)
    return send(url, json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.usefixtures("three")
def test_views_are_made_changed_and_deleted_by_programs(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    body = {
        "name_en": "Urgent",
        "base": "all",
        "filters": {"priority": ["1"]},
        "columns": ["number", "title"],
    }
    answer = call(client, "post", "/api/v1/views/", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["sort"], made["team"], made["may_change"], made["count"]) == ("priority", None, True, 2)
    assert answer.headers["ETag"] == '"v1"'
    url = f"/api/v1/views/{made['id']}/"
    assert [v["id"] for v in client.get("/api/v1/views/").json()["results"]] == [made["id"]]
    assert call(client, "patch", url, {"name_zh": "紧急"}).status_code == 428
    changed = call(client, "patch", url, {"name_zh": "紧急"}, **{"If-Match": '"v1"'})
    assert (changed.status_code, changed.json()["name_zh"], changed.json()["filters"]) == (
        200, "紧急", {"priority": ["1"]},
    )  # fmt: skip
    assert call(client, "patch", url, {"sort": "due"}, **{"If-Match": '"v1"'}).status_code == 412
    assert call(client, "post", "/api/v1/views/", body).status_code == 400
    wrong = call(client, "post", "/api/v1/views/", {**body, "name_en": "x", "filters": {"password": ["1"]}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "filters")
    refused: tuple[dict[str, Any], ...] = (
        {"filters": []},
        {"filters": {"team": "1"}},
        {"columns": "number"},
        {"base": 7},
        {"color": "red"},
    )
    for bad in refused:
        assert call(client, "post", "/api/v1/views/", {**body, "name_en": "y", **bad}).status_code == 400, bad
    assert client_of(cast.bob).get(url).status_code == 404
    assert client_of(cast.rita).get("/api/v1/views/").json()["results"] == []
    assert call(client_of(cast.rita), "post", "/api/v1/views/", {**body, "name_en": "z"}).status_code == 403
    assert call(client, "delete", url).status_code == 204
    assert call(client, "delete", url).status_code == 404


@pytest.mark.usefixtures("three")
def test_lists_of_tickets_take_a_view_and_its_filters(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.alice)
    keep(client)
    key = SavedView.objects.get().key

    def found(**asked: Any) -> list[str]:
        answer = client.get("/api/v1/incidents/", asked)
        assert answer.status_code == 200, answer.content
        return sorted(row["title"] for row in answer.json()["results"])

    assert found(view=key) == ["critical", "globex's"]
    assert found(view="unassigned", priority="4") == ["low"]
    assert found(tier="desk", without="assignee") == ["critical", "globex's", "low"]
    assert found(due="overdue", site="x") == []
    assert client.get("/api/v1/incidents/", {"view": "v999"}).status_code == 400
    assert client_of(cast.bob).get("/api/v1/incidents/", {"view": key}).status_code == 400
    assert client.get("/api/v1/requests/", {"view": key}).json()["results"] == []


def test_what_is_gone_between_two_steps_is_not_found(cast: Cast) -> None:
    content = saved.Content("all", {}, "due", [])
    actor = cast.alice.actor
    view = saved.save(name_en="x", name_zh="", team=None, content=content, actor=actor, now=MONDAY)
    saved.delete(view, actor=actor)
    with pytest.raises(Http404):
        saved.change(
            view, name_en="y", name_zh="", team=None, content=content, expected_version=None, actor=actor,
            now=MONDAY,
        )  # fmt: skip
    with pytest.raises(Http404):
        saved.move(view, 1, actor=actor)
    assert queues.default_view(actor) == "team"
