"""One box finds articles, orders, own tickets and announcements, and nothing of anybody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from announcements import services as announcing
from knowledge.models import Question
from tests.cast import MONDAY, Cast, make_incident
from tests.fulfilment.orders import make_offering
from tests.knowledge.made import make_article, titled


def announced(cast: Cast, **over: Any) -> None:
    facts: dict[str, Any] = {
        "sort": "notice", "title_en": "Printer moves", "title_zh": "打印机搬迁", "text_en": "Tomorrow.",
        "text_zh": "明天。", "starts_at": MONDAY, "customers": [], "actor": cast.alice.actor, "now": MONDAY,
    }  # fmt: skip
    made = announcing.write(**{**facts, **over})
    announcing.publish(made, actor=cast.alice.actor, now=MONDAY)


@pytest.fixture
def things(cast: Cast) -> None:
    make_article(cast, **titled("Change the printer cartridge", "更换打印机墨盒"))
    make_article(cast, audience="internal", **titled("Printer secrets of the desk", "打印机"))
    make_offering(cast, "a-new-printer", name={"en": "A new printer", "zh": "新打印机"})
    make_incident(cast, title="Printer on fire")
    make_incident(cast, title="Printer of Globex", customer=cast.globex, requester=cast.charlie)
    announced(cast)
    announced(cast, title_en="Printer of Globex only", title_zh="环球", customers=[cast.globex])


@pytest.mark.req("KNW-08", "BRM-20")
@pytest.mark.parametrize("page", ["portal:search", "portal:quick"])
def test_one_box_finds_every_kind_and_only_ones_own(
    cast: Cast, things: None, client_of: Any, page: str
) -> None:
    text = client_of(cast.rita).get(reverse(page), {"q": "printer"}).content.decode()
    for title in ("Change the printer cartridge", "A new printer", "Printer on fire", "Printer moves"):
        assert title in text, title
    for hidden in ("secrets", "Globex"):
        assert hidden not in text, hidden


def test_what_was_searched_for_is_kept_once_not_at_every_letter(cast: Cast, client_of: Any) -> None:
    rita: Client = client_of(cast.rita)
    for words in ("sc", "sca", "scanner"):
        rita.get(reverse("portal:quick"), {"q": words})
    assert not Question.objects.exists()
    rita.get(reverse("portal:search"), {"q": "scanner"})
    assert Question.objects.get().words == "scanner"


def test_the_home_page_begins_with_the_search(cast: Cast, client_of: Any) -> None:
    text = client_of(cast.rita).get(reverse("portal:home")).content.decode()
    assert text.index(reverse("portal:quick")) < text.index(reverse("portal:new"))


@pytest.mark.req("KNW-04")
def test_articles_are_offered_while_an_order_or_a_report_is_written(
    cast: Cast, things: None, client_of: Any
) -> None:
    rita: Client = client_of(cast.rita)
    url = reverse("portal:helpful")
    assert url in rita.get(reverse("portal:new")).content.decode()
    assert url in rita.get(reverse("portal:offering", args=["a-new-printer"])).content.decode()
    text = rita.get(url, {"title": "printer cartridge is empty", "edition": "3"}).content.decode()
    assert "Change the printer cartridge" in text
    assert "secrets" not in text
    assert rita.get(url, {"title": "a"}).content.decode().strip() == ""


@pytest.mark.parametrize("words", ["", " ", "\0", "'", "a" * 5000, "%", "打印机"])
def test_odd_words_find_something_or_nothing_but_never_fail(
    cast: Cast, things: None, client_of: Any, words: str
) -> None:
    rita: Client = client_of(cast.rita)
    for page in ("portal:search", "portal:quick", "portal:helpful"):
        assert rita.get(reverse(page), {"q": words}).status_code == 200


def test_rare_words_of_the_menu_stand_behind_one_button(cast: Cast, client_of: Any) -> None:
    text = client_of(cast.carla).get(reverse("portal:home")).content.decode()
    nav = text[text.index('class="portal-nav"') : text.index("</nav>")]
    assert nav.index("portal-more") < nav.index(reverse("servicereports:portal-relations"))
    assert nav.index(reverse("portal:list")) < nav.index("portal-more")
    assert 'aria-expanded="false"' in nav
