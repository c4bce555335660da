"""Lessons of the case library stand in the way of a design until each is answered (KNW-06)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.access import Denied
from knowledge.models import Genre
from planning import designs, lessons
from planning.models import Lesson
from tests.cast import MONDAY, Cast
from tests.knowledge.made import make_article, titled
from tests.planning.made import SPEC, fixed, write


def case(cast: Cast, title: str = "Migration at night", **over: Any) -> Any:
    facts = titled(title, title, **over)
    facts["texts"] |= dict.fromkeys(("lesson", "lesson_zh", "department"), "Do it by day.")
    return make_article(cast, genre=Genre.CASE, **facts)


def approve(cast: Cast, row: Any) -> Any:
    return designs.approve(row, "specification", actor=cast.admin.actor, now=MONDAY)


@pytest.mark.req("KNW-06")
def test_a_design_is_not_approved_while_a_listed_lesson_is_open(cast: Cast) -> None:
    row = fixed(cast)
    write(cast, row, "specification", SPEC)
    article = case(cast)
    lessons.add(row, number=article.number, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError) as refused:
        approve(cast, row)
    assert article.number in str(refused.value)
    assert any(article.number in words for words in designs.hindrances(row))
    with pytest.raises(ValidationError):  # without saying how
        lessons.answer(row, article=article, is_heeded=False, words=" ", actor=cast.mona.actor, now=MONDAY)
    lessons.answer(
        row, article=article, is_heeded=False, words="No data moves.", actor=cast.mona.actor, now=MONDAY
    )
    assert approve(cast, row).approved_at
    assert lessons.hindrance(row) == ""


@pytest.mark.req("KNW-05", "KNW-06")
def test_cases_about_its_services_are_listed_by_themselves(cast: Cast) -> None:
    row = fixed(cast)
    article = case(cast, services=[cast.mail])
    case(cast, "Of nothing here")
    assert lessons.open_of(row) == [article.number]
    lessons.answer(
        row, article=article, is_heeded=True, words="Day shift.", actor=cast.mona.actor, now=MONDAY
    )
    assert lessons.open_of(row) == []


@pytest.mark.req("KNW-06")
def test_only_published_cases_are_listed_once_and_by_who_designs(cast: Cast) -> None:
    row = fixed(cast)
    how_to = make_article(cast, **titled("Not a case", "不是案例"))
    with pytest.raises(ValidationError):
        lessons.add(row, number=how_to.number, actor=cast.mona.actor, now=MONDAY)
    article = case(cast)
    for _twice in range(2):
        lessons.add(row, number=article.number.lower(), actor=cast.mona.actor, now=MONDAY)
    assert Lesson.objects.count() == 1
    with pytest.raises(Denied):
        lessons.add(row, number=article.number, actor=cast.alice.actor, now=MONDAY)


def test_a_case_of_something_else_is_answered_nowhere(cast: Cast) -> None:
    row = fixed(cast)
    with pytest.raises(ValidationError):
        lessons.answer(
            row, article=case(cast), is_heeded=True, words="Yes.", actor=cast.mona.actor, now=MONDAY
        )


@pytest.mark.req("KNW-06")
def test_the_page_lists_and_answers_them(cast: Cast, client_of: Any) -> None:
    row = fixed(cast)
    article = case(cast)
    mona: Client = client_of(cast.mona)
    url = reverse("planning:lessons", args=[row.number])
    assert mona.post(url, {"number": "KB9999999"}).status_code == 422
    assert mona.post(url, {"number": article.number}).status_code == 302
    page = reverse("planning:detail", args=[row.number]) + "?view=lessons"
    assert "to be answered" in mona.get(page).content.decode()
    refused = mona.post(url, {"article": article.number, "is_heeded": "yes", "words": ""})
    assert refused.status_code == 422
    done = mona.post(url, {"article": article.number, "is_heeded": "yes", "words": "Moved to the day."})
    assert done.status_code == 302
    assert "Moved to the day." in mona.get(page).content.decode()
    assert mona.post(url, {"article": "KB1", "is_heeded": "yes", "words": "x"}).status_code == 422
