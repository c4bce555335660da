"""Two people write at once: the second is told first, loses nothing, and decides."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from incidents.models import Incident
from records import collision, services
from tests.cast import Cast, make_cast, make_incident

ClientOf = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def say(client: Client, incident: Incident, text: str, *, htmx: bool = True, **more: Any) -> Any:
    data = {"body": text, "visibility": "public", **more}
    return client.post(f"/incidents/{incident.number}/comment/", data, headers=HTMX if htmx else {})


def replies(incident: Incident) -> list[str]:
    return list(incident.activities.filter(verb="record.replied").values_list("text", flat=True))


def bob_replies(cast: Cast, incident: Incident) -> None:
    services.comment(incident, text="Restart it.", is_public=True, actor=cast.bob.actor, now=timezone.now())


@pytest.mark.parametrize("htmx", [True, False])
def test_a_reply_written_past_anothers_waits_and_is_kept(cast: Cast, client_of: ClientOf, htmx: bool) -> None:
    incident, alice = make_incident(cast), client_of(cast.alice)
    bob_replies(cast, incident)
    answer = say(alice, incident, "Reinstall it.", htmx=htmx, version=incident.version)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "1 new entry since you opened this ticket" in page
    assert "Bob" in page
    assert "Reinstall it." in page
    assert replies(incident) == ["Restart it."]


def test_sent_anyway_it_is_sent_unless_more_has_happened_since(cast: Cast, client_of: ClientOf) -> None:
    incident, alice = make_incident(cast), client_of(cast.alice)
    bob_replies(cast, incident)
    first = say(alice, incident, "Reinstall it.", version=incident.version)
    told = first.context["composer"]["told"]
    services.comment(incident, text="Wait.", is_public=True, actor=cast.rita.actor, now=timezone.now())
    assert say(alice, incident, "Reinstall it.", version=incident.version, anyway=told).status_code == 409
    assert say(alice, incident, "Reinstall it.", version=incident.version, anyway=told + 1).status_code == 200
    assert replies(incident) == ["Restart it.", "Reinstall it."]


def test_ones_own_acts_and_a_fresh_page_warn_of_nothing(cast: Cast, client_of: ClientOf) -> None:
    incident, alice = make_incident(cast), client_of(cast.alice)
    assert say(alice, incident, "One.", version=incident.version).status_code == 200
    assert say(alice, incident, "Two.", version=incident.version).status_code == 200
    bob_replies(cast, incident)
    incident.refresh_from_db()
    assert say(alice, incident, "Three.", version=incident.version).status_code == 200
    assert say(alice, incident, "Without a version.").status_code == 200
    assert len(replies(incident)) == 5


def test_a_refused_message_still_knows_what_its_writer_has_seen(cast: Cast, client_of: ClientOf) -> None:
    incident, alice = make_incident(cast), client_of(cast.alice)
    services.comment(incident, text="Mine.", is_public=False, actor=cast.alice.actor, now=timezone.now())
    refused = say(alice, incident, " ", version=incident.version)
    assert refused.status_code == 422
    assert f'name="version" value="{incident.version}"' in refused.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_sent_at_the_same_instant_one_is_told_of_the_other() -> None:
    cast = make_cast()
    incident = make_incident(cast)
    start, told = threading.Barrier(2), []

    def send(user: User) -> None:
        try:
            start.wait()
            collision.comment(
                incident, seen=incident.version, text=user.username, is_public=True, actor=user.actor,
                now=timezone.now(),
            )  # fmt: skip
        except collision.Unseen as first:
            told.append(first.entries)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[user]) for user in (cast.alice, cast.bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replies(incident)) == 1
    assert [len(entries) for entries in told] == [1]
