"""Approval of changes: who is asked, what counts, and what starts it anew."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from changes import lifecycle, writing
from changes.models import Approval, Change
from tests.cast import MONDAY, Cast
from tests.changes.making import (
    RISKY,
    approve,
    approved,
    put_up,
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
