"""The pages of the board: planned, held at one table, minutes sent, and what they show of a change."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Grant
from boards import session
from boards.models import BoardMeeting, Member, State
from changes.models import Change
from records.models import Link, Record
from tests.boards.making import item_of, make_meeting, opened, rule, vote, waiting
from tests.cast import MONDAY, Cast

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
HTMX = {"HX-Request": "true"}


@pytest.mark.req("CHG-05")
def test_a_manager_plans_a_meeting_on_the_page_and_it_begins_with_what_waits(
    board: Cast, client_of: Browser
) -> None:
    change = waiting(board)
    mona = client_of(board.mona)
    assert change.number in mona.get("/boards/").content.decode()
    made = mona.post(
        "/boards/new/", {"meets_at": "2026-03-03T14:00", "place": "Room 3", "chair": board.mona.pk}
    )
    meeting = BoardMeeting.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/boards/{meeting.number}/")
    page = mona.get(made["Location"]).content.decode()
    assert change.number in page
    assert "Room 3" in page
    agenda = mona.get(f"/boards/{meeting.number}/agenda/").content.decode()
    for words in (change.plan.split(".")[0], change.backout_plan, "Affected agreements", "Reliability"):
        assert words in agenda
    alice = client_of(board.alice)
    assert alice.get(f"/boards/{meeting.number}/").status_code == 200
    assert alice.post("/boards/new/", {}).status_code == 403


@pytest.mark.req("CHG-05")
def test_the_meeting_is_held_at_one_page_from_opening_to_minutes(board: Cast, client_of: Browser) -> None:
    change = waiting(board)
    meeting = make_meeting(board)
    item, base = item_of(meeting, change), f"/boards/{meeting.number}/"
    mona, alice = client_of(board.mona), client_of(board.alice)
    assert mona.post(f"{base}act/begin/").status_code == 302
    voters = {row.user_id: row.pk for row in meeting.participants.all()}
    own = alice.post(
        f"{base}items/{item.pk}/vote/{voters[board.alice.pk]}/",
        {"choice": "for", "words": "Fine"},
        headers=HTMX,
    )
    assert own.status_code == 200
    assert f'id="item-{item.pk}"' in own.content.decode()
    assert "<html" not in own.content.decode()
    # not for somebody else, and not without scripts either
    assert (
        alice.post(f"{base}items/{item.pk}/vote/{voters[board.sven.pk]}/", {"choice": "for"}).status_code
        == 403
    )
    early = mona.post(f"{base}items/{item.pk}/rule/", {"decision": "approved"}, headers=HTMX)
    assert early.status_code == 422
    assert "1 who vote are there and 2 are needed" in early.content.decode()
    kept = mona.post(
        f"{base}items/{item.pk}/rule/", {"decision": "rejected", "conditions": "", "words": ""}, headers=HTMX
    )
    assert '<option value="rejected" selected>' in kept.content.decode()
    mona.post(f"{base}attend/", {"present": list(voters.values())})
    assert alice.post(f"{base}items/{item.pk}/rule/", {"decision": "approved"}).status_code == 403
    mona.post(f"{base}items/{item.pk}/note/", {"text": "Spare parts are there."})
    plain = mona.post(
        f"{base}items/{item.pk}/rule/", {"decision": "conditional", "conditions": "Back up first"}
    )
    assert (plain.status_code, plain["Location"]) == (302, f"{base}#item-{item.pk}")
    assert mona.post(f"{base}act/end/").status_code == 302
    late = {"minutes_en": "A", "minutes_zh": "甲", "version": 1}
    assert mona.post(f"{base}write/", late).status_code == 422
    version = BoardMeeting.objects.get().version
    assert (
        mona.post(f"{base}write/", {**late, "minutes_en": "All agreed.", "version": version}).status_code
        == 302
    )
    assert mona.post(f"{base}act/send/").status_code == 302
    assert BoardMeeting.objects.get().state == State.CLOSED
    assert "All agreed." in alice.get(f"{base}minutes/").content.decode()
    again = mona.post(f"{base}act/send/")
    assert again.status_code in (409, 422)


def test_guests_come_and_go_and_the_order_is_changed(board: Cast, client_of: Browser) -> None:
    first, second = waiting(board), waiting(board, "print")
    meeting = make_meeting(board)
    mona, base = client_of(board.mona), f"/boards/{meeting.number}/"
    assert mona.post(f"{base}act/join/", {"name": "Dr. Fang", "part": "Vendor"}).status_code == 302
    assert mona.post(f"{base}act/join/", {"name": "Dr. Who", "has_vote": "on"}).status_code == 422
    assert mona.post(f"{base}act/join/", {}).status_code == 422
    guest = meeting.participants.get(name="Dr. Fang")
    assert mona.post(f"{base}people/{guest.pk}/").status_code == 302
    chair = meeting.participants.get(user=board.mona)
    refused = mona.post(f"{base}people/{chair.pk}/")
    assert refused.status_code == 422
    assert "choose another chair first" in refused.content.decode()
    mona.post(f"{base}items/{item_of(meeting, second).pk}/up/")
    assert [item.change_id for item in meeting.agenda.all()] == [second.pk, first.pk]
    assert mona.post(f"{base}items/{item_of(meeting, second).pk}/remove/").status_code == 302
    assert mona.post(f"{base}items/{item_of(meeting, first).pk}/sideways/").status_code == 404
    assert mona.post(f"{base}add/", {"number": "CHG9999999"}).status_code == 422
    assert mona.post(f"{base}add/", {"number": second.number}).status_code == 302
    assert meeting.agenda.count() == 2


def test_seats_are_given_and_left(cast: Cast, client_of: Browser) -> None:
    mona = client_of(cast.mona)
    assert (
        mona.post(
            "/boards/seats/", {"person": cast.sven.pk, "part": "Operations", "has_vote": "on"}
        ).status_code
        == 302
    )
    assert mona.post("/boards/seats/", {"person": cast.rita.pk}).status_code == 422
    seat = Member.objects.get()
    assert mona.post(f"/boards/seats/{seat.pk}/").status_code == 302
    assert "has left" in client_of(cast.alice).get("/boards/seats/").content.decode()
    assert not make_meeting(cast).participants.filter(user=cast.sven).exists()


def test_customers_and_who_covers_some_customers_only_see_no_meeting(board: Cast, client_of: Browser) -> None:
    meeting = make_meeting(board)
    path = f"/boards/{meeting.number}/"
    for person in (board.carla, board.rita, board.charlie):
        assert client_of(person).get(path).status_code in (302, 403, 404)
    Grant.objects.filter(user=board.alice).update(organisation=board.acme)
    assert client_of(board.alice).get(path).status_code == 404
    assert meeting.number not in client_of(board.alice).get("/boards/").content.decode()
    assert not Record.objects.visible_to(board.carla.actor).filter(pk=meeting.pk).exists()
    assert Link.objects.count() == 0


def test_beside_a_change_stand_its_meeting_and_what_is_in_its_way(board: Cast) -> None:
    from boards import panels

    change = waiting(board)
    shown = panels.content(change, board.mona.actor, now=MONDAY)
    assert shown is not None
    assert shown["waits"] is True
    meeting = opened(board)
    vote(meeting, item_of(meeting, change), board.alice)
    vote(meeting, item_of(meeting, change), board.sven)
    rule(meeting, item_of(meeting, change), board.mona, "rejected", words="No.")
    shown = panels.content(Change.objects.get(pk=change.pk), board.mona.actor, now=MONDAY)
    assert shown is not None
    assert [item.get_decision_display() for item in shown["items"]] == ["Rejected"]
    assert shown["waits"] is False


# --- over HTTP ----------------------------------------------------------------------------------------------


@pytest.mark.req("CHG-05")
def test_a_meeting_is_planned_voted_decided_and_ended_over_http(board: Cast, api: Callable[..., Any]) -> None:
    change = waiting(board)
    mona, sven = api(board.mona), api(board.sven)
    plan = {"meets_at": "2026-03-03T14:00:00+08:00", "chair": "mona", "quorum": 1}
    assert sven.post("/cab-meetings/", plan).status_code == 403
    made = mona.post("/cab-meetings/", plan)
    assert made.status_code == 201, made.content
    path = f"/cab-meetings/{made.json()['number']}/"
    (item,) = made.json()["agenda"]
    assert item["change"] == change.number
    early = sven.post(f"{path}vote/", {"item": item["id"], "choice": "for"})
    assert early.status_code == 409
    assert mona.post(f"{path}begin/", {}, **{"If-Match": '"v0"'}).status_code == 412
    assert mona.post(f"{path}begin/", {}).status_code == 200
    assert sven.post(f"{path}vote/", {"item": item["id"], "choice": "maybe"}).status_code == 400
    assert sven.post(f"{path}vote/", {"item": item["id"] + 1, "choice": "for"}).status_code == 404
    voted = sven.post(f"{path}vote/", {"item": item["id"], "choice": "for", "words": "Yes"})
    assert voted.json()["agenda"][0]["votes"][0]["choice"]["code"] == "for"
    assert mona.post(f"{path}end/", {}).status_code == 400
    assert sven.post(f"{path}decide/", {"item": item["id"], "decision": "approved"}).status_code == 403
    done = mona.post(f"{path}decide/", {"item": item["id"], "decision": "approved"})
    assert done.json()["agenda"][0]["tally"] == {"for": 1, "against": 0, "abstain": 0}
    ended = mona.post(f"{path}end/", {})
    assert change.number in ended.json()["minutes_en"]
    assert mona.post(f"{path}send-minutes/", {}).json()["state"]["code"] == "closed"
    listed = api(board.robot).get("/cab-meetings/?state=closed&chair=mona").json()["results"]
    assert [row["number"] for row in listed] == [made.json()["number"]]
    assert api(board.carla).get("/cab-meetings/").json()["results"] == []
    assert session.tally(BoardMeeting.objects.get().agenda.get())["for"] == 1
