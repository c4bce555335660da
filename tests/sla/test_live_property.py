"""Whatever people do to a ticket, in whatever order and at whatever instants: its stored clocks are what
the pure engine gives for their events, and every alarm was raised once, with who held the ticket then."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import incidents.services
import records.services
from accounts.models import User
from accounts.services import system_actor
from catalog.models import Service
from incidents.models import Incident, WaitingFor
from records import alarms, assignment
from records.lifecycle import IllegalMove
from records.models import Activity
from sla import selfcheck
from sla.models import Agreement, AgreementVersion, Alarm, Breach, Clock, ClockEvent, Metric, Target
from sla.policy import DEFAULT_MATRIX
from sla.services import events_of, not_before, state_of
from tests.cast import EARLY, MONDAY, Cast, make_calendar, make_incident

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NIGHTS: dict[str, Any] = {"timezone": "Europe/Berlin", "weekly": {day: [["22:00", "06:00"]] for day in DAYS}}
ALWAYS: dict[str, Any] = {"timezone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in DAYS}}
OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)
HOUR = 3600


@dataclass
class World:
    """What the examples share: people, agreements of all kinds of target, a service of its own terms."""

    cast: Cast
    special: Service
    people: list[User]
    agreements: list[AgreementVersion] = field(default_factory=list)


def _agreement(world: World, code: str, **over: Any) -> AgreementVersion:
    """Targets on three calendars, in seconds and in days, some for one priority or service only."""
    cast = world.cast
    version = AgreementVersion.objects.create(
        agreement=Agreement.objects.create(code=code, customer=cast.acme, name_en=code), number=1,
        effective_from=EARLY, calendar=cast.calendar, matrix=dict(DEFAULT_MATRIX),
        pausing_reasons=["customer", "appointment", "parts"], warn_at=[50, 75, 90],
        created_by_id=system_actor().user_id, created_at=EARLY, **over,
    )  # fmt: skip
    always, nights = make_calendar(f"{code}-always", ALWAYS), make_calendar(f"{code}-nights", NIGHTS)
    seconds, days = Target.Kind.BUSINESS_SECONDS, Target.Kind.WORKING_DAYS
    rows: list[dict[str, Any]] = [
        {"metric": Metric.FIRST_RESPONSE, "amount": 2 * HOUR},
        {"metric": Metric.FIRST_RESPONSE, "priority": 1, "amount": 600, "calendar": always},
        {"metric": Metric.NEXT_UPDATE, "amount": 3 * HOUR, "opens": Target.Opens.FIRST_REPLY},
        {"metric": Metric.NEXT_UPDATE, "priority": 2, "amount": 5 * HOUR, "calendar": nights},
        {"metric": Metric.RESOLUTION, "priority": 1, "amount": 4 * HOUR, "calendar": always},
        {"metric": Metric.RESOLUTION, "priority": 2, "amount": 8 * HOUR},
        {"metric": Metric.RESOLUTION, "priority": 3, "kind": days, "amount": 2, "until": "same_time"},
        {"metric": Metric.RESOLUTION, "service": world.special, "priority": 3, "amount": 7,
         "calendar": nights},
        {"metric": Metric.RESOLUTION, "service": world.special, "priority": 4,
         "kind": Target.Kind.CALENDAR_DAYS, "amount": 1, "until": "close"},
    ]  # fmt: skip
    Target.objects.bulk_create(
        Target(version=version, escalates=row["metric"] == Metric.RESOLUTION, **{"kind": seconds, **row})
        for row in rows
    )
    return version


@pytest.fixture
def world(cast: Cast) -> World:
    special = Service.objects.create(
        code="special", name_en="Special", support_team=cast.desk, second_line_team=cast.second
    )
    found = World(cast, special, [cast.alice, cast.bob])
    found.agreements = [_agreement(found, "one"), _agreement(found, "two", reopen_starts_new_cycle=True)]
    return found


# --- what may be done ------------------------------------------------------------------------


@dataclass
class Run:
    """One ticket's life: the ticket, the latest instant anything happened at, and who held it since when."""

    world: World
    ticket: Incident
    latest: datetime
    held: list[tuple[datetime, int | None, int | None]] = field(default_factory=list)
    promised: dict[int, datetime] = field(default_factory=dict)  # by clock: when its promise came to apply

    def fresh(self) -> Incident:
        found: Incident = Incident.objects.get(pk=self.ticket.pk)
        return found


