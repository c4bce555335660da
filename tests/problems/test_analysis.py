"""Whys, hypotheses and solutions are rows: ordered, judged by a check, one chosen; two writers are told."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from problems import analysis
from problems.models import Cause, Problem, Why
from records.lifecycle import IllegalMove
from records.models import Activity
from records.services import Stale
from tests.cast import MONDAY, Cast
from tests.problems import made as m

pytestmark = [pytest.mark.django_db, pytest.mark.req("PRB-03")]
LATER = MONDAY + timedelta(hours=1)


def why(cast: Cast, row: Problem, n: int, **over: str) -> Why:
    words: Any = {"question": f"Why {n}?", "answer": f"Because {n}.", "evidence": "", **over}
    return analysis.write_why(row, **words, actor=cast.sven.actor, now=LATER)


def order(row: Problem) -> list[str]:
    return list(row.whys.order_by("position").values_list("question", flat=True))


def test_whys_stand_in_order_are_shifted_and_close_the_gap(cast: Cast) -> None:
    row = m.accepted(cast)
    one, two, three = (why(cast, row, n) for n in (1, 2, 3))
    analysis.shift_why(row, three.pk, earlier=True, actor=cast.sven.actor, now=LATER)
    assert order(row) == ["Why 1?", "Why 3?", "Why 2?"]
    analysis.shift_why(row, one.pk, earlier=True, actor=cast.sven.actor, now=LATER)
    analysis.drop_why(row, one.pk, actor=cast.sven.actor, now=LATER)
    assert order(row) == ["Why 3?", "Why 2?"]
    assert list(row.whys.values_list("position", flat=True)) == [1, 2]
    analysis.write_why(row, question="Why two?", answer="So.", why=two.pk, actor=cast.sven.actor, now=LATER)
    assert order(row) == ["Why 3?", "Why two?"]


def test_an_answer_with_evidence_becomes_a_root_cause_once(cast: Cast) -> None:
    row = m.accepted(cast)
    step = why(cast, row, 1)
    with pytest.raises(ValidationError):
        analysis.take_as_root(row, step.pk, category="process", actor=cast.sven.actor, now=LATER)
    analysis.write_why(
        row, question="Why?", answer="No check.", evidence="The list lacks it.", why=step.pk,
        actor=cast.sven.actor, now=LATER,
    )  # fmt: skip
    for _n in range(2):
        analysis.take_as_root(row, step.pk, category="process", actor=cast.sven.actor, now=LATER)
    cause = row.causes.get()
    assert (cause.text, cause.is_root, cause.check_words) == ("No check.", True, "The list lacks it.")


def test_hypotheses_are_judged_with_how_they_were_checked(cast: Cast) -> None:
    row = m.accepted(cast)
    top = analysis.add_cause(row, category="technology", text="Queue", actor=cast.sven.actor, now=LATER)
    below = analysis.add_cause(
        row, category="people", text="Too small", parent=top.pk, actor=cast.sven.actor, now=LATER
    )
    assert (below.parent, below.category) == (top, "technology")
    with pytest.raises(ValidationError):
        analysis.judge_cause(
            row, top.pk, state="ruled_out", check_words=" ", actor=cast.sven.actor, now=LATER
        )
    with pytest.raises(ValidationError):
        analysis.judge_cause(
            row, top.pk, state="ruled_out", check_words="x", is_root=True, actor=cast.sven.actor, now=LATER
        )
    judged = analysis.judge_cause(
        row, below.pk, state="confirmed", check_words="Read the log.", is_root=True,
        actor=cast.sven.actor, now=LATER,
    )  # fmt: skip
    assert (judged.checked_by_id, judged.checked_at) == (cast.sven.pk, LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cause.objects.filter(pk=top.pk).update(is_root=True)


def test_there_may_be_several_root_causes(cast: Cast) -> None:
    row = m.accepted(cast)
    m.rooted(cast, row)
    m.rooted(cast, row)
    assert row.causes.filter(is_root=True).count() == 2


def test_what_was_judged_or_has_others_below_it_stays(cast: Cast) -> None:
    row = m.accepted(cast)
    rooted = m.rooted(cast, row)
    with pytest.raises(ValidationError):
        analysis.drop_cause(row, rooted.pk, actor=cast.sven.actor, now=LATER)
    loose = analysis.add_cause(row, category="people", text="X", actor=cast.sven.actor, now=LATER)
    analysis.drop_cause(row, loose.pk, actor=cast.sven.actor, now=LATER)
    assert row.causes.get() == rooted


def test_one_solution_is_chosen_and_verified_in_words(cast: Cast) -> None:
    row = m.accepted(cast)
    one, two = (
        analysis.add_solution(row, text=text, effort="Low", actor=cast.sven.actor, now=LATER)
        for text in ("A", "B")
    )
    with pytest.raises(ValidationError):
        analysis.verify_solution(row, verification="x", actor=cast.sven.actor, now=LATER)
    for solution in (one, two):
        analysis.choose_solution(row, solution.pk, actor=cast.sven.actor, now=LATER)
    assert list(row.solutions.filter(is_chosen=True)) == [two]
    with pytest.raises(ValidationError):
        analysis.verify_solution(row, verification="", actor=cast.sven.actor, now=LATER)
    analysis.verify_solution(row, verification="A week.", actor=cast.bob.actor, now=LATER)
    done = row.solutions.get(pk=two.pk)
    assert (done.verified_at, done.verified_by) == (LATER, cast.bob)
    with pytest.raises(ValidationError):
        analysis.choose_solution(row, one.pk, actor=cast.sven.actor, now=LATER)


def test_of_two_writers_the_second_is_told(cast: Cast) -> None:
    row = m.accepted(cast)
    seen = row.version
    why(cast, row, 1)
    with pytest.raises(Stale):
        analysis.add_cause(
            row, category="people", text="X", actor=cast.bob.actor, now=LATER, expected_version=seen
        )


def test_nobody_analyses_what_was_not_accepted_and_no_program_does(cast: Cast) -> None:
    with pytest.raises(IllegalMove):
        why(cast, m.problem(cast), 1)
    with pytest.raises(Denied):
        analysis.write_why(m.accepted(cast), question="a", answer="b", actor=cast.robot.actor, now=LATER)


def test_a_row_of_another_problem_is_not_there(cast: Cast) -> None:
    row, other = m.accepted(cast), m.accepted(cast)
    step = why(cast, other, 1)
    with pytest.raises(ValidationError):
        analysis.drop_why(row, step.pk, actor=cast.sven.actor, now=LATER)
    assert other.whys.count() == 1


def test_each_writing_is_in_the_history(cast: Cast) -> None:
    row = m.accepted(cast)
    why(cast, row, 1)
    entry = Activity.objects.get(record=row.pk, verb="problem.analyse_problem")
    assert (entry.actor, entry.data["what"]["en"]) == (cast.sven, "the five whys")
