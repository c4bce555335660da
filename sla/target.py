"""What is promised: a target, and the number of working seconds it comes to (rules D). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sla import reading
from sla.calendar import ALWAYS, Calendar, to_seconds
from sla.reading import Refused
from sla.zone import DAY, LAST

Kind = Literal["business_seconds", "working_days", "calendar_days"]
Until = Literal["same_time", "close"]
KINDS: tuple[Kind, ...] = ("business_seconds", "working_days", "calendar_days")
UNTILS: tuple[Until, ...] = ("same_time", "close")


class TargetError(Refused):
    """A target that is not accepted, or cannot be resolved on a calendar (D-6)."""


@dataclass(frozen=True, slots=True)
class Target:
    """An amount of seconds or days; days also say until when on the last one. Immutable, checked."""

    kind: Kind
    amount: int
    until: Until | None = None

    def __post_init__(self) -> None:
        try:
            reading.choice(self.kind, "kind", KINDS, code="unknown_kind")
            reading.whole(self.amount, self.unit)
            if self.kind != "business_seconds":
                reading.choice(self.until, "until", UNTILS)
            elif self.until is not None:
                raise Refused("unknown_field", "until", "belongs to targets in days")
        except Refused as refused:
            raise TargetError(refused.code, refused.field, refused.detail) from None

    @property
    def unit(self) -> str:
        """The name of the amount in the JSON form."""
        return "seconds" if self.kind == "business_seconds" else "days"

    @classmethod
    def parse(cls, definition: Mapping[str, Any]) -> "Target":
        """The target of a JSON definition; `TargetError(code, field, detail)` if refused (D-6, X-5)."""
        try:
            kind = reading.table(definition, "").get("kind")
            if kind is None:
                raise Refused("required", "kind", f"is missing; one of {', '.join(KINDS)}")
            kind = reading.choice(kind, "kind", KINDS, code="unknown_kind")
            if kind == "business_seconds":
                reading.mapping(definition, "", required=("kind", "seconds"))
                return cls("business_seconds", definition["seconds"])
            reading.mapping(definition, "", required=("kind", "days", "until"))
            until = reading.choice(definition["until"], "until", UNTILS)
            return cls(cast("Kind", kind), definition["days"], cast("Until", until))
        except TargetError:
            raise
        except Refused as refused:
            raise TargetError(refused.code, refused.field, refused.detail) from None

    def definition(self) -> dict[str, Any]:
        """The JSON form, as `parse` takes it."""
        found: dict[str, Any] = {"kind": self.kind, self.unit: self.amount}
        return found if self.until is None else found | {"until": self.until}

    def runs_on(self, calendar: Calendar) -> Calendar:
        """The calendar whose time counts: calendar days run round the clock (D-3)."""
        return ALWAYS if self.kind == "calendar_days" else calendar


def resolve(target: Target, calendar: Calendar, start: datetime) -> int:
    """The working seconds a target comes to from an instant on (D-1); `TargetError` if it cannot (D-6)."""
    return resolve_at(target, calendar, to_seconds(start))


def resolve_at(target: Target, calendar: Calendar, start: int) -> int:
    """`resolve`, with the start in whole seconds since 1970."""
    if target.kind == "business_seconds":
        return target.amount
    if target.kind == "calendar_days":
        return _calendar_days(target, calendar, start)
    return _working_days(target, calendar, start)


def _calendar_days(target: Target, calendar: Calendar, start: int) -> int:
    zone = calendar.timeline.zone
    day, wall = divmod(zone.local(start), DAY)
    aim = day + target.amount
    if aim >= LAST // DAY:
        raise TargetError("unresolvable", "days", "leads beyond the year 9999")
    local = (aim + 1) * DAY if target.until == "close" else aim * DAY + wall
    return zone.instant(local) - start


def _working_days(target: Target, calendar: Calendar, start: int) -> int:
    line = calendar.timeline
    begin: int | None = start
    if target.until == "same_time":
        begin = line.next_opening(start)
    goal = None
    if begin is not None:
        day, wall = divmod(line.zone.local(begin), DAY)
        goal = line.working_day(day, target.amount)
    if goal is None:
        detail = f"the calendar has fewer than {target.amount} working days within 30 years of the start"
        raise TargetError("unresolvable", "days", detail)
    end = line.closing(goal) if target.until == "close" else line.zone.instant(goal * DAY + wall)
    return line.between(start, end)
