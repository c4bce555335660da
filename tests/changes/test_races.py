"""Two people at the same change at the same moment: one of them is first, the other one is told."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from changes import carrying, closing, deciding, lifecycle, templates, unauthorised, writing
from changes.models import Approval, Change, ChangeTemplate, UnauthorisedChange
from records.lifecycle import IllegalMove
from records.models import Activity
from tests.cast import MONDAY, Cast
from tests.changes.making import (
    AFTER,
    START,
    TEMPLATE,
    approve,
    approved,
    assessed,
    begun,
    carried_out,
    make_item,
    put_up,
    with_test,
)
from windows.booking import Taken

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment, each with a connection of its own; answers results or exceptions."""
    barrier = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            results[place] = act()
        except Exception as error:  # noqa: BLE001 - it is the answer
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


def kinds(results: list[object]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def test_of_two_who_approve_at_once_one_is_told_it_is_decided(cast: Cast) -> None:
    change = put_up(cast)
    results = together(lambda: approve(change, cast.mona), lambda: approve(change, cast.admin))
    assert kinds(results) in (["Change", "IllegalMove"], ["Change", "ValidationError"])
    assert Change.objects.get(pk=change.pk).state == lifecycle.APPROVED
    assert Activity.objects.filter(record=change.pk, verb="change.approve_change").count() == 1


def test_one_who_approves_twice_at_once_is_counted_once(cast: Cast) -> None:
    change = put_up(cast, amount=Decimal(150_000))
    results = together(lambda: approve(change, cast.mona), lambda: approve(change, cast.mona))
    assert kinds(results) == ["Change", "ValidationError"]
    assert Approval.objects.filter(change=change, result="approved").count() == 1
    assert Change.objects.get(pk=change.pk).state == lifecycle.APPROVING


def test_an_approval_never_counts_for_a_plan_that_was_edited_at_the_same_moment(cast: Cast) -> None:
    for n in range(4):
        start = START + timedelta(days=n)
        times = {"planned_start_at": start, "planned_end_at": start + timedelta(hours=1)}
        change = writing.write(assessed(cast, title=f"Change {n}"), times, actor=cast.sven.actor, now=MONDAY)
        change = deciding.put_up(change, actor=cast.mona.actor, now=MONDAY)
        together(
            lambda: approve(change, cast.mona),  # noqa: B023 - it is run before the next round
            lambda: writing.write(change, {"plan": "Other."}, actor=cast.sven.actor, now=MONDAY),  # noqa: B023
        )
        now = Change.objects.get(pk=change.pk)
        assert now.plan == "Other."
        # whichever came first: the new plan waits for its own approval
        assert (now.state, now.round) == (lifecycle.APPROVING, 2)
        assert now.approvals.filter(round=2, result="").count() == 1


def test_a_change_is_begun_once(cast: Cast) -> None:
    change = with_test(cast, approved(cast))
    results = together(
        lambda: carrying.start(change, actor=cast.sven.actor, now=START),
        lambda: carrying.start(change, actor=cast.mona.actor, now=START),
    )
    assert kinds(results) == ["Change", "IllegalMove"]
    assert Activity.objects.filter(record=change.pk, verb="change.begin_change").count() == 1


def test_two_changes_put_up_at_once_do_not_get_the_same_time(cast: Cast) -> None:
    first, second = assessed(cast), assessed(cast, title="Second")
    results = together(
        lambda: deciding.put_up(first, actor=cast.mona.actor, now=MONDAY),
        lambda: deciding.put_up(second, actor=cast.admin.actor, now=MONDAY),
    )
    assert kinds(results) == ["Change", "Taken"]
    assert any(isinstance(result, Taken) for result in results)
    states = set(Change.objects.values_list("state", flat=True))
    assert states == {lifecycle.APPROVING, lifecycle.ASSESSING}


def test_of_two_editions_of_a_model_approved_at_once_one_is_left(cast: Cast) -> None:
    made = [
        templates.propose(code="gateway", facts=TEMPLATE, actor=cast.mona.actor, now=MONDAY) for _ in range(2)
    ]
    together(*(
        lambda row=row: templates.approve(row, actor=cast.admin.actor, now=MONDAY)
        for row in made
    ))  # fmt: skip
    assert ChangeTemplate.objects.filter(state="approved").count() == 1


def test_a_finding_is_recorded_and_settled_once(cast: Cast) -> None:
    item, cause = make_item(cast), put_up(cast)
    together(*[
        lambda: unauthorised.record(
            item=item, found="Revision 9", cause=cause, actor=cast.mona.actor, now=MONDAY
        )
    ] * 2)  # fmt: skip
    row = UnauthorisedChange.objects.get()
    results = together(*[
        lambda: unauthorised.back_out(row, words="Set back.", actor=cast.mona.actor, now=MONDAY)
    ] * 2)  # fmt: skip
    assert kinds(results) == ["UnauthorisedChange", "ValidationError"]


def test_a_result_is_verified_once(cast: Cast) -> None:
    change = carried_out(cast, begun(cast))
    results = together(*(
        lambda who=who: closing.verify(
            change, is_reached=True, words="Fine.", actor=who.actor, now=AFTER
        )
        for who in (cast.mona, cast.admin)
    ))  # fmt: skip
    assert kinds(results) == ["Change", "IllegalMove"]
    assert any(isinstance(result, IllegalMove | ValidationError) for result in results)
