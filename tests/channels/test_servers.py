"""Mail through a real SMTP and IMAP server: the whole way, broken mails, and fetchers that are killed."""

import json
import os
import smtplib
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from channels import answers, fetching, intake, tasks
from channels.models import Mailbox, MailMessage
from incidents.models import Incident
from records import services
from records.models import Activity, Delivery
from records.tasks import deliver_pending
from tests.cast import Cast, make_incident
from tests.channels import fuzz
from tests.channels.post import letter, make_mailbox
from tests.channels.servers import PASSWORD, Servers


def box_on(post: Servers, **over: Any) -> Mailbox:
    return make_mailbox(**{"port": post.imap, "host": "127.0.0.1", "uidvalidity": None, **over})


def send(
    post: Servers, message: EmailMessage | bytes, *, sender: str = "rita@example.org", to: str = ""
) -> None:
    raw = message if isinstance(message, bytes) else bytes(message)
    wanted = to or str(message["To"] if isinstance(message, EmailMessage) else "desk@example.net")
    with smtplib.SMTP("127.0.0.1", post.smtp, timeout=20) as server:
        server.sendmail(sender, [wanted], raw)


def fetch(box: Mailbox) -> int:
    count = fetching.fetch(box)
    tasks.process_mail()
    box.refresh_from_db()
    return count


