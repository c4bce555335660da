"""Answers to a risk of 1 to 4, risk to those who approve, and the hash of what is approved."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changes import content, risk
from changes.risk import Questionnaire, RiskError

PRESENT = Questionnaire.parse(risk.DEFAULT)
NONE = {question.code: 0 for question in PRESENT.questions}
MOST = {question.code: len(question.answers) - 1 for question in PRESENT.questions}
answers = st.fixed_dictionaries({
    question.code: st.integers(0, len(question.answers) - 1) for question in PRESENT.questions
})  # fmt: skip


def test_nothing_bad_is_risk_1_and_everything_bad_risk_4() -> None:
    assert (PRESENT.risk_of(NONE), PRESENT.risk_of(MOST)) == (1, 4)


@given(answers, st.data())
def test_a_worse_answer_never_lowers_the_risk(given_answers: dict[str, int], data: Any) -> None:
    question = data.draw(st.sampled_from(PRESENT.questions))
    worse = {**given_answers, question.code: len(question.answers) - 1}
    assert PRESENT.risk_of(worse) >= PRESENT.risk_of(given_answers)


@given(
    st.sampled_from(["normal", "emergency"]),
    st.integers(1, 4),
    st.decimals(0, 10**9, places=2),
    st.booleans(),
)
def test_somebody_always_approves_and_a_major_change_the_board(
    category: str, of: int, amount: Decimal, is_major: bool
) -> None:
    path = PRESENT.path(category=category, risk=of, amount=amount, is_major=is_major)
    assert path
    assert set(path) <= set(risk.PARTIES)
    assert not is_major or risk.BOARD in path


@pytest.mark.req("CHG-13")
@pytest.mark.parametrize(
    ("of", "amount", "is_major", "path"),
    [
        (1, None, False, ("change_manager",)),
        (2, None, False, ("service_owner", "change_manager")),
        (1, Decimal(100_000), False, ("change_manager", "management")),
        (1, Decimal("99999.99"), False, ("change_manager",)),
        (1, None, True, ("change_manager", "board")),
        (4, None, False, ("service_owner", "change_manager", "management", "board")),
    ],
)
def test_the_levels_depend_on_risk_amount_and_weight(
    of: int, amount: Decimal | None, is_major: bool, path: tuple[str, ...]
) -> None:
    assert PRESENT.path(category="normal", risk=of, amount=amount, is_major=is_major) == path


@pytest.mark.req("CHG-13")
def test_a_level_may_be_for_one_kind_of_change() -> None:
    definition = deepcopy(risk.DEFAULT)
    definition["levels"] = [{"party": "management", "from_risk": 1, "categories": ["normal"]}]
    questions = Questionnaire.parse(definition)
    facts = {"risk": 2, "amount": None, "is_major": False}
    assert questions.path(category="normal", **facts) == ("management",)  # type: ignore[arg-type]
    assert questions.path(category="emergency", **facts) == ("change_manager",)  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [None, -1, 99, "0", True, 1.5])
def test_an_answer_that_is_none_of_those_offered_is_refused(answer: Any) -> None:
    with pytest.raises(RiskError):
        PRESENT.risk_of({**NONE, "reach": answer})


BARE = {"code": "a", "en": "A", "zh": "A", "weight": 1, "answers": []}


def broken(**over: Any) -> Any:
    return {**deepcopy(risk.DEFAULT), **over}


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        (None, "definition"),
        (broken(questions=[]), "questions"),
        (broken(questions="x"), "questions"),
        (broken(limits=[20, 20, 70]), "limits"),
        (broken(limits=[20, 45]), "limits"),
        (broken(levels=[]), "levels"),
        (broken(levels=[{"party": "anybody", "from_risk": 1}]), "levels.1.party"),
        (broken(levels=[{"party": "board"}]), "levels.1"),
        (broken(levels=[{"party": "board", "from_amount": "much"}]), "levels.1.from_amount"),
        (broken(levels=[{"party": "board", "from_risk": 9}]), "levels.1.from_risk"),
        (broken(questions=[{**BARE, "weight": 0}]), "questions.1.weight"),
        (broken(questions=[BARE]), "questions.1.answers"),
        (broken(questions=[{**BARE, "zh": ""}]), "questions.1.zh"),
        (broken(questions=[*risk.DEFAULT["questions"], risk.DEFAULT["questions"][0]]), "questions"),
    ],
)  # fmt: skip
def test_a_definition_that_is_wrong_is_refused_with_its_place(definition: Any, field: str) -> None:
    with pytest.raises(RiskError) as refused:
        Questionnaire.parse(definition)
    assert refused.value.field == field


FACTS: dict[str, Any] = {
    "title": "电子邮件", "plan": "Stop.", "amount": Decimal("10.50"), "items": [[1, True]],
    "planned_start_at": datetime(2026, 3, 4, 2, tzinfo=UTC),
}  # fmt: skip


def test_the_hash_is_of_the_content_and_not_of_its_order() -> None:
    again = dict(reversed(FACTS.items()))
    assert content.digest(FACTS, is_standard=False) == content.digest(again, is_standard=False)
    assert len(content.digest(FACTS, is_standard=False)) == 64


@pytest.mark.parametrize(
    "over",
    [
        {"title": "邮件"}, {"plan": "Stop. "}, {"amount": None}, {"items": [[1, False]]},
        {"planned_start_at": None},
    ],
)  # fmt: skip
def test_whatever_differs_gives_another_hash(over: dict[str, Any]) -> None:
    assert content.digest(FACTS, is_standard=False) != content.digest({**FACTS, **over}, is_standard=False)


def test_a_standard_change_is_approved_for_any_time() -> None:
    later = {**FACTS, "planned_start_at": None}
    assert content.digest(FACTS, is_standard=True) == content.digest(later, is_standard=True)
