"""Verification, review, closing, and the archive that the database keeps."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

import records.search
from accounts.access import Denied
from changes import carrying, closing, deciding, lifecycle, reading
from changes.closing import FollowUp
from changes.models import Change
from records.lifecycle import IllegalMove
from records.models import Link, Record
from records.services import comment, link
from tests.cast import MONDAY, Cast, make_incident
from tests.changes.making import (
    AFTER,
    ANSWERS,
    START,
    approved,
    begun,
    carried_out,
    closed,
    emergency,
    make_board,
    make_item,
    standard,
    verified,
)


def review(cast: Cast, change: Change, **over: Any) -> Any:
    facts = {"answers": ANSWERS, "lessons": "Plan more time.", "actor": cast.mona.actor, "now": AFTER}
    return closing.review(change, **{**facts, **over})


@pytest.mark.req("CHG-08")
def test_it_is_closed_only_after_the_result_was_held_against_the_expected_effect(cast: Cast) -> None:
    change = carried_out(cast, begun(cast))
    with pytest.raises(IllegalMove):
        closing.close(change, actor=cast.mona.actor, now=AFTER)
    change = verified(cast, change)
    assert (change.state, change.is_effect_reached, change.verified_by) == (
        lifecycle.REVIEWING, True, cast.mona,
    )  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        closing.close(change, actor=cast.mona.actor, now=AFTER)
    assert list(refused.value.message_dict) == ["review"]
    review(cast, change)
    assert closing.close(change, actor=cast.mona.actor, now=AFTER).state == lifecycle.CLOSED


def test_who_carried_it_out_does_not_verify_it(cast: Cast) -> None:
    change = carried_out(cast, begun(cast))
    for stranger in (cast.sven, cast.alice):
        with pytest.raises(Denied):
            closing.verify(change, is_reached=True, words="Fine.", actor=stranger.actor, now=AFTER)
    assert closing.verify(change, is_reached=True, words="Fine.", actor=cast.bob.actor, now=AFTER).verified_at


def test_a_failed_change_has_not_reached_its_effect(cast: Cast) -> None:
    change = carried_out(cast, begun(cast), "failed")
    with pytest.raises(ValidationError):
        verified(cast, change)
    assert verified(cast, change, is_reached=False).is_effect_reached is False


@pytest.mark.req("CHG-15")
def test_a_standard_change_that_succeeded_is_closed_without_a_review_and_a_failed_one_not(cast: Cast) -> None:
    change = carried_out(cast, carrying.start(standard(cast), actor=cast.sven.actor, now=START))
    with pytest.raises(ValidationError):
        closing.close(change, actor=cast.mona.actor, now=AFTER)
    change = verified(cast, change)
    assert closing.close(change, actor=cast.mona.actor, now=AFTER).state == lifecycle.CLOSED


def test_a_failed_standard_change_is_reviewed_first(cast: Cast) -> None:
    change = carried_out(cast, carrying.start(standard(cast), actor=cast.sven.actor, now=START), "failed")
    change = verified(cast, change, is_reached=False)
    with pytest.raises(ValidationError) as refused:
        closing.close(change, actor=cast.mona.actor, now=AFTER)
    assert list(refused.value.message_dict) == ["review"]
    review(cast, change)
    assert closing.close(change, actor=cast.mona.actor, now=AFTER).state == lifecycle.CLOSED


@pytest.mark.req("CHG-15")
def test_an_emergency_is_closed_only_after_the_board_looked_at_it(cast: Cast) -> None:
    change = deciding.authorise(emergency(cast), words="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    for guard in ("plan", "test"):
        carrying.exempt(change, guard=guard, reason="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    change = carrying.start(change, actor=cast.sven.actor, now=START)
    change = verified(cast, carried_out(cast, change))
    review(cast, change)
    with pytest.raises(ValidationError) as refused:
        closing.close(change, actor=cast.mona.actor, now=AFTER)
    assert list(refused.value.message_dict) == ["by_board"]
    review(cast, change, by_board=make_board(cast))
    assert closing.close(change, actor=cast.mona.actor, now=AFTER).state == lifecycle.CLOSED


@pytest.mark.req("CHG-17")
def test_incidents_it_caused_are_counted_back(cast: Cast) -> None:
    change = verified(cast, carried_out(cast, begun(cast)))
    for title in ("Mail is slow", "Mail is down"):
        link(
            make_incident(cast, title=title), change, kind=Link.Type.CAUSED_BY, actor=cast.alice.actor,
            now=AFTER,
        )  # fmt: skip
    link(make_incident(cast), change, kind=Link.Type.RELATED, actor=cast.alice.actor, now=AFTER)
    assert reading.incident_counts([change.pk]) == {change.pk: 2}
    assert review(cast, change).incidents_caused == 2


def test_lessons_become_an_action_or_a_draft_of_the_knowledge_base_once(cast: Cast) -> None:
    change = verified(cast, carried_out(cast, begun(cast)))
    wanted = FollowUp("action", responsible=cast.sven, due_on=AFTER.date())
    first = review(cast, change, follow_up=wanted).follow_up
    assert first.kind == "action"
    assert review(cast, change, follow_up=wanted).follow_up.pk == first.pk
    other = verified(cast, carried_out(cast, begun(cast, title="Second")))
    assert review(cast, other, follow_up=FollowUp("article")).follow_up.kind == "article"


def test_a_review_answers_every_question_and_says_what_went_otherwise(cast: Cast) -> None:
    change = verified(cast, carried_out(cast, begun(cast)))
    with pytest.raises(ValidationError) as refused:
        review(cast, change, answers={"plan": (False, "")}, lessons="")
    assert sorted(refused.value.message_dict) == ["cost", "lessons", "people", "plan", "side_effects", "time"]


SQL = [
    "UPDATE changes_change SET plan = 'other' WHERE record_ptr_id = %s",
    "UPDATE changes_change SET outcome = 'failed' WHERE record_ptr_id = %s",
    "DELETE FROM changes_change WHERE record_ptr_id = %s",
    "UPDATE records_record SET title = 'other' WHERE id = %s",
    "UPDATE records_record SET state = 'draft', phase = 'active', done_at = NULL WHERE id = %s",
    "UPDATE changes_approval SET words = 'other' WHERE change_id = %s",
    "DELETE FROM changes_approval WHERE change_id = %s",
    "UPDATE changes_logstep SET what = 'other' WHERE change_id = %s",
    "DELETE FROM changes_assessment WHERE change_id = %s",
    "UPDATE changes_targeteffect SET effect = 'improves' WHERE change_id = %s",
    "UPDATE changes_postreview SET lessons = 'other' WHERE change_id = %s",
    "DELETE FROM changes_changeitem WHERE change_id = %s",
    "UPDATE changes_changeservice SET is_found = true WHERE change_id = %s",
    "INSERT INTO changes_condition (change_id, approval_id, text, met_words) SELECT %s, 1, 'late', ''",
    "UPDATE records_activity SET text = 'other' WHERE record_id = %s",
]


@pytest.mark.req("CHG-09")
@pytest.mark.parametrize("sql", SQL)
def test_a_closed_change_is_an_archive_that_not_even_sql_alters(cast: Cast, sql: str) -> None:
    change = closed(cast, items=[make_item(cast)])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [change.pk])
    assert Change.objects.get(pk=change.pk).plan.startswith("1. Stop")


@pytest.mark.req("CHG-09")
def test_the_archive_is_not_emptied(cast: Cast) -> None:
    closed(cast)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE changes_approval CASCADE")
    assert Change.objects.get().approvals.count() == 1


@pytest.mark.req("CHG-09")
def test_an_archived_change_is_found_by_any_of_its_words_and_may_be_remarked_on(cast: Cast) -> None:
    change = closed(cast)
    for words in ("supported", "snapshot", "installed", "arrive"):
        found = records.search.find(Record.objects.all(), words, actor=cast.mona.actor)
        assert found.filter(pk=change.pk).exists(), words
    comment(change, text="See the next one.", is_public=False, actor=cast.alice.actor, now=AFTER)
    link(make_incident(cast), change, kind=Link.Type.CAUSED_BY, actor=cast.alice.actor, now=AFTER)
    assert reading.caused_incidents(change).count() == 1


def test_a_decided_approval_is_not_rewritten_even_while_it_is_open(cast: Cast) -> None:
    change = approved(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        change.approvals.update(result="rejected")
    assert change.approvals.get().result == "approved"
