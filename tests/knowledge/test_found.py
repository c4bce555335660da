"""What is found, in Chinese and English, by whom, and in which order."""

from datetime import timedelta

import pytest

from knowledge import found, using
from knowledge.found import About
from knowledge.models import Article, Audience
from tests.cast import MONDAY, Cast, make_incident
from tests.knowledge.made import make_article, make_draft, make_service, titled


def numbers(matches: list[found.Match]) -> list[str]:
    return [article.number for article in found.rows_of(matches)]


@pytest.mark.parametrize(
    "words", ["outbox", "OUTBOX quota", "发件箱", "邮件 停留", "邮箱容量", "messages large", "outb"]
)
def test_words_of_both_languages_find_it(cast: Cast, words: str) -> None:
    article = make_article(cast)
    make_article(cast, **titled("Printer jams", "打印机卡纸"))
    assert numbers(found.matching(words, actor=cast.alice.actor)) == [article.number]


def test_english_words_are_found_in_their_other_forms(cast: Cast) -> None:
    article = make_article(cast, **titled("Printers lose connections", "打印机掉线"))
    assert numbers(found.matching("printer connection", actor=cast.alice.actor)) == [article.number]


@pytest.mark.req("SD-09")
def test_a_ticket_is_offered_what_fits_its_words_its_service_first(cast: Cast) -> None:
    vpn = make_service("vpn", "VPN", "远程接入")
    other = make_article(cast, **titled("Cannot send: mail stays in the outbox", "", services=(vpn,),
                                        audience=Audience.INTERNAL))  # fmt: skip
    same = make_article(cast, **titled("Cannot send: mail stays in the outbox", "", services=(cast.mail,),
                                       audience=Audience.INTERNAL))  # fmt: skip
    make_article(cast, **titled("Paper for printers", "打印纸"))
    asked = "Cannot send mail. Since this morning nothing leaves the outbox."
    about = About(frozenset({cast.mail.pk}))
    found_now = numbers(found.suggested(asked, actor=cast.alice.actor, about=about))
    assert found_now == [same.number, other.number]


def test_a_chinese_ticket_is_offered_a_chinese_article(cast: Cast) -> None:
    article = make_article(cast)
    make_article(cast, **titled("VPN drops", "VPN 频繁断线"))
    assert numbers(found.suggested("今天早上邮件一直停在发件箱里发不出去", actor=cast.alice.actor)) == [
        article.number
    ]


def test_what_helped_stands_before_what_did_not(cast: Cast) -> None:
    plain, liked = (make_article(cast, **titled("Reset the password", "重置密码")) for _ in range(2))
    assert numbers(found.matching("password", actor=cast.alice.actor)) == [plain.number, liked.number]
    using.vote(liked, is_helpful=True, actor=cast.rita.actor, now=MONDAY)
    using.vote(plain, is_helpful=False, actor=cast.rita.actor, now=MONDAY)
    assert numbers(found.matching("password", actor=cast.alice.actor)) == [liked.number, plain.number]


@pytest.mark.parametrize("words", ["", "   ", "?!", "的", "'", "a & b | !c", "\\", "<->", ":*", "\0x"])
def test_odd_words_find_nothing_and_break_nothing(cast: Cast, words: str) -> None:
    make_article(cast)
    assert found.matching(words, actor=cast.alice.actor) == []
    assert found.suggested(words, actor=cast.alice.actor) == []


@pytest.mark.req("KNW-08")
def test_customers_find_only_what_is_published_for_them(cast: Cast) -> None:
    everybody = make_article(cast)
    acme = make_article(cast, audience=Audience.NAMED, customers=(cast.acme,))
    internal = make_article(cast, audience=Audience.INTERNAL)
    draft = make_draft(cast)
    for find in (found.matching, found.suggested):
        assert set(numbers(find("outbox", actor=cast.rita.actor))) == {everybody.number, acme.number}
        assert numbers(find("outbox", actor=cast.charlie.actor)) == [everybody.number]
    desk = found.matching("outbox", actor=cast.alice.actor, is_published=False)
    assert set(numbers(desk)) == {everybody.number, acme.number, internal.number, draft.number}
    assert draft.number not in numbers(found.suggested("outbox", actor=cast.alice.actor))


def test_a_revision_is_not_found_by_customers_before_it_is_published(cast: Cast) -> None:
    from knowledge import services
    from tests.knowledge.made import content

    later = MONDAY + timedelta(hours=2)
    article = services.revise(make_article(cast), actor=cast.alice.actor, now=later)
    services.write(
        article,
        content(texts={"keywords": "zebra"}),
        actor=cast.alice.actor,
        now=later,
        expected_version=None,
    )
    assert found.matching("zebra", actor=cast.rita.actor) == []
    assert found.matching("zebra", actor=cast.alice.actor) == []
    assert found.matching("zebra", actor=cast.alice.actor, is_published=False)
    assert found.matching("quota", actor=cast.rita.actor)


def test_an_article_is_found_by_its_number(cast: Cast) -> None:
    article = make_article(cast)
    assert numbers(found.matching(article.number.lower(), actor=cast.rita.actor)) == [article.number]


def test_a_record_is_no_way_in_for_customers(cast: Cast) -> None:
    from records.models import Record

    make_article(cast)
    for person in (cast.rita, cast.carla, cast.charlie):
        assert not Record.objects.visible_to(person.actor).filter(kind="article").exists()
    assert Article.objects.readable_by(cast.robot.actor).exists()
    assert make_incident(cast).kind == "incident"
