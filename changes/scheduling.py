"""When a change is done: its time is claimed in the calendar, and given up again (windows.booking)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.access import Actor
from changes import lifecycle
from changes.models import Change, Exemption
from windows import booking
from windows.models import Claim
from windows.reach import Reach, reach_of
from windows.slots import Conflict, Kind

Guard = Exemption.Guard
# by which kind of conflict an exemption lets a change pass
KINDS: Mapping[str, Kind] = {
    Guard.FREEZE: Kind.FREEZE,
    Guard.WINDOW: Kind.OUTSIDE,
    Guard.COLLISION: Kind.BOOKING,
}
USUAL_LENGTH = timedelta(hours=1)


def scope_of(change: Change) -> tuple[list[int], list[int]]:
    """Ids of the items and services that are worked on. Of the services only those people named: what the
    items bring along is found by the calendar itself."""
    items = sorted(change.change_items.filter(is_altered=True).values_list("item", flat=True))
    services = sorted(change.change_services.filter(is_found=False).values_list("service", flat=True))
    return items, services


@dataclass(frozen=True)
class Work:
    """What a change works on (:func:`scope_of`), and how far that reaches: found once for a whole page."""

    items: frozenset[int]
    services: frozenset[int]
    reach: Reach


def work_of(change: Change) -> Work:
    """As it is now, whatever was claimed; a query for each step along the relations."""
    items, services = scope_of(change)
    return Work(frozenset(items), frozenset(services), reach_of(items, services))


def is_on_paper(change: Change) -> bool:
    """A change of an agreement works on nothing that runs: no window, freeze or change is in its way."""
    return change.nature == Change.Nature.AGREEMENT


def exempted(change: Change) -> list[Kind]:
    """The kinds of conflict somebody let this round of it pass."""
    guards = change.exemptions.filter(round=change.round, guard__in=list(KINDS)).values_list(
        "guard", flat=True
    )
    return [KINDS[guard] for guard in guards]


def place(change: Change, *, actor: Actor, now: datetime) -> list[Conflict]:
    """Claim the planned time, in place of the one it had; raises booking.Taken with what is in the way.

    Without a planned time it has none in the calendar either. What is unchanged is not asked about again.
    """
    if is_on_paper(change) or change.planned_start_at is None or change.planned_end_at is None:
        booking.release(change)
        return []
    items, services = scope_of(change)
    there = Claim.objects.filter(record=change.pk).first()
    wanted = (change.planned_start_at, change.planned_end_at, items, services)
    if there and (there.starts_at, there.ends_at, there.items, there.services) == wanted:
        return []
    return booking.claim(
        change, start=change.planned_start_at, end=change.planned_end_at, item_ids=items,
        service_ids=services, actor=actor, now=now, exempted=exempted(change),
    )  # fmt: skip


def place_now(change: Change, *, actor: Actor, now: datetime) -> list[Conflict]:
    """Claim the time from now on: until the planned end, or as long as was planned where that is over."""
    if is_on_paper(change):
        return []
    items, services = scope_of(change)
    return booking.claim(
        change, start=now, end=end_from(change, now), item_ids=items, service_ids=services, actor=actor,
        now=now, exempted=exempted(change), field="start",
    )  # fmt: skip


def end_from(change: Change, now: datetime) -> datetime:
    """When it will be over if it begins at ``now``."""
    start, end = change.planned_start_at, change.planned_end_at
    if start is None or end is None:
        template = change.template
        return now + (timedelta(minutes=template.minutes) if template else USUAL_LENGTH)
    # begun early, it still takes as long as planned; begun late, at most until the planned end
    return end if start <= now < end else now + (end - start)


def conflicts(change: Change, work: Work | None = None) -> list[Conflict]:
    """What stands against the planned time, exempted or not; for those who look at it beforehand."""
    if is_on_paper(change) or change.planned_start_at is None or change.planned_end_at is None:
        return []
    reach = (work or work_of(change)).reach
    return booking.conflicts(change.planned_start_at, change.planned_end_at, reach=reach, record=change)


def give_up(change: Change) -> None:
    """Its time is free for others."""
    booking.release(change)


def is_kept(change: Change) -> bool:
    """Whether a change in this state has its time in the calendar."""
    return change.state in (lifecycle.APPROVING, lifecycle.APPROVED)
