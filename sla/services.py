"""From rows to values: which versions apply, and a clock as what its events make of it.

`following` makes the clocks of a record match it, `sweeping` claims what is due.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from django.db.models import Max, Q

from catalog.models import Service
from sla import calendar as working_time
from sla import policy, timing
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    CalendarVersion,
    Clock,
    ClockEvent,
    Target,
)

DONE, WAITING = "done", "waiting"


class NoCalendar(Exception):
    """A calendar without a version in force at the asked instant."""


# --- immutable rows, remembered per process -------------------------------------------------


@lru_cache(maxsize=512)
def hours_of(calendar_version_id: int) -> working_time.Calendar:
    """The working time of a calendar version. Versions never change, so it is parsed once."""
    return CalendarVersion.objects.get(pk=calendar_version_id).hours


@lru_cache(maxsize=512)
def version_of(agreement_version_id: int) -> AgreementVersion:
    return AgreementVersion.objects.select_related("agreement").get(pk=agreement_version_id)


@lru_cache(maxsize=512)
def targets_of(agreement_version_id: int) -> tuple[Target, ...]:
    return tuple(Target.objects.filter(version=agreement_version_id))


def calendar_version_at(calendar: int, at: datetime) -> int:
    """The id of the calendar's edition in force at ``at``; its first one before that."""
    versions = CalendarVersion.objects.filter(calendar=calendar)
    found = (
        versions.filter(effective_from__lte=at).order_by("-effective_from", "-number").first()
        or versions.order_by("effective_from", "number").first()
    )
    if found is None:
        raise NoCalendar(f"calendar {Calendar.objects.get(pk=calendar).code} has no version")
    return found.pk


def version_for(
    customer_id: int,
    at: datetime,
    *,
    service_id: int | None = None,
    person_id: int | None = None,
    leaving: int | None = None,
) -> AgreementVersion | None:
    """The agreement version that applies to a customer's new record; as if without the one ``leaving``.

    Of layers the lowest that is for this service and person: a service's, a unit's, the organisation's.
    Without either it is the organisation's.
    """
    candidates = (
        AgreementVersion.objects.select_related("agreement")
        .filter(
            Q(agreement__customer=customer_id) | Q(agreement__customer=None),
            Q(agreement__ended_at=None) | Q(agreement__ended_at__gt=at),
            agreement__kind=Agreement.Kind.SLA,
            effective_from__lte=at,
        )
        .exclude(agreement=leaving)
    )
    rank = _Layers(service_id, person_id)
    return policy.choose_version(candidates, customer_id=customer_id, at=at, layer=rank)


class _Layers:
    """How exactly a version fits a ticket; asks the database only where there are lower layers."""

    def __init__(self, service_id: int | None, person_id: int | None) -> None:
        self.service_id, self.person_id = service_id, person_id

    def __call__(self, version: AgreementVersion) -> int | None:
        agreement = version.agreement
        if agreement.parent_id is None:
            return 0
        services = version.terms.get("services", [])
        people = set(agreement.people.values_list("pk", flat=True))
        if (services and self._service not in services) or (people and self.person_id not in people):
            return None
        return 2 * bool(services) + bool(people) or None

    @cached_property
    def _service(self) -> str:
        found = Service.objects.filter(pk=self.service_id or 0).values_list("code", flat=True).first()
        return found or ""


def priority_for(customer_id: int, *, impact: int, urgency: int, at: datetime) -> int:
    """Priority by the matrix of the customer's agreement, or by the default matrix."""
    version = version_for(customer_id, at)
    matrix = version.matrix if version else policy.DEFAULT_MATRIX
    return policy.priority_of(matrix, impact=impact, urgency=urgency)


# --- from rows to values ---------------------------------------------------------------------


def thresholds_of(clock: Clock) -> tuple[int, ...]:
    """The warnings of the clock's agreement, in percent."""
    return tuple(version_of(clock.agreement_version_id).warn_at)


def _event(row: ClockEvent) -> timing.Event:
    target, version = row.data.get("target"), row.data.get("calendar_version")
    due = row.data.get("due")
    return timing.Event(
        at=row.at,
        type=row.type,
        reason=row.reason or None,
        target=timing.Target.parse(target) if target else None,
        calendar=hours_of(version) if version else None,
        due=datetime.fromisoformat(due) if due else None,
    )


def state_of(clock: Clock, events: Iterable[ClockEvent]) -> timing.State:
    """The clock as a value, replayed from its events."""
    return timing.run(
        start=clock.started_at,
        calendar=hours_of(clock.calendar_version_id),
        target=timing.Target.parse(clock.promise),
        events=[_event(e) for e in events],
        thresholds=thresholds_of(clock),
    )


def events_of(clocks: Iterable[Clock]) -> dict[int, list[ClockEvent]]:
    """The events of several clocks by clock id, in order; one query."""
    by_clock: dict[int, list[ClockEvent]] = defaultdict(list)
    for event in ClockEvent.objects.filter(clock__in=[c.pk for c in clocks]).order_by("at", "pk"):
        by_clock[event.clock_id].append(event)
    return by_clock


def refresh(clock: Clock, state: timing.State, *, now: datetime) -> None:
    """Fill the clock's cached columns from its replayed state, as of ``now``. Does not save."""
    snap = state.at(now)
    clock.state = snap.phase
    clock.target_seconds = snap.target
    clock.spent = snap.spent
    clock.running_since = snap.running_since
    clock.due_at = snap.due
    clock.appointed_at = snap.appointed
    clock.first_due_at = clock.first_due_at or snap.due
    clock.breached_at = snap.breached_at
    ended = snap.phase in ("stopped", "cancelled")
    clock.stopped_at = (clock.stopped_at or now) if ended else None
    cancelled = snap.phase == "cancelled"
    clock.decided_at = clock.breached_at or (None if cancelled else clock.stopped_at)
    clock.alarm_at = None if ended else _next_alarm(state, snap, now)


def _next_alarm(state: timing.State, snap: timing.Snapshot, now: datetime) -> datetime | None:
    # What this very event made true (a shorter target, a resumption) is raised by the next sweep.
    second = now.replace(microsecond=0)
    if snap.breached_at == second or any(fired.at == second for fired in snap.fired):
        return second
    return state.next_alarm(now)


def not_before(record: int, now: datetime) -> datetime:
    """When an act on a record counts: ``now``, or the latest fact of its clocks if that is later.

    Who waited for a lock, or whose machine is slow, comes with an instant before what others have written
    meanwhile. Facts stay as they are: events keep the order they were written in, and an alarm that was
    raised lies before the act.
    """
    last = Clock.every.filter(record=record).aggregate(
        start=Max("started_at"), event=Max("events__at"), alarm=Max("alarms__at")
    )
    alarm = last["alarm"] and last["alarm"] + timedelta(seconds=1)
    facts: list[datetime] = [at for at in (last["start"], last["event"], alarm) if at]
    return max([now.replace(microsecond=0), *facts])