Verb = Callable[[Run, datetime, int], Any]
REASONS = WaitingFor.values


def _hold(run: Run, now: datetime, n: int) -> None:
    reason = REASONS[n % len(REASONS)]
    incidents.services.hold(run.fresh(), reason=reason, actor=run.world.cast.alice.actor, now=now)


def _edit(run: Run, changes: dict[str, Any], now: datetime) -> None:
    incidents.services.edit(
        run.fresh(), changes, actor=run.world.cast.alice.actor, now=now, expected_version=None
    )


def _priority(run: Run, now: datetime, n: int) -> None:
    _edit(run, {"priority": n % 4 + 1, "priority_reason": "because"}, now)


def _service(run: Run, now: datetime, n: int) -> None:
    _edit(run, {"service": (run.world.cast.mail, run.world.special, None)[n % 3]}, now)


def _comment(run: Run, now: datetime, n: int) -> None:
    cast = run.world.cast
    who = (cast.alice, cast.alice, cast.rita, cast.robot)[n % 4]
    records.services.comment(run.fresh(), text="word", is_public=True, actor=who.actor, now=now)


def _assign(run: Run, now: datetime, n: int) -> None:
    cast = run.world.cast
    team, person = ((cast.desk, cast.alice), (cast.desk, cast.bob), (cast.desk, None), (cast.second, None))[
        n % 4
    ]
    assignment.assign(run.fresh(), team=team, assignee=person, actor=cast.alice.actor, now=now)


def _sweep(run: Run, now: datetime, n: int) -> None:
    with patch.object(alarms, "database_now", lambda: now):
        while alarms.sweep():
            pass


VERBS: dict[str, Verb] = {
    "hold": _hold,
    "priority": _priority,
    "service": _service,
    "comment": _comment,
    "assign": _assign,
    "sweep": _sweep,
    "start": lambda r, now, n: incidents.services.start(r.fresh(), actor=r.world.cast.alice.actor, now=now),
    "resume": lambda r, now, n: incidents.services.resume(r.fresh(), actor=r.world.cast.bob.actor, now=now),
    "resolve": lambda r, now, n: incidents.services.resolve(
        r.fresh(), code="solved", steps="x", actor=r.world.cast.alice.actor, now=now
    ),
    "reopen": lambda r, now, n: incidents.services.reopen(
        r.fresh(), reason="no", actor=r.world.cast.rita.actor, now=now
    ),
    "confirm": lambda r, now, n: incidents.services.confirm(
        r.fresh(), actor=r.world.cast.rita.actor, now=now, close_too=n % 4 == 0
    ),
    "cancel": lambda r, now, n: incidents.services.cancel(
        r.fresh(), reason="twice", actor=r.world.cast.alice.actor, now=now
    ),
}  # fmt: skip
OFTEN = [*VERBS, "hold", "resume", "comment", "priority", "resolve", "reopen", "sweep"]
OFTEN.remove("cancel")


# --- at what instants ------------------------------------------------------------------------

GAPS = st.one_of(
    st.sampled_from([0, 0, 1, 60, 599, 600, 601, HOUR, 2 * HOUR, 5 * HOUR, 24 * HOUR, 72 * HOUR]),
    st.integers(0, 12 * HOUR),
    st.integers(-2 * HOUR, -1),  # a writer whose clock is slow
)
# seconds from the last instant, or from a due time or an alarm of an open clock
INSTANTS = st.one_of(
    GAPS,
    st.tuples(st.sampled_from(["due_at", "alarm_at"]), st.integers(0, 3), st.sampled_from([-1, 0, 1])),
)
STEPS = st.lists(st.tuples(st.sampled_from(OFTEN), INSTANTS, st.integers(0, 23)), max_size=12)
ENDS = st.sampled_from(["none", "none", "cancel", "resolve"])
STARTS = st.integers(0, 7 * 24 * HOUR)


def _instant(run: Run, asked: int | tuple[str, int, int]) -> datetime:
    if isinstance(asked, int):
        return run.latest + timedelta(seconds=asked)
    column, place, off = asked
    ahead: list[datetime] = sorted(
        v for v in Clock.objects.filter(record=run.ticket.pk).values_list(column, flat=True)
        if v and v >= run.latest
    )  # fmt: skip
    if not ahead:
        return run.latest
    return ahead[place % len(ahead)] + timedelta(seconds=off)


# --- what must hold --------------------------------------------------------------------------


