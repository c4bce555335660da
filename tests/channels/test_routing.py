"""Where mails go: by sign and sender, never by subject; what cannot be placed waits for the desk."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail as outbox

import incidents.services
from accounts.models import Grant, User
from channels import answers, email, tokens
from channels.models import MailDomain, MailMessage
from incidents.models import Incident, ResolutionCode
from records import services, tasks
from records.models import Activity, Delivery, Link
from tests.cast import MONDAY, Cast, make_incident, make_user
from tests.channels.post import letter, make_mailbox, receive

LATER = MONDAY + timedelta(minutes=30)


def answer_address(incident: Incident, user: User) -> str:
    """Where an answer of this person to a mail of ours goes."""
    return answers.address_for(incident, user)


def only_incident() -> Incident:
    found: Incident = Incident.objects.get()
    return found


@pytest.mark.req("SD-01", "SD-02", "SD-32")
def test_a_mail_of_a_known_person_opens_a_ticket_by_mail_in_her_name(cast: Cast) -> None:
    box = make_mailbox(service=cast.mail)
    row = receive(box, letter(subject="Re: 答复: Printer is on fire"), now=LATER, at=MONDAY)
    incident = only_incident()
    assert (row.state, row.record_id, row.customer) == ("opened", incident.pk, cast.acme)
    assert incident.title == "Printer is on fire"
    assert (incident.channel, incident.requester, incident.customer) == ("email", cast.rita, cast.acme)
    assert (incident.service, incident.team) == (cast.mail, cast.desk)
    assert incident.opened_at == MONDAY, "it counts from its arrival, not from when it was looked at"
    assert "It burns since nine." in incident.description
    opening = incident.activities.get(verb="incident.open")
    assert (opening.actor, opening.data["mail"], row.activity) == (cast.rita, row.pk, opening)


def test_she_is_told_the_number_once_in_answer_to_her_mail_and_without_her_own_words(cast: Cast) -> None:
    sent = letter(subject="Win at http://evil.example")
    receive(make_mailbox(), sent, now=LATER)
    tasks.deliver_pending()
    told = [m for m in outbox.outbox if cast.rita.email in m.to[0]]
    assert len(told) == 1
    incident = only_incident()
    assert told[0].subject == f"{incident.number}: we have received your mail"
    assert "evil" not in told[0].body
    assert told[0].extra_headers["In-Reply-To"] == sent["Message-ID"]
    assert told[0].extra_headers["Auto-Submitted"] == "auto-generated"
    assert tokens.token_in(told[0].reply_to) == tokens.Token(incident.number, cast.rita.pk)
    assert "You can answer this mail" in told[0].body
    assert incident.clocks.get(metric="first_response").stopped_at is None, "no answer of a person yet"


def test_confirmations_stop_where_there_may_be_a_loop(cast: Cast) -> None:
    box = make_mailbox(most_per_hour=100)
    for _n in range(8):
        receive(box, letter())
    assert Incident.objects.count() == 8
    assert Activity.objects.filter(verb="mail.acknowledged").count() == 5


@pytest.mark.req("SD-32", "SD-08")
def test_an_answer_to_our_address_joins_its_ticket_without_what_it_quotes(cast: Cast) -> None:
    box, incident = make_mailbox(), make_incident(cast)
    text = "It works again!\n\nOn Mon, 2 Mar 2026 at 10:00, Service desk <desk@example.net> wrote:\n> Hello"
    row = receive(
        box, letter(to=answer_address(incident, cast.rita), text=text, subject="whatever"), now=LATER
    )
    assert (row.state, row.record_id) == ("joined", incident.pk)
    said = Activity.objects.get(verb="record.asked")
    assert (said.text, said.actor, said.is_public) == ("It works again!", cast.rita, True)
    assert "> Hello" in row.text, "what was quoted is still to be had"
    assert Incident.objects.count() == 1


def test_an_answer_that_names_a_mail_of_ours_joins_too(cast: Cast) -> None:
    box, incident = make_mailbox(has_subaddresses=False), make_incident(cast)
    sent = Delivery.objects.get(recipient=cast.rita, channel="email")
    assert answer_address(incident, cast.rita) == box.address
    named = email.build(sent).extra_headers["Message-ID"]
    row = receive(box, letter(References=f"<x@y> {named} <z@y>"), now=LATER)
    assert (row.state, row.record_id) == ("joined", incident.pk)


def test_a_subject_or_an_invented_sign_never_joins(cast: Cast) -> None:
    box, incident = make_mailbox(), make_incident(cast)
    sent = Delivery.objects.filter(recipient=cast.rita, channel="email").first()
    assert sent is not None
    true = answer_address(incident, cast.rita)
    forged = true[: true.index("@") - 1] + ("a" if true[true.index("@") - 1] != "a" else "b")
    letters = [
        letter(subject=f"[{incident.number}] {incident.title}"),
        letter(In_Reply_To=f"<{sent.pk}.aaaaaaaaaaaaaaaaaaaa@localhost>"),
        letter(In_Reply_To=f"<{incident.number.lower()}@localhost>"),
        letter(to=f"{forged}@example.net"),
        letter(to=true.replace(incident.number.lower(), "inc0000001")),
        letter(to=true.replace(f"-{cast.rita.pk}-", f"-{cast.carla.pk}-")),
    ]
    states = [receive(box, each, now=LATER).state for each in letters]
    assert states == ["opened", "opened", "opened", "quarantined", "quarantined", "quarantined"]
    assert not incident.activities.filter(verb="record.asked").exists()
    assert set(MailMessage.objects.filter(state="quarantined").values_list("reason", flat=True)) == {
        "bad_token"
    }


@pytest.mark.parametrize("name", ["charlie", "nobody", "bob"])
def test_who_has_no_part_in_the_ticket_does_not_join_it_even_with_its_address(cast: Cast, name: str) -> None:
    """charlie is another customer's; bob may see the ticket, but this address was rita's."""
    box, incident = make_mailbox(), make_incident(cast)
    before = incident.activities.count()
    row = receive(
        box, letter(sender=f"{name}@example.org", to=answer_address(incident, cast.rita)), now=LATER
    )
    assert (row.state, row.reason, row.detail) == ("quarantined", "stranger", incident.number)
    assert incident.activities.count() == before
    assert Incident.objects.count() == 1


def test_five_hundred_forged_mixtures_join_nothing(cast: Cast) -> None:
    """Sender, address and subject of different people and tickets, in every mixture but the true one."""
    box, incident = make_mailbox(most_per_hour=10_000), make_incident(cast)
    theirs = make_incident(cast, customer=cast.globex, requester=cast.charlie)
    own = {u: answer_address(i, u) for i, u in ((incident, cast.rita), (theirs, cast.charlie))}
    wrong = [own[cast.charlie], own[cast.rita].replace("+", "+x"), "desk@example.net"]
    senders = ["charlie@example.org", "rita@example.org.evil.example", "mallory@evil.example"]
    before = incident.activities.count()
    count = 0
    for n in range(56):
        for sender in senders:
            for to in [own[cast.rita], *wrong][: 3 if sender.startswith("charlie") else 4]:
                if sender.startswith("charlie") and to == own[cast.charlie]:
                    continue
                mixture = letter(sender=sender, to=to, subject=f"Re: {incident.number} {n}", text=f"{n}")
                row = receive(box, mixture, now=LATER)
                count += 1
                assert row.record_id != incident.pk
    assert count >= 500
    assert incident.activities.count() == before


def test_carla_who_may_write_in_the_portal_may_answer_by_mail_unless_the_mailbox_says_no(cast: Cast) -> None:
    box, incident = make_mailbox(), make_incident(cast)
    to = answer_address(incident, cast.rita)
    assert receive(box, letter(sender="carla@example.org", to=to), now=LATER).state == "joined"
    box.joins = "recipient"
    box.save()
    assert receive(box, letter(sender="carla@example.org", to=to), now=LATER).reason == "stranger"
    assert receive(box, letter(to=to), now=LATER).state == "joined"


def test_a_colleague_joins_only_where_the_mailbox_lets_everybody_of_the_organisation_in(cast: Cast) -> None:
    make_user("tom", cast.acme, "customer")  # type: ignore[arg-type]
    MailDomain.objects.create(domain="acme.example", customer=cast.acme, makes_contacts=True)
    box, incident = make_mailbox(), make_incident(cast)
    to = answer_address(incident, cast.rita)
    assert receive(box, letter(sender="tom@example.org", to=to), now=LATER).reason == "stranger"
    box.joins = "colleagues"
    box.save()
    assert receive(box, letter(sender="tom@example.org", to=to), now=LATER).state == "joined"
    assert receive(box, letter(sender="new@acme.example", to=to), now=LATER).state == "joined"
    assert receive(box, letter(sender="charlie@example.org", to=to), now=LATER).reason == "stranger"


def test_an_agents_answer_becomes_an_internal_note_unless_the_mailbox_makes_it_public(cast: Cast) -> None:
    box, incident = make_mailbox(), make_incident(cast)
    to = answer_address(incident, cast.bob)
    receive(box, letter(sender="bob@example.org", to=to, text="psst"), now=LATER)
    assert incident.activities.get(text="psst").verb == "record.noted"
    box.staff_answers_are_public = True
    box.save()
    receive(box, letter(sender="bob@example.org", to=to, text="Dear Rita"), now=LATER)
    assert incident.activities.get(text="Dear Rita").verb == "record.replied"


def resolved(cast: Cast) -> Incident:
    incident = make_incident(cast)
    return incidents.services.resolve(
        incident, code=ResolutionCode.values[0], steps="Restarted it.", actor=cast.alice.actor, now=LATER
    )


def test_an_answer_to_a_solved_ticket_reopens_it(cast: Cast) -> None:
    box, incident = make_mailbox(), resolved(cast)
    receive(box, letter(to=answer_address(incident, cast.rita), text="Still broken"), now=LATER)
    incident.refresh_from_db()
    assert (incident.state, incident.reopen_count) == ("in_progress", 1)
    assert incident.activities.filter(verb="record.asked", text="Still broken").exists()


def test_an_answer_to_a_closed_ticket_opens_a_new_one_that_points_to_it(cast: Cast) -> None:
    box, incident = make_mailbox(), resolved(cast)
    incidents.services.confirm(incident, actor=cast.rita.actor, now=LATER, close_too=True)
    row = receive(box, letter(to=answer_address(incident, cast.rita), text="Again!"), now=LATER)
    incident.refresh_from_db()
    assert incident.state == "closed"
    assert row.state == "opened"
    assert row.record_id != incident.pk
    assert Link.objects.filter(source=row.record_id, target=incident).exists()


AUTOMATIC: list[dict[str, str]] = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated; x=1"},
    {"Precedence": "bulk"},
    {"Return_Path": "<>"},
    {"X_Autoreply": "yes"},
    {"subject": "自动回复: 休假中"},
    {"subject": "Automatic reply: away"},
    {"subject": "Out of Office: away"},
    {"X_Auto_Response_Suppress": "All", "In_Reply_To": "<some@where>"},
    {"List_Id": "<list.example.org>"},
]


@pytest.mark.parametrize("headers", AUTOMATIC, ids=str)
def test_automatic_mail_opens_nothing_joins_nothing_and_is_not_answered(cast: Cast, headers: Any) -> None:
    box, incident = make_mailbox(), resolved(cast)
    count = Activity.objects.count()
    for to in (box.address, answer_address(incident, cast.rita)):
        row = receive(box, letter(**{"to": to, **headers}), now=LATER)
        assert row.state == "automatic"
    incident.refresh_from_db()
    assert incident.state == "resolved"
    assert Activity.objects.count() == count


def bounce(about: str, *, action: str = "failed") -> bytes:
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: desk@example.net\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\nMessage-ID: <b@mx>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; rita@example.org\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--B\r\nContent-Type: message/rfc822\r\n\r\n{about}\r\n\r\nHello\r\n--B--\r\n"
    ).encode()


def test_a_mail_that_comes_back_is_noted_on_its_delivery_and_told_to_the_desk_alone(cast: Cast) -> None:
    box, incident = make_mailbox(), resolved(cast)
    tasks.deliver_pending()
    sent = Delivery.objects.filter(recipient=cast.rita, channel="email", state="sent").first()
    assert sent is not None
    row = receive(box, bounce(f"Message-ID: {tokens.message_id(sent)}\r\nSubject: x"), now=LATER)
    sent.refresh_from_db()
    incident.refresh_from_db()
    assert (row.state, row.delivery_id, row.record_id) == ("bounce", sent.pk, incident.pk)
    assert (sent.state, sent.last_error) == ("dead", "returned: 550 no such user")
    assert incident.state == "resolved"
    told = incident.activities.get(verb="record.undelivered")
    assert not told.is_public
    assert not incident.activities.filter(verb="record.asked").exists()
    assert Incident.objects.count() == 1


def test_news_of_a_delay_and_an_invented_bounce_change_nothing(cast: Cast) -> None:
    box, incident = make_mailbox(), make_incident(cast)
    tasks.deliver_pending()
    sent = Delivery.objects.get(recipient=cast.rita, channel="email")
    late = receive(box, bounce(f"Message-ID: {tokens.message_id(sent)}", action="delayed"), now=LATER)
    fake = receive(box, bounce(f"Message-ID: <{sent.pk}.aaaaaaaaaaaaaaaaaaaa@localhost>"), now=LATER)
    sent.refresh_from_db()
    assert (late.state, fake.state, sent.state) == ("bounce", "bounce", "sent")
    assert not incident.activities.filter(verb="record.undelivered").exists()


def test_loops_are_broken_our_own_mail_and_too_many_of_one_sender(cast: Cast) -> None:
    box, incident = make_mailbox(most_per_hour=3), make_incident(cast)
    sent = Delivery.objects.get(recipient=cast.rita, channel="email")
    back = letter()
    del back["Message-ID"]
    back["Message-ID"] = tokens.message_id(sent)
    assert receive(box, back, now=LATER).reason == "own"
    assert receive(box, letter(sender="desk@example.net"), now=LATER).reason == "own"
    states = [receive(box, letter(text=f"{n}"), now=LATER).state for n in range(5)]
    assert states == ["opened"] * 3 + ["held"] * 2
    hour_later = LATER + timedelta(minutes=61)
    assert receive(box, letter(), now=hour_later).state == "opened"
    assert incident.activities.filter(verb="record.asked").count() == 0


def test_the_same_mail_by_two_ways_is_one_ticket(cast: Cast) -> None:
    one, two = make_mailbox(), make_mailbox(address="help@example.net")
    sent = letter()
    first = receive(one, sent)
    again = receive(one, b"Received: from elsewhere\r\n" + bytes(sent))
    other = receive(two, b"Received: from another\r\n" + bytes(sent))
    assert [first.state, again.state, other.state] == ["opened", "duplicate", "duplicate"]
    assert again.record_id == other.record_id == first.record_id
    assert Incident.objects.count() == 1


def test_unknown_senders_wait_unless_their_domain_or_the_mailbox_says_whose_they_are(cast: Cast) -> None:
    box = make_mailbox()
    assert receive(box, letter(sender="x@nowhere.example")).reason == "unknown"
    rule = MailDomain.objects.create(domain="acme.example", customer=cast.acme)
    row = receive(box, letter(sender="y@acme.example"))
    assert (row.reason, row.customer) == ("unknown", cast.acme)
    rule.makes_contacts = True
    rule.save()
    row = receive(box, letter(sender='"Yi http://evil.example" <Y@acme.example>'))
    user = User.objects.get(email="y@acme.example")
    assert (row.state, row.record and row.record.requester) == ("opened", user)
    assert (user.organisation, user.display_name, user.has_usable_password()) == (cast.acme, "y", False)
    theirs = make_mailbox(address="globex@example.net", customer=cast.globex)
    row = receive(theirs, letter(sender="z@nowhere.example"))
    assert (row.state, row.customer) == ("opened", cast.globex)


def test_colleagues_closed_accounts_and_shared_addresses_wait_for_the_desk(cast: Cast) -> None:
    box = make_mailbox()
    assert receive(box, letter(sender="alice@example.org")).reason == "colleague"
    twin = make_user("twin", cast.acme)
    User.objects.filter(pk=twin.pk).update(email="rita@example.org")
    assert receive(box, letter()).reason == "several"
    User.objects.filter(email="rita@example.org").update(is_active=False)
    assert receive(box, letter()).reason == "inactive"
    Grant.objects.filter(user=cast.carla).delete()
    row = receive(box, letter(sender="carla@example.org"))
    assert (row.state, row.reason) == ("quarantined", "refused")
    assert not Incident.objects.exists()


def test_a_sender_our_own_server_found_forged_is_put_aside_others_words_do_not_count(cast: Cast) -> None:
    box = make_mailbox(trusted_server="mx.example.net")
    fails, passes = "mx.example.net; dmarc=fail header.from=x", "mx.example.net; dmarc=pass; spf=fail"

    def state(*results: str) -> str:
        message = letter()
        for each in results:
            message["Authentication-Results"] = each
        return receive(box, message).reason

    assert state(fails) == state(fails, passes) == "forged"
    assert state("mx.example.net; spf=fail smtp.mailfrom=x") == "forged"
    assert state(passes) == state("evil.example; dmarc=fail") == state() == ""


def test_several_senders_or_none_is_no_mail_that_can_be_answered(cast: Cast) -> None:
    box = make_mailbox()
    two = EmailMessage()
    two["From"] = "rita@example.org, carla@example.org"
    two.set_content("x")
    nobody = b"Subject: hi\r\n\r\nhello"
    doubled = b"From: rita@example.org\r\nFrom: mallory@evil.example\r\nSubject: hi\r\n\r\nhello"
    rows = [receive(box, each) for each in (two, nobody, doubled, b"\x00\x01\x02")]
    assert {(row.state, row.reason) for row in rows} == {("quarantined", "unreadable")}
    assert rows[1].subject == "hi"


def test_deciding_twice_is_deciding_once(cast: Cast) -> None:
    from channels import intake

    row = receive(make_mailbox(), letter())
    assert intake.process(row.pk, now=LATER) == ""
    assert Incident.objects.count() == 1


def test_the_customer_sees_that_it_came_by_mail_and_the_desk_its_original(cast: Cast, client_of: Any) -> None:
    row = receive(make_mailbox(), letter())
    number = only_incident().number
    desk = client_of(cast.alice).get(f"/incidents/{number}/").content.decode()
    portal = client_of(cast.rita).get(f"/portal/requests/{number}/").content.decode()
    assert f'href="/mail/{row.pk}/"' in desk
    assert "by e-mail" in desk
    assert "/mail/" not in portal


def test_comments_by_page_do_not_say_they_came_by_mail(cast: Cast, client_of: Any) -> None:
    incident = make_incident(cast)
    services.comment(incident, text="Hello", is_public=True, actor=cast.rita.actor, now=LATER)
    assert "by e-mail" not in client_of(cast.alice).get(f"/incidents/{incident.number}/").content.decode()
