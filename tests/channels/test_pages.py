"""The desk's pages of mail: who sees which, and what may be decided once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Grant, User
from channels.models import MailDomain, MailMessage
from incidents.models import Incident
from tests.cast import MONDAY, Cast, make_incident
from tests.channels.post import letter, make_mailbox, receive

LATER = MONDAY + timedelta(minutes=5)


def stranger(cast: Cast, **over: Any) -> MailMessage:
    box = make_mailbox(address=f"desk{MailMessage.objects.count()}@example.net")
    return receive(
        box, letter(**{"sender": "New Person <new@acme.example>", "subject": "Help, please", **over})
    )


def act(client: Client, row: MailMessage, name: str, **given: Any) -> Any:
    data = {f"{name}-{key}": value for key, value in given.items()}
    return client.post(f"/mail/{row.pk}/{name}/", data)


def test_the_list_shows_what_waits_and_the_page_what_it_says(cast: Cast, client_of: Any) -> None:
    row = stranger(cast, text="<b>bold</b> & <script>alert(1)</script>")
    desk = client_of(cast.alice)
    listed = desk.get("/mail/").content.decode()
    assert "Help, please" in listed
    assert "nobody knows the sender" in listed
    assert "Help, please" not in desk.get("/mail/?show=tickets").content.decode()
    assert "Help, please" in desk.get("/mail/?show=all&sender=NEW@acme.example").content.decode()
    assert "No mail fits." in desk.get("/mail/?sender=other@acme.example").content.decode()
    page = desk.get(f"/mail/{row.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_html_is_shown_without_scripts_and_pictures(cast: Cast, client_of: Any) -> None:
    message = letter(sender="x@nowhere.example", text="plain")
    html = '<p onclick="x()">Hi<img src="http://evil.example/pixel"><script>alert(1)</script></p>'
    message.add_alternative(html, subtype="html")
    row = receive(make_mailbox(), message)
    page = client_of(cast.alice).get(f"/mail/{row.pk}/").content.decode()
    assert "As it was formatted" in page
    for bad in ("evil.example", "onclick", "alert(1)"):
        assert bad not in page


def test_the_list_is_read_page_by_page(
    cast: Cast, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    box = make_mailbox(most_per_hour=1000)
    for n in range(53):
        receive(box, letter(sender="x@nowhere.example", subject=f"Nr {n:02d}", text=f"{n}"))
    desk = client_of(cast.alice)
    first = desk.get("/mail/").content.decode()
    assert "Nr 52" in first
    assert "Nr 02" not in first
    oldest = MailMessage.objects.order_by("pk")[3].pk
    with django_assert_max_num_queries(16):
        second = desk.get(f"/mail/?show=waiting&before={oldest}").content.decode()
    assert "Nr 02" in second
    assert "Nr 03" not in second


def test_the_original_is_a_download_of_the_very_bytes(cast: Cast, client_of: Any) -> None:
    sent = letter(sender="x@nowhere.example")
    row = receive(make_mailbox(), sent)
    response = client_of(cast.alice).get(f"/mail/{row.pk}/original/")
    assert b"".join(response.streaming_content) == bytes(sent)
    assert response["Content-Disposition"] == f'attachment; filename="mail-{row.pk}.eml"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_an_agent_opens_a_ticket_for_a_customer_and_the_sender_becomes_a_contact(
    cast: Cast, client_of: Any
) -> None:
    row = stranger(cast)
    desk = client_of(cast.alice)
    assert act(desk, row, "open", title="Help").status_code == 422
    done = act(desk, row, "open", customer=cast.acme.pk, title="Help")
    incident = Incident.objects.get()
    assert done["Location"] == f"/incidents/{incident.number}/"
    assert (incident.customer, incident.channel, incident.owner) == (cast.acme, "email", cast.alice)
    person = incident.requester
    assert (person.email, person.display_name, person.organisation) == (
        "new@acme.example",
        "New Person",
        cast.acme,
    )
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.record_id) == ("opened", cast.alice, incident.pk)
    again = act(desk, row, "open", customer=cast.acme.pk, title="Help")
    assert again.status_code == 422
    assert "decided on this mail already" in again.content.decode()
    assert Incident.objects.count() == 1


def test_a_known_address_of_another_customer_is_not_made_a_contact(cast: Cast, client_of: Any) -> None:
    row = stranger(cast, sender="alice@example.org")
    refused = act(client_of(cast.bob), row, "open", customer=cast.acme.pk, title="Help")
    assert refused.status_code == 422
    assert "not an active person of Acme" in refused.content.decode()
    done = act(client_of(cast.bob), row, "open", customer=cast.acme.pk, requester=cast.rita.pk, title="Help")
    assert done.status_code == 302
    assert Incident.objects.get().requester == cast.rita


def test_added_to_a_ticket_a_strangers_mail_is_an_internal_note_that_stops_no_clock(
    cast: Cast, client_of: Any
) -> None:
    incident = make_incident(cast)
    row = stranger(cast, text="From the supplier")
    desk = client_of(cast.alice)
    assert act(desk, row, "attach", number="INC9999999").status_code == 422
    assert act(desk, row, "attach", number=f" {incident.number.lower()} ").status_code == 302
    note = incident.activities.get(verb="record.noted")
    assert note.text.startswith("Mail from New Person <new@acme.example>:")
    assert "From the supplier" in note.text
    assert incident.clocks.get(metric="first_response").stopped_at is None


def test_added_to_her_own_ticket_a_mail_is_her_answer(cast: Cast, client_of: Any) -> None:
    incident = make_incident(cast)
    row = receive(make_mailbox(most_per_hour=1), letter(text="first"))
    held = receive(row.mailbox, letter(text="It is about the printer"))
    assert held.state == "held"
    assert act(client_of(cast.alice), held, "attach", number=incident.number).status_code == 302
    said = incident.activities.get(verb="record.asked")
    assert (said.actor, said.text, said.data["mail"]) == (cast.rita, "It is about the printer", held.pk)


def test_discarding_wants_a_reason_and_keeps_the_mail(cast: Cast, client_of: Any) -> None:
    row = stranger(cast)
    desk = client_of(cast.alice)
    assert act(desk, row, "discard", reason=" ").status_code == 422
    assert act(desk, row, "discard", reason="Advertising").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decision_note) == ("discarded", "Advertising")
    assert "Advertising" in desk.get(f"/mail/{row.pk}/").content.decode()
    assert "Help, please" in desk.get("/mail/?show=discarded").content.decode()
    assert not Incident.objects.exists()


def test_the_rules_decide_again_after_a_domain_was_added_and_let_held_mail_through(
    cast: Cast, client_of: Any
) -> None:
    row = stranger(cast)
    desk = client_of(cast.alice)
    act(desk, row, "again")
    row.refresh_from_db()
    assert row.reason == "unknown"
    MailDomain.objects.create(domain="acme.example", customer=cast.acme, makes_contacts=True)
    act(desk, row, "again")
    row.refresh_from_db()
    assert (row.state, Incident.objects.get().requester.email) == ("opened", "new@acme.example")
    box = make_mailbox(most_per_hour=1)
    receive(box, letter(text="1"))
    held = receive(box, letter(text="2"))
    act(desk, held, "again")
    held.refresh_from_db()
    assert held.state == "opened"


def test_who_works_for_one_customer_sees_its_mail_only(cast: Cast, client_of: Any) -> None:
    MailDomain.objects.create(domain="acme.example", customer=cast.acme)
    ours = stranger(cast)
    theirs = receive(make_mailbox(), letter(sender="charlie@example.org"))
    nobodys = receive(theirs.mailbox, letter(sender="x@nowhere.example", subject="Whose?"))
    Grant.objects.filter(user=cast.bob).update(organisation=cast.acme)
    desk = client_of(User.objects.get(pk=cast.bob.pk))
    listed = desk.get("/mail/?show=all").content.decode()
    assert "Help, please" in listed
    assert "Printer is on fire" not in listed
    assert "Whose?" not in listed
    assert [desk.get(f"/mail/{m.pk}/").status_code for m in (ours, theirs, nobodys)] == [200, 404, 404]
    assert desk.get(f"/mail/{theirs.pk}/original/").status_code == 404
    assert act(desk, nobodys, "discard", reason="x").status_code == 404
    refused = act(desk, ours, "open", customer=cast.globex.pk, title="x")
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "path", ["/mail/?before=x&mailbox=y&show=z&sender=%00", "/mail/99999999999999999999/"]
)
def test_odd_addresses_are_no_errors(cast: Cast, client_of: Any, path: str) -> None:
    assert client_of(cast.alice).get(path).status_code in (200, 404)


def test_a_failing_mailbox_is_seen_on_the_list(cast: Cast, client_of: Any) -> None:
    make_mailbox(last_error="ConnectionRefusedError", failed_at=MONDAY)
    assert "could not be read" in client_of(cast.alice).get("/mail/").content.decode()
    assert "ConnectionRefusedError" not in client_of(cast.alice).get("/mail/").content.decode()
    assert "ConnectionRefusedError" in client_of(cast.admin).get("/mail/").content.decode()