def _columns(clock: Clock, events: list[ClockEvent], at: datetime) -> None:
    """A clock's stored columns are what replaying its events gives."""
    state = state_of(clock, events)
    snap = state.at(at)
    assert str(clock.state) == str(snap.phase), (clock, [*map(str, events)])
    assert clock.due_at == snap.due
    assert clock.target_seconds == snap.target
    assert clock.running_since == snap.running_since
    assert clock.spent == snap.spent
    ends = [e.at for e in events if e.type in (ClockEvent.Type.STOP, ClockEvent.Type.CANCEL)]
    assert clock.stopped_at == (None if clock.state in OPEN else max(ends[-1], clock.started_at))
    waits = clock.alarm_at is not None and clock.alarm_at <= at
    if not waits:
        assert clock.breached_at == snap.breached_at
        assert clock.alarm_at == (state.next_alarm(at) if clock.is_open else None)
        is_judged = clock.state == Clock.State.STOPPED
        assert clock.decided_at == (clock.breached_at or (clock.stopped_at if is_judged else None))
    if clock.state == Clock.State.PAUSED:
        assert clock.alarm_at is None or waits


def check(run: Run) -> None:
    ticket, at = run.fresh(), run.latest
    clocks = list(Clock.objects.filter(record=ticket.pk))
    events = events_of(clocks)
    for clock in clocks:
        _columns(clock, events[clock.pk], at)
        assert selfcheck.compare(clock, events[clock.pk], at) == []
        run.promised.setdefault(clock.pk, at)
    still = [c for c in clocks if c.is_open]
    assert max(Counter(c.metric for c in still).values(), default=0) <= 1
    assert ticket.next_due_at == min((c.due_at for c in still if c.due_at), default=None)
    for clock in still:
        pausing = clock.agreement_version.pausing_reasons
        assert (clock.state == Clock.State.PAUSED) == (ticket.waiting_for in pausing), ticket.waiting_for
    if ticket.phase == "done":
        assert still == []


def check_alarms(run: Run) -> None:
    """After the sweep: each step of each clock once, in the log too, and each breach with its holder."""
    clocks = list(Clock.objects.filter(record=run.ticket.pk))
    events = events_of(clocks)
    expected: list[tuple[int, str, datetime]] = []
    for clock in clocks:
        snap = state_of(clock, events[clock.pk]).at(clock.stopped_at or run.latest)
        expected += [(clock.pk, str(f.threshold), f.at) for f in snap.fired]
        if snap.breached_at:
            expected.append((clock.pk, Alarm.BREACH, snap.breached_at))
    rows = Alarm.objects.filter(clock__record=run.ticket.pk)
    assert sorted(rows.values_list("clock", "step", "at")) == sorted(expected)
    logged = Activity.objects.filter(record=run.ticket.pk, verb__in=["sla.warned", "sla.breached"])
    assert logged.count() == len(expected)
    breaches = {b.clock_id: b for b in Breach.objects.filter(clock__record=run.ticket.pk)}
    assert breaches.keys() == {c.pk for c in clocks if c.breached_at}
    for clock in clocks:
        if breach := breaches.get(clock.pk):
            assert breach.at == clock.breached_at
            # a promise that applied late may have been missed before: who held it then answers for it
            since = max(breach.at, run.promised[clock.pk])
            holder = [h[1:] for h in run.held if h[0] <= since][-1]
            assert (breach.team_id, breach.assignee_id) == holder


def note_holder(run: Run, at: datetime) -> None:
    now = run.fresh()
    held = (at, now.team_id, now.assignee_id)
    if run.held[-1][1:] != held[1:]:
        run.held.append(held)


def step(run: Run, verb: str, asked: int | tuple[str, int, int], n: int) -> None:
    now = _instant(run, asked)
    before = (Activity.objects.count(), ClockEvent.objects.count(), run.fresh().version)
    try:
        with transaction.atomic():
            VERBS[verb](run, now, n)
    except (IllegalMove, ValidationError):
        assert (Activity.objects.count(), ClockEvent.objects.count(), run.fresh().version) == before
        return
    run.latest = not_before(run.ticket.pk, max(run.latest, now))
    note_holder(run, run.latest)
    check(run)


