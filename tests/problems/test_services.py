"""A problem's way: raised from a source, decided, given to an expert, ended with exactly one outcome."""

from datetime import UTC, date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import changes.services
from accounts.access import Denied
from actions.services import open_action
from problems import analysis, figures, reading, services, waiting
from problems.models import KnownError, Outcome, Problem, Source
from records import spans
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Link, Record
from records.services import Stale
from tests.cast import MONDAY, Cast
from tests.problems import made as m

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=2)


def told(row: Problem, verb: str) -> set[str]:
    rows = Delivery.objects.filter(activity__record=row.pk, activity__verb=verb)
    return set(rows.values_list("recipient__username", flat=True))


@pytest.mark.req("PRB-01")
@pytest.mark.parametrize("source", Source.values)
def test_a_problem_is_raised_from_each_source_which_is_stored(cast: Cast, source: str) -> None:
    assert m.fresh(m.problem(cast, source=source)).source == source


@pytest.mark.req("PRB-01")
def test_a_source_nobody_knows_is_refused(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        m.problem(cast, source="rumour")
    assert list(refused.value.message_dict) == ["source"]


def test_monitoring_raises_a_problem_by_its_account(cast: Cast) -> None:
    row = m.problem(cast, source="monitoring", actor=cast.robot.actor)
    assert row.requester == cast.robot
    assert row.customer == cast.provider


@pytest.mark.req("INC-11")
def test_an_incident_turned_into_a_problem_keeps_the_link_the_time_and_the_person(cast: Cast) -> None:
    incident = m.incident(cast)
    row = m.problem(cast, caused_by=incident, now=LATER)
    link = Link.objects.get(source=incident.pk, target=row.pk)
    assert (link.type, link.created_at, link.created_by) == ("caused_by", LATER, cast.alice)
    logged = Activity.objects.get(record=incident.pk, verb="record.linked")
    assert (logged.data["other"], logged.at, logged.actor) == (row.number, LATER, cast.alice)


def test_service_items_and_customer_are_those_the_incidents_have_in_common(cast: Cast) -> None:
    item = m.item(cast)
    both = [m.incident(cast, item=item), m.incident(cast)]
    row = m.problem(cast, incidents=both)
    assert (row.customer, row.service, list(row.items.all())) == (cast.acme, cast.mail, [item])
    other = m.incident(cast, customer=cast.globex, requester=cast.charlie)
    assert m.problem(cast, incidents=[both[0], other]).customer == cast.provider


def test_no_customer_raises_or_sees_a_problem(cast: Cast) -> None:
    incident = m.incident(cast)
    row = m.problem(cast, caused_by=incident)
    with pytest.raises(Denied):
        m.problem(cast, actor=cast.carla.actor)
    for person in (cast.rita, cast.carla, cast.charlie):
        assert not Problem.objects.visible_to(person.actor).filter(pk=row.pk)


def test_a_problem_is_behind_tickets_only(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        m.problem(cast, caused_by=m.problem(cast))


@pytest.mark.req("PRB-02")
def test_the_manager_accepts_and_assigns_an_expert_and_both_times_are_stored(cast: Cast) -> None:
    row = m.problem(cast)
    services.accept(row, expert=cast.sven, actor=cast.mona.actor, now=MONDAY)
    services.assign_expert(row, expert=cast.bob, actor=cast.mona.actor, now=LATER)
    now = m.fresh(row)
    assert (now.decided_at, now.decided_by, now.expert_since) == (MONDAY, cast.mona, LATER)
    assert (now.state, now.assignee, now.owner) == ("analysing", cast.bob, cast.mona)
    assert "sven" in told(row, "problem.accept_problem")
    assert "bob" in told(row, "problem.assign_expert")


@pytest.mark.req("PRB-02")
def test_the_manager_rejects_with_a_reason_and_an_agent_does_neither(cast: Cast) -> None:
    row = m.problem(cast)
    with pytest.raises(ValidationError):
        services.reject(row, reason=" ", actor=cast.mona.actor, now=LATER)
    with pytest.raises(Denied):
        services.accept(row, expert=cast.sven, actor=cast.alice.actor, now=LATER)
    services.reject(row, reason="One user, one click.", actor=cast.mona.actor, now=LATER)
    now = m.fresh(row)
    assert (now.state, now.decided_at, now.decided_by) == ("rejected", LATER, cast.mona)
    assert "alice" in told(row, "problem.reject_problem")
    with pytest.raises(IllegalMove):
        services.accept(row, expert=cast.sven, actor=cast.mona.actor, now=LATER)


@pytest.mark.req("PRB-03")
def test_effect_has_a_scope_and_a_severity(cast: Cast) -> None:
    row = m.accepted(cast)
    services.write_effect(row, scope="All of Acme", severity="serious", actor=cast.sven.actor, now=LATER)
    now = m.fresh(row)
    assert (now.scope, now.severity) == ("All of Acme", "serious")
    with pytest.raises(ValidationError):
        services.write_effect(row, scope="x", severity="odd", actor=cast.sven.actor, now=LATER)


def close(cast: Cast, row: Problem, outcome: str, **over: Any) -> Problem:
    facts: dict[str, Any] = {"summary": "What was found.", "prevention": "None is needed: the item is gone."}
    return services.close(row, outcome=outcome, actor=cast.sven.actor, now=LATER, **{**facts, **over})


@pytest.mark.req("PRB-04")
def test_permanently_solved_needs_a_root_cause_and_a_verified_solution(cast: Cast) -> None:
    row = m.accepted(cast)
    with pytest.raises(ValidationError) as refused:
        close(cast, row, "solved")
    assert set(refused.value.message_dict) == {"root_cause", "solution"}
    m.rooted(cast, row)
    solution = analysis.add_solution(row, text="Bigger.", actor=cast.sven.actor, now=LATER)
    analysis.choose_solution(row, solution.pk, actor=cast.sven.actor, now=LATER)
    with pytest.raises(ValidationError) as refused:
        close(cast, row, "solved")
    assert set(refused.value.message_dict) == {"solution"}
    analysis.verify_solution(row, verification="A week.", actor=cast.sven.actor, now=LATER)
    assert close(cast, row, "solved").outcome == Outcome.SOLVED


@pytest.mark.req("PRB-04")
def test_settled_by_workaround_needs_a_valid_known_error(cast: Cast) -> None:
    row = m.accepted(cast)
    with pytest.raises(ValidationError) as refused:
        close(cast, row, "workaround")
    assert set(refused.value.message_dict) == {"known_error"}
    m.known_error(cast, problem=row)
    assert close(cast, row, "workaround").outcome == Outcome.WORKAROUND


@pytest.mark.req("PRB-04")
def test_closed_directly_needs_a_reason(cast: Cast) -> None:
    row = m.accepted(cast)
    with pytest.raises(ValidationError) as refused:
        close(cast, row, "direct")
    assert set(refused.value.message_dict) == {"reason"}
    closed = close(cast, row, "direct", reason="The item is scrapped.")
    assert (closed.outcome, closed.state, closed.closed_by) == ("direct", "closed", cast.sven)


@pytest.mark.req("PRB-04")
def test_a_problem_ends_with_one_outcome_only(cast: Cast) -> None:
    row = close(cast, m.accepted(cast), "direct", reason="Scrapped.")
    with pytest.raises(IllegalMove):
        close(cast, row, "direct", reason="Again.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Problem.objects.filter(pk=row.pk).update(summary="")


@pytest.mark.req("PRB-04", "PRB-06")
def test_passing_to_changes_is_a_link_of_its_own_and_the_problem_may_still_be_solved(cast: Cast) -> None:
    row = m.accepted(cast)
    with pytest.raises(ValidationError):
        services.pass_to_change(row, m.incident(cast), actor=cast.sven.actor, now=LATER)
    first, second = change(cast, caused_by=row), change(cast)
    for _n in range(2):
        services.pass_to_change(row, second, actor=cast.sven.actor, now=LATER)
    found = reading.changes_of(row, cast.sven.actor)
    assert [each["record"].pk for each in found] == [first.pk, second.pk]
    assert {each["state"] for each in found} == {"Draft"}
    span = spans.parse("2026-03", UTC)
    passed = figures.FIGURES["passed"].rows(figures.Asked(cast.mona.actor, span))
    assert list(passed) == [row]
    m.verified(cast, row)
    assert close(cast, row, "solved").outcome == "solved"
    with pytest.raises(IllegalMove):
        services.pass_to_change(row, change(cast), actor=cast.sven.actor, now=LATER)


def change(cast: Cast, **over: Any) -> Record:
    facts: dict[str, Any] = {
        "title": "A bigger queue", "description": "", "category": "normal", "nature": "configuration",
        "actor": cast.mona.actor, "now": LATER,
    }  # fmt: skip
    return changes.services.open_change(**{**facts, **over})


@pytest.mark.req("PRB-08")
def test_closing_needs_a_summary_and_a_measure_or_the_reason_why_none(cast: Cast) -> None:
    row = m.accepted(cast)
    m.known_error(cast, problem=row)
    with pytest.raises(ValidationError) as refused:
        close(cast, row, "workaround", summary=" ")
    assert set(refused.value.message_dict) == {"summary"}
    with pytest.raises(ValidationError) as refused:
        close(cast, row, "workaround", prevention="")
    assert set(refused.value.message_dict) == {"prevention"}
    measure = open_action(
        source="other", title="Watch the queue", description="", responsible=cast.bob,
        due_on=date(2026, 4, 1),
        cause=row, actor=cast.mona.actor, now=LATER,
    )  # fmt: skip
    assert list(reading.measures_of(row)) == [measure]
    assert close(cast, row, "workaround", prevention="").summary == "What was found."


def test_only_the_expert_and_managers_close(cast: Cast) -> None:
    row = m.accepted(cast)
    with pytest.raises(Denied):
        services.close(row, outcome="direct", summary="x", reason="y", actor=cast.alice.actor, now=LATER)


def test_reopening_takes_the_outcome_back_and_makes_the_known_error_valid_again(cast: Cast) -> None:
    row = m.accepted(cast)
    error = m.known_error(cast, problem=row)
    m.verified(cast, row)
    assert KnownError.objects.get(pk=error.pk).state == "past"
    close(cast, row, "solved")
    services.reopen(row, reason="It is there again.", actor=cast.mona.actor, now=LATER)
    now = m.fresh(row)
    assert (now.state, now.outcome, now.reopen_count, now.done_at) == ("analysing", "", 1, None)
    assert KnownError.objects.get(pk=error.pk).state == "valid"
    with pytest.raises(ValidationError) as refused:
        close(cast, row, "solved")
    assert "solution" in refused.value.message_dict


def test_of_two_who_close_the_second_is_told(cast: Cast) -> None:
    row = m.accepted(cast)
    seen = m.fresh(row).version
    services.write_effect(row, scope="All", severity="minor", actor=cast.bob.actor, now=LATER)
    with pytest.raises(Stale):
        close(cast, row, "direct", reason="x", expected_version=seen)


def test_an_incident_is_put_behind_a_problem_once(cast: Cast) -> None:
    row, incident = m.problem(cast), m.incident(cast)
    first = services.add_incident(row, incident, actor=cast.alice.actor, now=LATER)
    assert services.add_incident(row, incident, actor=cast.bob.actor, now=LATER) == first
    assert list(reading.incidents_of(row, cast.alice.actor)) == [incident.record_ptr]
    assert list(reading.problems_of(incident, cast.alice.actor)) == [row]


def test_a_problem_nobody_decided_on_is_reminded_of_once_after_a_working_day(cast: Cast) -> None:
    problem = m.problem(cast)
    m.accepted(cast, title="Another")
    hours = (1, 23, 24, 90)
    assert [waiting.remind(now=MONDAY + timedelta(hours=n)) for n in hours] == [0, 0, 1, 0]
    assert told(problem, "problem.decision_reminded") == {"mona", "admin"}
