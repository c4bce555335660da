"""Clusters of similar incidents become proposals, and proposals what a manager makes of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from accounts.access import Denied
from accounts.models import Grant
from problems import candidates, reading, services, tasks
from problems.models import Candidate
from records.models import Link
from tests.cast import MONDAY, Cast
from tests.problems import made as m

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRB-10")]
LATER = MONDAY + timedelta(days=2)


def three(cast: Cast, n: int = 3, **over: Any) -> list[Any]:
    return [m.incident(cast, title=f"Outbox mail stuck again {'abcdefghij'[i]}x", **over) for i in range(n)]


def only() -> Candidate:
    return Candidate.objects.get()


def test_three_incidents_of_a_service_with_the_same_words_are_proposed_once(cast: Cast) -> None:
    rows = three(cast)
    m.incident(cast, title="Cannot print")
    assert candidates.refresh(now=LATER) == 1
    assert candidates.refresh(now=LATER) == 0
    row = only()
    assert (row.count, row.service, row.item, row.customer) == (3, cast.mail, None, cast.acme)
    assert {r.pk for r in candidates.incidents_of(row, cast.mona.actor)} == {r.pk for r in rows}


def test_three_incidents_of_one_item_are_proposed_whatever_their_words(cast: Cast) -> None:
    item = m.item(cast)
    for title in ("Cannot print", "Fan is loud", "Smells of smoke"):
        m.incident(cast, title=title, item=item)
    candidates.refresh(now=LATER)
    assert (only().item, only().count) == (item, 3)


def test_two_or_older_ones_or_those_of_another_service_are_no_proposal(cast: Cast) -> None:
    three(cast, 2)
    three(cast, 2, service=None)
    assert candidates.refresh(now=LATER) == 0
    three(cast, 3)
    assert candidates.refresh(now=MONDAY + timedelta(days=40)) == 0


def test_incidents_behind_a_problem_or_matched_with_a_known_error_are_explained(cast: Cast) -> None:
    rows = three(cast)
    m.problem(cast, incidents=rows[:1])
    assert candidates.refresh(now=LATER) == 0


def test_an_accepted_proposal_opens_the_problem_with_its_incidents(cast: Cast) -> None:
    rows = three(cast)
    candidates.refresh(now=LATER)
    made = candidates.accept(only(), title="Outbox stuck", description="", actor=cast.mona.actor, now=LATER)
    assert (made.source, made.service, made.customer) == ("system", cast.mail, cast.acme)
    assert {r.pk for r in reading.incidents_of(made, cast.mona.actor)} == {r.pk for r in rows}
    assert (only().state, only().problem, only().decided_by) == ("accepted", made, cast.mona)
    with pytest.raises(ValidationError):
        candidates.accept(only(), title="Again", description="", actor=cast.mona.actor, now=LATER)
    assert candidates.refresh(now=LATER) == 0


def test_a_proposal_is_joined_to_a_problem_that_is_open(cast: Cast) -> None:
    rows = three(cast)
    candidates.refresh(now=LATER)
    problem = m.problem(cast)
    candidates.join(only(), problem=problem, actor=cast.mona.actor, now=LATER)
    assert Link.objects.filter(target=problem.pk, source__in=[r.pk for r in rows]).count() == 3
    assert (only().state, only().problem) == ("joined", problem)


def test_a_proposal_is_not_joined_to_a_rejected_problem(cast: Cast) -> None:
    three(cast)
    candidates.refresh(now=LATER)
    problem = services.reject(m.problem(cast), reason="No.", actor=cast.mona.actor, now=LATER)
    with pytest.raises(ValidationError):
        candidates.join(only(), problem=problem, actor=cast.mona.actor, now=LATER)
    assert only().state == "waiting"


def test_a_dismissed_proposal_comes_back_only_when_it_has_grown_by_half(cast: Cast) -> None:
    three(cast, 4)
    candidates.refresh(now=LATER)
    with pytest.raises(ValidationError):
        candidates.dismiss(only(), reason=" ", actor=cast.mona.actor, now=LATER)
    candidates.dismiss(only(), reason="One user's habit.", actor=cast.mona.actor, now=LATER)
    three(cast, 1)
    assert candidates.refresh(now=LATER) == 0
    assert (only().state, only().count) == ("dismissed", 5)
    three(cast, 1)
    assert candidates.refresh(now=LATER) == 1
    assert (only().state, only().reason) == ("waiting", "One user's habit.")


def test_who_read_an_older_version_of_a_proposal_is_told(cast: Cast) -> None:
    three(cast)
    candidates.refresh(now=LATER)
    seen = only().version
    three(cast, 1)
    candidates.refresh(now=LATER)
    with pytest.raises(ValidationError):
        candidates.dismiss(only(), reason="x", actor=cast.mona.actor, now=LATER, expected_version=seen)


def test_agents_decide_nothing_and_customers_see_nothing(cast: Cast) -> None:
    three(cast)
    candidates.refresh(now=LATER)
    with pytest.raises(Denied):
        candidates.dismiss(only(), reason="x", actor=cast.alice.actor, now=LATER)
    with pytest.raises(Http404):
        candidates.get(cast.carla.actor, only().pk)


def test_a_manager_of_some_customers_sees_the_proposals_of_these_only(cast: Cast) -> None:
    three(cast)
    candidates.refresh(now=LATER)
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    with pytest.raises(Http404):
        candidates.get(type(cast.mona).objects.get(pk=cast.mona.pk).actor, only().pk)


def test_the_cost_of_looking_is_a_fixed_number_of_questions(
    cast: Cast, django_assert_max_num_queries
) -> None:
    three(cast, 10)
    candidates.refresh(now=LATER)
    with django_assert_max_num_queries(8):
        candidates.refresh(now=LATER)


def test_the_task_proposes_what_there_is(cast: Cast) -> None:
    assert tasks.propose() == 0
