from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.access import Denied
from records.lifecycle import IllegalMove
from shifts import swapping
from shifts.models import Duty, Swap
from tests.cast import MONDAY
from tests.shifts.conftest import DAY, Desk, Log

BEFORE = MONDAY - timedelta(days=2)


def asked(desk: Desk, duty: Duty, **over: Any) -> Swap:
    facts = {"colleague": desk.cast.bob, "reason": "Dentist", "actor": desk.cast.alice.actor, "now": BEFORE}
    return swapping.ask(duty, **{**facts, **over})


def act(swap: Swap, move: str, who: Any) -> Swap:
    return swapping.act(swap, move, actor=who.actor, now=BEFORE)


@pytest.mark.req("PPL-08")
def test_a_swap_needs_the_colleague_and_then_a_manager(desk: Desk) -> None:
    cast, duty = desk.cast, desk.duty(desk.cast.alice, desk.early)
    swap = asked(desk, duty)
    for who, move in ((cast.mona, "consent"), (cast.alice, "consent"), (cast.bob, "approve")):
        with pytest.raises(Denied):
            act(swap, move, who)
    with pytest.raises(IllegalMove):
        act(swap, "approve", cast.mona)
    act(swap, "consent", cast.bob)
    assert Duty.objects.get().person == cast.alice
    act(swap, "approve", cast.mona)
    assert Duty.objects.get().person == cast.bob
    with pytest.raises(IllegalMove):
        act(swap, "withdraw", cast.alice)


def test_two_duties_at_the_same_time_change_hands(desk: Desk) -> None:
    mine, theirs = desk.duty(desk.cast.alice, desk.early), desk.duty(desk.cast.bob, desk.late)
    swap = asked(desk, mine, in_return=theirs)
    act(swap, "consent", desk.cast.bob)
    act(swap, "approve", desk.cast.mona)
    assert {d.pattern.code: d.person.username for d in Duty.objects.all()} == {
        "early": "bob",
        "late": "alice",
    }


def test_a_swap_that_would_seat_somebody_twice_is_refused(desk: Desk) -> None:
    duty = desk.duty(desk.cast.alice, desk.early)
    desk.add(desk.cast.bob, desk.late)
    swap = asked(desk, duty)
    act(swap, "consent", desk.cast.bob)
    with pytest.raises(ValidationError, match="on duty then already"):
        act(swap, "approve", desk.cast.mona)
    swap.refresh_from_db()
    assert (swap.state, Duty.objects.get(pk=duty.pk).person) == ("consented", desk.cast.alice)


def test_a_duty_has_one_open_swap_and_is_not_taken_off_meanwhile(desk: Desk) -> None:
    from shifts import services

    duty = desk.duty(desk.cast.alice, desk.early)
    swap = asked(desk, duty)
    with pytest.raises(ValidationError, match="already"):
        asked(desk, duty)
    with pytest.raises(ValidationError, match="decide on it first"):
        services.remove(duty, actor=desk.cast.mona.actor, now=BEFORE)
    act(swap, "decline", desk.cast.bob)
    assert asked(desk, duty).state == "asked"


def test_others_duties_and_past_ones_are_not_offered(desk: Desk) -> None:
    duty = desk.duty(desk.cast.alice, desk.early)
    with pytest.raises(Denied):
        asked(desk, duty, actor=desk.cast.bob.actor)
    with pytest.raises(ValidationError, match="has begun"):
        asked(desk, duty, now=MONDAY)
    with pytest.raises(ValidationError, match="is not in this team"):
        asked(desk, duty, colleague=desk.cast.sven)


@pytest.mark.django_db(transaction=True)
def test_two_swaps_of_one_duty_asked_at_once_are_one(desk: Desk) -> None:
    duty = desk.duty(desk.cast.alice, desk.early)

    def once(_n: int) -> bool:
        try:
            asked(desk, duty)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(once, range(4))) == [False, False, False, True]
    assert Swap.objects.count() == 1


@pytest.mark.req("PPL-08")
def test_a_swap_is_asked_for_and_answered_on_the_pages(desk: Desk, client_of: Log) -> None:
    duty = desk.duty(desk.cast.alice, desk.early, DAY + timedelta(days=3650))
    url = f"/roster/swaps/new/{duty.pk}/"
    assert "Be there early." in client_of(desk.cast.alice).get(url).content.decode()
    done = client_of(desk.cast.alice).post(url, {"colleague": desk.cast.bob.pk, "reason": "Dentist"})
    assert done.status_code == 302
    swap = Swap.objects.get()
    bob = client_of(desk.cast.bob)
    assert "Consent" in bob.get("/roster/swaps/?team=desk").content.decode()
    bob.post(f"/roster/swaps/{swap.pk}/consent/")
    assert bob.post(f"/roster/swaps/{swap.pk}/approve/").status_code == 403
    client_of(desk.cast.mona).post(f"/roster/swaps/{swap.pk}/approve/")
    assert Duty.objects.get().person == desk.cast.bob
