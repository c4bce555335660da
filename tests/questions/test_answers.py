"""Figures and the rows behind them: the same rows, however a question is put."""

import io
import random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from questions import answers, content, periods
from questions.answers import OTHERS
from questions.models import Question
from questions.subjects import base
from questions.subjects.base import How, Sort, Subject


def actor_of(username: str) -> Any:
    return User.objects.prefetch_related("grants", "memberships").get(username=username).actor


@pytest.fixture
def demo(db: None) -> None:
    call_command("demo", stdout=io.StringIO())


def some_question(subject: Subject, chance: random.Random) -> dict[str, Any]:
    """A question about the subject as chance will have it."""
    groups = [each.key for each in subject.dimensions]
    by, across = chance.sample(groups, 2)
    filters: dict[str, list[str]] = {}
    for dimension in chance.sample([d for d in subject.dimensions if d.narrows], chance.choice([0, 0, 1, 2])):
        if dimension.sort == Sort.PICK:
            filters[dimension.key] = [*[str(value) for value, _words in dimension.choices()][:2], ""]
        elif dimension.sort == Sort.FLAG:
            filters[dimension.key] = [chance.choice(["yes", "no"])]
        elif dimension.sort == Sort.CYCLE:
            filters[dimension.key] = ["1", "2", "3", "4", "5"]
    asked = chance.choice(["last_12_months", "last_12_weeks", "this_year", "last_90_days"])
    return {
        "subject": subject.key, "filters": filters, "across": "",
        "at": chance.choice([i.key for i in subject.instants]) if subject.instants else "",
        "period": asked if subject.instants else periods.ALWAYS,
        "by": chance.choice([by, by, by, ""]), "measure": chance.choice(subject.measures).key,
    } | ({"across": across} if chance.random() < 0.6 else {})  # fmt: skip


def assert_adds_up(found: answers.Answer) -> None:
    """Counts over cells, rows and columns are those of all rows, and each is the length of its list."""
    listed = answers.behind(found.plan, found.asked, None, None)
    assert found.total.n == listed.count()
    assert sum(cell.n for cell in found.cells.values()) == found.total.n
    assert sum(cell.n for cell in found.row_totals.values()) == found.total.n
    assert sum(cell.n for cell in found.column_totals.values()) == found.total.n
    if found.plan.measure.how == How.SHARE:
        assert sum(cell.hits or 0 for cell in found.cells.values()) == (found.total.hits or 0)
    for (row, column), cell in found.cells.items():
        rows = answers.behind(
            found.plan,
            found.asked,
            (OTHERS if row is None else row) if found.plan.by else None,
            (OTHERS if column is None else column) if found.plan.across else None,
        )
        assert rows.count() == cell.n, (found.plan.content.dump(), row, column)
        assert len({each.pk for each in rows}) == cell.n
        assert cell.number is not None or found.plan.measure.how != How.COUNT


def test_for_random_questions_over_the_demo_groups_add_up_to_all_rows_and_to_their_lists(
    demo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, chance, not_nothing = timezone.now(), random.Random(7), 0
    wrong: set[str] = set()
    for place, username in enumerate(("slm", "agent", "slm", "slm", "slm")):
        actor = actor_of(username)
        # few groups, so that there are others as well
        monkeypatch.setattr(answers, "MOST_ROWS", (40, 40, 3, 2, 3)[place])
        monkeypatch.setattr(answers, "MOST_COLUMNS", (12, 2, 2, 1, 12)[place])
        for subject in base.subjects_for(actor):
            data = some_question(subject, chance)
            if not data["by"]:
                data["across"] = ""
            try:
                plan = content.read(data)
                found = answers.answer(plan, plan.asked(actor, now))
            except ValidationError as refused:
                wrong |= set(refused.message_dict)
                continue
            assert_adds_up(found)
            not_nothing += found.total.n > 0
    assert not_nothing > 30
    assert Question.objects.count() == 3  # those the demo's people keep
    assert wrong <= {"by", "across"}  # too many spans of time


def test_a_question_kept_is_read_as_it_was(demo: None) -> None:
    data = {
        "subject": "incidents", "at": "resolved", "period": "fixed", "from": "2026-01-01", "to": "2026-03-31",
        "filters": {"priority": ["1", "2"], "team": [""], "opened.hour": ["9"]}, "by": "resolved.month",
        "across": "priority", "measure": "duration.median", "chart": "heat",
    }  # fmt: skip
    assert content.read(data).content.dump() == data
    assert content.read(content.read(data).content.dump()).content == content.read(data).content
