"""Answers sent by schedule: once for each due time, within what each recipient sees, failures told."""

import io
import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.access import Role
from accounts.models import Grant, User
from questions import schedules, sending, services, tasks
from questions.models import Question, Schedule, Sending
from questions.schedules import Timing
from tests.cast import Cast, make_incident, make_user
from tests.questions.test_pages import ASKED, NOW, figures, fresh, keep, scoped, tickets

__all__ = ["scoped", "tickets"]


def plan_it(question: Question, owner: User, *people: User, **over: Any) -> Schedule:
    timing = Timing(**{"every": "day", "hour": 8, **over})
    made = schedules.set_up(
        question, timing, recipients=list(people), zone="Asia/Shanghai", actor=fresh(owner), now=NOW
    )
    Schedule.objects.filter(pk=made.pk).update(next_at=NOW - timedelta(minutes=1))
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("timing", "after", "due"),
    [
        (Timing("day", hour=8), "2026-03-02T00:00", "2026-03-03T00:00"),
        (Timing("day", hour=8), "2026-03-01T23:59", "2026-03-02T00:00"),
        (Timing("week", weekday=5, hour=9), "2026-03-02T00:00", "2026-03-06T01:00"),
        (Timing("month", month_day=31, hour=0), "2026-03-31T00:00", "2026-04-29T16:00"),
        (Timing("month", month_day=31, hour=0), "2026-01-31T00:00", "2026-02-27T16:00"),
        (Timing("month", month_day=1, hour=7), "2026-03-02T00:00", "2026-03-31T23:00"),
    ],
)
def test_the_next_time_is_told_by_the_clock_of_the_schedules_zone(
    timing: Timing, after: str, due: str
) -> None:
    row = Schedule(
        every=timing.every, weekday=timing.weekday, month_day=timing.month_day, hour=timing.hour,
        zone="Asia/Shanghai",
    )  # fmt: skip
    at = datetime.fromisoformat(after).replace(tzinfo=UTC)
    assert schedules.following(row, at) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_everybody_gets_the_figures_of_what_he_sees_with_the_table_attached(
    cast: Cast, client_of: Any, tickets: None, scoped: User
) -> None:
    question = keep(cast, cast.mona, sharing="staff")
    plan_it(question, cast.mona, cast.mona, scoped)
    assert tasks.send_due() == 2
    whole, own = sorted(mail.outbox, key=lambda m: "sam" in m.to[0])
    assert "Globex" in whole.body
    assert "Acme" in whole.body
    assert "Globex" not in own.body
    assert "Acme" in own.body
    name, data, kind = own.attachments[0]
    sheet: Any = openpyxl.load_workbook(io.BytesIO(data)).active
    assert name.endswith(".xlsx")
    assert "spreadsheet" in kind
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [["Acme", 3], ["All", 3]]
    html = vars(own)["alternatives"][0][0]
    assert f"/questions/{question.pk}/rows/" in html
    row = Sending.objects.get(recipient=scoped)
    assert row.state == Sending.State.SENT
    assert row.first
    assert row.last
    notices = client_of(scoped).get("/notices/").content.decode()
    assert "The answer to a question was sent to you" in notices
    assert question.name in notices
    assert question.name in client_of(scoped).get("/questions/").content.decode()


