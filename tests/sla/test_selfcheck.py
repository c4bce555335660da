"""The nightly self-check finds what differs from the events, and nothing else."""

import io
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.management import call_command

import incidents.services
import records.services
from records import alarms
from sla import selfcheck, tasks
from sla.models import Clock
from sla.selfcheck import Report
from tests.cast import MONDAY, Cast, make_incident

LATER = MONDAY + timedelta(days=3)
HOUR = timedelta(hours=1)


def check(now: datetime = LATER) -> Report:
    return selfcheck.check(Report(started_at=now.isoformat()), now=now)


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Clocks that ran, paused, were retargeted, stopped, reopened and cancelled."""
    alice = cast.alice.actor
    one = make_incident(cast)
    incidents.services.hold(one, reason="customer", actor=alice, now=MONDAY + HOUR)
    records.services.comment(one, text="?", is_public=True, actor=alice, now=MONDAY + 2 * HOUR)
    incidents.services.resume(one, actor=alice, now=MONDAY + 5 * HOUR)
    incidents.services.edit(one, {"impact": 1}, actor=alice, now=MONDAY + 26 * HOUR, expected_version=None)
    two = make_incident(cast)
    solved = incidents.services.resolve(two, code="solved", steps="x", actor=alice, now=MONDAY + 3 * HOUR)
    incidents.services.reopen(solved, reason="no", actor=alice, now=MONDAY + 30 * HOUR)
    incidents.services.cancel(make_incident(cast), reason="twice", actor=alice, now=MONDAY + HOUR)
    make_incident(cast)
    return cast


def test_clocks_that_lived_by_the_verbs_agree_with_their_events(busy: Cast) -> None:
    report = check()
    assert report.is_complete
    assert report.checked == Clock.objects.count() > 8
    assert report.differences == []


def test_they_agree_after_the_sweep_as_well(busy: Cast) -> None:
    while alarms.sweep():
        pass
    report = check(alarms.database_now())
    assert report.differences == []


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("due_at", lambda clock: clock.due_at + HOUR),
        ("spent", lambda clock: clock.spent + 60),
        ("target_seconds", lambda clock: 1),
        ("state", lambda clock: "paused"),
        ("breached_at", lambda clock: MONDAY),
        ("alarm_at", lambda clock: LATER + timedelta(days=900)),
    ],
)
def test_every_tampered_column_is_found(cast: Cast, column: str, change: object) -> None:
    make_incident(cast)
    clock = Clock.objects.get(metric="resolution")
    Clock.objects.filter(pk=clock.pk).update(**{column: change(clock)})  # type: ignore[operator]
    now = MONDAY + HOUR
    report = check(now)
    assert report.different >= 1
    assert f"clock {clock.pk} (resolution of record {clock.record_id}): {column} is" in report.differences[0]


def test_a_breach_that_the_sweep_has_still_to_notice_is_no_difference(cast: Cast) -> None:
    make_incident(cast)
    assert check(MONDAY + timedelta(days=30)).differences == []
    Clock.objects.update(alarm_at=None)
    assert check(MONDAY + timedelta(days=30)).different > 0


def test_the_command_lists_differences_and_ends_with_one(cast: Cast) -> None:
    make_incident(cast)
    out = io.StringIO()
    call_command("sla_selfcheck", stdout=out)
    count = Clock.objects.count()
    assert out.getvalue() == f"{count} clocks checked, 0 differences\n"
    Clock.objects.filter(metric="resolution").update(target_seconds=5)
    with pytest.raises(SystemExit):
        call_command("sla_selfcheck", stdout=out)
    stored = selfcheck.last_report()
    assert stored is not None
    assert stored.different >= 1
    assert stored.checked == count


def test_the_task_works_in_parts_and_stores_the_whole_report(busy: Cast) -> None:
    calls: list[str] = []

    def later(started_at: str) -> None:
        calls.append(started_at)
        assert len(calls) < 100
        tasks.self_check(started_at)

    with (
        patch.object(selfcheck, "BATCH", 2),
        patch.object(tasks, "PART_SECONDS", 0.0001),
        patch.object(tasks.self_check, "delay", later),
    ):
        tasks.self_check()
    report = selfcheck.last_report()
    assert report is not None
    assert report.is_complete
    assert report.checked == Clock.objects.count()
    assert len(calls) >= 2
    assert len(set(calls)) == 1
