"""A meeting of the board: its agenda, votes, decisions and what becomes of the changes."""

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from boards import agenda, minutes, services, session
from boards.models import AgendaItem, State, Vote
from catalog.models import Service
from changes import carrying, closing, deciding, writing
from changes.models import Change, PostReview
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery
from tests.boards.making import (
    HOUR,
    another_service,
    item_of,
    make_board,
    make_meeting,
    opened,
    rule,
    seat_of,
    vote,
    waiting,
)
from tests.cast import MONDAY, Cast
from tests.changes.making import (
    AFTER,
    ANSWERS,
    START,
    approve,
    carried_out,
    emergency,
    put_up,
    verified,
)

pytestmark = pytest.mark.django_db
LATER = MONDAY + 2 * HOUR


def decided_by_others(change: Change, cast: Cast) -> Change:
    """All other approvals of the round than the board's are given."""
    for person in (cast.mona, cast.admin, cast.alice, cast.sven):
        while deciding.decidable(Change.objects.get(pk=change.pk), person.actor):
            approve(change, person)
    found: Change = Change.objects.get(pk=change.pk)
    return found


@pytest.mark.req("CHG-05")
def test_a_major_change_is_on_the_agenda_of_the_next_meeting_and_others_are_not(board: Cast) -> None:
    major, harmless = waiting(board), put_up(board, services=[another_service("print")])
    meeting = make_meeting(board)
    assert [item.change_id for item in meeting.agenda.all()] == [major.pk]
    assert {row.name for row in meeting.participants.all()} == {
        board.alice.name, board.sven.name, board.mona.name,
    }  # fmt: skip
    assert meeting.quorum == 2
    with pytest.raises(ValidationError, match="does not wait for the board"):
        services.add_item(meeting, harmless, actor=board.mona.actor, now=MONDAY)


@pytest.mark.req("CHG-05")
def test_the_boards_decision_with_conditions_votes_and_minutes_approves_the_change(board: Cast) -> None:
    Service.objects.filter(pk=board.mail.pk).update(owner=board.alice)
    change = waiting(board)
    meeting = opened(board)
    item = item_of(meeting, change)
    for person, choice in ((board.alice, "for"), (board.sven, "abstain"), (board.mona, "for")):
        vote(meeting, item, person, choice, words="Well prepared." if choice == "for" else "")
    session.note(meeting, item, text="Alice asks for a copy.", actor=board.mona.actor, now=LATER)
    done = rule(meeting, item, board.mona, "conditional", conditions="Back up first\nTell Acme")
    assert done.tally == {"for": 2, "against": 0, "abstain": 1}
    change = Change.objects.get(pk=change.pk)
    row = change.approvals.get(party="board", round=change.round)
    assert (row.result, row.by_board_id) == ("approved", meeting.pk)
    assert [each.text for each in change.conditions.all()] == ["Back up first", "Tell Acme"]
    assert decided_by_others(change, board).state == "approved"

    held = session.end(meeting, actor=board.mona.actor, now=LATER)
    assert held.state == State.HELD
    said = ("Approved with conditions", "Back up first; Tell Acme", "Alice asks for a copy.", "there: 3")
    for words in (*said, change.number, f"{board.sven.name}: Abstention"):
        assert words in held.minutes_en
    assert change.number in held.minutes_zh
    held = minutes.write(
        held, minutes_en=held.minutes_en + "\nCorrected.", minutes_zh=held.minutes_zh, actor=board.mona.actor,
        now=LATER,
    )  # fmt: skip
    closed = minutes.send(held, actor=board.mona.actor, now=LATER)
    assert closed.state == State.CLOSED
    sent = Activity.objects.get(record=meeting.pk, verb="board.send_minutes")
    told = Delivery.objects.filter(activity=sent, channel="in_app").values_list("recipient", flat=True)
    # each once, but not who sent them
    assert sorted(told) == sorted([board.alice.pk, board.sven.pk])
    assert sent.data["said"]["en"].endswith("Corrected.")
    with pytest.raises(IllegalMove):
        minutes.send(closed, actor=board.mona.actor, now=LATER)
    with pytest.raises(IllegalMove):
        minutes.write(closed, minutes_en="x", minutes_zh="y", actor=board.mona.actor, now=LATER)