def test_a_due_time_is_sent_once_however_many_workers_plan_and_send(cast: Cast, tickets: None) -> None:
    question = keep(cast, cast.mona)
    made = plan_it(question, cast.mona, cast.mona, cast.alice)
    due = made.next_at
    assert sending.plan(NOW) == 2
    Schedule.objects.filter(pk=made.pk).update(next_at=due)  # a worker that did not see the other's row
    sending.plan(NOW)
    assert Sending.objects.count() == 2
    first, second = sending.claim(NOW), sending.claim(NOW)
    assert len(first) == 2
    assert second == []
    sent = [sending.send(pk, token, now=NOW) for pk, token in [*first, *first]]
    assert sent == [True, True, False, False]
    assert len(mail.outbox) == 2
    assert sending.claim(NOW + timedelta(days=1)) == []


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_answer_once(cast: Cast, tickets: None) -> None:
    people = [cast.mona, cast.alice, cast.bob, cast.sven, cast.admin]
    plan_it(keep(cast, cast.mona, sharing="staff"), cast.mona, *people)

    def work(_n: int) -> int:
        try:
            return int(tasks.send_due())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == len(people)
    assert sorted(m.to[0] for m in mail.outbox) == sorted({m.to[0] for m in mail.outbox})
    assert len(mail.outbox) == len(people)
    assert set(Sending.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_a_worker_killed_before_sending_is_followed_by_another_and_a_late_one_changes_nothing(
    cast: Cast, tickets: None
) -> None:
    plan_it(keep(cast, cast.mona), cast.mona, cast.mona)
    sending.plan(NOW)
    [(pk, lost)] = sending.claim(NOW)
    later = NOW + sending.LEASE + timedelta(seconds=1)
    [(again, token)] = sending.claim(later)
    assert again == pk
    assert sending.send(pk, token, now=later)
    assert not sending.send(pk, lost, now=later)
    assert len(mail.outbox) == 1
    assert Sending.objects.get().attempts == 2


def test_times_missed_while_nothing_ran_are_sent_as_one(cast: Cast, tickets: None) -> None:
    made = plan_it(keep(cast, cast.mona), cast.mona, cast.mona)
    Schedule.objects.filter(pk=made.pk).update(next_at=NOW - timedelta(days=5))
    sending.plan(NOW)
    made.refresh_from_db()
    assert Sending.objects.count() == 1
    assert made.next_at is not None
    assert made.next_at > NOW
    assert Sending.objects.get().due_at > NOW - timedelta(days=1, minutes=1)


def test_who_cannot_be_reached_is_told_to_the_owner_in_words(
    cast: Cast, client_of: Any, tickets: None
) -> None:
    question = keep(cast, cast.mona, sharing="staff")
    gone, silent, customer = (make_user(name, cast.provider, Role.AGENT) for name in ("gwen", "nick", "lara"))
    plan_it(question, cast.mona, cast.bob, cast.sven, gone, silent, customer, cast.alice)
    User.objects.filter(pk=cast.bob.pk).update(email="")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    User.objects.filter(pk=silent.pk).update(mail_level=User.MailLevel.NONE)
    Grant.objects.filter(user=customer).delete()
    assert tasks.send_due() == 2
    assert {m.to[0].partition(" ")[0] for m in mail.outbox} == {"Alice", "Sven"}
    why = dict(Sending.objects.filter(state="dead").values_list("recipient__username", "why"))
    assert why == {"bob": "address", "gwen": "gone", "nick": "no_mail", "lara": "rights"}
    page = client_of(cast.mona).get(question.get_absolute_url()).content.decode()
    assert "Bob: has no e-mail address" in page
    assert "Gwen: no longer works here" in page
    assert "may no longer see what is asked about" in page
    notices = client_of(cast.mona).get("/notices/").content.decode()
    assert "Bob: has no e-mail address" in notices
    assert client_of(cast.mona).post("/notices/read/").status_code == 302
    assert not Sending.objects.filter(state="dead", owner_seen_at=None).exists()
    assert (
        "has no e-mail address" not in client_of(cast.alice).get(question.get_absolute_url()).content.decode()
    )


def test_a_refused_address_is_given_up_and_a_busy_server_tried_again(
    cast: Cast, tickets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_it(keep(cast, cast.mona), cast.mona, cast.mona, cast.alice)
    sending.plan(NOW)

    def refuse(message: Any) -> None:
        code = 550 if "Mona" in message.to[0] else 450
        raise smtplib.SMTPRecipientsRefused({message.to[0]: (code, b"no")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    for pk, token in sending.claim(NOW):
        assert not sending.send(pk, token, now=NOW)
    mona, alice = Sending.objects.get(recipient=cast.mona), Sending.objects.get(recipient=cast.alice)
    assert (mona.state, mona.why) == ("dead", "refused")
    assert alice.state == "new"
    assert alice.available_at > NOW


def test_whose_owner_works_here_no_more_is_sent_no_more(cast: Cast, tickets: None) -> None:
    made = plan_it(keep(cast, cast.alice), cast.alice, cast.mona)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert tasks.send_due() == 0
    made.refresh_from_db()
    assert made.next_at is None
    assert not Sending.objects.exists()


def test_a_recipient_may_open_what_is_sent_to_him_as_long_as_it_is(
    cast: Cast, client_of: Any, tickets: None
) -> None:
    question = keep(cast, cast.alice)
    assert client_of(cast.bob).get(question.get_absolute_url()).status_code == 404
    plan_it(question, cast.alice, cast.bob)
    assert figures(client_of(cast.bob).get(question.get_absolute_url()).content.decode())
    assert client_of(cast.alice).post(f"{question.get_absolute_url()}stop/").status_code == 302
    assert client_of(cast.bob).get(question.get_absolute_url()).status_code == 404


def test_customers_and_nonsense_are_refused_as_recipients_and_times(cast: Cast, client_of: Any) -> None:
    question = keep(cast, cast.mona)
    with pytest.raises(ValidationError):
        plan_it(question, cast.mona, cast.carla)
    with pytest.raises(ValidationError):
        plan_it(question, cast.mona, cast.mona, hour=24)
    url = f"{question.get_absolute_url()}schedule/"
    form = {"every": "week", "weekday": "1", "month_day": "1", "hour": "8", "attached": "csv"}
    client = client_of(cast.mona)
    assert client.post(url, {**form, "recipients": [cast.carla.pk]}).status_code == 422
    assert client.post(url, {**form, "hour": "x", "recipients": [cast.bob.pk]}).status_code == 422
    assert client.post(url, {**form, "recipients": [cast.bob.pk]}).status_code == 302
    assert "every week on Monday at 08:00" in client.get(question.get_absolute_url()).content.decode()
    assert services.visible_to(fresh(cast.bob)).filter(pk=question.pk).exists()


def test_a_question_that_can_no_longer_be_read_says_so(cast: Cast, client_of: Any) -> None:
    question = keep(cast, cast.mona)
    plan_it(question, cast.mona, cast.mona)
    Question.objects.filter(pk=question.pk).update(content={**ASKED, "by": "gone"})
    page = client_of(cast.mona).get(question.get_absolute_url())
    assert page.status_code == 200
    assert "It can no longer be read" in page.content.decode()
    assert tasks.send_due() == 0
    assert Sending.objects.get().why == Sending.Why.UNREADABLE
    assert make_incident(cast, now=timezone.now().replace(microsecond=0)).pk
