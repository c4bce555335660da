import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.access import Denied
from accounts.models import Grant
from records.lifecycle import IllegalMove
from records.models import Record
from shifts import handing
from shifts.models import ChecklistItem, Handover, LogEntry
from tests.cast import MONDAY, make_incident
from tests.shifts.conftest import DAY, Desk, Log

LATER = MONDAY + timedelta(minutes=10)


def given(desk: Desk, **over: Any) -> Handover:
    facts = {
        "note": "Quiet.",
        "notes": {},
        "key": uuid.uuid4(),
        "actor": desk.cast.alice.actor,
        "now": MONDAY,
    }
    return handing.hand_over(desk.cast.desk, **{**facts, **over})


@pytest.mark.req("SD-19")
def test_all_open_tickets_are_handed_over_and_accepted_with_both_times(desk: Desk) -> None:
    one, two = make_incident(desk.cast), make_incident(desk.cast, title="Forgotten")
    handover = given(desk, notes={one.pk: "Waits for a call."})
    assert {(line.number, line.note) for line in handover.lines.all()} == {
        (one.number, "Waits for a call."),
        (two.number, ""),
    }
    accepted = handing.accept(handover, actor=desk.cast.bob.actor, now=LATER)
    assert (accepted.given_at, accepted.accepted_at, accepted.accepted_by) == (MONDAY, LATER, desk.cast.bob)
    assert [e.sort for e in LogEntry.objects.order_by("pk")] == ["handover", "handover"]
    again = handing.accept(handover, actor=desk.cast.bob.actor, now=LATER + timedelta(hours=1))
    assert (again.accepted_at, LogEntry.objects.count()) == (LATER, 2)
    with pytest.raises(IllegalMove):
        handing.remark(accepted, text="And?", actor=desk.cast.alice.actor, now=LATER)


def test_the_list_stays_as_it_was(desk: Desk) -> None:
    incident = make_incident(desk.cast)
    handover = given(desk)
    Record.objects.filter(pk=incident.pk).update(title="Other")
    line = handover.lines.get()
    assert line.title == "Cannot send mail"
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        handover.lines.update(note="made up")
    with pytest.raises(DatabaseError, match="or delete"), transaction.atomic():
        LogEntry.objects.all().delete()


def test_handing_over_twice_with_one_form_is_once(desk: Desk) -> None:
    key = uuid.uuid4()
    assert given(desk, key=key) == given(desk, key=key)
    assert (Handover.objects.count(), LogEntry.objects.count()) == (1, 1)


def test_the_incoming_agent_asks_back_and_is_answered_before_accepting(desk: Desk) -> None:
    handover = given(desk)
    handing.remark(handover, text="Which call?", actor=desk.cast.bob.actor, now=LATER)
    handover.refresh_from_db()
    assert handover.state == "asked_back"
    handing.remark(handover, text="The carrier's.", actor=desk.cast.alice.actor, now=LATER)
    handover.refresh_from_db()
    assert (handover.state, handover.remarks.count()) == ("given", 2)


def test_who_handed_over_or_is_of_another_team_does_not_accept(desk: Desk) -> None:
    handover = given(desk)
    with pytest.raises(ValidationError, match="next shift"):
        handing.accept(handover, actor=desk.cast.alice.actor, now=LATER)
    with pytest.raises(Denied):
        handing.accept(handover, actor=desk.cast.sven.actor, now=LATER)
    with pytest.raises(Denied):
        given(desk, actor=desk.cast.sven.actor)


@pytest.mark.req("SD-19")
def test_a_shift_change_on_the_pages(desk: Desk, client_of: Log) -> None:
    incident = make_incident(desk.cast)
    alice, bob = client_of(desk.cast.alice), client_of(desk.cast.bob)
    page = alice.get("/roster/handovers/new/?team=desk").content.decode()
    assert incident.number in page
    form = {"team": "desk", "key": str(uuid.uuid4()), "note": "Quiet.", f"note-{incident.pk}": "Call her."}
    url = alice.post("/roster/handovers/new/", form).url
    assert "Call her." in bob.get(url).content.decode()
    assert "is not accepted yet" in bob.get("/roster/?team=desk").content.decode()
    assert "is not accepted yet" in bob.get("/roster/log/?team=desk").content.decode()
    bob.post(f"{url}accept/")
    assert "is not accepted yet" not in bob.get("/roster/?team=desk").content.decode()
    log = bob.get("/roster/log/?team=desk").content.decode()
    assert "accepted the hand-over" in log


def test_somebody_of_one_customer_sees_no_ticket_of_another_in_a_handover(desk: Desk, client_of: Log) -> None:
    incident = make_incident(desk.cast)
    handover = given(desk)
    Grant.objects.filter(user=desk.cast.bob).update(organisation=desk.cast.globex)
    page = client_of(desk.cast.bob).get(handover.get_absolute_url()).content.decode()
    assert incident.number not in page
    assert "1 ticket of customers you do not cover is not shown." in page
    assert handover.lines.count() == 1


@pytest.mark.req("PPL-16")
def test_the_checklist_is_ticked_by_the_person_with_the_time_and_logged_when_whole(desk: Desk) -> None:
    items = [ChecklistItem.objects.create(team=desk.cast.desk, text_en=text) for text in ("Phone", "Mail")]
    facts: dict[str, Any] = {"pattern": desk.early, "day": DAY, "actor": desk.cast.alice.actor}
    first = handing.tick(items[0], **facts, now=MONDAY)
    assert handing.tick(items[0], **facts, now=LATER).at == first.at == MONDAY
    assert not LogEntry.objects.exists()
    handing.tick(items[1], **facts, now=LATER)
    assert [(e.sort, e.by, e.at) for e in LogEntry.objects.all()] == [("checklist", desk.cast.alice, LATER)]


@pytest.mark.req("PPL-16")
def test_the_daily_log_is_written_on_its_page_with_a_ticket(desk: Desk, client_of: Log) -> None:
    incident = make_incident(desk.cast)
    alice = client_of(desk.cast.alice)
    form = {"team": "desk", "text": "Carrier called.", "number": incident.number, "key": str(uuid.uuid4())}
    assert alice.post("/roster/log/", form).status_code == 302
    assert alice.post("/roster/log/", form).status_code == 302
    entry = LogEntry.objects.get()
    assert (entry.text, entry.record_id, entry.by) == ("Carrier called.", incident.pk, desk.cast.alice)
    wrong = alice.post("/roster/log/", {**form, "key": str(uuid.uuid4()), "number": "INC9999999"})
    assert (wrong.status_code, LogEntry.objects.count()) == (422, 1)
