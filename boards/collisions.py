"""What is planned at one time and should not be: which changes, and why, in words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.services import system_actor
from changes import scheduling
from changes.models import Change
from changes.scheduling import Work
from cmdb import impact
from cmdb.models import Item, Relation
from windows import queries, slots, words
from windows.models import Claim, Window
from windows.slots import Booking, Conflict, Kind, Span

MOST = 60  # changes without a claimed time that are compared on one page
DEEP = 2_000


@dataclass(frozen=True)
class Touch:
    """A change in its time with what it works on, and all that depends on that."""

    number: str
    record_id: int
    start: datetime
    end: datetime
    items: frozenset[int]
    services: frozenset[int]
    reach_items: frozenset[int]
    reach_services: frozenset[int]

    @property
    def booking(self) -> Booking:
        return Booking(self.number, self.start, self.end, self.reach_items, self.reach_services)


@dataclass(frozen=True)
class Found:
    """What stands against one change; ``others`` are by number."""

    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def bookings(self) -> list[Conflict]:
        return [each for each in self.conflicts if each.kind is Kind.BOOKING]


def touches(changes: Sequence[Change], known: Mapping[int, Work] | None = None) -> dict[str, Touch]:
    """By number, what changes with a planned time touch: as claimed, or as it is now for a few others.

    ``known``: by id, what was found out already.
    """
    claims = {row.record_id: row for row in Claim.objects.filter(record__in=[c.pk for c in changes])}
    found: dict[str, Touch] = {}
    asked = 0
    for change in changes:
        claim = claims.get(change.pk)
        if claim is not None:
            found[change.number] = _claimed(change.number, claim)
        elif change.planned_start_at and change.planned_end_at and asked < MOST:
            asked += 1
            work = (known or {}).get(change.pk) or scheduling.work_of(change)
            found[change.number] = _now(change, work)
    return found


def _claimed(number: str, row: Claim) -> Touch:
    return Touch(
        number, row.record_id, row.starts_at, row.ends_at, frozenset(row.items), frozenset(row.services),
        frozenset(row.reach_items), frozenset(row.reach_services),
    )  # fmt: skip


def _now(change: Change, work: Work) -> Touch:
    assert change.planned_start_at and change.planned_end_at, "asked of planned ones"  # noqa: S101, PT018
    return Touch(
        change.number, change.pk, change.planned_start_at, change.planned_end_at, work.items,
        work.services, work.reach.items, work.reach.services,
    )  # fmt: skip


def between(found: Mapping[str, Touch], start: datetime, end: datetime) -> dict[str, Found]:
    """What stands against each: other changes of the page, freezes, maintenance windows."""
    windows = queries.spans_of(Window.objects.in_force(start, end), start, end)
    everything = [touch.booking for touch in found.values()]
    return {
        number: Found(_against(touch, [b for b in everything if b.number != number], windows))
        for number, touch in found.items()
    }


def _against(touch: Touch, others: Sequence[Booking], windows: Sequence[Span]) -> list[Conflict]:
    near = [other for other in others if other.start < touch.end and touch.start < other.end]
    return slots.conflicts(
        touch.start, touch.end, items=touch.reach_items, services=touch.reach_services, bookings=near,
        windows=windows,
    )  # fmt: skip


def reason(one: Touch, other: Touch, actor: Actor) -> str:
    """Why two changes at one time are in each other's way: what they share, or how one hits the other."""
    if (items := one.items & other.items) or (one.services & other.services):
        names = words.things(items, one.services & other.services, actor)
        both = {"things": names or _("something you may not see"), "other": other.number}
        return _("Both this change and %(other)s work on %(things)s.") % both
    for first, second in ((one, other), (other, one)):
        if hit := second.items & first.reach_items:
            return _depends(first, second, min(hit), actor)
        if services := second.services & first.reach_services:
            facts = {
                "first": first.number, "second": second.number,
                "things": words.things((), services, actor), "roots": _names(first.items, actor),
            }  # fmt: skip
            return _("%(second)s is about %(things)s, which runs on %(roots)s of %(first)s.") % facts
    shared = words.things(
        one.reach_items & other.reach_items, one.reach_services & other.reach_services, actor
    )
    facts = {"other": other.number, "things": shared or _("something you may not see")}
    return _("%(things)s depends on this change and on %(other)s.") % facts


def _depends(first: Touch, second: Touch, item: int, actor: Actor) -> str:
    path = path_to(first.items, item)
    names = {row.pk: row.name for row in Item.objects.visible_to(actor).filter(pk__in=path)}
    way = [names.get(pk, _("an item you may not see")) for pk in reversed(path)]
    facts = {
        "first": first.number, "second": second.number, "item": way[0], "root": way[-1],
        "through": " → ".join(way[1:-1]),
    }  # fmt: skip
    if len(way) > 2:
        return _("%(item)s (%(second)s) depends on %(root)s (%(first)s) through %(through)s.") % facts
    return _("%(item)s (%(second)s) depends on %(root)s (%(first)s).") % facts


def path_to(roots: Collection[int], item: int) -> list[int]:
    """The items from one of the roots to another item, along which a failure travels; both ends included."""
    reached = {
        row.item_id: row.via_relation_id
        for row in impact.reached(roots, direction="impact", actor=system_actor(), limit=DEEP)
    }
    path = [item]
    while path[0] not in roots and (via := reached.get(path[0])) is not None:
        ends = Relation.objects.values_list("source", "target").get(pk=via)
        path.insert(0, ends[0] if ends[1] == path[0] else ends[1])
    return path


def _names(items: Collection[int], actor: Actor) -> str:
    return words.things(items, (), actor) or _("something you may not see")


def said(found: Found, touch: Touch, touched: Mapping[str, Touch], actor: Actor) -> list[str]:
    """What stands against a change as sentences; of other changes only those the actor may see are named."""
    lines = []
    for conflict in found.conflicts:
        if conflict.kind is Kind.BOOKING and conflict.number in touched:
            lines.append(reason(touch, touched[conflict.number], actor))
        else:
            lines.append(words.said(conflict, actor))
    return lines


def of_change(change: Change, actor: Actor, work: Work | None = None) -> list[str]:
    """What stands against one change's planned time, in words; nothing where it has none."""
    if change.planned_start_at is None or change.planned_end_at is None:
        return []
    work = work or scheduling.work_of(change)
    conflicts = scheduling.conflicts(change, work)
    if not conflicts:
        return []
    numbers = [each.number for each in conflicts if each.kind is Kind.BOOKING]
    seen = Change.objects.visible_to(actor).filter(number__in=numbers)
    touched = touches([change, *seen], {change.pk: work})
    own = touched.get(change.number)
    if own is None:
        return [words.said(each, actor) for each in conflicts]
    return said(Found(conflicts), own, touched, actor)
