"""The sweep beside people, beside other sweeps, after a fault and after downtime."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

import incidents.services
from records import alarms, assignment, services
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Record
from records.services import Stale
from sla.models import Alarm, Breach, Clock, Metric
from tests.cast import Cast, make_agreement, make_calendar, make_incident

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {"timezone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in DAYS}}
MINUTE = timedelta(minutes=1)
ROUNDS = 6


@pytest.fixture
def always(cast: Cast) -> Cast:
    """Acme's agreement counts every hour: first response 2 h, resolution 4 to 24 h."""
    make_agreement(make_calendar("always", ALWAYS), customer=cast.acme)
    return cast


def opened(cast: Cast, minutes: int, **facts: Any) -> Any:
    """An incident opened so many minutes before the database's present."""
    return make_incident(cast, now=alarms.database_now() - minutes * MINUTE, **facts)


def together(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment, each with a connection of its own; answers results or exceptions."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            results[place] = act()  # type: ignore[call-overload]
        except Exception as error:  # noqa: BLE001 - it is the answer
            results[place] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return list(results)


def log_of(record: Record) -> list[str]:
    return list(record.activities.order_by("id").values_list("verb", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", ["resolve", "hold"])
def test_an_act_racing_with_the_sweep_comes_after_what_fell_due_before_it(always: Cast, action: str) -> None:
    alice = always.alice.actor
    for _ in range(ROUNDS):
        incident = opened(always, 125)  # the first response was due five minutes ago

        def act() -> object:
            now = alarms.database_now()
            if action == "hold":
                return incidents.services.hold(incident, reason="customer", actor=alice, now=now)  # noqa: B023
            return incidents.services.resolve(incident, code="solved", steps="x", actor=alice, now=now)  # noqa: B023

        assert not [r for r in together(act, alarms.sweep) if isinstance(r, Exception)]
        log = log_of(incident)
        assert log[-1] == f"incident.{action}"
        assert Counter(log) == {
            "incident.open": 1, "sla.warned": 3, "sla.breached": 1, f"incident.{action}": 1,
        }  # fmt: skip
        clock = Clock.objects.get(record=incident.pk, metric=Metric.FIRST_RESPONSE)
        assert Alarm.objects.filter(clock=clock).count() == 4
        assert Breach.objects.filter(clock=clock).count() == 1
        assert clock.breached_at == clock.due_at
    assert alarms.sweep() == 0


@pytest.mark.django_db(transaction=True)
def test_what_was_resolved_in_time_never_fires(always: Cast) -> None:
    for _ in range(ROUNDS):
        incident = opened(always, 30)
        now = alarms.database_now()

        def resolve() -> object:
            return incidents.services.resolve(
                incident, code="solved", steps="x", actor=always.alice.actor, now=now  # noqa: B023
            )  # fmt: skip

        assert not [r for r in together(resolve, alarms.sweep) if isinstance(r, Exception)]
    assert not Alarm.objects.exists()
    assert not Clock.objects.filter(alarm_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_saving_at_once_one_succeeds_and_the_other_is_told(always: Cast) -> None:
    for _ in range(ROUNDS):
        incident, now = opened(always, 125), alarms.database_now()

        def resolve(user: Any, incident: Any = incident, now: datetime = now) -> Callable[[], object]:
            return lambda: incidents.services.resolve(
                incident, code="solved", steps="x", actor=user.actor, now=now,
                expected_version=incident.version,
            )  # fmt: skip

        results = together(resolve(always.alice), resolve(always.bob), alarms.sweep)
        assert [type(r) for r in results[:2]].count(Stale) + [type(r) for r in results[:2]].count(
            IllegalMove
        ) == 1, results
        assert not isinstance(results[2], Exception)
        assert log_of(incident).count("incident.resolve") == 1
        assert log_of(incident).count("sla.breached") == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_sweeps_raise_each_step_once_and_never_lock_each_other_out(always: Cast) -> None:
    """Two clocks of each record are due and a breach escalates: what two sweeps could deadlock over."""
    made = [opened(always, 245, impact=1, urgency=1).pk for _ in range(30)]

    def sweep_all() -> int:
        handled = idle = 0
        while idle < 3:
            found = alarms.sweep(4)
            handled, idle = handled + found, 0 if found else idle + 1
        return handled

    results = together(*[sweep_all] * 4)
    assert not [r for r in results if isinstance(r, Exception)], results
    while alarms.sweep():
        pass
    steps = Counter(Alarm.objects.values_list("clock__record", flat=True))
    assert steps == dict.fromkeys(made, 9)  # response 4, resolution 4, progress 1
    assert Breach.objects.count() == 60
    logged = Activity.objects.filter(verb__startswith="sla.").values_list("record", flat=True)
    assert Counter(logged) == steps
    escalated = Activity.objects.filter(verb="record.escalated").values_list("record", flat=True)
    assert Counter(escalated) == dict.fromkeys(made, 1)


@pytest.mark.django_db(transaction=True)
def test_people_at_work_and_sweeps_do_not_deadlock(always: Cast) -> None:
    made = [opened(always, 245, impact=1, urgency=1) for _ in range(16)]
    now = alarms.database_now()

    def work(user: Any) -> Callable[[], object]:
        def acts() -> None:
            for incident in made:
                services.comment(incident, text="We are on it.", is_public=True, actor=user.actor, now=now)
                assignment.accept(incident, actor=user.actor, now=now)

        return acts

    results = together(work(always.alice), work(always.bob), alarms.sweep, lambda: alarms.sweep(3))
    assert not [r for r in results if isinstance(r, Exception)], results
    while alarms.sweep():
        pass
    assert Breach.objects.count() == 2 * len(made)
    assert Activity.objects.filter(verb="sla.breached").count() == 2 * len(made)


@pytest.mark.django_db
def test_a_clock_that_raises_is_postponed_and_the_others_fire(always: Cast) -> None:
    bad, good = opened(always, 65), opened(always, 65)
    broken = Clock.objects.get(record=bad.pk, metric=Metric.FIRST_RESPONSE)
    Clock.objects.filter(pk=broken.pk).update(promise={"kind": "moons", "amount": 3})
    before = alarms.database_now()

    with pytest.raises(Exception, match=r"moons|kind"):
        alarms.sweep()

    assert log_of(good) == ["incident.open", "sla.warned"]
    assert log_of(bad) == ["incident.open"]
    broken.refresh_from_db()
    assert broken.failures == 1
    assert broken.alarm_at is not None
    assert broken.alarm_at > before
    assert alarms.sweep() == 0  # it has its turn again later
    # mended, it fires
    Clock.objects.filter(pk=broken.pk).update(promise=broken.target.promise, alarm_at=before)
    assert alarms.sweep() == 1
    assert log_of(bad) == ["incident.open", "sla.warned"]
    broken.refresh_from_db()
    assert broken.failures == 0


@pytest.mark.django_db
def test_after_downtime_everything_fires_in_order_and_marked_late(always: Cast) -> None:
    made = [opened(always, minutes) for minutes in (60, 190, 95, 125, 70)]
    while alarms.sweep():
        pass
    facts = Activity.objects.filter(verb__startswith="sla.").order_by("id")
    instants = [fact.at for fact in facts]
    assert instants == sorted(instants)
    # of 2 hours for the first response: half, three quarters, nine tenths and all
    reached = {60: 1, 190: 4, 95: 2, 125: 4, 70: 1}
    raised = [r.activities.filter(verb__startswith="sla.").count() for r in made]
    assert raised == [*reached.values()]
    # one came true this very minute, all others long ago
    assert [fact.data["late"] for fact in facts] == [fact.record_id != made[0].pk for fact in facts]
    # stamped with the instant it came true, and noticed now
    alarm = Alarm.objects.filter(clock__record=made[1].pk, step=Alarm.BREACH).get()
    assert alarm.at == made[1].opened_at + timedelta(hours=2)
    assert alarm.noticed_at - alarm.at > timedelta(hours=1)
    # one notice per person and fact, however late
    notices = Delivery.objects.filter(channel="in_app", activity__in=facts)
    assert Counter(notices.values_list("activity", flat=True)) == {fact.pk: 3 for fact in facts}


@pytest.mark.django_db
def test_an_act_of_the_last_moments_still_prevents_the_alarm_of_the_next(always: Cast) -> None:
    """Whoever pressed the button before the limit, and then had to wait, does not read that it was missed."""
    pressed = alarms.database_now()
    incident = make_incident(always, now=pressed - timedelta(hours=2))  # due this very second
    while alarms.sweep(settle=alarms.SETTLE):
        pass
    services.comment(incident, text="Here.", is_public=True, actor=always.alice.actor, now=pressed)
    Clock.objects.filter(record=incident.pk).update(alarm_at=pressed)  # whatever the hint says
    while alarms.sweep():
        pass
    clock = Clock.objects.get(record=incident.pk, metric=Metric.FIRST_RESPONSE)
    assert (clock.state, clock.breached_at) == ("stopped", None)
    assert "sla.breached" not in log_of(incident)
