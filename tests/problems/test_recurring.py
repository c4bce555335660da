"""What looks like a closed problem come again is flagged once, told once, and judged by the manager."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from problems import recurring, services, tasks
from problems.models import Problem, Recurrence, Watermark
from records.models import Activity, Delivery, Link
from tests.cast import MONDAY, Cast
from tests.problems import made as m

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRB-09")]
LATER = MONDAY + timedelta(days=3)
NOW = LATER + timedelta(minutes=1)


def told(problem: Problem, person: str) -> int:
    return Delivery.objects.filter(
        activity__record=problem.pk, activity__verb="problem.recurred", recipient__username=person,
        channel="in_app",
    ).count()  # fmt: skip


def test_a_new_incident_of_the_same_item_is_flagged_and_the_manager_told_once(cast: Cast) -> None:
    item = m.item(cast)
    problem = m.solved(cast, incidents=[m.incident(cast, item=item)])
    again = m.incident(cast, item=item, title="Smells of smoke", now=LATER)
    assert [recurring.watch(now=NOW) for _n in range(3)] == [1, 0, 0]
    row = Recurrence.objects.get()
    assert (row.problem, row.incident_id, row.by_item, row.state) == (problem, again.pk, True, "open")
    assert (told(problem, "mona"), told(problem, "rita")) == (1, 0)


def test_an_incident_of_the_same_service_and_words_is_flagged(cast: Cast) -> None:
    m.solved(cast, incidents=[m.incident(cast, title="发件箱邮件无法发出")], service=cast.mail)
    m.incident(cast, title="邮件又堵在发件箱里", now=LATER)
    m.incident(cast, title="打印机卡纸", now=LATER)
    assert recurring.watch(now=NOW) == 1
    assert Recurrence.objects.get().by_item is False


def test_nothing_is_flagged_for_open_problems_earlier_incidents_or_the_problems_own(cast: Cast) -> None:
    item = m.item(cast)
    m.accepted(cast, items=[item])
    m.solved(cast, incidents=[m.incident(cast, item=item)], at=LATER)
    m.incident(cast, item=item, now=MONDAY)
    assert recurring.watch(now=NOW) == 0


def test_what_was_read_twice_is_flagged_once_whatever_the_watermark_says(cast: Cast) -> None:
    item = m.item(cast)
    m.solved(cast, items=[item])
    m.incident(cast, item=item, now=LATER)
    assert recurring.watch(now=NOW) == 1
    Watermark.objects.update(through=0)
    assert recurring.watch(now=NOW + timedelta(hours=1)) == 0
    assert Activity.objects.filter(verb="problem.recurred").count() == 1


def test_the_watermark_stays_behind_the_last_minutes_and_follows_afterwards(cast: Cast) -> None:
    m.solved(cast, items=[m.item(cast)])
    row = m.incident(cast, now=LATER)
    recurring.watch(now=NOW)
    assert Watermark.objects.get().through == 0
    recurring.watch(now=NOW + timedelta(hours=1))
    assert Watermark.objects.get().through == row.pk


def flagged(cast: Cast) -> tuple[Problem, Recurrence]:
    item = m.item(cast)
    problem = m.solved(cast, items=[item])
    m.incident(cast, item=item, now=LATER)
    recurring.watch(now=NOW)
    return problem, Recurrence.objects.get()


def test_confirmed_it_reopens_the_problem_and_stands_behind_it(cast: Cast) -> None:
    problem, row = flagged(cast)
    services.judge_recurrence(
        problem, row.pk, came_again=True, reason="Same log.", actor=cast.mona.actor, now=NOW
    )
    assert (m.fresh(problem).state, m.fresh(problem).reopen_count) == ("analysing", 1)
    assert Link.objects.filter(source=row.incident_id, target=problem.pk, type="caused_by").exists()
    assert Recurrence.objects.get().decided_by == cast.mona
    with pytest.raises(ValidationError):
        services.judge_recurrence(
            problem, row.pk, came_again=False, reason="x", actor=cast.mona.actor, now=NOW
        )


def test_dismissed_with_a_reason_the_problem_stays_closed(cast: Cast) -> None:
    problem, row = flagged(cast)
    with pytest.raises(ValidationError):
        services.judge_recurrence(
            problem, row.pk, came_again=False, reason="", actor=cast.mona.actor, now=NOW
        )
    with pytest.raises(Denied):
        services.judge_recurrence(
            problem, row.pk, came_again=False, reason="x", actor=cast.alice.actor, now=NOW
        )
    services.judge_recurrence(
        problem, row.pk, came_again=False, reason="A cable.", actor=cast.mona.actor, now=NOW
    )
    assert (m.fresh(problem).state, Recurrence.objects.get().state) == ("closed", "dismissed")


def test_a_second_one_confirmed_after_the_problem_was_reopened_is_put_behind_it(cast: Cast) -> None:
    problem, row = flagged(cast)
    m.incident(cast, item=problem.items.get(), now=LATER + timedelta(seconds=1))
    recurring.watch(now=NOW)
    second = Recurrence.objects.exclude(pk=row.pk).get()
    for each in (row, second):
        services.judge_recurrence(
            problem, each.pk, came_again=True, reason="Same.", actor=cast.mona.actor, now=NOW
        )
    assert m.fresh(problem).reopen_count == 1
    assert Link.objects.filter(target=problem.pk, type="caused_by").count() == 2


def test_the_task_watches(cast: Cast) -> None:
    assert tasks.watch_recurrences() == 0


def test_the_same_words_at_another_customer_are_no_recurrence_the_same_item_is(cast: Cast) -> None:
    item = m.item(cast)
    problem = m.solved(cast, incidents=[m.incident(cast, title="Outbox mail stuck", item=item)])
    theirs: dict[str, Any] = {"customer": cast.globex, "requester": cast.charlie, "now": LATER}
    m.incident(cast, title="Outbox mail stuck", **theirs)
    assert recurring.watch(now=NOW) == 0
    item.customer = None
    item.save()
    same = m.incident(cast, title="Fan", item=item, **theirs)
    assert recurring.watch(now=NOW) == 1
    told = Activity.objects.get(record=problem.pk, verb="problem.recurred").data["other"]
    assert told["en"] == "an incident of another customer"
    assert same.number not in str(told)
