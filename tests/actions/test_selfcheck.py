"""A clock that is not what its events give becomes work for a service level manager, once."""

from datetime import timedelta

import pytest

from actions.models import Action
from records.models import Link
from sla import selfcheck, tasks
from sla.models import Clock
from tests.cast import MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db


def damage(cast: Cast) -> Clock:
    incident = make_incident(cast)
    clock = Clock.objects.get(record=incident.pk, metric="resolution")
    Clock.objects.filter(pk=clock.pk).update(spent=clock.spent + 77)
    return clock


@pytest.mark.req("SLM-29")
def test_a_clock_that_differs_opens_one_action_however_often_it_is_found(cast: Cast) -> None:
    clock = damage(cast)
    later = MONDAY + timedelta(hours=1)
    for _night in range(2):
        report = selfcheck.check(selfcheck.Report(started_at=later.isoformat()), now=later)
        assert report.clocks == [clock.pk]
        selfcheck.finish(report, later)
    action = Action.objects.get()
    assert (action.assignee, action.source, action.key) == (
        cast.mona, "self_check", f"selfcheck:clock:{clock.pk}"
    )  # fmt: skip
    assert "spent is" in action.description
    assert Link.objects.get(source=action.pk).target_id == clock.record_id


def test_the_nightly_task_tells_of_what_it_found(cast: Cast) -> None:
    damage(cast)
    tasks.self_check()
    assert Action.objects.count() == 1


def test_a_listener_that_fails_does_not_hide_the_report(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    damage(cast)

    def broken(report: selfcheck.Report, now: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setitem(selfcheck._told, "actions", broken)
    tasks.self_check()
    assert "could not take the report" in caplog.text
    assert Action.objects.count() == 0
