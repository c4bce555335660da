"""Actions: opened once, worked on by who is responsible, judged by others, and reminded of once a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Denied
from actions import services, tasks
from actions.models import Action
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Link
from tests.cast import MONDAY, Cast, make_incident

DUE = date(2026, 3, 20)


def opened(cast: Cast, **over: Any) -> Action:
    facts: dict[str, Any] = {
        "source": "review", "title": "Check the queue twice a day", "description": "Mail waits too long.",
        "responsible": cast.alice, "due_on": DUE, "actor": cast.mona.actor, "now": MONDAY,
    }  # fmt: skip
    return services.open_action(**{**facts, **over})


@pytest.mark.req("SLM-60")
def test_a_corrective_action_hangs_on_what_caused_it_and_tells_the_responsible(cast: Cast) -> None:
    incident = make_incident(cast)
    action = opened(cast, source="breach", cause=incident, actor=cast.bob.actor)
    assert (action.number[:3], action.state, action.customer_id) == ("ACT", "open", cast.acme.pk)
    assert Link.objects.get(source=action).target_id == incident.pk
    assert Link.objects.get(source=action).type == "caused_by"
    told = Delivery.objects.filter(activity__record=action, channel="in_app")
    assert [d.recipient for d in told] == [cast.alice]


def test_an_action_with_a_key_is_opened_once(cast: Cast) -> None:
    first = opened(cast, key="self-check:7", actor=cast.system)
    services.start(first, actor=cast.alice.actor, now=MONDAY)
    again = opened(cast, key="self-check:7", actor=cast.system, title="Another title")
    assert (again.pk, again.state, again.title) == (first.pk, "in_progress", first.title)
    assert Action.objects.count() == 1
    assert opened(cast).pk != opened(cast).pk


def test_two_jobs_at_once_open_one_action(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(cast, key="x")
    real, asked = Action.objects.filter, []

    def not_yet(*args: Any, **kwargs: Any) -> Any:
        asked.append(kwargs)
        return Action.objects.none() if len(asked) == 1 else real(*args, **kwargs)

    monkeypatch.setattr(type(Action.objects), "filter", lambda self, *a, **k: not_yet(*a, **k))
    with transaction.atomic():
        assert opened(cast, key="x").pk == first.pk
    monkeypatch.undo()
    assert Action.objects.count() == 1


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"source": "nonsense"}, "source"),
        ({"title": "  "}, "title"),
        ({"due_on": date(2026, 3, 1)}, "due_on"),
    ],
)
def test_what_is_missing_or_late_is_refused(cast: Cast, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        opened(cast, **over)
    assert list(refused.value.message_dict) == [field]


def test_customers_are_neither_responsible_nor_may_they_open(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        opened(cast, responsible=cast.rita)
    with pytest.raises(Denied):
        opened(cast, actor=cast.carla.actor, cause=make_incident(cast))
    with pytest.raises(Denied):
        opened(cast, actor=cast.alice.actor)
    assert not Action.objects.visible_to(cast.carla.actor).exists()


@pytest.mark.req("SLM-43", "SLM-60")
def test_done_work_is_judged_by_figures_and_goes_on_without_effect(cast: Cast) -> None:
    action = opened(cast)
    with pytest.raises(Denied):
        services.start(action, actor=cast.bob.actor, now=MONDAY)
    services.start(action, actor=cast.alice.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        services.finish(action, outcome=" ", actor=cast.alice.actor, now=MONDAY)
    done = services.finish(action, outcome="A rota is in place", actor=cast.alice.actor, now=MONDAY)
    assert (done.state, done.outcome) == ("done", "A rota is in place")
    with pytest.raises(Denied):
        services.judge(done, effective=True, words="fine", actor=cast.alice.actor, now=MONDAY)
    back = services.judge(done, effective=False, words="still 80 %", actor=cast.mona.actor, now=MONDAY)
    assert (back.state, back.effective, back.done_at) == ("in_progress", False, None)
    services.finish(back, outcome="A second rota", actor=cast.alice.actor, now=MONDAY)
    good = services.judge(back, effective=True, words="97 %", actor=cast.mona.actor, now=MONDAY)
    assert (good.state, good.effective, good.effect) == ("effective", True, "97 %")
    with pytest.raises(IllegalMove):
        services.cancel(good, reason="too late", actor=cast.mona.actor, now=MONDAY)


def test_postponing_and_reassigning_keep_the_past_in_the_log(cast: Cast) -> None:
    action = opened(cast)
    later = services.postpone(
        action, due_on=date(2026, 4, 1), reason="A supplier is late", actor=cast.mona.actor, now=MONDAY
    )
    assert later.due_on == date(2026, 4, 1)
    logged = Activity.objects.get(verb="action.postpone")
    assert (logged.data["before"], logged.data["day"]) == ("2026-03-20", "2026-04-01")
    with pytest.raises(Denied):
        services.postpone(
            action, due_on=date(2026, 5, 1), reason="please", actor=cast.alice.actor, now=MONDAY
        )
    moved = services.reassign(action, responsible=cast.bob, actor=cast.alice.actor, now=MONDAY)
    assert moved.assignee == cast.bob
    gone = services.cancel(moved, reason="The queue is gone", actor=cast.mona.actor, now=MONDAY)
    assert gone.state == "cancelled"


def test_the_responsible_of_an_overdue_action_is_told_once_a_day(cast: Cast) -> None:
    action = opened(cast)
    late = MONDAY + timedelta(days=30)
    assert services.remind(now=MONDAY) == 0
    assert services.remind(now=late) == 1
    assert services.remind(now=late + timedelta(hours=3)) == 0
    assert services.remind(now=late + timedelta(days=1)) == 1
    told = Delivery.objects.filter(activity__verb="action.remind", recipient=cast.alice, channel="in_app")
    assert told.count() == 2
    services.finish(action, outcome="done", actor=cast.alice.actor, now=late)
    assert tasks.remind() == 0
