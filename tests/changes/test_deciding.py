"""Approval of changes: who is asked, what counts, and what starts it anew."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from changes import deciding, lifecycle, services, writing
from changes.models import Approval, Change
from records.lifecycle import IllegalMove
from tests.cast import MONDAY, Cast, make_incident
from tests.changes.making import (
    END,
    RISKY,
    START,
    approve,
    approved,
    closed,
    emergency,
    make_board,
    make_change,
    put_up,
    standard,
)


def test_a_harmless_change_needs_one_approval(cast: Cast) -> None:
    change = put_up(cast)
    assert list(change.approvals.values_list("party", "result")) == [("change_manager", "")]
    assert approve(change, cast.mona).state == lifecycle.APPROVED


@pytest.mark.req("CHG-13")
def test_a_risky_change_needs_the_service_owner_the_managers_and_the_board(cast: Cast) -> None:
    cast.mail.owner = cast.alice
    cast.mail.save()
    change = put_up(cast, answers=RISKY)
    parties = list(change.approvals.order_by("pk").values_list("party", "person__username"))
    assert parties == [
        ("service_owner", "alice"), ("change_manager", None), ("management", None), ("board", None),
    ]  # fmt: skip
    change = approve(change, cast.alice)
    change = approve(change, cast.mona)
    assert change.state == lifecycle.APPROVING


@pytest.mark.req("CHG-13")
def test_the_amount_alone_asks_for_the_management(cast: Cast) -> None:
    change = put_up(cast, amount=Decimal(150_000))
    assert list(change.approvals.values_list("party", flat=True)) == ["change_manager", "management"]


def test_nobody_approves_his_own_change(cast: Cast) -> None:
    change = put_up(cast, assignee=cast.admin)
    with pytest.raises(ValidationError) as refused:
        approve(change, cast.admin)
    assert "his own change" in str(refused.value)
    assert Approval.objects.get(change=change).result == ""


def test_an_agent_who_was_not_asked_decides_nothing(cast: Cast) -> None:
    change = put_up(cast)
    with pytest.raises(ValidationError):
        approve(change, cast.alice)
    with pytest.raises(Denied):
        approve(change, cast.carla)


@pytest.mark.req("CHG-13")
def test_an_edit_of_what_was_approved_starts_the_approval_anew(cast: Cast) -> None:
    change = approved(cast)
    first = change.content_hash
    change = writing.write(change, {"plan": "Another plan."}, actor=cast.sven.actor, now=MONDAY)
    assert (change.state, change.round) == (lifecycle.APPROVING, 2)
    assert Change.objects.get(pk=change.pk).content_hash != first
    rows = list(change.approvals.order_by("pk").values_list("round", "result"))
    assert rows == [(1, "approved"), (2, "")]


def test_the_same_words_again_leave_the_approval_alone(cast: Cast) -> None:
    change = approved(cast)
    again = writing.write(change, {"plan": change.plan}, actor=cast.sven.actor, now=MONDAY)
    assert (again.state, again.round) == (lifecycle.APPROVED, 1)


def test_an_edit_while_waiting_makes_given_answers_history(cast: Cast) -> None:
    cast.mail.owner = cast.alice
    cast.mail.save()
    change = approve(put_up(cast, answers=RISKY), cast.alice)
    change = writing.write(change, {"backout_plan": "Another way back."}, actor=cast.sven.actor, now=MONDAY)
    present = change.approvals.filter(round=2)
    assert set(present.values_list("result", flat=True)) == {""}
    assert change.approvals.filter(round=1, result="approved").count() == 1
    assert change.approvals.filter(round=1, result="void").count() == 3


def test_an_edit_that_leaves_what_was_put_up_incomplete_is_refused(cast: Cast) -> None:
    change = put_up(cast)
    with pytest.raises(ValidationError) as refused:
        writing.write(change, {"plan": ""}, actor=cast.sven.actor, now=MONDAY)
    assert "plan" in refused.value.message_dict
    assert Change.objects.get(pk=change.pk).round == 1


@pytest.mark.req("CHG-13")
def test_nobody_answers_for_two_levels(cast: Cast) -> None:
    change = approve(put_up(cast, amount=Decimal(150_000)), cast.mona)
    with pytest.raises(ValidationError) as refused:
        approve(change, cast.mona)
    assert "already" in str(refused.value)
    assert approve(change, cast.admin).state == lifecycle.APPROVED


@pytest.mark.req("CHG-05")
def test_a_major_change_is_not_approved_without_the_board(cast: Cast) -> None:
    change = approve(put_up(cast, is_major=True), cast.mona)
    assert change.state == lifecycle.APPROVING
    change = approve(change, cast.admin, by_board=make_board(cast), conditions="Tell the customers.")
    assert change.state == lifecycle.APPROVED
    row = change.approvals.get(party="board")
    assert row.by_board is not None
    assert list(row.conditions.values_list("text", flat=True)) == ["Tell the customers."]


def test_another_record_is_no_board(cast: Cast) -> None:
    change = approve(put_up(cast, is_major=True), cast.mona)
    with pytest.raises(ValidationError):
        approve(change, cast.admin, by_board=make_incident(cast))


def test_a_rejection_needs_words_and_ends_it(cast: Cast) -> None:
    change = put_up(cast, amount=Decimal(150_000))
    with pytest.raises(ValidationError):
        approve(change, cast.mona, approve=False)
    change = approve(change, cast.mona, approve=False, words="Not before the audit.")
    assert change.state == lifecycle.REJECTED
    assert list(change.approvals.order_by("pk").values_list("result", flat=True)) == ["rejected", "void"]
    with pytest.raises(IllegalMove):
        approve(change, cast.admin)


@pytest.mark.req("CHG-15")
def test_one_leader_authorises_an_emergency_by_name_and_not_his_own(cast: Cast) -> None:
    change = emergency(cast)
    with pytest.raises(Denied):
        deciding.authorise(change, words="It burns.", actor=cast.alice.actor, now=MONDAY)
    own = emergency(cast, requester=cast.mona)
    with pytest.raises(ValidationError):
        deciding.authorise(own, words="It burns.", actor=cast.mona.actor, now=MONDAY)
    change = deciding.authorise(change, words="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    assert (change.state, change.authorised_by) == (lifecycle.APPROVED, cast.mona)
    change = writing.write(change, {"plan": "Another."}, actor=cast.sven.actor, now=MONDAY)
    assert change.state == lifecycle.SUBMITTED


@pytest.mark.req("CHG-15")
def test_a_standard_change_goes_straight_to_work_with_its_models_plan(cast: Cast) -> None:
    change = standard(cast, title="")
    assert (change.state, change.plan) == (lifecycle.APPROVED, "Drain, restart, check.")
    assert (change.title, change.test_result) == ("Restart the mail gateway · 重启邮件网关", "passed")
    assert not change.approvals.exists()
    with pytest.raises(ValidationError):
        writing.write(change, {"plan": "Something else."}, actor=cast.sven.actor, now=MONDAY)
    times = {"planned_start_at": START, "planned_end_at": END}
    again = writing.write(change, times, actor=cast.sven.actor, now=MONDAY)
    assert (again.state, again.planned_start_at) == (lifecycle.APPROVED, START)


def test_a_request_lacking_something_is_not_submitted_and_all_of_it_is_named(cast: Cast) -> None:
    bare = make_change(cast, reason="", expected_effect="", services=[])
    with pytest.raises(ValidationError) as refused:
        services.submit(bare, actor=cast.bob.actor, now=MONDAY)
    assert sorted(refused.value.message_dict) == ["expected_effect", "items", "reason"]


@pytest.mark.req("CHG-01")
def test_a_change_goes_through_all_its_stages(cast: Cast) -> None:
    change = closed(cast)
    moves = change.activities.filter(verb__startswith="change.").order_by("id").values_list("verb", flat=True)
    stages = [verb for verb in moves if verb.removeprefix("change.") in lifecycle.NORMAL_WAY.moves]
    assert stages == [
        "change.submit_change", "change.accept_change", "change.put_up_change", "change.approve_change",
        "change.begin_change", "change.complete_change", "change.verify_change", "change.close_change",
    ]  # fmt: skip


@pytest.mark.req("CHG-02")
def test_every_nature_of_the_book_can_be_named(cast: Cast) -> None:
    natures = ("component", "configuration", "dependency", "business")
    assert [make_change(cast, nature=nature).nature for nature in natures] == list(natures)
    with pytest.raises(ValidationError):
        make_change(cast, nature="whatever")