@pytest.fixture
def by_smtp(post: Servers, settings: Any) -> None:
    """Our own mails go out through the real server too."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.smtp
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "Service desk <desk@example.net>"


@pytest.mark.req("SD-32", "SD-01", "SD-08", "INC-24")
@pytest.mark.usefixtures("by_smtp")
def test_a_conversation_by_mail_from_the_first_word_to_the_answer(cast: Cast, post: Servers) -> None:
    box = box_on(post, service=cast.mail)
    send(post, letter(subject="邮件发不出去", text="从今天早上开始。"))
    post.wait("desk", 1)
    assert fetch(box) == 1
    incident = Incident.objects.get()
    assert (incident.title, incident.channel) == ("邮件发不出去", "email")
    deliver_pending()
    told = message_from_bytes(post.wait("rita", 1)[0], policy=policy.default)
    assert incident.number in told["Subject"]

    answer = letter(
        to=str(told["Reply-To"]), subject="Re: x", text=f"补充：用的是 Outlook。\n\n> {told['Subject']}"
    )
    send(post, answer)
    post.wait("desk", 2)
    fetch(box)
    assert Activity.objects.get(verb="record.asked").text == "补充：用的是 Outlook。"

    services.comment(
        incident, text="请重启 Outlook。", is_public=True, actor=cast.alice.actor, now=timezone.now()
    )
    deliver_pending()
    replied = message_from_bytes(post.wait("rita", 2)[1], policy=policy.default)
    body = replied.get_body(("plain",))
    assert body is not None
    assert "请重启 Outlook。" in body.get_content()

    by_reference = letter(subject="Re: y", text="好了，谢谢！", In_Reply_To=str(replied["Message-ID"]))
    send(post, by_reference)
    post.wait("desk", 3)
    fetch(box)
    assert Activity.objects.filter(verb="record.asked", text="好了，谢谢！").exists()
    assert Incident.objects.count() == 1
    assert fetch(box) == 0, "nothing comes twice"


@pytest.mark.usefixtures("by_smtp")
def test_what_the_real_server_sends_back_is_noted_on_the_delivery(cast: Cast, post: Servers) -> None:
    box = box_on(post)
    cast.rita.email = "gone@example.org"
    cast.rita.save()
    incident = make_incident(cast)
    deliver_pending()
    post.wait("desk", 1)
    fetch(box)
    row = MailMessage.objects.get()
    sent = Delivery.objects.get(recipient=cast.rita, channel="email")
    assert (row.state, row.delivery_id) == ("bounce", sent.pk)
    assert sent.state == "dead"
    assert "User doesn't exist" in sent.last_error
    assert incident.activities.filter(verb="record.undelivered").count() == 1
    assert Incident.objects.count() == 1


@pytest.mark.django_db
def test_mails_are_left_moved_or_deleted_only_after_they_were_stored(
    cast: Cast, post: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with post.login("desk") as folder:
        folder.create("Done")
    box = box_on(post)

    def flags() -> bytes:
        with post.login("desk") as server:
            return bytes(server.uid("FETCH", "1:*", "(FLAGS)")[1][0] or b"")

    post.put("desk", [bytes(letter())])
    fetch(box)
    assert b"\\Seen" in flags()
    box.after, box.move_to = "move", "Done"
    box.save()
    post.put("desk", [bytes(letter(text="two"))])
    fetch(box)
    assert len(post.contents("desk", "Done")) == 1
    box.after = "delete"
    box.save()
    post.put("desk", [bytes(letter(text="three")), bytes(letter(text="four"))])
    before = len(post.contents("desk"))
    stored = fetching.store

    def fails_once(*args: Any, **kwargs: Any) -> bool:
        monkeypatch.setattr(fetching, "store", stored)
        raise OSError("the disk is full")

    monkeypatch.setattr(fetching, "store", fails_once)
    fetching.fetch(box)
    box.refresh_from_db()
    assert "the disk is full" in box.last_error
    assert len(post.contents("desk")) == before, "what was not stored is still there"
    fetch(box)
    assert len(post.contents("desk")) == before - 2
    assert Incident.objects.count() == MailMessage.objects.count() == 4


def test_a_mailbox_that_was_built_anew_is_read_again_without_doubling(cast: Cast, post: Servers) -> None:
    box = box_on(post)
    post.put("desk", [bytes(letter(text=f"{n}")) for n in range(3)])
    assert fetch(box) == 3
    kept = list(post.contents("desk").values())
    old = box.uidvalidity
    with post.login("desk") as server:
        server.create("Elsewhere")
    box.folder = "Elsewhere"
    box.save()
    with post.login("desk") as server:
        for raw in [*kept, bytes(letter(text="new"))]:
            server.append("Elsewhere", "", "", raw)
    assert fetch(box) == 1
    assert box.uidvalidity != old
    assert Incident.objects.count() == MailMessage.objects.count() == 4


def test_what_keeps_a_mailbox_from_being_read_is_said_without_the_password(
    cast: Cast, post: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = box_on(post)
    wrong = {
        "username": "nobody",
        "folder": "No such",
        "port": 1,
        "security": "tls",
        "password_variable": "MAILBOX_X",
    }
    for name, value in wrong.items():
        before = getattr(box, name)
        Mailbox.objects.filter(pk=box.pk).update(**{name: value})
        box.refresh_from_db()
        assert fetching.fetch(box) == 0
        box.refresh_from_db()
        assert box.last_error, name
        assert box.failed_at
        assert PASSWORD not in box.last_error
        Mailbox.objects.filter(pk=box.pk).update(**{name: before})
    box.refresh_from_db()
    post.put("desk", [bytes(letter())])
    assert fetch(box) == 1
    assert box.last_error == ""


def test_an_administrator_tries_the_connection_and_never_sees_the_password(
    cast: Cast, post: Servers, client_of: Any
) -> None:
    box = box_on(post)
    post.put("desk", [bytes(letter())])
    browser = client_of(cast.admin)
    asked = {"action": "test_connection", "_selected_action": box.pk}
    page = browser.post("/admin/channels/mailbox/", asked, follow=True).content.decode()
    assert "The mailbox desk@example.net can be read; there is 1 mail in the folder." in page
    assert not MailMessage.objects.exists()
    Mailbox.objects.update(username="nobody")
    page = browser.post("/admin/channels/mailbox/", asked, follow=True).content.decode()
    assert "The mailbox desk@example.net cannot be read" in page
    form = browser.get(f"/admin/channels/mailbox/{box.pk}/change/").content.decode()
    assert "MAILBOX_TEST_PASSWORD" in form
    assert PASSWORD not in page + form


def test_the_command_reads_every_active_mailbox_and_fails_when_one_cannot_be_read(
    cast: Cast, post: Servers
) -> None:
    box_on(post)
    box_on(post, address="off@example.net", is_active=False, port=1)
    post.put("desk", [bytes(letter(text=f"{n}")) for n in range(3)])
    said = StringIO()
    call_command("fetch_mail", stdout=said)
    assert "desk@example.net: 3 new" in said.getvalue()
    assert "decided: 3" in said.getvalue()
    with pytest.raises(CommandError, match="no active mailbox"):
        call_command("fetch_mail", mailbox="off@example.net")
    Mailbox.objects.filter(address="desk@example.net").update(port=1)
    with pytest.raises(CommandError, match="Not every mailbox"):
        call_command("fetch_mail", stdout=said)


MALFORMED = 2000


def test_two_thousand_malformed_mails_are_all_kept_and_all_come_to_an_end(cast: Cast, post: Servers) -> None:
    """Each ends as a ticket, a note, or put aside, and its bytes are those the server delivered."""
    box = box_on(post, most_per_hour=10 * MALFORMED)
    incident = make_incident(cast)
    to = answers.address_for(incident, cast.rita)
    senders = [("rita@example.org", box.address), ("rita@example.org", to), ("rita@example.org", to)]
    senders += [("x@nowhere.example", box.address), ("charlie@example.org", to)]
    made = fuzz.mails(MALFORMED, senders=senders)
    post.put("desk", made)
    delivered = post.contents("desk")
    assert len(delivered) == MALFORMED
    count = 0
    while got := fetching.fetch(box):
        count += got
    doubles = MALFORMED - len(set(delivered.values()))
    assert count == MALFORMED - doubles
    while tasks.process_mail():
        pass
    rows = list(MailMessage.objects.order_by("uid"))
    assert len(rows) == count
    wrong = [row.uid for row in rows if intake.raw_of(row) != delivered[row.uid]]
    assert wrong == []
    states = {row.state for row in rows}
    print({state: sum(row.state == state for row in rows) for state in sorted(states)}, "doubles:", doubles)
    assert states <= {"opened", "joined", "quarantined", "automatic", "duplicate", "bounce", "held"}
    assert all(row.record_id for row in rows if row.state in ("opened", "joined"))
    assert all(row.reason and row.reason != "crashed" for row in rows if row.state == "quarantined")
    opened = [row.record_id for row in rows if row.state == "opened"]
    assert len(set(opened)) == len(opened) == Incident.objects.count() - 1
    assert (
        sum(row.state == "joined" for row in rows) == incident.activities.filter(verb="record.asked").count()
    )
    assert len(opened) > 100
    assert incident.activities.filter(verb="record.asked").count() > 200
    charlies = [row for row in rows if row.sender == "charlie@example.org" and row.record_id]
    assert all(row.record_id != incident.pk for row in charlies if row.state != "duplicate")


MAILS, KILLS = 120, 40


@pytest.mark.kill
@pytest.mark.django_db(transaction=True)
def test_forty_kills_of_fetchers_lose_and_double_no_mail(cast: Cast, post: Servers, settings: Any) -> None:
    box = box_on(post, most_per_hour=10_000, after="move", move_to="Killed")
    with post.login("desk") as folder:
        folder.create("Killed")
    incident = make_incident(cast)
    to = answers.address_for(incident, cast.rita)
    made = [
        bytes(letter(to=to if n % 3 == 0 else box.address, subject=f"Nr {n}", text=f"text {n}"))
        for n in range(MAILS)
    ]
    post.put("desk", made)
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    command = [sys.executable, "-m", "tests.channels.kill_harness", str(box.pk), str(MAILS), str(KILLS), "7"]
    env = {
        **os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "itsm.settings",
        "ATTACHMENTS_ROOT": str(settings.MEDIA_ROOT),
    }  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=200, cwd=settings.BASE_DIR, env=env
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout.splitlines()[-1])
    print(f"\nkill test: {report}")
    assert report["left"] == 0
    assert report.get("fetching", 0) + report.get("deciding", 0) >= KILLS * 0.6, (
        "kills must hit fetchers at work"
    )
    assert MailMessage.objects.count() == MAILS
    assert sorted(intake.raw_of(row) for row in MailMessage.objects.all()) == sorted(
        m.replace(b"\n", b"\r\n") for m in made
    )
    titles = sorted(Incident.objects.exclude(pk=incident.pk).values_list("title", flat=True))
    assert titles == sorted(f"Nr {n}" for n in range(MAILS) if n % 3)
    texts = sorted(incident.activities.filter(verb="record.asked").values_list("text", flat=True))
    assert texts == sorted(f"text {n}" for n in range(MAILS) if n % 3 == 0)
    fetching.fetch(box)
    assert not MailMessage.objects.filter(is_settled=False).exists()
    assert len(post.contents("desk", "Killed")) == MAILS
    assert not post.contents("desk")
