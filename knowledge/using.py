"""What readers do: search from a ticket, use an article for it, say whether it helped."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from knowledge import found
from knowledge.found import Match
from knowledge.models import Article, ArticleUse, Question, Vote
from records import log as records_log
from records.models import Record
from records.search import MAX_QUESTION
from records.services import lock, refuse

SAME_WITHIN = timedelta(hours=1)


def search_for(record: Record, words: str, *, actor: Actor, now: datetime) -> list[Match]:
    """Search from a ticket; the search becomes part of its history (KNW-04), the same words once an hour."""
    access.require(actor, "search_knowledge", record)
    words = _asked(words)
    matches = found.matching(words, actor=actor)
    with transaction.atomic():
        lock(record)
        asked = Question.objects.filter(record=record.pk, user=actor.user_id, words=words)
        if not asked.filter(asked_at__gt=now - SAME_WITHIN).exists():
            _keep(words, len(matches), record, actor, now)
            records_log.write(
                record, "knowledge.searched", actor=actor, at=now, words=words, count=len(matches)
            )
    return matches


def search(words: str, *, actor: Actor, now: datetime) -> list[Match]:
    """Search without a ticket; what was asked for is kept, so that what is missing can be written."""
    words = _asked(words)
    matches = found.matching(words, actor=actor)
    _keep(words, len(matches), None, actor, now)
    return matches


def _asked(words: str) -> str:
    return " ".join(words.replace("\0", "").split())[:MAX_QUESTION]


def _keep(words: str, count: int, record: Record | None, actor: Actor, now: datetime) -> None:
    if not found.asked_words(words):
        return
    hour = now.isoformat() if record else now.strftime("%Y-%m-%dT%H")
    key = f"{actor.user_id}:{record.pk if record else ''}:{words.lower()}:{hour}"
    row = Question(
        record_id=record.pk if record else None, user_id=actor.user_id, words=words, found=count,
        is_customers=not actor.is_desk_side, asked_at=now, key=hashlib.sha256(key.encode()).hexdigest(),
    )  # fmt: skip
    Question.objects.bulk_create([row], ignore_conflicts=True)


def use(record: Record, article: Article, *, how: str, actor: Actor, now: datetime) -> ArticleUse:
    """An article helped with a ticket: kept, counted and told in its history, once (SD-09)."""
    access.require(actor, "use_article", record)
    if how not in ArticleUse.How.values:
        raise refuse("how", _("Say how the article was found."))
    if article.published is None or not Article.objects.readable_by(actor).shown().filter(pk=article.pk):
        raise refuse("article", _("Only a published article can be used."))
    if not Article.objects.fit_for(record.customer_id).filter(pk=article.pk).exists():
        raise refuse("article", _("This article is for other customers."))
    with transaction.atomic():
        lock(record)
        version = article.published
        made, is_new = ArticleUse.objects.get_or_create(
            record_id=record.pk,
            article=article,
            defaults={"version": version, "user_id": actor.user_id, "how": how, "used_at": now},
        )
        if is_new:
            Article.objects.filter(pk=article.pk).update(use_count=F("use_count") + 1)
            title = {"en": version.title or version.title_zh, "zh": version.title_zh or version.title}
            records_log.write(
                record, "knowledge.used", actor=actor, at=now, article=article.number, title=title,
                version=version.number, how=how,
            )  # fmt: skip
    return made


def vote(article: Article, *, is_helpful: bool, comment: str = "", actor: Actor, now: datetime) -> Vote:
    """Whether the published version helped: one vote a person and version, which may be changed."""
    access.require(actor, "vote_article")
    if len(comment) > 500 or "\0" in comment:
        raise refuse("comment", _("The text is too long: at most %(n)s characters.") % {"n": 500})
    with transaction.atomic():
        row = Article.objects.select_for_update(no_key=True, of=("self",)).get(pk=article.pk)
        if row.published_id is None or not Article.objects.readable_by(actor).shown().filter(pk=row.pk):
            raise refuse("article", _("Only a published article can be judged."))
        cast, _is_new = Vote.objects.update_or_create(
            version_id=row.published_id,
            user_id=actor.user_id,
            defaults={"is_helpful": is_helpful, "comment": comment.strip(), "voted_at": now},
        )
        counts = Vote.objects.filter(version__article=row.pk).aggregate(
            yes=Count("pk", filter=Q(is_helpful=True)), no=Count("pk", filter=Q(is_helpful=False))
        )
        Article.objects.filter(pk=row.pk).update(helpful_count=counts["yes"], unhelpful_count=counts["no"])
    return cast
