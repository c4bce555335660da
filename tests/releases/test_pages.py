"""The pages and the interface of releases, driven as a browser and a program drive them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from releases.models import Release
from tests.cast import Cast, make_incident
from tests.changes import making
from tests.releases import made as m

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mona)
    return client


def act(row: Release, name: str) -> str:
    return reverse("releases:act", args=[row.number, name])


def test_a_release_is_begun_planned_and_filled_on_its_pages(cast: Cast, browser: Client) -> None:
    server = m.server(cast)
    of = m.change(cast, server)
    begin = {"title": "Mail 2.4", "manager": cast.mona.pk}
    answer = browser.post(reverse("releases:new") + f"?change={of.number}", begin)
    row = Release.objects.get()
    assert answer.headers["Location"].endswith(f"?view=changes&change={of.number}")
    assert of.number in browser.get(answer.headers["Location"]).content.decode()
    plan = {
        "title": "Mail 2.4", "objective": "2.4 runs", "monitor_days": "7", "decider": cast.bob.pk,
        "version": row.version,
    }  # fmt: skip
    address = reverse("releases:plan", args=[row.number])
    assert browser.get(address).status_code == 200
    assert browser.post(address, plan).status_code == 302
    assert browser.post(address, {**plan, "objective": "Mine"}).status_code == 409
    assert browser.post(address, {**plan, "version": "", "title": ""}).status_code == 422
    bundle = reverse("releases:bundle", args=[row.number])
    assert browser.post(bundle, {"number": "CHG0009999"}).status_code == 422
    draft = making.make_change(cast)
    refused = browser.post(bundle, {"number": draft.number})
    assert (refused.status_code, "is not approved" in refused.content.decode()) == (422, True)
    assert browser.post(bundle, {"number": of.number}).status_code == 302
    browser.post(act(row, "add-step"), {"sort": "deploy", "what": "Install"})
    item = {"item": server.pk, "change": of.pk, "step": row.steps.get().pk, "to": "2.4"}
    assert browser.post(act(row, "add-item"), item).status_code == 302
    assert row.release_items.get().revision == "2.4"
    post = lambda part, pk, name: browser.post(  # noqa: E731
        reverse("releases:row", args=[row.number, part, pk, name])
    )
    assert post("items", row.release_items.get().pk, "remove").status_code == 302
    assert post("changes", row.bundled.get().pk, "remove").status_code == 302
    assert post("changes", 1, "odd").status_code == 404
    assert not row.bundled.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_part_of_the_page_is_read_in_both_languages(
    cast: Cast, browser: Client, language: str, django_assert_max_num_queries: Any
) -> None:
    cast.mona.language = language
    cast.mona.save()
    server = m.server(cast)
    of = m.change(cast, server)
    row = m.in_service(cast, (of, server))
    make_incident(cast, item=server, now=m.START + m.DAY)
    m.observe(cast, row, "feedback", "lesson")
    for view in ("plan", "changes", "readiness", "deployment", "watch", "report", "history"):
        with django_assert_max_num_queries(70):
            assert browser.get(f"{row.get_absolute_url()}?view={view}").status_code == 200, view
    assert row.number in browser.get(reverse("releases:list")).content.decode()
    assert row.number not in browser.get(reverse("releases:list") + "?outcome=failed").content.decode()


@pytest.mark.req("REL-03", "REL-09")
def test_a_deployment_is_carried_out_on_the_page(cast: Cast, browser: Client) -> None:
    server = m.server(cast)
    row = m.ready(cast, (m.change(cast, server), server))
    assert browser.post(act(row, "deploy")).status_code == 302
    finish = lambda sort: browser.post(  # noqa: E731
        reverse("releases:row", args=[row.number, "steps", m.step(row, sort).pk, "finish"]), {"words": "ok"}
    )
    assert "Not done yet: Step deploy." in finish("test").content.decode()
    assert [finish(sort).status_code for sort in ("deploy", "test", "inform")] == [302, 302, 422]
    decide = {"decision": "go", "words": "All fine"}
    assert "Bob decides this" in browser.post(act(row, "decide"), decide).content.decode()
    browser.force_login(cast.bob)
    assert "Decide: go on or back out" in browser.get(row.get_absolute_url()).content.decode()
    assert browser.post(act(row, "decide"), decide).status_code == 302
    browser.force_login(cast.mona)
    assert [finish(sort).status_code for sort in ("inform", "start")] == [302, 302]
    assert browser.post(act(row, "in-service")).status_code == 302
    assert m.fresh(row).state == "monitoring"


@pytest.mark.req("REL-06")
def test_a_proposed_incident_is_decided_on_the_page(cast: Cast, browser: Client) -> None:
    server = m.server(cast)
    row = m.in_service(cast, (m.change(cast, server), server))
    incident = make_incident(cast, title="Slow mail", item=server, now=m.START + m.DAY)
    assert "is on one of its items" in browser.get(f"{row.get_absolute_url()}?view=watch").content.decode()
    judge = reverse("releases:judge", args=[row.number])
    assert browser.post(judge, {"incident": "INC0009999", "related": "yes"}).status_code == 404
    assert browser.post(judge, {"incident": row.number, "related": "yes"}).status_code == 422
    assert browser.post(judge, {"incident": incident.number, "related": "yes"}).status_code == 302
    assert row.incidents.get().is_related


def test_customers_find_no_release(cast: Cast, client: Client) -> None:
    row = m.begun(cast)
    for person in (cast.carla, cast.charlie, cast.rita):
        client.force_login(person)
        assert client.get(row.get_absolute_url()).status_code in (302, 404)
        assert client.get(f"/api/v1/releases/{row.number}/").status_code == 404
        assert client.get("/api/v1/releases/figures/").status_code == 403


def test_a_program_plans_and_deploys_a_release(cast: Cast, client: Client) -> None:
    client.force_login(cast.mona)
    send = lambda method, path, body, **head: getattr(client, method)(  # noqa: E731
        f"/api/v1/releases/{path}", body, content_type="application/json", headers=head
    )
    made = send("post", "", {"title": "Mail 2.4", "manager": "mona"})
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    assert made.json()["moves"] == ["make_ready", "call_off_release"]
    tag = made.headers["ETag"]
    assert send("patch", f"{number}/", {"scope": "x"}).status_code == 428
    assert (
        send("patch", f"{number}/", {"scope": "x", "decider": "bob"}, **{"if-match": tag}).status_code == 200
    )
    assert send("post", f"{number}/make_ready/", {}).status_code == 400
    assert send("post", f"{number}/deploy/", {}).status_code == 409
    draft = making.make_change(cast)
    assert send("post", f"{number}/bundle/", {"change": draft.number}).status_code == 400
    server = m.server(cast)
    row = m.ready(cast, (m.change(cast, server), server))
    began = send("post", f"{row.number}/deploy/", {})
    assert (began.status_code, began.json()["state"]["code"]) == (200, "deploying")
    step = began.json()["steps"][0]
    done = send("post", f"{row.number}/finish_step/", {"step": step["id"], "result": "ok"})
    assert (done.status_code, done.json()["items"][0]["revision_before"]) == (200, "2.3")
    assert send("post", f"{row.number}/finish_step/", {"step": step["id"]}).status_code == 400
    assert send("post", f"{row.number}/decide/", {"decision": "go", "words": "x"}).status_code == 400
    client.force_login(cast.alice)
    assert send("post", f"{row.number}/give_up/", {"reason": "x"}).status_code == 403
    verbs = [r["verb"] for r in client.get(f"/api/v1/releases/{row.number}/activities/").json()["results"]]
    assert "release.updated" in verbs


def test_a_change_and_an_item_show_the_releases_they_are_in(cast: Cast, browser: Client) -> None:
    server = m.server(cast)
    of = m.change(cast, server)
    assert f"/releases/new/?change={of.number}" in browser.get(of.get_absolute_url()).content.decode()
    row = m.in_service(cast, (of, server))
    shown = browser.get(of.get_absolute_url()).content.decode()
    assert row.number in shown
    assert f"/releases/new/?change={of.number}" not in shown
    item = browser.get(reverse("configuration:item", args=[server.number])).content.decode()
    assert row.number in item
    assert "2.3 → 2.4" in item