@pytest.mark.req("CHG-05")
def test_a_rejection_ends_the_change_and_what_is_put_off_waits_for_the_next_meeting(board: Cast) -> None:
    first, second = waiting(board), waiting(board, "print")
    meeting = opened(board)
    one, two = item_of(meeting, first), item_of(meeting, second)
    for item in (one, two):
        vote(meeting, item, board.alice, "against")
        vote(meeting, item, board.sven, "against")
    with pytest.raises(ValidationError, match="Say why"):
        rule(meeting, one, board.mona, "rejected")
    rule(meeting, one, board.mona, "rejected", words="Too near to the closing.")
    with pytest.raises(ValidationError, match="Still to be decided"):
        session.end(meeting, actor=board.mona.actor, now=LATER)
    rule(meeting, two, board.mona, "put_off", words="The test is missing.")
    assert Change.objects.get(pk=first.pk).state == "rejected"
    assert Change.objects.get(pk=second.pk).state == "approving"
    session.end(meeting, actor=board.mona.actor, now=LATER)
    following = make_meeting(board, meets_at=LATER + HOUR)
    assert [item.change_id for item in following.agenda.all()] == [second.pk]


@pytest.mark.req("CHG-05")
def test_who_asked_for_a_change_has_no_vote_on_it_and_who_was_not_invited_has_none_at_all(
    board: Cast,
) -> None:
    services.seat(board.bob, part="", has_vote=True, actor=board.mona.actor, now=MONDAY)
    change = waiting(board)
    meeting = opened(board)
    item = item_of(meeting, change)
    with pytest.raises(ValidationError, match="asked for a change does not vote"):
        vote(meeting, item, board.bob)
    with pytest.raises(Denied):
        vote(meeting, item, board.admin)
    guest = services.add_participant(
        meeting,
        person=None,
        name="Dr. Fang",
        part="Vendor",
        has_vote=False,
        actor=board.mona.actor,
        now=MONDAY,
    ).participants.get(name="Dr. Fang")
    with pytest.raises(Denied):
        vote(meeting, item, board.mona, participant=guest)
    assert not Vote.objects.exists()


def test_a_vote_is_changed_until_it_is_decided_and_another_ones_is_recorded_by_the_chair_alone(
    board: Cast,
) -> None:
    change = waiting(board)
    meeting = opened(board)
    item = item_of(meeting, change)
    vote(meeting, item, board.alice, "against")
    vote(meeting, item, board.alice, "for")
    assert [row.choice for row in item.votes.all()] == ["for"]
    with pytest.raises(Denied):
        vote(meeting, item, board.alice, participant=seat_of(meeting, board.sven))
    kept = vote(meeting, item, board.mona, "for", participant=seat_of(meeting, board.sven))
    assert (kept.participant.user_id, kept.cast_by_id) == (board.sven.pk, board.mona.pk)
    with pytest.raises(ValidationError, match="Vote for, against or abstain"):
        vote(meeting, item, board.alice, "perhaps")
    rule(meeting, item, board.mona, "approved")
    with pytest.raises(ValidationError, match="decided already"):
        vote(meeting, item, board.alice, "against")
    with pytest.raises(ValidationError, match="decided already"):
        rule(meeting, item, board.mona, "rejected", words="No")


def test_without_quorum_or_votes_nothing_is_decided_but_it_can_be_put_off(board: Cast) -> None:
    change = waiting(board)
    meeting = opened(board)
    item = item_of(meeting, change)
    vote(meeting, item, board.alice)
    with pytest.raises(ValidationError, match="1 who vote are there and 2 are needed"):
        rule(meeting, item, board.mona, "approved")
    present = [row.pk for row in meeting.participants.all()]
    session.attend(meeting, present, actor=board.mona.actor, now=LATER)
    Vote.objects.all().delete()
    with pytest.raises(ValidationError, match="Nobody has voted"):
        rule(meeting, item, board.mona, "approved")
    vote(meeting, item, board.alice, "against")
    with pytest.raises(ValidationError, match="against the votes"):
        rule(meeting, item, board.mona, "approved")
    with pytest.raises(ValidationError, match="Write the conditions"):
        rule(meeting, item, board.mona, "conditional")
    with pytest.raises(ValidationError, match="Choose a decision"):
        rule(meeting, item, board.mona, "confirmed")
    rule(meeting, item, board.mona, "put_off", words="Not enough of us.")
    assert Change.objects.get(pk=change.pk).state == "approving"


