"""Open clocks read as values, and what a new edition of their calendar does to them. Reads only.

Five queries, whatever the number of clocks.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts.access import Actor
from sla import calendar as working_time
from sla import calendars, impact
from sla.impact import Move, Running, Verdict
from sla.models import Calendar, CalendarVersion, Clock, ClockEvent, Retiming
from sla.timing import Event, Target

COLUMNS = (
    "pk", "record_id", "record__number", "record__title", "record__customer_id", "record__service_id",
    "record__priority", "metric", "cycle", "support_id", "agreement_version_id", "calendar_version_id",
    "target_id", "promise", "started_at", "record__kind",
)  # fmt: skip


class OpenClock(NamedTuple):
    """An open clock with what a page says of its record. ``edition``: the calendar version it runs on."""

    pk: int
    record_id: int
    number: str
    title: str
    customer_id: int
    service_id: int | None
    priority: int
    metric: str
    cycle: int
    support_id: int | None
    version_id: int
    target_id: int
    edition: int
    running: Running
    kind: str


class Moved(NamedTuple):
    clock: OpenClock
    move: Move


def running_on(calendar: Calendar) -> Q:
    """Clocks that run on a calendar now: a clock goes by its target's own one, else by the agreement's."""
    return Q(target__calendar=calendar) | Q(target__calendar=None, agreement_version__calendar=calendar)


def open_clocks(where: Q, actor: Actor) -> QuerySet[Clock]:
    """Clocks of customers, teams and suppliers that are open, on records the actor covers."""
    rows = Clock.every.filter(where, stopped_at=None)
    return rows if actor.scope is None else rows.filter(record__customer__in=actor.scope)


def load(where: Q, actor: Actor) -> list[OpenClock]:
    """Open clocks with all that happened to them; three queries."""
    rows = list(open_clocks(where, actor).order_by("pk").values_list(*COLUMNS))
    told = _events(row[0] for row in rows)
    editions = {row[11] for row in rows} | {
        event[3]["calendar_version"]
        for each in told.values()
        for event in each
        if event[3].get("calendar_version")
    }
    hours = hours_of(editions)
    return [_clock(row, told.get(row[0], ()), hours) for row in rows]


def _events(clocks: Iterable[int]) -> Mapping[int, list[tuple[datetime, str, str, dict[str, Any]]]]:
    found: dict[int, list[tuple[datetime, str, str, dict[str, Any]]]] = defaultdict(list)
    rows = ClockEvent.objects.filter(clock__in=list(clocks)).order_by("at", "pk")
    for clock, *event in rows.values_list("clock", "at", "type", "reason", "data"):
        found[clock].append((event[0], event[1], event[2], event[3]))
    return found


def hours_of(editions: Iterable[int]) -> dict[int, working_time.Calendar]:
    """The working time of calendar versions; one query."""
    return {v.pk: v.hours for v in CalendarVersion.objects.filter(pk__in=list(editions))}


def _clock(
    row: Sequence[Any],
    told: Sequence[tuple[datetime, str, str, dict[str, Any]]],
    hours: Mapping[int, working_time.Calendar],
) -> OpenClock:
    edition = row[11]
    events = []
    for at, kind, reason, data in told:
        target, moved_to = data.get("target"), data.get("calendar_version")
        edition = moved_to or edition
        events.append(
            Event(
                at,
                kind,
                reason or None,
                target=Target.parse(target) if target else None,
                calendar=hours[moved_to] if moved_to else None,
                due=datetime.fromisoformat(data["due"]) if data.get("due") else None,
            )
        )
    running = Running(row[14], hours[row[11]], Target.parse(row[13]), tuple(events))
    return OpenClock._make((*row[:11], row[12], edition, running, row[15]))


# --- a new edition of a calendar -------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What a new edition does to the open clocks of its calendar if they follow it.

    ``at`` is when they would; ``found`` holds all of them, the worst first. ``digest`` stands for all that
    somebody who confirms has seen: the edition before, the new hours, and which clocks get worse.
    """

    at: datetime
    latest: int
    found: list[Moved]
    digest: str

    @property
    def counts(self) -> dict[Verdict, int]:
        return impact.tally(each.move for each in self.found)

    @property
    def moving(self) -> list[Moved]:
        """Those of which something becomes different."""
        return [each for each in self.found if each.move.verdict != "unchanged"]

    @property
    def records(self) -> int:
        """On how many records something moves."""
        return len({each.clock.record_id for each in self.moving})


def preview(
    calendar: Calendar,
    definition: Mapping[str, Any],
    *,
    effective_from: datetime | None,
    actor: Actor,
    now: datetime,
) -> Preview:
    """Compare open clocks with what they would be under new hours; ``effective_from`` None is at once.

    Raises ValidationError on ``definition`` or ``effective_from``.
    """
    hours = calendars.check(definition, now=effective_from or now)
    at = max(effective_from or now, now)
    latest = calendars.latest_version(calendar)
    calendars.check_begin(latest, effective_from or now)
    coming = _coming(calendar, at)
    switch = Event(at, "calendar", calendar=hours)
    found = []
    for clock in load(running_on(calendar), actor):
        before = clock.running.with_([event for pk, event in coming if pk > clock.edition])
        found.append(
            Moved(clock, impact.move(before, before.with_([switch]), at=max(at, clock.running.start)))
        )
    found.sort(key=lambda each: (impact.order(each.move), each.clock.pk))
    number = latest.number if latest else 0
    return Preview(at, number, found, _digest(calendar, number, definition, effective_from, found))


def _coming(calendar: Calendar, until: datetime) -> list[tuple[int, Event]]:
    """Editions that open clocks are on their way to already, as events."""
    rows = Retiming.objects.filter(
        version__calendar=calendar, finished_at=None, starts_at__lte=until
    ).select_related("version")
    return [
        (row.version_id, Event(row.starts_at, "calendar", calendar=row.version.hours))
        for row in rows.order_by("version__number")
    ]


def _digest(
    calendar: Calendar,
    latest: int,
    definition: Mapping[str, Any],
    effective_from: datetime | None,
    found: Iterable[Moved],
) -> str:
    worse = sorted(each.clock.pk for each in found if each.move.is_worse)
    begin = effective_from.isoformat() if effective_from else ""
    seen = [calendar.pk, latest, definition, begin, worse]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