def live(world: World, agreement: int, start: int, priority: int, steps: Any, end: str) -> None:
    cast = world.cast
    with patch("sla.services.version_for", lambda customer, at, **_: world.agreements[agreement]):
        opened = MONDAY.astimezone(UTC) + timedelta(seconds=start)
        ticket = incidents.services.open(
            actor=cast.alice.actor, now=opened, title="t", customer=cast.acme, requester=cast.rita,
            service=(cast.mail, world.special)[priority % 2], priority=priority + 1,
            priority_reason="because",
        )  # fmt: skip
        run = Run(world, ticket, opened)
        run.held.append((opened, ticket.team_id, ticket.assignee_id))
        check(run)
        for verb, asked, n in steps:
            step(run, verb, asked, n)
        if end != "none":
            step(run, end, 60, 0)
        step(run, "sweep", 0, 0)
        step(run, "sweep", 40 * 24 * HOUR, 0)
        check_alarms(run)


@settings(
    max_examples=30,
    # not made smaller: an example takes a tenth of a second, and many runs of it minutes
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    agreement=st.integers(0, 1), start=STARTS, priority=st.integers(0, 3), steps=STEPS, end=ENDS,
)  # fmt: skip
@pytest.mark.django_db
def test_the_clocks_of_a_ticket_are_what_the_engine_gives(
    world: World, agreement: int, start: int, priority: int, steps: Any, end: str
) -> None:
    with transaction.atomic():
        live(world, agreement, start, priority, steps, end)
        transaction.set_rollback(True)


def _second(ticket: Incident, **over: Any) -> Clock:
    return Clock.objects.get(record=ticket.pk, metric=Metric.FIRST_RESPONSE, **over)


@pytest.mark.django_db
def test_an_act_stamped_before_the_opening_counts_from_the_opening(cast: Cast) -> None:
    ticket = make_incident(cast)
    early = MONDAY - timedelta(seconds=1)
    incidents.services.hold(ticket, reason="customer", actor=cast.alice.actor, now=early)
    clock = _second(ticket)
    assert (clock.state, clock.spent) == (Clock.State.PAUSED, 0)
    assert [e.at for e in clock.events.all()] == [MONDAY]


@pytest.mark.django_db
def test_who_comes_late_to_the_lock_counts_after_what_was_raised_meanwhile(cast: Cast) -> None:
    """Resolved "at" the due time, written after the sweep raised the breach: the breach stays a fact."""
    ticket = make_incident(cast)
    due = MONDAY + timedelta(hours=2)
    with patch.object(alarms, "database_now", lambda: due + timedelta(seconds=1)):
        alarms.sweep()
    incidents.services.resolve(ticket, code="solved", steps="x", actor=cast.alice.actor, now=due)
    clock = _second(ticket)
    assert (clock.breached_at, clock.stopped_at) == (due, due + timedelta(seconds=1))
    assert selfcheck.compare(clock, list(clock.events.all()), due + timedelta(hours=1)) == []


@pytest.mark.django_db
def test_a_warning_reached_at_the_second_of_the_pause_waits_for_the_resumption(cast: Cast) -> None:
    """W-2, also where the act itself looks for what fell due before it."""
    ticket = make_incident(cast)
    half = MONDAY + timedelta(hours=1)
    held = incidents.services.hold(ticket, reason="customer", actor=cast.alice.actor, now=half)
    assert not Alarm.objects.filter(clock=_second(ticket)).exists()
    later = half + timedelta(days=1)
    incidents.services.resume(held, actor=cast.alice.actor, now=later)
    with patch.object(alarms, "database_now", lambda: later):
        alarms.sweep()
    assert list(Alarm.objects.filter(clock=_second(ticket)).values_list("step", "at")) == [("50", later)]


@pytest.mark.django_db
def test_a_promise_that_applies_late_and_is_missed_already_is_raised_as_missed(
    cast: Cast, world: World
) -> None:
    """The agreement promises no solution at the lowest priority, four hours at the highest."""
    with patch("sla.services.version_for", lambda customer, at, **_: world.agreements[0]):
        ticket = make_incident(cast, priority=4, priority_reason="because")
        later = MONDAY + timedelta(days=1)
        changes = {"priority": 1, "priority_reason": "because"}
        incidents.services.edit(ticket, changes, actor=cast.alice.actor, now=later, expected_version=None)
        with patch.object(alarms, "database_now", lambda: later):
            alarms.sweep()
    clock = Clock.objects.get(record=ticket.pk, metric=Metric.RESOLUTION)
    assert Breach.objects.get(clock=clock).at == clock.breached_at == MONDAY + timedelta(hours=4)
    assert set(clock.alarms.values_list("step", flat=True)) == {"50", "75", "90", "breach"}
