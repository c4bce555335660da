"""Complaints: received whichever way, judged by somebody else, answered in time, seen by their customer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

import incidents.services
from accounts.access import Denied, Role
from customers import access, complaints, deadlines
from customers.models import AnswerTerm, Complaint, Duty, StaffMatter
from records.lifecycle import IllegalMove
from records.models import Channel, Delivery
from sla.calendar import Calendar
from tests.cast import MONDAY, OFFICE, Cast, make_agreement, make_incident, make_user
from tests.customers.made import receive

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
DAY = timedelta(days=1)


def told(verb: str) -> set[str]:
    rows = Delivery.objects.filter(activity__verb=verb, channel="in_app")
    return set(rows.values_list("recipient__username", flat=True))


def fresh(row: Complaint) -> Complaint:
    found: Complaint = Complaint.objects.get(pk=row.pk)
    return found


@pytest.mark.req("BRM-01")
@pytest.mark.parametrize("channel", ["phone", "letter", "visit", "email", "portal"])
def test_a_complaint_comes_in_by_any_way_and_stands_apart_from_tickets(
    client_of: Browser, cast: Cast, channel: str
) -> None:
    incident = make_incident(cast)
    alice = client_of(cast.alice)
    sent = alice.post(
        "/complaints/new/",
        {
            "nature": "complaint", "channel": channel, "customer": cast.acme.pk, "requester": cast.rita.pk,
            "title": "Slow", "words": "Two days for a password.", "about": incident.number,
            "service": cast.mail.pk,
        },
    )  # fmt: skip
    made = Complaint.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (302, f"/complaints/{made.number}/")
    assert (made.number[:3], made.channel, made.about_id) == ("CMP", channel, incident.pk)
    assert made.service == cast.mail
    assert made.number not in alice.get("/queue/?view=all").content.decode()
    assert made.number in alice.get("/complaints/").content.decode()
    assert made.number in alice.get(incident.get_absolute_url()).content.decode()


@pytest.mark.req("BRM-02")
def test_the_answer_is_due_after_five_days_unless_the_agreement_says_otherwise(cast: Cast) -> None:
    assert receive(cast).due_at == MONDAY + 5 * DAY
    AnswerTerm.objects.create(days=3)
    assert receive(cast).due_at == MONDAY + 3 * DAY
    agreement = make_agreement(cast.calendar, cast.acme).agreement
    AnswerTerm.objects.create(agreement=agreement, days=5, is_working=True)
    # five working days from Monday 10:00 lead past the weekend to the next Monday
    assert receive(cast).due_at == MONDAY + 7 * DAY
    globex = receive(cast, customer=cast.globex, requester=cast.charlie)
    assert globex.due_at == MONDAY + 3 * DAY


def test_days_are_counted_in_the_zone_and_on_the_days_of_the_calendar() -> None:
    calendar = Calendar.parse(OFFICE)
    friday = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)
    assert deadlines.due_of(1, working=True, calendar=calendar, start=friday) == friday + 3 * DAY
    assert deadlines.due_of(1, working=False, calendar=calendar, start=friday) == friday + DAY
    shut = Calendar.parse({"timezone": "Asia/Shanghai", "weekly": {}})
    assert deadlines.due_of(2, working=True, calendar=shut, start=friday) == friday + 2 * DAY
    # 9:00 in Berlin stays 9:00 though the clocks go forward in between
    berlin = Calendar.parse({"timezone": "Europe/Berlin", "weekly": {}})
    start = datetime(2026, 3, 28, 8, 0, tzinfo=UTC)
    assert deadlines.due_of(1, working=False, calendar=berlin, start=start) == start + timedelta(hours=23)


def test_a_letter_counts_from_its_arrival_and_nothing_arrives_in_the_future(cast: Cast) -> None:
    made = receive(cast, channel=Channel.LETTER, received_at=MONDAY - 2 * DAY)
    assert (made.due_at, made.opened_at) == (MONDAY + 3 * DAY, MONDAY)
    for wrong in (MONDAY + DAY, MONDAY - 4000 * DAY):
        with pytest.raises(ValidationError) as refused:
            receive(cast, received_at=wrong)
        assert "received_at" in refused.value.message_dict


@pytest.mark.req("BRM-05")
def test_the_specialist_is_told_at_once_and_the_customer_that_it_arrived(cast: Cast) -> None:
    Duty.objects.create(part=Duty.Part.SPECIALIST, user=cast.bob)
    Duty.objects.create(part=Duty.Part.SPECIALIST, user=cast.sven, customer=cast.globex)
    made = receive(cast)
    assert made.owner == cast.bob
    assert told("complaint.open") == {"bob", "mona", "rita"}
    assert receive(cast, customer=cast.globex, requester=cast.charlie).owner == cast.sven


@pytest.mark.req("BRM-04")
def test_a_major_complaint_goes_to_the_responsible_leader_and_that_stays_recorded(cast: Cast) -> None:
    Duty.objects.create(part=Duty.Part.LEADER, user=cast.admin)
    made = fresh(receive(cast, is_major=True))
    assert (made.is_major, made.escalated_to, made.escalated_at) == (True, cast.admin, MONDAY)
    assert told("complaint.escalate") == {"admin", "mona"}
    later = receive(cast)
    complaints.escalate(
        later, reason="The press called.", leader=cast.mona, actor=cast.alice.actor, now=MONDAY
    )
    assert later.activities.get(verb="complaint.escalate").text == "The press called."
    with pytest.raises(ValidationError):
        complaints.escalate(later, reason="x", leader=cast.rita, actor=cast.alice.actor, now=MONDAY)


@pytest.mark.req("BRM-06")
def test_it_is_judged_answered_handled_rated_and_closed(client_of: Browser, cast: Cast) -> None:
    made = receive(cast)
    alice, rita, url = client_of(cast.alice), client_of(cast.rita), f"/complaints/{made.number}"
    assert alice.post(f"{url}/acknowledge/").status_code == 302
    assert fresh(made).assignee == cast.alice
    early = alice.post(f"{url}/answer/", {"text": "We are sorry."})
    assert (early.status_code, "Judge first" in early.content.decode()) == (422, True)
    assert alice.post(f"{url}/judge/", {"valid": "yes", "reason": ""}).status_code == 422
    assert (
        alice.post(f"{url}/judge/", {"valid": "yes", "reason": "The call was forgotten."}).status_code == 302
    )
    assert alice.post(f"{url}/answer/", {"text": "We are sorry and call today."}).status_code == 302
    assert alice.post(f"{url}/close/").status_code == 422  # valid, and nothing was done yet
    portal = f"/portal/feedback/{made.number}/"
    assert "We are sorry and call today." in rita.get(portal).content.decode()
    assert "The call was forgotten." not in rita.get(portal).content.decode()
    assert alice.post(f"{url}/handle/", {"text": "Calls are on a list now."}).status_code == 302
    assert rita.post(f"{portal}rate/", {"score": 9}).status_code == 422
    assert rita.post(f"{portal}rate/", {"score": 4, "words": "Fine"}).status_code == 302
    assert alice.post(f"{url}/close/").status_code == 302
    done = fresh(made)
    assert (done.state, done.is_valid, done.judged_by, done.outcome_score) == ("closed", True, cast.alice, 4)
    assert all((done.acknowledged_at, done.answered_at, done.handled_at, done.done_at))
    assert "Calls are on a list now." in alice.get(f"{url}/").content.decode()


def test_the_desk_does_not_say_how_content_the_customer_is(cast: Cast) -> None:
    made = complaints.acknowledge(receive(cast), actor=cast.alice.actor, now=MONDAY)
    made = complaints.judge(made, valid=False, reason="It was called.", actor=cast.alice.actor, now=MONDAY)
    made = complaints.answer(made, text="We called at nine.", actor=cast.alice.actor, now=MONDAY)
    for person in (cast.alice, cast.mona, cast.admin, cast.charlie):
        with pytest.raises(Denied):
            complaints.rate_outcome(made, score=5, words="", actor=person.actor, now=MONDAY)
    assert complaints.close(made, actor=cast.alice.actor, now=MONDAY).state == "closed"


@pytest.mark.req("BRM-06")
def test_who_worked_on_the_ticket_does_not_judge_the_complaint_about_it(
    client_of: Browser, cast: Cast
) -> None:
    incident = incidents.services.resolve(
        make_incident(cast), code="solved", steps="Restarted.", actor=cast.bob.actor, now=MONDAY
    )
    made = receive(cast, about=incident)
    for person in (cast.bob, cast.alice):  # who solved it, and who owns it
        with pytest.raises(ValidationError) as refused:
            complaints.judge(made, valid=False, reason="All went well.", actor=person.actor, now=MONDAY)
        assert "valid" in refused.value.message_dict
    assert (
        f"/complaints/{made.number}/judge/"
        not in client_of(cast.bob).get(f"/complaints/{made.number}/").content.decode()
    )
    assert complaints.judge(made, valid=True, reason="Late.", actor=cast.sven.actor, now=MONDAY).is_valid


@pytest.mark.req("BRM-16")
def test_a_complaint_about_a_person_is_read_by_managers_and_its_finding_stored(
    client_of: Browser, cast: Cast
) -> None:
    made = receive(cast, person=cast.bob, title="Bob was rude", words="He hung up on me.")
    assert (made.title, made.description) == ("Complaint about a person · 关于人员的投诉", "")
    url = f"/complaints/{made.number}/"
    for person in (cast.bob, cast.alice, cast.sven):
        browser = client_of(person)
        assert browser.get(url).status_code == 404
        assert made.number not in browser.get("/complaints/").content.decode()
        assert browser.post(f"{url}acknowledge/").status_code == 404
        assert made.number not in browser.get("/search/?q=rude").content.decode()
    mona, rita = client_of(cast.mona), client_of(cast.rita)
    assert "He hung up on me." in mona.get(url).content.decode()
    assert "He hung up on me." in rita.get(f"/portal/feedback/{made.number}/").content.decode()
    bare = mona.post(f"{url}find/", {"verdict": "confirmed", "reason": "Recording of the call."})
    assert bare.status_code == 422  # what follows from it is missing
    said: dict[str, Any] = {
        "verdict": "confirmed",
        "reason": "Recording of the call.",
        "consequence": "Training, warned once.",
    }
    assert mona.post(f"{url}find/", said).status_code == 302
    assert "Training, warned once." in mona.get(url).content.decode()
    finding = made.matter.findings.get()
    assert (finding.verdict, finding.by) == ("confirmed", cast.mona)
    with pytest.raises(Denied):
        complaints.find(made, **said, actor=cast.alice.actor, now=MONDAY)
    # who handles it reads it, but not what was found
    complaints.give(made, person=cast.sven, actor=cast.mona.actor, now=MONDAY)
    page = client_of(cast.sven).get(url).content.decode()
    assert ("He hung up on me." in page, "Training" in page) == (True, False)
    with pytest.raises(ValidationError):
        complaints.give(made, person=cast.bob, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE customers_stafffinding SET verdict = 'rejected'")


@pytest.mark.req("BRM-16")
def test_a_customer_complains_about_somebody_and_only_managers_read_it(
    client_of: Browser, cast: Cast
) -> None:
    rita = client_of(cast.rita)
    said = {"nature": "praise", "title": "The tall one", "words": "He was rude.", "about_person": "on"}
    assert rita.post("/portal/feedback/new/", said).status_code == 422  # praise hides nothing
    assert rita.post("/portal/feedback/new/", {**said, "nature": "complaint"}).status_code == 302
    made = Complaint.objects.get()
    assert (made.description, made.matter.person) == ("", None)
    assert "He was rude." in rita.get(f"/portal/feedback/{made.number}/").content.decode()
    url = f"/complaints/{made.number}/"
    assert client_of(cast.bob).get(url).status_code == 404
    mona = client_of(cast.mona)
    found = {"verdict": "confirmed", "reason": "Seen by others.", "consequence": "Warned."}
    assert mona.post(f"{url}find/", found).status_code == 422  # whom it is about is not known
    assert mona.post(f"{url}find/", {**found, "person": cast.mona.pk}).status_code == 422
    assert mona.post(f"{url}find/", {**found, "person": cast.admin.pk}).status_code == 302
    assert client_of(cast.admin).get(url).status_code == 404  # an administrator, and the one it is about
    assert made.number not in client_of(cast.admin).get("/complaints/").content.decode()


def test_a_manager_complained_about_does_not_read_it_either(client_of: Browser, cast: Cast) -> None:
    made = receive(cast, person=cast.mona)
    assert client_of(cast.mona).get(f"/complaints/{made.number}/").status_code == 404
    assert client_of(cast.admin).get(f"/complaints/{made.number}/").status_code == 200
    assert StaffMatter.objects.get().person == cast.mona


@pytest.mark.req("BRM-20", "BRM-19")
def test_a_customer_says_something_in_the_portal_follows_it_and_others_see_nothing(
    client_of: Browser, cast: Cast
) -> None:
    incident = make_incident(cast)
    rita, carla, charlie = client_of(cast.rita), client_of(cast.carla), client_of(cast.charlie)
    page = rita.get(f"/portal/feedback/new/?about={incident.number}").content.decode()
    assert incident.number in page
    said = {"nature": "suggestion", "title": "Open at weekends", "words": "Please.", "about": incident.number}
    sent = rita.post("/portal/feedback/new/", said)
    made = Complaint.objects.get()
    url = f"/portal/feedback/{made.number}/"
    assert (sent.status_code, sent.headers["Location"], made.nature) == (302, url, "suggestion")
    assert [b.get(url).status_code for b in (rita, carla, charlie)] == [200, 200, 404]
    assert made.number in rita.get("/portal/feedback/").content.decode()
    assert made.number not in charlie.get("/portal/feedback/").content.decode()
    assert charlie.post(f"{url}rate/", {"score": 1}).status_code == 404
    foreign = charlie.post("/portal/feedback/new/", said)
    assert (foreign.status_code, "no ticket of this number" in foreign.content.decode()) == (422, True)
    other = make_user("tom", cast.acme, Role.CUSTOMER)
    assert client_of(other).get(url).status_code == 404
    assert rita.post(f"{url}say/", {"text": "At least on Saturdays."}).status_code == 302
    alice = client_of(cast.alice)
    # a suggestion is answered without being judged
    assert alice.post(f"/complaints/{made.number}/answer/", {"text": "From May on."}).status_code == 302
    assert "From May on." in rita.get(url).content.decode()
    assert rita.post(f"{url}reopen/", {"reason": "That is late."}).status_code == 302
    assert fresh(made).state == "acknowledged"


def test_what_waits_too_long_is_told_once_before_and_once_after(cast: Cast) -> None:
    now = timezone.now().replace(microsecond=0)
    made = receive(cast, now=now, received_at=now)
    assert complaints.remind(now=now) == 0
    assert complaints.remind(now=now + 4 * DAY + timedelta(hours=1)) == 1
    assert complaints.remind(now=now + 4 * DAY + timedelta(hours=2)) == 0
    assert complaints.remind(now=now + 9 * DAY) == 1
    assert complaints.remind(now=now + 9 * DAY) == 0
    verbs = dict(made.activities.values_list("verb", "at"))
    # stamped with when it became true, not with when it was noticed
    assert verbs["complaint.overdue"] == made.due_at
    assert fresh(made).overdue_at == made.due_at
    assert told("complaint.overdue") == {"mona"}
    answered = receive(cast, now=now, nature="praise")
    complaints.answer(answered, text="Thank you.", actor=cast.alice.actor, now=now)
    assert complaints.remind(now=now + 9 * DAY) == 0


def test_after_downtime_the_warning_and_the_end_are_told_in_order(cast: Cast) -> None:
    now = timezone.now().replace(microsecond=0)
    made = receive(cast, now=now)
    later = now + 20 * DAY
    assert complaints.remind(now=later) + complaints.remind(now=later) == 1
    assert list(made.activities.filter(origin="system").order_by("pk").values_list("verb", flat=True))[
        -1:
    ] == ["complaint.overdue"]


def test_what_is_done_or_not_possible_is_refused(cast: Cast) -> None:
    made = receive(cast)
    with pytest.raises(IllegalMove):
        complaints.handle(made, text="x", actor=cast.alice.actor, now=MONDAY)
    gone = complaints.retract(made, reason="Solved by itself.", actor=cast.rita.actor, now=MONDAY)
    with pytest.raises(IllegalMove):
        complaints.judge(gone, valid=True, reason="x", actor=cast.alice.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        receive(cast, requester=cast.charlie)
    with pytest.raises(ValidationError):
        receive(cast, person=cast.rita)
    with pytest.raises(Denied):
        receive(cast, actor=cast.charlie.actor)
    assert access.complaints(cast.charlie.actor).count() == 0
