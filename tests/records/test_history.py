"""A ticket replayed under the very terms it was measured by has the clocks it really had, event by event."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import incidents.services
from catalog.models import Service
from records import appointing
from records.history import Loader, Past
from records.models import Channel
from sla.models import AgreementVersion, Clock, ClockEvent, Metric, Target
from sla.replay import Lived, Rules, Verdict, judge, lived
from sla.replay_rows import hours_for
from sla.services import events_of, hours_of, state_of
from sla.terms_rows import terms_of
from tests.cast import MONDAY, Cast
from tests.sla import test_live_property as life
from tests.sla.test_live_property import HOUR, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast) -> World:
    """The world of the live property, with promises about arrival, restoration and closure besides."""
    special = Service.objects.create(
        code="special", name_en="Special", support_team=cast.desk, second_line_team=cast.second
    )
    found = World(cast, special, [cast.alice, cast.bob])
    for code, over in (("one", {}), ("two", {"reopen_starts_new_cycle": True})):
        version = life._agreement(found, code, **over)
        Target.objects.bulk_create(
            Target(version=version, metric=metric, amount=amount, priority=priority, opens=_opens(metric))
            for metric, amount, priority in (
                (Metric.ON_SITE, 3 * HOUR, None),
                (Metric.RESTORATION, 5 * HOUR, None),
                (Metric.RESTORATION, HOUR, 1),
                (Metric.CLOSURE, 30 * HOUR, 3),
            )
        )
        found.agreements.append(version)
    return found


def _opens(metric: str) -> str:
    return Target.Opens.OCCURRENCE if metric == Metric.RESTORATION else Target.Opens.CREATION


def _at(run: life.Run, now: datetime, n: int) -> datetime | None:
    """Every other time, the event happened a while before it was written down."""
    return max(run.ticket.opened_at, now - timedelta(minutes=20)) if n % 2 and now >= run.latest else None


def _arrive(run: life.Run, now: datetime, n: int) -> None:
    incidents.services.arrive(run.fresh(), actor=run.world.cast.alice.actor, now=now, at=_at(run, now, n))


def _restore(run: life.Run, now: datetime, n: int) -> None:
    incidents.services.restore(run.fresh(), actor=run.world.cast.alice.actor, now=now, at=_at(run, now, n))


def _agree(run: life.Run, now: datetime, n: int) -> None:
    """A time is agreed, another one instead, or none any more."""
    due = None if n % 4 == 3 else max(now, run.latest) + timedelta(hours=1 + 7 * n, minutes=n)
    with transaction.atomic():
        appointing.promise(run.fresh(), due, reason="they said", actor=run.world.cast.alice.actor, now=now)


VERBS: dict[str, life.Verb] = {
    **life.VERBS, "arrive": _arrive, "restore": _restore, "agree": _agree,
}  # fmt: skip
OFTEN = [*life.OFTEN, "arrive", "restore"]
STEPS = st.lists(st.tuples(st.sampled_from(OFTEN), life.INSTANTS, st.integers(0, 23)), max_size=14)
VISITS = st.sampled_from(["agree", "agree", "hold", "resume", "arrive", "priority", "sweep"])
VISIT_STEPS = st.lists(st.tuples(VISITS, life.INSTANTS, st.integers(0, 23)), min_size=2, max_size=10)


def past_of(record: int) -> Past:
    (found,) = Loader().load([record])
    return found


def rules_of(version: AgreementVersion) -> Rules:
    terms = terms_of(version)
    return Rules(terms, hours_for(terms))


def replayed(clock: Lived) -> tuple[Any, ...]:
    events = [
        (e.at, e.type, e.reason or "", e.target.definition() if e.target else None, e.calendar, e.due)
        for e in clock.events
    ]
    return clock.metric, clock.cycle, clock.started_at, clock.calendar, clock.term.key, events


def live(clock: Clock, events: list[ClockEvent]) -> tuple[Any, ...]:
    state = state_of(clock, events)
    hours = [e.data.get("calendar_version") for e in events]
    told = [
        (e.at, e.type, e.reason, e.data.get("target"), hours_of(h) if h else None, _due_of(e))
        for e, h in zip(events, hours, strict=True)
    ]
    assert state.start == clock.started_at
    target = clock.target
    key = f"{target.metric}/{target.service.code if target.service else ''}/{target.priority or ''}"
    return clock.metric, clock.cycle, clock.started_at, clock.calendar_version.hours, key, told


def _due_of(event: ClockEvent) -> datetime | None:
    due = event.data.get("due")
    return datetime.fromisoformat(due) if due else None


def check(run: life.Run, version: AgreementVersion) -> None:
    """The same clocks, the same events, the same verdicts."""
    past, rules = past_of(run.ticket.pk), rules_of(version)
    clocks = list(Clock.objects.filter(record=run.ticket.pk).order_by("pk"))
    events = events_of(clocks)
    expected = sorted(live(clock, events[clock.pk]) for clock in clocks)
    assert sorted(replayed(clock) for clock in lived(past.history, rules)) == expected
    assert verdicts(judge(past.history, rules, now=run.latest)) == verdicts(past.before)


def verdicts(given: list[Verdict]) -> list[tuple[Any, ...]]:
    return sorted((v.key, v.metric, v.cycle, v.outcome, str(v.at)) for v in given)


def _evidence(opened: datetime) -> dict[str, Any]:
    """Every other ticket was seen by monitoring a while before it was opened."""
    if int(opened.timestamp()) % 2:
        return {}
    return {"channel": Channel.MONITORING, "occurred_at": opened - timedelta(minutes=95)}


def live_and_replay(world: World, agreement: int, start: int, priority: int, steps: Any, end: str) -> None:
    cast, version = world.cast, world.agreements[agreement]
    with (
        patch("sla.services.version_for", lambda customer, at, **_: version),
        patch.dict(life.VERBS, VERBS),
        patch.object(life, "check", lambda run: None),
    ):
        opened = MONDAY.astimezone(UTC) + timedelta(seconds=start)
        ticket = incidents.services.open(
            actor=cast.alice.actor, now=opened, title="t", customer=cast.acme, requester=cast.rita,
            service=(cast.mail, world.special)[priority % 2], priority=priority + 1,
            priority_reason="because", **_evidence(opened),
        )  # fmt: skip
        run = life.Run(world, ticket, opened)
        run.held.append((opened, ticket.team_id, ticket.assignee_id))
        for verb, asked, n in steps:
            life.step(run, verb, asked, n)
        if end != "none":
            life.step(run, end, 60, 0)
        for later in (0, 40 * 24 * HOUR):
            life.step(run, "sweep", later, 0)
            life.step(run, "sweep", 0, 0)  # what became true in the second to which the first one led
            check(run, version)


@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    agreement=st.integers(0, 1), start=life.STARTS, priority=st.integers(0, 3), steps=STEPS, end=life.ENDS,
)  # fmt: skip
def test_replayed_under_its_own_terms_a_ticket_has_its_own_clocks(
    world: World, agreement: int, start: int, priority: int, steps: Any, end: str
) -> None:
    with transaction.atomic():
        live_and_replay(world, agreement, start, priority, steps, end)
        transaction.set_rollback(True)


@pytest.mark.req("INC-18")
@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=life.STARTS, priority=st.integers(0, 3), steps=VISIT_STEPS, end=life.ENDS)
def test_a_replay_knows_the_times_that_were_agreed(
    world: World, start: int, priority: int, steps: Any, end: str
) -> None:
    with transaction.atomic():
        live_and_replay(world, 0, start, priority, steps, end)
        transaction.set_rollback(True)
