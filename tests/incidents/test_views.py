"""The ticket page: what it shows to whom, and talking on it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.acts import ACTS
from incidents.models import Incident
from records import services
from records.models import Attachment, Link
from sla.models import Clock
from tests.cast import MONDAY, Cast, make_incident
from tests.incidents.ticket import HOUR, HTMX, ClientOf, do, resolved, url, verbs

# of the ticket page, however long its conversation
QUERIES = 27  # with what the panels of other apps ask


# --- reading ---------------------------------------------------------------------------------


@pytest.mark.req("INC-03", "SD-12")
def test_the_page_shows_facts_every_target_and_the_conversation(cast: Cast, alice: Client) -> None:
    incident = make_incident(cast, category="Mail", site="Floor 3")
    services.comment(
        incident, text="We look at it.", is_public=True, actor=cast.alice.actor, now=MONDAY + HOUR
    )
    page = alice.get(url(incident))
    assert page.status_code == 200
    html = page.content.decode()
    for words in (
        "Cannot send mail",
        "Acme",
        "Rita",
        "Floor 3",
        "Moderate",
        "We look at it.",
        "rita@example.org",
    ):
        assert words in html
    shown = {row["chip"].metric for row in page.context["targets"]}
    assert shown == {"first_response", "next_update", "resolution"}
    assert page.context["recipients"] == "Rita"
    assert "nothing leaves the outbox" in html


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_pages_render_in_every_language(cast: Cast, client_of: ClientOf, language: str) -> None:
    cast.alice.language = language
    cast.alice.save()
    client, ticket = client_of(cast.alice), resolved(cast)
    assert client.get(url(ticket)).headers["Content-Language"] == language
    for address in (url(ticket), url(ticket, "reopen"), "/incidents/new/", "/incidents/new/preview/"):
        assert client.get(address).status_code == 200


def test_numbers_are_read_in_any_case_and_unknown_ones_are_404(incident: Incident, alice: Client) -> None:
    moved = alice.get(f"/incidents/{incident.number.lower()}/")
    assert (moved.status_code, moved.headers["Location"]) == (302, url(incident))
    assert alice.get("/incidents/INC9999999/").status_code == 404
    assert alice.get(url(incident, "explode")).status_code == 404


def test_customers_programs_and_strangers_do_not_get_in(
    cast: Cast, incident: Incident, client_of: ClientOf
) -> None:
    addresses = [
        url(incident),
        "/incidents/new/",
        "/incidents/new/preview/",
        *(url(incident, a) for a in ACTS),
    ]
    for user in (cast.rita, cast.carla, cast.charlie, cast.robot):
        client = client_of(user)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code in (302, 403), address
            assert answer.status_code == 403 or answer.headers["Location"].startswith("/portal/")
            assert "Cannot send mail" not in answer.content.decode()
        for action in (*ACTS, "comment"):
            assert client.post(url(incident, action), {"body": "x", "version": 1}).status_code == 403
    nobody = Client()
    for address in addresses:
        assert nobody.get(address).headers["Location"].startswith("/accounts/login/")
    assert verbs(incident) == ["incident.open"]


def test_an_agent_of_other_customers_sees_nothing(
    cast: Cast, incident: Incident, client_of: ClientOf
) -> None:
    cast.bob.grants.update(organisation=cast.globex)
    client = client_of(cast.bob)
    assert client.get(url(incident)).status_code == 404
    assert do(client, incident, "start").status_code == 404
    assert verbs(incident) == ["incident.open"]


def count(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_page_takes_a_fixed_number_of_queries(cast: Cast, alice: Client) -> None:
    ticket = make_incident(cast, reporter=cast.carla)
    make_incident(cast)
    services.link(ticket, make_incident(cast), kind=Link.Type.RELATED, actor=cast.alice.actor, now=MONDAY)
    short = count(alice, url(ticket))
    for minute in range(120):
        services.comment(
            ticket, text=f"note {minute}", is_public=minute % 2 == 0, actor=cast.alice.actor,
            now=MONDAY + timedelta(minutes=minute),
        )  # fmt: skip
    long = count(alice, url(ticket))
    assert long <= QUERIES
    assert long <= short + 1
    page = alice.get(url(ticket))
    assert len(page.context["history"].entries) == 100
    before = alice.get(url(ticket), {"before": page.context["history"].older})
    assert "note 0" in before.content.decode()


# --- talking ---------------------------------------------------------------------------------


@pytest.mark.req("SD-04", "SD-08")
def test_a_reply_is_public_and_a_note_is_not(cast: Cast, incident: Incident, alice: Client) -> None:
    file = SimpleUploadedFile("log.txt", b"lines")
    words = {"body": "Looking at it.", "visibility": "public", "attachments": file}
    assert alice.post(url(incident, "comment"), words).status_code == 302
    assert alice.post(url(incident, "comment"), {"body": "Odd.", "visibility": "internal"}).status_code == 302
    public = dict(incident.activities.values_list("verb", "is_public"))
    assert (public["record.replied"], public["record.noted"]) == (True, False)
    assert Attachment.objects.get(record=incident.pk).is_public
    assert Clock.objects.get(record=incident.pk, metric="first_response").state == "stopped"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"body": " ", "visibility": "public"}, "Write something"),
        ({"body": "x" * 50_001, "visibility": "public"}, "50000"),
        ({"body": "hello", "visibility": "loud"}, "loud"),
        ({"body": "hello"}, "required"),
    ],
)
def test_a_refused_message_is_not_lost(
    incident: Incident, alice: Client, words: dict[str, str], said: str
) -> None:
    for headers in ({}, HTMX):
        answer = alice.post(url(incident, "comment"), words, headers=headers)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert said in html
        assert words["body"].strip() in html
    assert verbs(incident) == ["incident.open"]


def test_a_hostile_file_is_refused_with_the_words_kept(incident: Incident, alice: Client) -> None:
    file = SimpleUploadedFile("run.exe", b"MZ")
    words = {"body": "See the file.", "visibility": "internal", "attachments": file}
    answer = alice.post(url(incident, "comment"), words)
    assert answer.status_code == 422
    assert "See the file." in answer.content.decode()
    assert not Attachment.objects.exists()
