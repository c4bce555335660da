import smtplib
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

import incidents.services
from accounts import services as accounts_services
from accounts.models import User
from channels import email, tokens
from incidents.models import Incident, ResolutionCode
from records import delivery, services, tasks
from records.delivery import PermanentError
from records.models import Delivery
from tests.cast import MONDAY, Cast, make_incident

NOW = MONDAY + timedelta(minutes=10)


def everybody_wants_mail() -> None:
    User.objects.update(mail_level=User.MailLevel.ALL)


def mails_of(user: User) -> list[Delivery]:
    return list(Delivery.objects.filter(recipient=user, channel="email").order_by("pk"))


def send_all() -> int:
    """What a worker does, without waiting for back-offs."""
    Delivery.objects.filter(state="new").update(available_at=MONDAY)
    return tasks.deliver_pending()


def reply(cast: Cast, incident: Incident, text: str = "Have you tried again?") -> None:
    services.comment(incident, text=text, is_public=True, actor=cast.alice.actor, now=NOW)


def message_to(user: User) -> mail.EmailMultiAlternatives:
    found = [m for m in mail.outbox if user.email in m.to[0]]
    assert isinstance(found[-1], mail.EmailMultiAlternatives)
    return found[-1]


@pytest.mark.req("PLT-07", "SD-08")
def test_a_public_reply_reaches_the_customer_once_and_by_mail_once(cast: Cast) -> None:
    incident = make_incident(cast)
    send_all()
    mail.outbox.clear()
    reply(cast, incident)
    assert send_all() == 1
    assert send_all() == 0
    assert [m.to[0] for m in mail.outbox] == [f"Rita <{cast.rita.email}>"]
    assert mails_of(cast.rita)[-1].state == "sent"


def test_the_mail_says_what_happened_and_leads_to_the_portal(cast: Cast) -> None:
    incident = make_incident(cast)
    reply(cast, incident)
    send_all()
    message = message_to(cast.rita)
    assert message.subject == f"New reply to {incident.number}: Cannot send mail"
    assert "Have you tried again?" in message.body
    assert f"/portal/requests/{incident.number}/" in message.body
    assert f"/portal/requests/{incident.number}/" in str(message.alternatives[0][0])
    assert cast.alice.email not in message.body


def test_the_mail_to_staff_leads_to_the_desks_page(cast: Cast) -> None:
    everybody_wants_mail()
    incident = make_incident(cast, actor=cast.rita.actor)
    send_all()
    message = message_to(cast.bob)
    assert f"/incidents/{incident.number}/" in message.body
    assert "/portal/" not in message.body


@pytest.mark.req("PLT-01")
def test_each_person_reads_it_in_their_own_language_and_zone(cast: Cast) -> None:
    User.objects.filter(pk=cast.rita.pk).update(language="zh-hans", time_zone="Europe/Paris")
    incident = make_incident(cast)
    services.comment(incident, text="Hi", is_public=True, actor=cast.alice.actor, now=NOW)
    send_all()
    body = message_to(cast.rita).body
    assert "2026年3月2日 03:10 Europe/Paris" in body  # 10:10 in Shanghai


def test_an_attempt_after_a_crash_carries_the_same_message_id(cast: Cast) -> None:
    make_incident(cast)
    row = mails_of(cast.rita)[0]
    ids = {email.build(row).extra_headers["Message-ID"] for _n in range(2)}
    assert ids == {tokens.message_id(row)}
    assert tokens.deliveries_named(ids) == [row]


def test_headers_name_the_thread_and_stop_automatic_answers(cast: Cast) -> None:
    incident = make_incident(cast)
    reply(cast, incident)
    send_all()
    first, second = (m for m in mail.outbox if cast.rita.email in m.to[0])
    parsed = message_from_string(second.message().as_string(), policy=policy.default)
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert incident.number in parsed["List-Id"]
    assert first.extra_headers["References"] == second.extra_headers["References"]
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]


@pytest.mark.parametrize(
    "title", ["Hi\r\nBcc: evil@example.org", "Hi\u2028Bcc: evil@example.org", "a\u202eb" * 60]
)
def test_no_header_is_smuggled_in_by_a_title_or_a_name(cast: Cast, title: str) -> None:
    User.objects.filter(pk=cast.rita.pk).update(display_name='Rita"\r\nBcc: evil@example.org')
    make_incident(cast, title=title)
    send_all()
    parsed = message_from_string(mail.outbox[-1].message().as_string(), policy=policy.default)
    assert parsed["Bcc"] is None
    assert parsed["To"].addresses[0].addr_spec == cast.rita.email
    assert len(parsed["Subject"].strip()) <= 150