def test_only_the_chair_decides_and_on_a_change_of_its_own_another_leader_does(board: Cast) -> None:
    services.seat(board.admin, part="", has_vote=True, actor=board.mona.actor, now=MONDAY)
    ours = put_up(board, answers={"reach": 3, "backout": 2, "experience": 2, "parts": 2, "security": 2},
                  is_major=True, assignee=board.mona)  # fmt: skip
    meeting = opened(board)
    item = item_of(meeting, ours)
    for person in (board.alice, board.sven, board.admin):
        vote(meeting, item, person)
    with pytest.raises(Denied):
        rule(meeting, item, board.alice, "approved")
    with pytest.raises(Denied):
        rule(meeting, item, board.mona, "approved")
    rule(meeting, item, board.admin, "approved")
    assert Change.objects.get(pk=ours.pk).approvals.get(party="board").result == "approved"


def test_what_was_altered_after_the_votes_is_voted_on_anew(board: Cast) -> None:
    change = waiting(board)
    meeting = opened(board)
    item = item_of(meeting, change)
    vote(meeting, item, board.alice)
    vote(meeting, item, board.sven)
    writing.write(change, {"plan": "Quite another plan."}, actor=board.bob.actor, now=LATER)
    assert not any(session.tally(AgendaItem.objects.get(pk=item.pk)).values())
    with pytest.raises(ValidationError, match="vote anew"):
        rule(meeting, item, board.mona, "approved")
    vote(meeting, item, board.alice)
    vote(meeting, item, board.sven)
    rule(meeting, item, board.mona, "approved")
    assert Change.objects.get(pk=change.pk).approvals.filter(party="board", result="approved").count() == 1


def test_a_change_is_on_one_open_agenda_at_a_time_and_the_order_can_be_changed(board: Cast) -> None:
    first, second = waiting(board), waiting(board, "print")
    meeting = make_meeting(board)
    other = make_meeting(board, meets_at=MONDAY + 3 * HOUR)
    assert not other.agenda.exists()
    with pytest.raises(ValidationError, match=f"on the agenda of {meeting.number}"):
        services.add_item(other, first, actor=board.mona.actor, now=MONDAY)
    services.move_item(meeting, item_of(meeting, second), up=True, actor=board.mona.actor, now=MONDAY)
    assert [item.change_id for item in meeting.agenda.all()] == [second.pk, first.pk]
    services.remove_item(meeting, item_of(meeting, first), actor=board.mona.actor, now=MONDAY)
    services.add_item(other, first, actor=board.mona.actor, now=MONDAY)
    services.call_off(other, reason="Nobody can come.", actor=board.mona.actor, now=MONDAY)
    assert services.propose_agenda(meeting, actor=board.mona.actor, now=MONDAY) == 1
    assert agenda.open_items().count() == 2


def test_agents_do_not_plan_meetings_and_an_empty_one_does_not_begin(cast: Cast) -> None:
    make_board(cast)
    with pytest.raises(Denied):
        make_meeting(cast, actor=cast.alice.actor)
    meeting = make_meeting(cast)
    with pytest.raises(ValidationError, match="Nothing is on the agenda"):
        session.begin(meeting, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="within a day"):
        make_meeting(cast, ends_at=MONDAY)


@pytest.mark.req("CHG-15")
def test_an_emergency_change_is_looked_at_by_the_board_afterwards_and_only_then_closed(board: Cast) -> None:
    change = deciding.authorise(emergency(board), words="Mail is down.", actor=board.mona.actor, now=MONDAY)
    assert not agenda.to_be_reviewed(board.mona.actor).exists()
    for guard in ("plan", "test"):
        carrying.exempt(change, guard=guard, reason="Mail is down.", actor=board.mona.actor, now=MONDAY)
    change = carrying.start(change, actor=board.sven.actor, now=START)
    change = verified(board, carried_out(board, change))
    meeting = opened(board)
    item = item_of(meeting, change)
    assert item.purpose == "review"
    vote(meeting, item, board.alice)
    vote(meeting, item, board.sven)
    with pytest.raises(ValidationError, match="review of the change is not written yet"):
        rule(meeting, item, board.mona, "confirmed")
    closing.review(change, answers=ANSWERS, lessons="Watch the queue.", actor=board.mona.actor, now=AFTER)
    with pytest.raises(ValidationError, match="has not looked at this emergency change"):
        closing.close(change, actor=board.mona.actor, now=LATER)
    with pytest.raises(ValidationError, match="Say why"):
        rule(meeting, item, board.mona, "objected")
    rule(meeting, item, board.mona, "confirmed", words="Rightly done.")
    kept = PostReview.objects.get(change=change)
    assert kept.by_board_id == meeting.pk
    assert kept.lessons.startswith("Watch the queue.")
    assert "Rightly done." in kept.lessons
    assert closing.close(change, actor=board.mona.actor, now=LATER).state == "closed"
    assert not agenda.to_be_reviewed(board.mona.actor).exists()
