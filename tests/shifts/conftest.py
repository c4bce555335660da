"""A desk with three overlapping patterns, rules of minimum occupancy, and the verb that fills it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

import pytest

from accounts.models import Membership, User
from shifts import services
from shifts.models import Duty, DutyRules, MinimumSeats, ShiftPattern
from tests.cast import MONDAY, Cast, make_user

DAY = date(2026, 3, 2)  # MONDAY, in Shanghai


@dataclass
class Desk:
    cast: Cast
    early: ShiftPattern
    late: ShiftPattern
    night: ShiftPattern

    def add(self, person: User, pattern: ShiftPattern, *days: date, **over: Any) -> services.Outcome:
        return services.add(
            **{
                "team": self.cast.desk, "person": person, "pattern": pattern, "days": days or (DAY,),
                "actor": self.cast.mona.actor, "now": MONDAY, **over,
            }
        )  # fmt: skip

    def duty(self, person: User, pattern: ShiftPattern, day: date = DAY, **over: Any) -> Duty:
        return self.add(person, pattern, day, **over).made[0]

    def need(self, seats: int, start: int, end: int, weekday: int | None = None) -> MinimumSeats:
        return MinimumSeats.objects.create(
            team=self.cast.desk, weekday=weekday, starts=time(start), ends=time(end), seats=seats
        )

    def join(self, name: str) -> User:
        from accounts.access import Role

        user = make_user(name, self.cast.provider, Role.AGENT)
        Membership.objects.create(team=self.cast.desk, user=user)
        return user


def pattern(code: str, start: int, end: int) -> ShiftPattern:
    return ShiftPattern.objects.create(
        code=code, name_en=code.title(), name_zh="班", starts=time(start), ends=time(end)
    )


@pytest.fixture
def desk(cast: Cast) -> Desk:
    DutyRules.objects.create(team=cast.desk, text_en="Be there early.", text_zh="提前到岗。")
    return Desk(cast, pattern("early", 8, 20), pattern("late", 9, 21), pattern("night", 20, 8))


Log = Callable[[Any], Any]
