"""Who else has a ticket open: told to colleagues, never to customers, never written on the record."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Grant, User
from incidents.models import Incident
from records import services
from tests.cast import MONDAY, Cast, make_incident
from workspace import presence
from workspace.models import Presence

ClientOf = Callable[[User], Client]


def beat(client: Client, incident: Incident, **data: str) -> Any:
    return client.post(f"/workspace/{incident.number}/here/", data)


def news(client: Client, incident: Incident, since: int) -> Any:
    return client.get(f"/workspace/{incident.number}/news/", {"since": since})


def test_a_colleague_is_told_who_is_there_and_who_writes(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    alice, bob = client_of(cast.alice), client_of(cast.bob)
    assert beat(alice, incident).status_code == 204
    assert "Alice is here too" in beat(bob, incident, writing="reply").content.decode()
    assert "Bob is writing a reply" in beat(alice, incident).content.decode()
    beat(bob, incident, writing="note")
    assert "Bob is writing a note" in beat(alice, incident).content.decode()
    assert beat(bob, incident, gone="1").status_code == 204
    assert beat(alice, incident).status_code == 204


def test_a_sign_of_life_writes_nothing_on_the_record(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    before = (incident.version, incident.updated_at, incident.activities.count())
    client = client_of(cast.alice)
    for writing in ("reply", "note", "", "anything"):
        beat(client, incident, writing=writing)
    incident.refresh_from_db()
    assert (incident.version, incident.updated_at, incident.activities.count()) == before
    assert Presence.objects.get().writing == ""


def test_who_gives_no_sign_any_more_is_gone_and_forgotten(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    now = timezone.now()
    presence.note(incident.pk, "reply", actor=cast.bob.actor, now=now - timedelta(seconds=46))
    assert beat(client_of(cast.alice), incident).status_code == 204
    assert presence.forget(now) == 0
    assert presence.forget(now + timedelta(hours=2)) == 2
    assert not Presence.objects.exists()


def test_customers_and_programs_never_learn_who_is_there(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    beat(client_of(cast.bob), incident)
    for person in (cast.rita, cast.carla, cast.charlie, cast.robot):
        assert beat(client_of(person), incident).status_code == 403
        assert news(client_of(person), incident, 0).status_code in (302, 403)
    assert {row.user for row in Presence.objects.all()} == {cast.bob}
    page = client_of(cast.rita).get(f"/portal/requests/{incident.number}/").content.decode()
    assert "data-workspace" not in page
    assert "data-live" not in page


def test_an_agent_of_another_customer_finds_nothing(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    Grant.objects.filter(user=cast.bob).update(organisation=cast.globex)
    bob = client_of(User.objects.get(pk=cast.bob.pk))
    assert beat(bob, incident).status_code == 404
    assert news(bob, incident, 0).status_code == 204
    assert not Presence.objects.exists()


def test_the_ticket_page_asks_nothing_about_presence(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    with CaptureQueriesContext(connection) as asked:
        page = client_of(cast.alice).get(f"/incidents/{incident.number}/").content.decode()
    assert f'data-version="{incident.version}"' in page
    assert not any("workspace_" in query["sql"] for query in asked)


def test_nothing_new_costs_one_look_at_the_records_number(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    client = client_of(cast.alice)
    with CaptureQueriesContext(connection) as asked:
        assert news(client, incident, incident.version).status_code == 204
    assert len([q for q in asked if "records_" in q["sql"]]) == 1


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30])
def test_odd_versions_are_no_error(cast: Cast, client_of: ClientOf, since: str) -> None:
    client = client_of(cast.alice)
    assert client.get(f"/workspace/{make_incident(cast).number}/news/", {"since": since}).status_code == 204


def test_what_others_did_is_told_and_what_one_did_oneself_is_not(cast: Cast, client_of: ClientOf) -> None:
    incident = make_incident(cast)
    client, now = client_of(cast.alice), MONDAY
    services.comment(incident, text="Mine.", is_public=False, actor=cast.alice.actor, now=now)
    own = news(client, incident, incident.version)
    assert (own.status_code, own["X-Version"]) == (204, str(incident.version + 1))
    services.comment(incident, text="Is it fixed?", is_public=True, actor=cast.rita.actor, now=now)
    told = news(client, incident, incident.version)
    assert told["X-Version"] == str(incident.version + 2)
    assert "Rita" in told.content.decode()
    assert "Is it fixed?" not in told.content.decode()
