"""Articles for the tests, through the real verbs."""

from datetime import date, timedelta
from typing import Any

from catalog.models import Service
from cmdb.models import ItemType
from knowledge import services
from knowledge.models import Article, ArticleVersion, Audience, Genre
from knowledge.writing import Content
from tests.cast import MONDAY, Cast

TOMORROW_YEAR = date(2027, 3, 2)
OUTBOX = {
    "title": "Mail stays in the outbox",
    "title_zh": "邮件停留在发件箱",
    "summary": "Clear the queue and send again.",
    "summary_zh": "清理队列后重新发送。",
    "body": "1. Open the outbox.\n2. Delete the large message.",
    "body_zh": "1. 打开发件箱。\n2. 删除过大的邮件。",
    "keywords": "outbox, quota, 邮箱容量",
}


def content(**over: Any) -> Content:
    texts = {**OUTBOX, **over.pop("texts", {})}
    facts: dict[str, Any] = {
        "genre": Genre.SOLUTION, "audience": Audience.CUSTOMERS, "review_on": TOMORROW_YEAR, "texts": texts,
    }  # fmt: skip
    return Content(**{**facts, **over})


def make_draft(cast: Cast, **over: Any) -> Article:
    """A draft of alice's, written on MONDAY."""
    return services.begin_article(content(**over), actor=cast.alice.actor, now=MONDAY)


def publish(cast: Cast, article: Article) -> Article:
    """Sent by alice, approved by mona, an hour later."""
    services.send_to_review(article, actor=cast.alice.actor, now=MONDAY + timedelta(minutes=30))
    article.refresh_from_db()
    return services.approve(article, actor=cast.mona.actor, now=MONDAY + timedelta(hours=1))


def make_article(cast: Cast, **over: Any) -> Article:
    return publish(cast, make_draft(cast, **over))


def titled(title: str, title_zh: str = "", **over: Any) -> dict[str, Any]:
    """Content of its own words only."""
    texts = {"title": title, "title_zh": title_zh, "summary": "", "summary_zh": "", "keywords": "",
             "body": over.pop("body", title), "body_zh": over.pop("body_zh", title_zh)}  # fmt: skip
    return {"texts": texts, **over}


def make_service(code: str, en: str, zh: str) -> Service:
    return Service.objects.create(code=code, name_en=en, name_zh=zh)


def make_type(code: str, en: str) -> ItemType:
    return ItemType.objects.create(code=code, name_en=en)


def latest(article: Article) -> ArticleVersion:
    assert article.latest is not None
    return article.latest


def published(article: Article) -> ArticleVersion:
    assert article.published is not None
    return article.published
