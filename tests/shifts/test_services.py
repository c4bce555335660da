from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from shifts import queries, services
from shifts.models import Duty
from tests.cast import MONDAY
from tests.shifts.conftest import DAY, Desk

TUESDAY = DAY + timedelta(days=1)


@pytest.mark.req("PPL-06")
def test_overlapping_shifts_and_a_night_stand_on_one_roster(desk: Desk) -> None:
    cast = desk.cast
    desk.add(cast.alice, desk.early)
    desk.add(cast.bob, desk.late)
    duty = desk.duty(desk.join("nora"), desk.night)
    assert (duty.starts_at, duty.ends_at) == (
        datetime(2026, 3, 2, 12, tzinfo=UTC),
        datetime(2026, 3, 3, 0, tzinfo=UTC),
    )
    assert [user.username for user in queries.on_duty(cast.desk, MONDAY)] == ["alice", "bob"]
    assert [u.username for u in queries.on_duty(cast.desk, datetime(2026, 3, 2, 20, tzinfo=UTC))] == ["nora"]


def test_nobody_sits_on_two_chairs_but_may_be_on_call_beside(desk: Desk) -> None:
    alice = desk.cast.alice
    desk.add(alice, desk.early)
    with pytest.raises(ValidationError, match="on duty then already"):
        desk.add(alice, desk.late)
    assert desk.add(alice, desk.late, kind="on_call").made
    assert [user.username for user in queries.on_call(desk.cast.desk, MONDAY)] == ["alice"]
    with pytest.raises(IntegrityError, match="duty_one_seat_at_a_time"), transaction.atomic():
        Duty.objects.create(
            team=desk.cast.second, person=alice, pattern=desk.late, date=DAY, starts_at=MONDAY,
            ends_at=MONDAY + timedelta(hours=1),
        )  # fmt: skip


def test_the_same_duty_twice_is_once_and_several_days_leave_out_what_clashes(desk: Desk) -> None:
    alice = desk.cast.alice
    desk.add(alice, desk.early)
    again = desk.add(alice, desk.early)
    assert (again.made, again.there) == ([], 1)
    outcome = desk.add(alice, desk.late, DAY, TUESDAY)
    assert [duty.date for duty in outcome.made] == [TUESDAY]
    assert [clash.date for clash in outcome.clashes] == [DAY]


def test_a_week_is_copied_once_without_who_left(desk: Desk) -> None:
    cast = desk.cast
    desk.add(cast.alice, desk.early, DAY, TUESDAY)
    desk.add(cast.bob, desk.night)
    cast.bob.memberships.all().delete()
    facts: dict[str, Any] = {"actor": cast.mona.actor, "now": MONDAY}
    made = services.copy_week(cast.desk, DAY + timedelta(days=7), **facts)
    assert [duty.date for duty in made.made] == [date(2026, 3, 9), date(2026, 3, 10)]
    assert services.copy_week(cast.desk, DAY + timedelta(days=7), **facts).there == 2
    assert Duty.objects.count() == 5


@pytest.mark.parametrize("who", ["alice", "robot", "rita", "charlie"])
def test_only_managers_write_the_roster(desk: Desk, who: str) -> None:
    with pytest.raises(Denied):
        desk.add(desk.cast.alice, desk.early, actor=getattr(desk.cast, who).actor)
    duty = desk.duty(desk.cast.alice, desk.early)
    with pytest.raises(Denied):
        services.remove(duty, actor=getattr(desk.cast, who).actor, now=MONDAY)
    services.remove(duty, actor=desk.cast.mona.actor, now=MONDAY)
    services.remove(duty, actor=desk.cast.mona.actor, now=MONDAY)
    assert not Duty.objects.exists()


def test_who_is_not_of_the_team_is_refused(desk: Desk) -> None:
    with pytest.raises(ValidationError, match="is not in this team"):
        desk.add(desk.cast.sven, desk.early)


@pytest.mark.req("INC-22")
def test_an_emergency_finds_who_is_on_call(desk: Desk) -> None:
    from incidents import oncall

    assert oncall.on_call(desk.cast.desk, MONDAY) is None
    desk.add(desk.cast.bob, desk.late, kind="on_call")
    assert oncall.on_call(desk.cast.desk, MONDAY) == desk.cast.bob
