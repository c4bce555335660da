"""What stands before an implementation, what is noted during it, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

import cmdb.services
from accounts.access import Denied
from changes import carrying, deciding, lifecycle, reading, services, writing
from changes.models import Change, Exemption
from cmdb.models import Item
from records.assignment import assign
from records.lifecycle import IllegalMove
from tests.cast import MONDAY, Cast
from tests.changes.making import (
    END,
    START,
    approve,
    approved,
    assessed,
    begun,
    carried_out,
    emergency,
    make_board,
    make_change,
    make_item,
    put_up,
    with_test,
)
from windows.booking import Taken
from windows.models import Claim, Window


def begin(cast: Cast, change: Change, **over: Any) -> Change:
    return carrying.start(change, **{"actor": cast.sven.actor, "now": START, **over})


def make_freeze(cast: Cast, **over: Any) -> Window:
    return Window.objects.create(**{
        "kind": "freeze", "name_en": "Year end", "name_zh": "年终封网", "everything": True,
        "starts_at": START - timedelta(days=1), "ends_at": END + timedelta(days=1),
        "created_by": cast.mona, "created_at": MONDAY,
        **over,
    })  # fmt: skip


@pytest.mark.req("CHG-06")
def test_nothing_begins_without_a_passed_test_of_the_plan(cast: Cast) -> None:
    change = approved(cast)
    with pytest.raises(ValidationError) as refused:
        begin(cast, change)
    assert list(refused.value.message_dict) == ["test_result"]
    failed = carrying.note_test(change, result="failed", words="No.", actor=cast.sven.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        begin(cast, failed)
    assert begin(cast, with_test(cast, failed)).state == lifecycle.IMPLEMENTING


@pytest.mark.req("CHG-06")
def test_an_exemption_is_another_ones_by_name_and_logged(cast: Cast) -> None:
    change = approved(cast)
    with pytest.raises(Denied):
        carrying.exempt(change, guard="test", reason="No copy.", actor=cast.alice.actor, now=MONDAY)
    carrying.exempt(change, guard="test", reason="There is no copy.", actor=cast.mona.actor, now=MONDAY)
    logged = change.activities.get(verb="change.exempted")
    assert (logged.actor, logged.text) == (cast.mona, "There is no copy.")
    assert begin(cast, change).state == lifecycle.IMPLEMENTING


def test_nobody_exempts_his_own_change(cast: Cast) -> None:
    change = approved(cast, requester=cast.admin)
    with pytest.raises(ValidationError):
        carrying.exempt(change, guard="test", reason="Trust me.", actor=cast.admin.actor, now=MONDAY)
    assert not Exemption.objects.exists()


def test_an_exemption_from_the_test_ends_with_the_plan_it_was_given_for(cast: Cast) -> None:
    change = approved(cast)
    carrying.exempt(change, guard="test", reason="There is no copy.", actor=cast.mona.actor, now=MONDAY)
    change = writing.write(change, {"plan": "Another plan."}, actor=cast.sven.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        begin(cast, approve(change, cast.mona))


@pytest.mark.req("CHG-06")
def test_an_emergency_without_a_plan_begins_only_exempted(cast: Cast) -> None:
    change = deciding.authorise(emergency(cast), words="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError) as refused:
        begin(cast, change)
    assert sorted(refused.value.message_dict) == ["plan", "test_result"]
    for guard in ("plan", "test"):
        carrying.exempt(change, guard=guard, reason="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    assert begin(cast, change).state == lifecycle.IMPLEMENTING


@pytest.mark.req("CHG-05")
def test_conditions_are_noted_as_met_before_it_begins(cast: Cast) -> None:
    change = with_test(cast, approve(put_up(cast), cast.mona, conditions="Tell rita.\nMake a snapshot."))
    with pytest.raises(ValidationError) as refused:
        begin(cast, change)
    assert "Tell rita.; Make a snapshot." in str(refused.value)
    for row in change.conditions.all():
        deciding.note_met(row, words="Done.", actor=cast.sven.actor, now=MONDAY)
    assert begin(cast, change).state == lifecycle.IMPLEMENTING


def test_what_is_not_what_was_approved_does_not_begin(cast: Cast) -> None:
    change = with_test(cast, approved(cast))
    Change.objects.filter(pk=change.pk).update(plan="Slipped in past the verbs.")
    with pytest.raises(ValidationError) as refused:
        begin(cast, change)
    assert "content" in refused.value.message_dict


def test_a_stranger_does_not_begin_it(cast: Cast) -> None:
    with pytest.raises(Denied):
        begin(cast, with_test(cast, approved(cast)), actor=cast.alice.actor)


def test_nothing_begins_in_a_freeze(cast: Cast) -> None:
    change = with_test(cast, approved(cast))
    make_freeze(cast)
    with pytest.raises(Taken) as refused:
        begin(cast, change)
    assert "Year end" in str(refused.value)
    with pytest.raises(ValidationError):
        carrying.exempt(change, guard="freeze", reason="Please.", actor=cast.mona.actor, now=MONDAY)


def test_an_emergency_passes_a_freeze_with_an_exemption_by_name(cast: Cast) -> None:
    make_freeze(cast)
    change = deciding.authorise(emergency(cast), words="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    for guard in ("plan", "test"):
        carrying.exempt(change, guard=guard, reason="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(Taken):
        begin(cast, change)
    carrying.exempt(change, guard="freeze", reason="Mail is down.", actor=cast.mona.actor, now=MONDAY)
    assert begin(cast, change).state == lifecycle.IMPLEMENTING


def test_two_changes_of_one_service_do_not_get_the_same_time(cast: Cast) -> None:
    put_up(cast)
    second = assessed(cast, title="Another one")
    with pytest.raises(Taken) as refused:
        deciding.put_up(second, actor=cast.mona.actor, now=MONDAY)
    assert "planned_start_at" in refused.value.message_dict
    carrying.exempt(second, guard="collision", reason="Same people.", actor=cast.admin.actor, now=MONDAY)
    assert deciding.put_up(second, actor=cast.mona.actor, now=MONDAY).state == lifecycle.APPROVING


def test_a_cancelled_change_gives_its_time_up(cast: Cast) -> None:
    first = put_up(cast)
    assert Claim.objects.filter(record=first.pk).exists()
    services.cancel(first, reason="Not needed.", actor=cast.bob.actor, now=MONDAY)
    assert not Claim.objects.exists()


@pytest.mark.req("CHG-09")
def test_steps_are_logged_with_times_and_who_did_them(cast: Cast) -> None:
    change = begun(cast)
    later = START + timedelta(minutes=30)
    step = carrying.log_step(
        change, what="Snapshot", started_at=START, ended_at=later, done_by=cast.bob,
        actor=cast.sven.actor, now=later,
    )  # fmt: skip
    assert (step.done_by, step.ended_at) == (cast.bob, later)
    for first, last in ((MONDAY, later), (START, later + timedelta(days=1)), (later, START)):
        with pytest.raises(ValidationError):
            carrying.log_step(
                change, what="x", started_at=first, ended_at=last, actor=cast.sven.actor, now=later
            )


@pytest.mark.req("CHG-07")
def test_it_ends_with_one_of_three_outcomes(cast: Cast) -> None:
    change = begun(cast)
    for outcome in ("", "so-so"):
        with pytest.raises(ValidationError):
            carrying.complete(change, outcome=outcome, words="x", actor=cast.sven.actor, now=END)
    with pytest.raises(ValidationError) as refused:
        carrying.complete(change, outcome="success", words="x", actor=cast.sven.actor, now=END)
    assert "steps" in refused.value.message_dict
    done = carried_out(cast, change, "backed_out")
    assert (done.state, done.outcome) == (lifecycle.VERIFYING, "backed_out")
    assert set(Change.Outcome.values) == {"success", "backed_out", "failed"}


@pytest.mark.req("CHG-07")
def test_a_change_without_a_back_out_plan_is_not_put_up(cast: Cast) -> None:
    change = writing.write(assessed(cast), {"backout_plan": ""}, actor=cast.sven.actor, now=MONDAY)
    with pytest.raises(ValidationError) as refused:
        deciding.put_up(change, actor=cast.mona.actor, now=MONDAY)
    assert list(refused.value.message_dict) == ["backout_plan"]


@pytest.mark.req("CHG-11")
def test_an_item_is_altered_only_by_the_authority_of_its_change(cast: Cast) -> None:
    item, other = make_item(cast), make_item(cast, "mail-02")
    change = begun(cast, items=[item], untouched=[other])
    authority = reading.authority_of(change)
    assert (authority.is_approved, authority.item_ids) == (True, frozenset({item.pk}))
    carrying.alter(change, item, {"revision": "2.4"}, actor=cast.sven.actor, now=START)
    assert Item.objects.get(pk=item.pk).revision == "2.4"
    with pytest.raises((ValidationError, Denied)):
        carrying.alter(change, other, {"revision": "2.4"}, actor=cast.sven.actor, now=START)
    done = carried_out(cast, change)
    assert not reading.authority_of(done).is_approved
    with pytest.raises(IllegalMove):
        carrying.alter(done, item, {"revision": "2.5"}, actor=cast.sven.actor, now=END)
    with pytest.raises(ValidationError):
        cmdb.services.alter_item(item, {"revision": "9"}, authority=None, actor=cast.mona.actor, now=END)
    assert Item.objects.get(pk=item.pk).revision == "2.4"


@pytest.mark.req("CHG-11")
def test_owners_of_altered_items_are_told_once_or_asked_for_it_themselves(cast: Cast) -> None:
    item, own = make_item(cast, owner=cast.alice), make_item(cast, "mail-02", owner=cast.bob)
    change = services.submit(make_change(cast, items=[item, own]), actor=cast.bob.actor, now=MONDAY)
    told = change.activities.get(verb="change.owners_told")
    assert told.data["people"] == [cast.alice.pk]
    assert told.deliveries.filter(recipient=cast.alice).exists()
    assert reading.authority_of(change).owner_told == tuple(sorted((cast.alice.pk, cast.bob.pk)))
    third = make_item(cast, "mail-03", owner=cast.alice)
    writing.set_scope(
        change, items=[(item, True), (own, True), (third, True)], services=[cast.mail],
        actor=cast.bob.actor, now=MONDAY,
    )  # fmt: skip
    assert change.activities.filter(verb="change.owners_told").count() == 1


def test_the_number_of_a_change_nobody_may_see_gives_no_authority(cast: Cast) -> None:
    from django.http import Http404

    change = make_change(cast)
    with pytest.raises(Http404):
        reading.authority(change.number, actor=cast.carla.actor)
    assert not reading.authority(change.number.lower(), actor=cast.mona.actor).is_approved
    assert make_board(cast).number.startswith("CAB")


def test_who_approved_it_does_not_carry_it_out_either(cast: Cast) -> None:
    change = with_test(cast, approved(cast, assignee=None))
    with pytest.raises(ValidationError) as refused:
        begin(cast, change, actor=cast.mona.actor)
    assert list(refused.value.message_dict) == ["assignee"]
    change = assign(change, team=None, assignee=cast.mona, actor=cast.admin.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        begin(cast, change, actor=cast.admin.actor)
    change = assign(change, team=None, assignee=cast.sven, actor=cast.admin.actor, now=MONDAY)
    assert begin(cast, change).state == lifecycle.IMPLEMENTING