def test_what_a_customer_writes_is_text_in_the_html_part_too(cast: Cast) -> None:
    incident = make_incident(cast)
    reply(cast, incident, text="<script>alert(1)</script> & more")
    send_all()
    message = message_to(cast.rita)
    assert "<script>" not in str(message.alternatives[0][0])
    assert "&lt;script&gt;" in str(message.alternatives[0][0])
    assert "<script>alert(1)</script> & more" in message.body


def test_a_name_with_markup_is_escaped_in_the_lead(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(display_name="<b>Alice</b>")
    reply(cast, make_incident(cast))
    send_all()
    assert "<b>Alice</b>" not in str(message_to(cast.rita).alternatives[0][0])


def test_a_long_text_is_cut_and_the_mail_says_so(cast: Cast) -> None:
    reply(cast, make_incident(cast), text="long " * 5_000)
    send_all()
    body = message_to(cast.rita).body
    assert len(body) < 6_000
    assert "shortened" in body


def test_each_event_has_words_of_its_own(cast: Cast) -> None:
    incident = make_incident(cast)
    incidents.services.hold(incident, reason="customer", note="Which?", actor=cast.alice.actor, now=NOW)
    incidents.services.resolve(
        incident, code=ResolutionCode.SOLVED, steps="Done.", actor=cast.alice.actor, now=NOW
    )
    send_all()
    bodies = [m.body for m in mail.outbox if cast.rita.email in m.to[0]]
    assert "We have received your request" in bodies[0]
    assert "We need something from you" in bodies[1]
    assert "tell us on its page whether it works again" in bodies[2]


# --- when sending fails ----------------------------------------------------------------------


def refuse_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def send_messages(_self: Any, _messages: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)


def test_an_address_refused_for_good_is_given_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_incident(cast)
    refused = smtplib.SMTPRecipientsRefused({cast.rita.email: (550, b"no such user")})
    refuse_with(monkeypatch, refused)
    assert send_all() == 0
    row = mails_of(cast.rita)[0]
    assert (row.state, row.attempts) == ("dead", 1)
    assert "550" in row.last_error
    send_all()
    assert mails_of(cast.rita)[0].attempts == 1


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"x": (451, b"greylisted")}),
        smtplib.SMTPServerDisconnected("bye"),
        smtplib.SMTPSenderRefused(550, b"who are you", "desk"),
        ConnectionRefusedError("nobody there"),
        TimeoutError("too slow"),
    ],
)
def test_what_may_work_later_is_tried_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    make_incident(cast)
    with monkeypatch.context() as patch:
        refuse_with(patch, error)
        with time_machine.travel(NOW, tick=False):
            assert send_all() == 0
    row = mails_of(cast.rita)[0]
    assert (row.state, row.attempts) == ("new", 1)
    assert row.available_at == NOW + timedelta(seconds=10)
    send_all()
    assert mails_of(cast.rita)[0].state == "sent"
    assert len(mail.outbox) == len({m.to[0] for m in mail.outbox})


def test_a_server_that_stays_away_is_given_up_after_a_day_of_trying(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_incident(cast)
    refuse_with(monkeypatch, ConnectionRefusedError("nobody there"))
    for _n in range(delivery.GIVE_UP_AFTER + 1):
        send_all()
    row = mails_of(cast.rita)[0]
    assert (row.state, row.attempts) == ("dead", delivery.GIVE_UP_AFTER)


def test_who_left_between_planning_and_sending_gets_nothing(cast: Cast) -> None:
    make_incident(cast)
    accounts_services.deactivate(cast.rita, actor=cast.admin.actor)
    send_all()
    assert mails_of(cast.rita)[0].state == "dead"
    assert not any(cast.rita.email in m.to[0] for m in mail.outbox)


def test_who_moved_to_another_organisation_gets_nothing_of_the_old_one(cast: Cast) -> None:
    make_incident(cast)
    User.objects.filter(pk=cast.rita.pk).update(organisation=cast.globex)
    send_all()
    assert mails_of(cast.rita)[0].state == "dead"
    assert not any(cast.rita.email in m.to[0] for m in mail.outbox)


def test_what_is_internal_never_leaves_for_a_customer(cast: Cast) -> None:
    incident = make_incident(cast)
    note = services.comment(incident, text="fool", is_public=False, actor=cast.alice.actor, now=NOW)
    row = Delivery(
        activity=note, recipient=cast.rita, customer=cast.acme, channel="email", available_at=timezone.now()
    )
    with pytest.raises(PermanentError):
        email.build(row)
